//! Frames into a file.

use super::matroska::Writer;
use super::{Running, program, url};
use crate::clip::Clip;
use crate::{Error, Result};
use impasto_image::Picture;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Stdio};

/// Kinds of files that clips are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// H.264 in MP4, and QuickTime.
    Mp4,
    /// H.264 in Matroska.
    Matroska,
    /// VP9 in WebM.
    WebM,
}

impl Container {
    /// The one that the name of a file ends in.
    pub fn of(path: &Path) -> Option<Container> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "mp4" | "m4v" | "mov" => Some(Container::Mp4),
            "mkv" => Some(Container::Matroska),
            "webm" => Some(Container::WebM),
            _ => None,
        }
    }

    /// What names of [`Encoder`]'s files for it end in. Matroska's times are not exact, so it is for the last step alone.
    pub fn part(self) -> &'static str {
        match self {
            Container::Mp4 | Container::Matroska => "mp4",
            Container::WebM => "webm",
        }
    }

    fn codec(self) -> &'static [&'static str] {
        match self {
            // Without B-frames, so that packets have the order of their times and parts follow each other without a gap.
            // As near to the paintings as `medium` at 17, in half the time and a sixth more bytes.
            Container::Mp4 | Container::Matroska => {
                &["libx264", "-preset", "veryfast", "-crf", "15", "-bf", "0"]
            }
            Container::WebM => &["libvpx-vp9", "-crf", "24", "-b:v", "0", "-row-mt", "1", "-cpu-used", "4"],
        }
    }
}

/// Writes frames to a file that stands for itself.
pub struct Encoder {
    // Dropped first, so that ffmpeg sees the end of its input.
    sink: Option<Writer<BufWriter<ChildStdin>>>,
    running: Running,
    path: PathBuf,
    size: (usize, usize),
}

impl Encoder {
    /// A file `path` of frames of `size` (width, height) with the timing, pixel aspect and colour tags of `clip`. An
    /// existing file is replaced. Frames with a side of an odd number of pixels keep chroma at full resolution (4:4:4),
    /// since 4:2:0 has none for half a pixel.
    ///
    /// # Errors
    /// [`Error::NoProgram`]; [`Error::Program`]; [`Error::Ffmpeg`].
    pub fn new(path: &Path, container: Container, clip: &Clip, size: (usize, usize)) -> Result<Encoder> {
        let (width, height) = size;
        let mut command = program("ffmpeg");
        command.args(["-v", "error", "-y", "-f", "matroska", "-i", "pipe:0"]);
        command.args(["-fps_mode", "passthrough", "-enc_time_base"]);
        command.arg(format!("{}:{}", clip.tick[0], clip.tick[1]));
        let pixels = if width % 2 == 0 && height % 2 == 0 { "yuv420p" } else { "yuv444p" };
        let color = &clip.color;
        let range = color.range.as_deref().unwrap_or("tv");
        let matrix = color.matrix.as_deref().filter(|matrix| *matrix != "gbr").unwrap_or("bt470bg");
        command.args(["-vf", &format!(
            "scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp:out_color_matrix={}:out_range={range},format={pixels},setsar=sar={}/{}:max=65535",
            scaler_name(matrix), clip.aspect[0], clip.aspect[1],
        )]);
        command.arg("-c:v").args(container.codec());
        for (option, tag) in [
            ("-color_range", &color.range),
            ("-colorspace", &color.matrix),
            ("-color_primaries", &color.primaries),
            ("-color_trc", &color.transfer),
        ] {
            if let Some(tag) = tag.as_deref().filter(|tag| *tag != "gbr") {
                command.args([option, tag]);
            }
        }
        if container.part() == "mp4" {
            command.args(["-video_track_timescale", &clip.tick[1].to_string()]);
        }
        command.args(["-fflags", "+bitexact", "-flags:v", "+bitexact"]).arg(url(path)).stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let stdin = running.child.stdin.take();
        let usual = clip.nanoseconds((clip.end - clip.times[0]) / clip.frames() as i64);
        let sink = stdin.map(|stdin| Writer::new(BufWriter::new(stdin), width, height, usual.max(1) as u64));
        let sink = match sink.transpose() {
            Ok(sink) => sink,
            Err(_) => return Err(Self::failure(running, path)),
        };
        Ok(Encoder { sink, running, path: path.to_owned(), size })
    }

    /// Adds a frame that appears `time` nanoseconds after the file's beginning and stays for `duration`.
    ///
    /// # Errors
    /// [`Error::Sizes`]; [`Error::Ffmpeg`] if ffmpeg gave up.
    pub fn push(&mut self, picture: &Picture, time: i64, duration: i64) -> Result<()> {
        let (width, height) = (picture.width(), picture.height());
        if (width, height) != self.size {
            return Err(Error::Sizes(self.size.0, self.size.1, width, height));
        }
        let Some(sink) = &mut self.sink else { return Ok(()) };
        sink.push(&picture.to_rgb8(), time.max(0) as u64, duration.max(1) as u64).map_err(|_| {
            // The pipe is broken because ffmpeg ended, which it tells why.
            Error::Ffmpeg { path: self.path.clone(), reason: self.running.complaint() }
        })
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`Error::Ffmpeg`] if it cannot be completed.
    pub fn finish(mut self) -> Result<()> {
        let written = self.sink.take().map_or(Ok(()), |sink| sink.finish().and_then(closed));
        match written {
            Ok(()) => self.running.finish(&self.path),
            Err(_) => Err(Self::failure(self.running, &self.path)),
        }
    }

    fn failure(mut running: Running, path: &Path) -> Error {
        // Its last words come before its end.
        let _ = running.child.wait();
        Error::Ffmpeg { path: path.to_owned(), reason: running.complaint() }
    }
}

/// Closes the pipe.
fn closed(pipe: BufWriter<ChildStdin>) -> io::Result<()> {
    pipe.into_inner().map(drop).map_err(io::IntoInnerError::into_error)
}

/// The name of a matrix for ffmpeg's scaler, which knows fewer than its tags.
fn scaler_name(matrix: &str) -> &str {
    match matrix {
        "bt709" | "fcc" | "bt470bg" | "smpte170m" | "smpte240m" => matrix,
        "bt2020nc" | "bt2020c" => "bt2020",
        _ => "bt470bg",
    }
}
