//! Where painted frames go.

use super::order::Order;
use super::parts::Parts;
use crate::command::apply::photos::{is_folder, writable};
use crate::failure::Failure;
use crate::output::Destination;
use crate::record::of_command;
use crate::report;
use anyhow::Context;
use impasto_image::{Limits, Picture, SaveOptions, animation::save_gif, open, save};
use impasto_video::ffmpeg::{Container, Encoder, Join, join};
use impasto_video::{Source, y4m};
use serde_json::json;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is written.
#[derive(Clone, Debug)]
pub enum Sink {
    /// A picture a frame, in a folder.
    Folder(Vec<PathBuf>),
    /// An animated GIF.
    Gif,
    /// A Y4M file.
    Y4m,
    /// A clip that ffmpeg writes.
    File(Container),
}

impl Sink {
    /// What the name of `output` asks for. Pictures are called as those of `source` where it has names.
    pub fn of(output: &Path, source: &Source) -> anyhow::Result<Sink> {
        let extension = output.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if is_folder(output) {
            let numbered = |number: usize| PathBuf::from(format!("{number:06}.png"));
            let names = source.names().map(|names| names.iter().map(|name| writable(name)).collect());
            let names: Vec<PathBuf> =
                names.unwrap_or_else(|| (1..=source.clip().frames()).map(numbered).collect());
            return Ok(Sink::Folder(names.iter().map(|name| output.join(name)).collect()));
        }
        match (extension.as_str(), Container::of(output)) {
            ("gif", _) => Ok(Sink::Gif),
            ("y4m", _) => Ok(Sink::Y4m),
            (_, Some(container)) => Ok(Sink::File(container)),
            _ => Err(Failure::usage(format_args!("{} is no kind of clip that is written", output.display()))
                .hint("name a .mp4, .mov, .mkv, .webm, .gif or .y4m file, or a folder for pictures")
                .into()),
        }
    }

    /// Whether a side of an odd number of pixels needs a less common kind of file.
    pub fn prefers_even(&self) -> bool {
        matches!(self, Sink::File(_))
    }

    /// Begins a part.
    pub fn begin<'a>(
        &'a self,
        order: &'a Order,
        parts: &'a Parts,
        part: Range<usize>,
    ) -> anyhow::Result<Writer<'a>> {
        let encoder = match self {
            Sink::File(container) => {
                let path = parts.folder().join(partial(&part, *container));
                Some(Encoder::new(&path, *container, &order.clip, order.size)?)
            }
            _ => None,
        };
        Ok(Writer { sink: self, order, parts, next: part.start, part, encoder })
    }

    /// A part that is done, as [`Sink::join`] takes it.
    pub fn piece(&self, part: &Range<usize>) -> Piece {
        let name = match self {
            Sink::File(container) => Parts::name(part, container.part()),
            _ => String::new(),
        };
        (name, part.clone())
    }

    /// Makes the output of `pieces`, which follow each other.
    pub fn join(
        &self,
        output: &Path,
        order: &Order,
        parts: &Parts,
        pieces: &[Piece],
        original: Option<&Path>,
    ) -> anyhow::Result<()> {
        let clip = &order.clip;
        let frames: Vec<usize> = pieces.iter().flat_map(|(_, frames)| frames.clone()).collect();
        let picture = |frame: usize| {
            let opened = open(parts.picture(frame), &Limits::default());
            opened.map(|opened| opened.picture)
        };
        match self {
            // Every picture was a result.
            Sink::Folder(_) => return Ok(()),
            Sink::Gif => {
                let begin = clip.times[order.frames.start];
                let hundredths = |tick| clip.nanoseconds(tick - begin) / 10_000_000;
                let mut timed = frames.iter().map(|&frame| {
                    let stays = hundredths(clip.end_of(frame)) - hundredths(clip.times[frame]);
                    Ok((picture(frame)?, stays.max(2) as u32))
                });
                save_gif(output, true, &of_command().to_string(), &mut timed)?;
            }
            Sink::Y4m => {
                let mut pictures = frames.iter().map(|&frame| Ok(picture(frame)?));
                y4m::save(output, true, clip, order.size, &mut pictures)?;
            }
            Sink::File(container) => {
                let whole =
                    parts.folder().join("whole").with_extension(output.extension().unwrap_or_default());
                let what =
                    Join { folder: parts.folder(), parts: pieces, clip, original, container: *container };
                if join(&what, &whole)? {
                    report::warn(format_args!(
                        "{} cannot hold the sound as it is, so it was encoded anew; an .mkv keeps any sound",
                        output.display()
                    ));
                }
                std::fs::rename(&whole, output)
                    .with_context(|| format!("cannot write {}", output.display()))?;
            }
        }
        let (width, height) = order.size;
        let facts = || json!({ "width": width, "height": height, "frames": frames.len() });
        report::made(output, "result", facts);
        Ok(())
    }
}

/// The name of a file of frames, empty where they are pictures, and which frames.
pub type Piece = (String, Range<usize>);

/// The name of a file that is being written.
fn partial(part: &Range<usize>, container: Container) -> String {
    Parts::name(part, &format!("partial.{}", container.part()))
}

/// A part that is being written.
pub struct Writer<'a> {
    sink: &'a Sink,
    order: &'a Order,
    parts: &'a Parts,
    part: Range<usize>,
    next: usize,
    encoder: Option<Encoder>,
}

impl Writer<'_> {
    /// Adds the next frame.
    pub fn push(&mut self, picture: &Picture) -> anyhow::Result<()> {
        let (clip, frame) = (&self.order.clip, self.next);
        self.next += 1;
        match (self.sink, &mut self.encoder) {
            (Sink::Folder(names), _) => {
                let options = SaveOptions { overwrite: true, ..SaveOptions::default() };
                Destination::new(&names[frame], options, &[])?.save(picture, of_command().to_string())
            }
            (_, Some(encoder)) => {
                let begin = clip.times[self.part.start];
                let time = clip.nanoseconds(clip.times[frame] - begin);
                let end = clip.nanoseconds(clip.end_of(frame) - begin);
                Ok(encoder.push(picture, time, end - time)?)
            }
            _ => {
                let options = SaveOptions { overwrite: true, ..SaveOptions::default() };
                Ok(save(self.parts.picture(frame), picture, &options)?)
            }
        }
    }

    /// Completes the part and notes that it is done.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if let (Some(encoder), Sink::File(container)) = (self.encoder.take(), self.sink) {
            encoder.finish()?;
            let path = self.parts.path(&self.part, container.part());
            std::fs::rename(self.parts.folder().join(partial(&self.part, *container)), &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.parts.done(&self.part)?;
        let path = match self.sink {
            Sink::File(container) => self.parts.path(&self.part, container.part()),
            _ => self.parts.folder().to_owned(),
        };
        report::made(&path, "part", || json!({ "from": self.part.start, "to": self.part.end }));
        Ok(())
    }

    /// Stops in the middle; what there is of the part, if it is anything.
    pub fn stop(mut self) -> anyhow::Result<Option<Piece>> {
        let frames = self.part.start..self.next;
        let name = match (self.encoder.take(), self.sink) {
            (Some(encoder), Sink::File(container)) if !frames.is_empty() => {
                encoder.finish()?;
                partial(&self.part, *container)
            }
            _ => String::new(),
        };
        Ok((!frames.is_empty()).then_some((name, frames)))
    }
}
