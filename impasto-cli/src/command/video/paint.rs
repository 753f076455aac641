//! `impasto video FRAMES -o FOLDER`: the frames of a clip, painted so that they hold together.

use crate::arguments::{ColorArguments, ModelsArguments, part};
use crate::command::apply::{brush::Brush, photos};
use crate::failure::Failure;
use crate::folder;
use crate::interrupt;
use crate::output::Destination;
use crate::progress::Steps;
use crate::record::of_command;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::{Coloring, apply::Painter};
use impasto_image::{Limits, Picture, SaveOptions, fit_long_side, open, resize};
use impasto_video::Steady;
use serde_json::json;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is painted, and how.
#[derive(Debug, Args)]
#[group(id = "frames-to-paint")]
pub struct Arguments {
    /// Folder of the clip's frames, in the order of their names; numbers in names count as numbers
    #[arg(value_name = "FRAMES", required = true)]
    frames: Option<PathBuf>,

    /// Folder to write the painted frames to, under the same names
    #[arg(short, long, value_name = "FOLDER", required = true)]
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

    /// Long side in pixels at which to paint, and of the result; 0 for the frames' own
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    size: usize,

    /// Replace painted frames that exist
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

/// Paints all frames.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    // Required, unless another task is named instead.
    let (Some(frames), Some(output), Some(style)) = (&arguments.frames, &arguments.output, &arguments.style)
    else {
        return Err(Failure::usage("frames, a style and an output are needed").into());
    };
    let mut names = folder::pictures(frames)?;
    names.retain(|name| name.components().count() == 1);
    names.sort_by(|a, b| by_number(&a.to_string_lossy(), &b.to_string_lossy()));
    let Some(first) = names.first() else {
        let failure = Failure::usage(format_args!("{} holds no pictures", frames.display()));
        return Err(failure.hint("give the folder of the clip's frames").into());
    };
    let color = arguments.color.change(Coloring::STYLE)?;
    let models = arguments.models.folder();
    let brush = Brush::of_style(style, models.as_deref())?;
    photos::make_folder(output)?;
    let frame = |name: &Path| -> anyhow::Result<Picture> {
        let picture = open(frames.join(name), &Limits::default())?.picture.without_alpha();
        let (width, height) = fit_long_side(picture.width(), picture.height(), arguments.size);
        Ok(if (width, height) == (picture.width(), picture.height()) {
            picture
        } else {
            resize(&picture, width, height)?
        })
    };
    let destination = |name: &Path| {
        let options = SaveOptions { overwrite: arguments.force, ..SaveOptions::default() };
        Destination::new(&output.join(name), options, &[&frames.join(name)])
    };
    let destinations: Vec<Destination> =
        names.iter().map(|name| destination(name)).collect::<anyhow::Result<_>>()?;
    interrupt::stop_gently();
    let (mut steps, began) = (Steps::new(names.len()), Instant::now());
    let painter: Painter = brush.painter(&frame(first)?, arguments.strength as f32)?;
    let mut steady = Steady::new(arguments.stability as f32);
    let mut cuts = Vec::new();
    for (number, (name, destination)) in names.iter().zip(&destinations).enumerate() {
        if interrupt::requested() {
            steps.finish();
            return Ok(Outcome::Interrupted);
        }
        steps.next(name.display());
        let picture = frame(name)?;
        let painted = color.result(painter.paint(&picture)?, Some(&picture))?;
        let shown = steady.next(&picture, painted)?;
        if shown.cut && number > 0 {
            cuts.push(name.display().to_string());
        }
        destination.save(&shown.picture, of_command().to_string())?;
    }
    steps.finish();
    let seconds = began.elapsed().as_secs_f64();
    let speed = names.len() as f64 / seconds;
    report::note(format_args!("{} frames in {seconds:.1} s, {speed:.1} a second", names.len()));
    if arguments.json {
        report::json(&json!({ "frames": names.len(), "seconds": seconds, "cuts": cuts }))?;
    }
    Ok(Outcome::Done)
}

/// The order of names in which 10 comes after 9.
fn by_number(a: &str, b: &str) -> Ordering {
    let parts = |name: &str| {
        let mut parts: Vec<(u128, String)> = Vec::new();
        for piece in name.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let digits = piece.trim_end_matches(|c: char| !c.is_ascii_digit());
            parts.push((digits.parse().unwrap_or(0), piece[digits.len()..].to_owned()));
        }
        parts
    };
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["f10.png", "f9.png", "e1.png", "f009.png", "g.png"];
        names.sort_by(|a, b| by_number(a, b));
        assert_eq!(names, ["e1.png", "f009.png", "f9.png", "f10.png", "g.png"]);
    }
}
