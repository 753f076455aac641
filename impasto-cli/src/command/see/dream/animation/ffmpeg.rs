//! Films through the program ffmpeg.

use crate::failure::Failure;
use anyhow::Context;
use impasto_image::{Picture, write_atomically};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use tempfile::NamedTempFile;

/// The program, to be found on the PATH.
const PROGRAM: &str = "ffmpeg";

/// Fails unless the program can be started; to be asked before the work.
pub fn require() -> anyhow::Result<()> {
    let mut command = Command::new(PROGRAM);
    match command.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        other => {
            let reason = match other {
                Err(error) if error.kind() == ErrorKind::NotFound => "it is not on the PATH".into(),
                Err(error) => error.to_string(),
                Ok(status) => status.to_string(),
            };
            let message = format_args!("the program {PROGRAM} is needed for .mp4: {reason}");
            Err(Failure::job(message).hint("install ffmpeg, or end the name in .gif or .png").into())
        }
    }
}

/// The program at work. It writes to a temporary file beside the output, because MP4 cannot be written to a pipe.
pub struct Ffmpeg {
    child: Child,
    stdin: ChildStdin,
    file: NamedTempFile,
}

impl Ffmpeg {
    /// Starts it for frames as large as `first`; an odd row or column is cut off, which the encoders demand.
    pub fn start(path: &Path, first: &Picture, rate: u16) -> anyhow::Result<Ffmpeg> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".impasto-")
            .suffix(".mp4")
            .tempfile_in(folder)
            .with_context(|| format!("cannot write to {}", folder.display()))?;
        let size = format!("{}x{}", first.width(), first.height());
        let rate = rate.to_string();
        let mut command = Command::new(PROGRAM);
        // Ctrl-C is this program's, which then ends the film in its own time.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .args(["-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-s", &size, "-r", &rate, "-i", "-", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2"])
            .args(["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-fflags", "+bitexact"])
            .arg(file.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {PROGRAM}"))?;
        let stdin = child.stdin.take().with_context(|| format!("{PROGRAM} takes no input"))?;
        Ok(Ffmpeg { child, stdin, file })
    }

    /// Hands over a frame.
    pub fn push(&mut self, frame: &Picture) -> anyhow::Result<()> {
        let written = self.stdin.write_all(&frame.to_rgb8());
        written.with_context(|| format!("{PROGRAM} takes no more frames; its message is above"))
    }

    /// Waits for it, and gives the output its name.
    pub fn finish(self, path: &Path, force: bool) -> anyhow::Result<()> {
        let Ffmpeg { mut child, stdin, file } = self;
        // The end of its input.
        drop(stdin);
        let status = child.wait().with_context(|| format!("cannot wait for {PROGRAM}"))?;
        if !status.success() {
            return Err(Failure::job(format_args!("{PROGRAM} failed ({status}); its message is above"))
                .hint("end the name in .gif or .png")
                .into());
        }
        write_atomically(path, force, |to| io::copy(&mut File::open(file.path())?, to).map(drop))?;
        Ok(())
    }
}
