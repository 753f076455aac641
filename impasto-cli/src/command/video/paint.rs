//! `impasto video CLIP -o OUT`: a clip, painted.

use super::method::{Chosen, MethodArguments};
use super::order::{Order, stamp};
use super::parts::Parts;
use super::preview::preview;
use super::render::{Rendered, Rendering};
use super::shard::Shard;
use super::sink::Sink;
use super::times::{rate, time};
use crate::command::apply::photos;
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{Destination, check_file};
use crate::record::of_command;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto_image::{Picture, SaveOptions, fit_long_side, resize};
use impasto_video::Source;
use serde_json::json;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is painted, and where to.
#[derive(Debug, Args)]
#[group(id = "clip-to-paint")]
pub struct Arguments {
    /// The clip: any video file, a .gif or .y4m file, or a folder of pictures in the order of their names
    #[arg(value_name = "CLIP", required = true)]
    input: Option<PathBuf>,

    /// What to write: a .mp4, .mov, .mkv, .webm, .gif or .y4m file, or a folder for pictures
    #[arg(short, long, value_name = "FILE|FOLDER", required = true)]
    output: Option<PathBuf>,

    /// Long side in pixels at which to paint, and of the result; 0 for the clip's own
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    size: usize,

    /// Begin here, in seconds or as 1:23.4
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<f64>,

    /// End here, in seconds or as 1:23.4
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<f64>,

    /// Frames a second of a folder's pictures, a number or a fraction
    #[arg(long, value_name = "N|N/N", value_parser = rate, default_value = "25")]
    rate: [u32; 2],

    /// Paint only so many frames, spread over the clip, and show them in OUTPUT-preview.png
    #[arg(long, value_name = "N", value_parser = crate::arguments::count)]
    preview: Option<usize>,

    /// Go on with a clip that was interrupted
    #[arg(long)]
    resume: bool,

    /// Paint only share I, from 0 on, of N, for `video join` to put together: shares may be painted side by side
    #[arg(long, value_name = "I/N", conflicts_with_all = ["force", "preview"])]
    shard: Option<Shard>,

    /// Replace an existing output, and begin anew what was interrupted
    #[arg(long)]
    force: bool,

    /// Write what was done to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    method: MethodArguments,
}

/// Paints the clip, or what is asked of it.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    // Required, unless another task is named instead.
    let (Some(input), Some(output)) = (&arguments.input, &arguments.output) else {
        return Err(Failure::usage("a clip and an output are needed").into());
    };
    let chosen = arguments.method.resolve()?;
    match arguments.preview {
        Some(count) => look(arguments, count, input, output, &chosen),
        None => Clip { arguments, input, output, chosen }.paint(),
    }
}

/// A clip to be painted.
struct Clip<'a> {
    arguments: &'a Arguments,
    input: &'a Path,
    output: &'a Path,
    chosen: Chosen,
}

