//! Where a dream goes: a picture, or a film as a GIF, through ffmpeg, or frame by frame.

mod ffmpeg;

use crate::arguments::OutputArguments;
use crate::failure::Failure;
use crate::output::{Destination, check_file};
use crate::record;
use crate::report;
use ffmpeg::Ffmpeg;
use impasto_image::Picture;
use impasto_image::animation::{Gif, MAX_SIDE};
use serde_json::json;
use std::path::{Path, PathBuf};

/// A film's length.
#[derive(Clone, Copy, Debug)]
pub struct Film {
    /// Number of frames; none for a single picture.
    pub frames: Option<usize>,
    /// Frames a second.
    pub rate: u16,
}

/// Where a dream will go, checked as far as can be before the work.
pub struct Animation {
    kind: Kind,
    film: Film,
    path: PathBuf,
    force: bool,
}

enum Kind {
    Picture(Box<Destination>),
    Gif,
    Mp4,
}

impl Animation {
    /// What the extension says.
    pub fn new(output: &OutputArguments, film: Film, inputs: &[&Path]) -> anyhow::Result<Animation> {
        let path = &output.output;
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let kind = match &extension[..] {
            "gif" => Kind::Gif,
            "mp4" => Kind::Mp4,
            _ => Kind::Picture(Box::new(output.resolve(inputs)?)),
        };
        match &kind {
            Kind::Picture(destination) => {
                for number in 1..=film.frames.unwrap_or(0) {
                    check_file(destination.numbered(number).path(), output.force, inputs)?;
                }
            }
            Kind::Gif | Kind::Mp4 if film.frames.is_none() => {
                let message = format_args!("{}: .{extension} is for films", path.display());
                return Err(Failure::usage(message).hint("give --zoom N, or end the name in .png").into());
            }
            Kind::Gif | Kind::Mp4 if output.bits == "16" => {
                let message = format_args!("{}: .{extension} has 8 bits a sample", path.display());
                return Err(Failure::usage(message).hint("leave --bits out, or end the name in .png").into());
            }
            Kind::Gif | Kind::Mp4 => check_file(path, output.force, inputs)?,
        }
        if matches!(kind, Kind::Mp4) {
            ffmpeg::require()?;
        }
        Ok(Animation { kind, film, path: path.clone(), force: output.force })
    }

    /// Fails if the format cannot hold pictures of this size (columns, rows).
    pub fn check_size(&self, size: (usize, usize)) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Picture(destination) => destination.check_size(size),
            Kind::Gif if size.0.max(size.1) > MAX_SIDE => {
                let message =
                    format_args!("a GIF has at most {MAX_SIDE} pixels a side, not {}×{}", size.0, size.1);
                Err(Failure::usage(message).hint("give a smaller --size").into())
            }
            Kind::Gif | Kind::Mp4 => Ok(()),
        }
    }

    /// Gets ready for frames as large as `first`.
    pub fn begin(self, first: &Picture) -> anyhow::Result<Writer> {
        let sink = match self.kind {
            Kind::Picture(destination) => Sink::Pictures { destination, film: self.film.frames.is_some() },
            Kind::Gif => Sink::Gif(Gif::new(self.film.rate)),
            Kind::Mp4 => Sink::Mp4(Ffmpeg::start(&self.path, first, self.film.rate)?),
        };
        Ok(Writer { sink, path: self.path, force: self.force, written: 0 })
    }
}

/// A film being written.
pub struct Writer {
    sink: Sink,
    path: PathBuf,
    force: bool,
    written: usize,
}

enum Sink {
    Pictures { destination: Box<Destination>, film: bool },
    Gif(Gif),
    Mp4(Ffmpeg),
}

impl Writer {
    /// Adds a frame; all have one size.
    pub fn add(&mut self, frame: &Picture) -> anyhow::Result<()> {
        self.written += 1;
        match &mut self.sink {
            Sink::Pictures { destination, film: true } => {
                destination.on_the_way(self.written, "frame").save(frame, record::of_command().to_string())
            }
            Sink::Pictures { film: false, .. } => Ok(()),
            Sink::Gif(gif) => Ok(gif.push(frame)?),
            Sink::Mp4(ffmpeg) => ffmpeg.push(frame),
        }
    }

    /// Gives the output its name: of numbered pictures it is the last one again. Returns its path.
    pub fn finish(self, last: &Picture, record: String) -> anyhow::Result<PathBuf> {
        let (width, height, frames) = (last.width(), last.height(), self.written);
        let facts = || json!({ "width": width, "height": height, "frames": frames });
        let made = || report::made(&self.path, "result", facts);
        match self.sink {
            Sink::Pictures { destination, .. } => destination.save(last, record)?,
            Sink::Gif(gif) => {
                gif.save(&self.path, self.force, &record)?;
                made()
            }
            Sink::Mp4(ffmpeg) => {
                ffmpeg.finish(&self.path, self.force)?;
                made()
            }
        }
        Ok(self.path)
    }
}
