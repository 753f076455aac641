//! `impasto video IN -o OUT`: a clip, painted.

use super::fast::Fast;
use super::order::{Order, stamp};
use super::parts::Parts;
use super::preview::preview;
use super::render::{Method, Rendering, sized};
use super::shard::Shard;
use super::sink::Sink;
use crate::arguments::{ColorArguments, ModelsArguments, part};
use crate::command::apply::brush::Brush;
use crate::command::apply::photos;
use crate::failure::Failure;
use crate::input::FileRecord;
use crate::interrupt;
use crate::output::{Destination, check_file};
use crate::record::of_command;
use crate::report::{self, Outcome};
use anyhow::Context;
use clap::Args;
use impasto::Coloring;
use impasto_image::{SaveOptions, fit_long_side};
use impasto_video::Source;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is painted, and how.
#[derive(Debug, Args)]
#[group(id = "clip-to-paint")]
pub struct Arguments {
    /// The clip: any video file, a .gif or .y4m file, or a folder of pictures in the order of their names
    #[arg(value_name = "CLIP", required = true)]
    input: Option<PathBuf>,

    /// What to write: a .mp4, .mov, .mkv, .webm, .gif or .y4m file, or a folder for pictures
    #[arg(short, long, value_name = "FILE|FOLDER", required = true)]
    output: Option<PathBuf>,

    /// Style: a built-in one's name, a generator's FILE or FILE:NAME, or a painting
    #[arg(long, value_name = "NAME|FILE", required = true)]
    style: Option<String>,

    /// How much of the style: 0 gives the frames back, 1 the style as it was learnt
    #[arg(long, value_name = "X", value_parser = part, default_value_t = 1.0, allow_negative_numbers = true)]
    strength: f64,

    /// How far a painting follows the one before where the frames show the same: 0 paints every frame for itself
    #[arg(long, value_name = "X", value_parser = part, default_value_t = 0.8, allow_negative_numbers = true)]
    stability: f64,

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
    color: ColorArguments,
    #[command(flatten)]
    models: ModelsArguments,
}