impl Clip<'_> {
    fn paint(&self) -> anyhow::Result<Outcome> {
        let Clip { arguments, output, .. } = self;
        let parts = Parts::of(output);
        let (order, source) = self.order(&parts)?;
        let sink = Sink::of(output, &source)?;
        let replace = arguments.force || arguments.resume || arguments.shard.is_some();
        let files = self.chosen.files();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).chain([self.input]).collect();
        if let Sink::Folder(names) = &sink {
            photos::make_folder(output)?;
            order.frames.clone().try_for_each(|frame| check_file(&names[frame], replace, &files))?;
        } else {
            check_file(output, replace, &files)?;
        }
        let mut method = self.chosen.method(&first(&source, &order.frames, order.size)?)?;
        parts.make()?;
        order.save(parts.folder())?;
        let all = order.parts();
        let share = arguments.shard.unwrap_or(Shard::WHOLE).of(all.len());
        interrupt::stop_gently();
        let rendering = Rendering { source: &source, order: &order, parts: &parts, sink: &sink };
        let done = rendering.run(&all[share], &mut *method);
        if done.is_err() && arguments.shard.is_none() && !all.iter().any(|part| parts.is_done(part)) {
            // There is nothing to go on with.
            parts.remove()?;
        }
        let done = done?;
        if arguments.shard.is_some() {
            if done.outcome == Outcome::Done {
                let count = all.iter().filter(|part| parts.is_done(part)).count();
                report::note(format_args!(
                    "{count} of {} parts are done; when all are, `impasto video join {}` puts them together",
                    all.len(),
                    output.display(),
                ));
            }
            return Ok(done.outcome);
        }
        let begun = all.iter().take_while(|part| parts.is_done(part)).map(|part| sink.piece(part));
        let pieces: Vec<_> = begun.chain(done.partial.clone()).collect();
        let frames = pieces.iter().map(|(_, frames)| frames.len()).sum();
        if frames > 0 {
            sink.join(output, &order, &parts, &pieces, source.with_sound())?;
        }
        if done.outcome == Outcome::Interrupted {
            report::note(format_args!(
                "{frames} of {} frames are in {}; the same command with --resume goes on",
                order.frames.len(),
                output.display()
            ));
            return Ok(done.outcome);
        }
        parts.remove()?;
        self.tell(&order, frames, &done)
    }

    /// What is to be done: what was begun, if it is the same, or what the arguments say.
    fn order(&self, parts: &Parts) -> anyhow::Result<(Order, Source)> {
        let Clip { arguments, input, output, chosen } = self;
        let settings = json!({
            "method": chosen.settings(),
            "size": arguments.size,
            "from": arguments.from,
            "to": arguments.to,
            "rate": arguments.rate,
        });
        if arguments.force && !arguments.resume {
            parts.remove()?;
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        if let Some(begun) = Order::open(parts.folder())? {
            if !arguments.resume && arguments.shard.is_none() {
                let failure = Failure::usage(format_args!("{} was begun and not finished", output.display()));
                return Err(failure.hint("go on with --resume, or begin anew with --force").into());
            }
            let same = begun.version == version && begun.input == *input && begun.settings == settings;
            if !same || begun.stamp != stamp(input)? {
                let message =
                    format_args!("{} was begun with another clip or other settings", output.display());
                let failure = Failure::usage(message);
                return Err(failure.hint("repeat the command that began it, or use --force").into());
            }
            let source = Source::of_clip(input, begun.clip.clone())?;
            return Ok((begun, source));
        }
        if arguments.resume && !arguments.force && output.is_file() {
            let message = format_args!("there is nothing to resume: {} is complete", output.display());
            let failure = Failure::usage(message);
            return Err(failure.hint("leave out --resume, or replace it with --force").into());
        }
        let (source, frames, size) = open(arguments, input, output)?;
        let (stamp, clip) = (stamp(input)?, source.clip().clone());
        Ok((Order { version, input: (*input).to_owned(), stamp, clip, frames, size, settings }, source))
    }

    /// Tells what was done.
    fn tell(&self, order: &Order, frames: usize, done: &Rendered) -> anyhow::Result<Outcome> {
        let speed = done.painted as f64 / done.seconds;
        report::note(format_args!("{frames} frames in {:.1} s, {speed:.1} a second", done.seconds));
        if self.arguments.json {
            report::json(&json!({
                "frames": frames,
                "painted": done.painted,
                "seconds": done.seconds,
                "cuts": done.cuts,
                "width": order.size.0,
                "height": order.size.1,
            }))?;
        }
        Ok(Outcome::Done)
    }
}

/// The clip, the frames between --from and --to, and the size (width, height) to paint at.
fn open(
    arguments: &Arguments,
    input: &Path,
    output: &Path,
) -> anyhow::Result<(Source, Range<usize>, (usize, usize))> {
    let source = Source::open(input, arguments.rate)?;
    let clip = source.clip();
    let frames = clip.between(arguments.from, arguments.to);
    if frames.is_empty() {
        let failure = Failure::usage("there is no frame between --from and --to");
        return Err(failure.hint(format_args!("the clip is {:.3} s long", clip.duration())).into());
    }
    let (width, height) = fit_long_side(clip.width, clip.height, arguments.size);
    let even = arguments.size > 0 && Sink::of(output, &source)?.prefers_even();
    let near = |side: usize| if even { side.div_ceil(2) * 2 } else { side };
    Ok((source, frames, (near(width), near(height))))
}

/// The first of `frames` at a size.
fn first(source: &Source, frames: &Range<usize>, size: (usize, usize)) -> anyhow::Result<Picture> {
    let first = source.frames(frames.start..frames.start + 1)?.next();
    let first = first.context("the clip has no first frame")??;
    Ok(resize(&first, size.0, size.1)?)
}

/// Shows a few frames.
fn look(
    arguments: &Arguments,
    count: usize,
    input: &Path,
    output: &Path,
    chosen: &Chosen,
) -> anyhow::Result<Outcome> {
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push("-preview.png");
    let path = output.with_file_name(name);
    let options = SaveOptions { overwrite: arguments.force, ..SaveOptions::default() };
    let files = chosen.files();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).chain([input]).collect();
    let destination = Destination::new(&path, options, &files)?;
    let (source, frames, size) = open(arguments, input, output)?;
    let mut method = chosen.method(&first(&source, &frames, size)?)?;
    let sheet = preview(&source, &frames, count, size, &mut *method)?;
    destination.save(&sheet, of_command().to_string())?;
    report::note(format_args!("{} shows {} frames", path.display(), count.min(frames.len())));
    Ok(Outcome::Done)
}
