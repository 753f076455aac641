//! Clips in files, by way of the programs ffmpeg and ffprobe.
//!
//! - [`probe`]: what a file holds, with the time of every frame
//! - [`Decoder`]: its frames
//! - [`Encoder`]: frames into a file, at given times
//! - [`join`]: such files one after the other, with sound and subtitles of the original

mod decode;
mod encode;
mod join;
mod matroska;
mod probe;

pub use decode::Decoder;
pub use encode::{Container, Encoder};
pub use join::{Join, join};
pub use probe::probe;

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program of ffmpeg, in a process group of its own: Ctrl-C is for us to handle.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// A path as ffmpeg reads it, whatever it begins with.
fn url(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

/// A running program whose complaints are kept.
struct Running {
    child: Child,
    complaints: File,
}

impl Running {
    /// Starts it.
    fn start(mut command: Command) -> Result<Running> {
        let name = command.get_program().to_string_lossy().into_owned();
        let failed = |source| Error::Program { name: name.clone(), source };
        let complaints = tempfile::tempfile().map_err(failed)?;
        command.stderr(complaints.try_clone().map_err(failed)?);
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NoProgram { name: name.clone() },
            _ => failed(error),
        })?;
        Ok(Running { child, complaints })
    }

    /// Waits for its end; if it failed, an error that says why, of the file `path`.
    fn finish(mut self, path: &Path) -> Result<()> {
        let status = self.child.wait();
        match status.is_ok_and(|status| status.success()) {
            true => Ok(()),
            false => Err(Error::Ffmpeg { path: path.to_owned(), reason: self.complaint() }),
        }
    }

    /// The last lines of what it complained of.
    fn complaint(&mut self) -> String {
        let mut bytes = Vec::new();
        // Without them there is less to tell, and nothing else to do.
        let _ = self.complaints.rewind().and_then(|()| self.complaints.read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes);
        // Lines begin with the part of ffmpeg that speaks and its address in memory.
        let without = |line: &str| match line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
            Some((_, rest)) => rest.trim().to_owned(),
            None => line.trim().to_owned(),
        };
        let lines: Vec<String> = text.lines().map(without).filter(|line| !line.is_empty()).collect();
        match lines.len() {
            0 => "ffmpeg failed without a word".into(),
            n => lines[n.saturating_sub(3)..].join("; "),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end for what it writes to standard output.
fn output(mut command: Command, path: &Path) -> Result<Vec<u8>> {
    command.stdout(Stdio::piped());
    let mut running = Running::start(command)?;
    let mut bytes = Vec::new();
    if let Some(mut stdout) = running.child.stdout.take() {
        stdout.read_to_end(&mut bytes).map_err(|source| Error::File { path: path.to_owned(), source })?;
    }
    running.finish(path)?;
    Ok(bytes)
}
