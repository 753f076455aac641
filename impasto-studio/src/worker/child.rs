//! A child: the program, with a verb's arguments, in a folder of its own.

use super::event::Event;
use crate::error::{Error, Result};
use crate::job::Lane;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child as Process, Command};
use tokio::sync::mpsc;

/// Longest line that is read whole.
const LINE: u64 = 1 << 18;

/// Lines that may wait to be looked at.
const LINES: usize = 256;

/// What children are told their parent by; one whose parent is gone ends.
pub const PARENT: &str = "IMPASTO_PARENT";

/// What children are told by what their networks run on.
const DEVICE: &str = "IMPASTO_DEVICE";

/// How much children of the long lane stand back for others.
#[cfg(unix)]
const NICE: i32 = 10;

/// A child that runs.
pub struct Child {
    process: Process,
}

impl Child {
    /// Starts a program, whose networks run on a device, with arguments in `folder`; what it tells ends when it closes its
    /// standard error.
    pub fn start(
        (program, device): (&Path, &str),
        arguments: &[String],
        folder: &Path,
        lane: Lane,
    ) -> Result<(Child, mpsc::Receiver<Event>)> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        command.env(PARENT, std::process::id().to_string()).env(DEVICE, device);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in the terminal is for the studio, which then asks its children to stop.
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command.spawn().map_err(Error::file(program, "cannot be started"))?;
        if lane == Lane::Long {
            stand_back(&process);
        }
        let (sender, lines) = mpsc::channel(LINES);
        if let Some(stderr) = process.stderr.take() {
            tokio::spawn(read(stderr, sender));
        }
        Ok((Child { process }, lines))
    }

    /// Its end.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        #[cfg(unix)]
        if let Some(id) = id(&self.process) {
            // It may be gone already.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
        }
        #[cfg(not(unix))]
        self.kill();
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        // It may be gone already.
        let _ = self.process.start_kill();
    }
}

#[cfg(unix)]
fn id(process: &Process) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(process.id()?).ok()?)
}

/// Lets others have the processor first. A child leads a group of its own, so that this reaches threads it may have by now.
fn stand_back(process: &Process) {
    #[cfg(unix)]
    if let Some(id) = id(process) {
        // What cannot be done makes sliders slower, not results worse.
        let _ = rustix::process::setpriority_pgrp(Some(id), NICE);
    }
    #[cfg(not(unix))]
    let _ = process;
}

/// Passes lines on; what is too long for a line is cut.
async fn read(stderr: impl AsyncRead + Unpin, sender: mpsc::Sender<Event>) {
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stderr).take(LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                if let Some(event) = Event::of(&String::from_utf8_lossy(&line))
                    && sender.send(event).await.is_err()
                {
                    return;
                }
            }
        }
    }
}