/// Paints the clip.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    // Required, unless another task is named instead.
    let (Some(input), Some(output), Some(style)) = (&arguments.input, &arguments.output, &arguments.style)
    else {
        return Err(Failure::usage("a clip, a style and an output are needed").into());
    };
    let color = arguments.color.change(Coloring::STYLE)?;
    let brush = Brush::of_style(style, arguments.models.folder().as_deref())?;
    let files: Vec<&Path> = brush.files().chain([input.as_path()]).collect();
    let settings = json!({
        "style": style,
        "files": brush.files().map(FileRecord::of).collect::<anyhow::Result<Vec<_>>>()?,
        "strength": arguments.strength,
        "stability": arguments.stability,
        "size": arguments.size,
        "color": color,
        "from": arguments.from,
        "to": arguments.to,
        "rate": arguments.rate,
    });
    if let Some(count) = arguments.preview {
        return look(arguments, count, &files, &brush, color);
    }
    let parts = Parts::of(output);
    let (order, source) = order(arguments, input, output, &parts, settings)?;
    let sink = Sink::of(output, &source)?;
    let replace = arguments.force || arguments.resume || arguments.shard.is_some();
    if let Sink::Folder(names) = &sink {
        photos::make_folder(output)?;
        order.frames.clone().try_for_each(|frame| check_file(&names[frame], replace, &files))?;
    } else {
        check_file(output, replace, &files)?;
    }
    parts.make()?;
    order.save(parts.folder())?;
    let mut method = fast(&source, &order, &brush, arguments.strength, color)?;
    let all = order.parts();
    let share = arguments.shard.unwrap_or(Shard::WHOLE).of(all.len());
    let wanted = &all[share];
    interrupt::stop_gently();
    let stability = arguments.stability as f32;
    let rendering = Rendering { source: &source, order: &order, parts: &parts, sink: &sink, stability };
    let done = rendering.run(wanted, &mut method);
    if done.is_err() && arguments.shard.is_none() && !all.iter().any(|part| parts.is_done(part)) {
        // There is nothing to go on with.
        parts.remove()?;
    }
    let done = done?;
    let speed = done.painted as f64 / done.seconds;
    if arguments.shard.is_some() {
        if done.outcome == Outcome::Done {
            report::note(format_args!(
                "{} of {} parts are done; when all are, `impasto video join {}` puts them together",
                all.iter().filter(|part| parts.is_done(part)).count(),
                all.len(),
                output.display(),
            ));
        }
        return Ok(done.outcome);
    }
    let begun = all.iter().take_while(|part| parts.is_done(part)).map(|part| sink.piece(part));
    let pieces: Vec<_> = begun.chain(done.partial).collect();
    let frames: usize = pieces.iter().map(|(_, frames)| frames.len()).sum();
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
    report::note(format_args!("{frames} frames in {:.1} s, {speed:.1} a second", done.seconds));
    if arguments.json {
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

/// What is to be done: what was begun, if it is the same, or what the arguments say.
fn order(
    arguments: &Arguments,
    input: &Path,
    output: &Path,
    parts: &Parts,
    settings: serde_json::Value,
) -> anyhow::Result<(Order, Source)> {
    if arguments.force && !arguments.resume {
        parts.remove()?;
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    if let Some(begun) = Order::open(parts.folder())? {
        if !arguments.resume && arguments.shard.is_none() {
            let failure = Failure::usage(format_args!("{} was begun and not finished", output.display()));
            return Err(failure.hint("go on with --resume, or begin anew with --force").into());
        }
        let same = begun.version == version && begun.input == input && begun.settings == settings;
        if !same || begun.stamp != stamp(input)? {
            let message = format_args!("{} was begun with another clip or other settings", output.display());
            return Err(Failure::usage(message)
                .hint("repeat the command that began it, or use --force")
                .into());
        }
        let source = Source::of_clip(input, begun.clip.clone())?;
        return Ok((begun, source));
    }
    if arguments.resume && !arguments.force && output.is_file() {
        let message =
            format_args!("there is nothing to resume: {} is not a part of a clip", output.display());
        return Err(Failure::usage(message).hint("leave out --resume, or replace it with --force").into());
    }
    let source = Source::open(input, arguments.rate)?;
    let frames = wanted(arguments, &source)?;
    let size = size(arguments, &source, Sink::of(output, &source)?.prefers_even());
    let (stamp, clip) = (stamp(input)?, source.clip().clone());
    Ok((Order { version, input: input.to_owned(), stamp, clip, frames, size, settings }, source))
}

/// The frames between --from and --to.
fn wanted(arguments: &Arguments, source: &Source) -> anyhow::Result<std::ops::Range<usize>> {
    let frames = source.clip().between(arguments.from, arguments.to);
    if frames.is_empty() {
        let seconds = source.clip().duration();
        let failure = Failure::usage("there is no frame between --from and --to");
        return Err(failure.hint(format_args!("the clip is {seconds:.3} s long")).into());
    }
    Ok(frames)
}

/// Width and height to paint at.
fn size(arguments: &Arguments, source: &Source, even: bool) -> (usize, usize) {
    let clip = source.clip();
    if arguments.size == 0 {
        return (clip.width, clip.height);
    }
    let (width, height) = fit_long_side(clip.width, clip.height, arguments.size);
    let near = |side: usize| if even { side.div_ceil(2) * 2 } else { side };
    (near(width), near(height))
}

/// What paints in one pass. What a painting asks of its photograph, it asks of the first frame.
fn fast(
    source: &Source,
    order: &Order,
    brush: &Brush,
    strength: f64,
    color: Coloring,
) -> anyhow::Result<Fast> {
    let start = order.frames.start;
    let first = source.frames(start..start + 1)?.next().context("the clip has no first frame")??;
    let painter = brush.painter(&sized(first, order.size)?, strength as f32)?;
    Ok(Fast { painter, color })
}

/// Shows a few frames.
fn look(
    arguments: &Arguments,
    count: usize,
    files: &[&Path],
    brush: &Brush,
    color: Coloring,
) -> anyhow::Result<Outcome> {
    let (Some(input), Some(output)) = (&arguments.input, &arguments.output) else {
        return Err(Failure::usage("a clip and an output are needed").into());
    };
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push("-preview.png");
    let path = output.with_file_name(name);
    let options = SaveOptions { overwrite: arguments.force, ..SaveOptions::default() };
    let destination = Destination::new(&path, options, files)?;
    let source = Source::open(input, arguments.rate)?;
    let frames = wanted(arguments, &source)?;
    let size = size(arguments, &source, Sink::of(output, &source)?.prefers_even());
    let first =
        source.frames(frames.start..frames.start + 1)?.next().context("the clip has no first frame")??;
    let painter = brush.painter(&sized(first, size)?, arguments.strength as f32)?;
    let sheet = preview(&source, &frames, count, size, &mut Fast { painter, color } as &mut dyn Method)?;
    destination.save(&sheet, of_command().to_string())?;
    report::note(format_args!("{} shows {} frames", path.display(), count.min(frames.len())));
    Ok(Outcome::Done)
}

/// Reads seconds, `minutes:seconds` or `hours:minutes:seconds`.
fn time(text: &str) -> Result<f64, String> {
    let wrong = || format!("{text:?} is no time; write seconds, or 1:23.4");
    let mut seconds = 0.0;
    for part in text.split(':') {
        let value: f64 = part.parse().map_err(|_| wrong())?;
        if !(value.is_finite() && value >= 0.0) {
            return Err(wrong());
        }
        seconds = 60.0 * seconds + value;
    }
    if text.matches(':').count() > 2 { Err(wrong()) } else { Ok(seconds) }
}

/// Reads a number of frames a second, such as 25, 23.976 or 30000/1001.
fn rate(text: &str) -> Result<[u32; 2], String> {
    let wrong = || format!("{text:?} is no rate; write such as 25, 29.97 or 30000/1001");
    let pair = match text.split_once('/') {
        Some((above, below)) => [above.parse().map_err(|_| wrong())?, below.parse().map_err(|_| wrong())?],
        None => {
            let value: f64 = text.parse().map_err(|_| wrong())?;
            [(value * 1000.0).round() as u32, 1000]
        }
    };
    let allowed = pair[1] > 0 && (0.01..=1000.0).contains(&(f64::from(pair[0]) / f64::from(pair[1])));
    if allowed { Ok(pair) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates() {
        assert_eq!(time("83.5"), Ok(83.5));
        assert_eq!(time("1:23.5"), Ok(83.5));
        assert_eq!(time("1:00:00"), Ok(3600.0));
        assert!(["-1", "x", "1:2:3:4", "nan"].iter().all(|text| time(text).is_err()));
        assert_eq!(rate("30000/1001"), Ok([30000, 1001]));
        assert_eq!(rate("23.976"), Ok([23976, 1000]));
        assert!(["0", "1/0", "-3", "1e9"].iter().all(|text| rate(text).is_err()));
    }
}
