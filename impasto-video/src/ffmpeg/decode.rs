//! Frames of a file.

use super::{Running, program, url};
use crate::clip::Clip;
use crate::{Error, Result};
use impasto_image::Picture;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Frames decoded ahead.
const AHEAD: usize = 2;

/// Seconds before the first wanted frame from which on is decoded, so that a keyframe lies between.
const BEFORE: f64 = 10.0;

/// The frames of a file, upright, in 8 bits sRGB values as they come, decoded beside the caller's work.
pub struct Decoder {
    frames: Receiver<Vec<u8>>,
    running: Option<Running>,
    size: (usize, usize),
    left: usize,
    path: PathBuf,
}

impl Decoder {
    /// The frames `range` of `clip`, which [`super::probe`] told of the file `path`.
    ///
    /// # Errors
    /// [`Error::NoProgram`]; [`Error::Program`].
    ///
    /// # Panics
    /// If the clip has no such frames.
    pub fn new(path: &Path, clip: &Clip, range: std::ops::Range<usize>) -> Result<Decoder> {
        assert!(range.end <= clip.frames(), "frames beyond the end");
        let mut command = program("ffmpeg");
        command.args(["-v", "error", "-nostdin", "-copyts"]);
        let mut filter = String::new();
        if range.start > 0 {
            let first = clip.times[range.start.min(clip.frames() - 1)];
            let seek = clip.seconds(first) - BEFORE;
            if seek > clip.origin {
                command.args(["-noaccurate_seek", "-seek_timestamp", "1", "-ss", &format!("{seek:.6}")]);
            }
            filter = format!("select=gte(pts\\,{first}),");
        }
        command.arg("-i").arg(url(path)).args(["-map", "0:V:0", "-fps_mode", "passthrough"]);
        // Chroma at full precision; ffmpeg's defaults favour speed.
        let scale = "scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";
        command.args(["-vf", &format!("{filter}{scale},format=rgb24")]);
        command.args(["-frames:v", &range.len().max(1).to_string(), "-f", "rawvideo", "pipe:1"]);
        command.stdout(Stdio::piped());
        let mut running = Running::start(command)?;
        let (sender, frames) = sync_channel(AHEAD);
        let bytes = 3 * clip.width * clip.height;
        if let Some(mut stdout) = running.child.stdout.take() {
            thread::spawn(move || {
                loop {
                    let mut frame = vec![0; bytes];
                    // At the end, or when nobody listens any more.
                    if stdout.read_exact(&mut frame).is_err() || sender.send(frame).is_err() {
                        return;
                    }
                }
            });
        }
        let size = (clip.width, clip.height);
        Ok(Decoder { frames, running: Some(running), size, left: range.len(), path: path.to_owned() })
    }
}

impl Iterator for Decoder {
    type Item = Result<Picture>;

    fn next(&mut self) -> Option<Result<Picture>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let (width, height) = self.size;
        match self.frames.recv() {
            Ok(bytes) => Some(Picture::from_rgb8(width, height, &bytes).map_err(Error::from)),
            Err(_) => {
                let missing = self.left + 1;
                self.left = 0;
                let ended = self.running.take().map_or(Ok(()), |running| running.finish(&self.path));
                let reason = format!("its last {missing} frames cannot be decoded");
                Some(Err(ended.err().unwrap_or(Error::Clip { path: self.path.clone(), reason })))
            }
        }
    }
}
