//! `impasto video score`: how well a painted clip holds together.

use super::times::rate;
use crate::arguments::{
    ContentArguments, NetworkArguments, RecipeArguments, ScheduleArguments, StyleArguments, resolve,
};
use crate::failure::Failure;
use crate::input::Input;
use crate::progress::Steps;
use crate::report::{self, Outcome, number};
use anyhow::Context;
use clap::Args;
use impasto::paint::Region;
use impasto::{Network, Recipe, Request, Size, StyleSize, measure};
use impasto_image::Picture;
use impasto_video::{Score, Source};
use serde_json::json;
use std::path::PathBuf;

/// Frames whose style is measured, spread over the clip.
const SAMPLES: usize = 32;

/// Measure how well a painted clip holds together
///
/// The motion is that of the original. The warping error is the root of the mean squared difference between a painted frame
/// and the one before, moved along the motion, over the pixels whose motion is reliable: the usual measure (Ruder et al. 2016,
/// Lai et al. 2018), in RGB from 0 to 1. Compare settings by it: the original's own is what cannot be avoided.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The clip that was painted: a file, or a folder of pictures
    #[arg(value_name = "ORIGINAL")]
    original: PathBuf,

    /// What was painted of it, frame by frame
    #[arg(value_name = "PAINTED")]
    painted: PathBuf,

    /// Also measure how far the painted frames are from this painting's style, by the recipe's style term
    #[arg(long, value_name = "FILE")]
    style: Option<PathBuf>,

    /// Write a JSON object instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto video score clip.mp4 painted.mp4
  impasto video score clip.mp4 painted.mp4 --style painting.jpg --json";

/// Measures.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let usual = rate("25").unwrap_or([25, 1]);
    let original = Source::open(&arguments.original, usual)?;
    let painted = Source::open(&arguments.painted, usual)?;
    let frames = painted.clip().frames();
    if original.clip().frames() != frames {
        let message = format_args!(
            "{} has {} frames and {} has {frames}",
            arguments.original.display(),
            original.clip().frames(),
            arguments.painted.display(),
        );
        let failure = Failure::usage(message);
        return Err(failure.hint("the two must be of the same frames; cut the original likewise").into());
    }
    let style = arguments.style.as_deref().map(Input::open).transpose()?;
    let network = arguments.network.resolve("vgg19");
    let mut recipe = resolve(
        &arguments.recipe,
        &ContentArguments::default(),
        &StyleArguments::default(),
        &ScheduleArguments::default(),
    )?;
    (recipe.strength, recipe.content.weight, recipe.tv.weight) = (None, 0.0, 0.0);
    let (mut score, mut distances) = (Score::new(), Vec::new());
    let mut steps = Steps::new(frames);
    let samples = SAMPLES.min(frames);
    let sampled: Vec<usize> = (0..samples).map(|n| (2 * n + 1) * frames / (2 * samples)).collect();
    let pairs = original.frames(0..frames)?.zip(painted.frames(0..frames)?);
    for (number, (frame, painting)) in pairs.enumerate() {
        let (frame, painting) = (frame?, painting?);
        score.next(&frame, &painting)?;
        if let Some(style) = style.as_ref().filter(|_| sampled.contains(&number)) {
            distances.push(distance(&painting, &style.picture, &recipe, &network)?);
        }
        steps.next(format_args!("frame {number}"));
    }
    steps.finish();
    let summary = score.finish();
    let distance = (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64);
    let mut numbers = vec![
        ("reliable", "pixels whose motion is reliable, share", summary.reliable),
        ("warping", "warping error", summary.warping),
        ("warping-original", "warping error of the original", summary.warping_source),
        ("flicker", "flicker of brightness", summary.flicker),
        ("drift-sharpness", "change of sharpness, last quarter to first, share", summary.drift_sharpness),
        ("drift-color", "change of mean colour, Oklab", summary.drift_color),
    ];
    numbers.extend(distance.map(|distance| ("style", "distance from the style", distance)));
    if arguments.json {
        let mut object = json!({ "frames": summary.frames, "pairs": summary.pairs, "cuts": summary.cuts });
        let object = object.as_object_mut().context("an object")?;
        object.extend(numbers.iter().map(|(key, _, value)| ((*key).to_owned(), json!(value))));
        report::json(&json!(object))?;
        return Ok(Outcome::Done);
    }
    let mut text = format!("{} frames, {} cuts\n", summary.frames, summary.cuts.len());
    for (_, name, value) in numbers {
        text += &format!("{name:<52}{}\n", number(value));
    }
    report::result(&text)?;
    Ok(Outcome::Done)
}

/// The style term for a painted frame; the painting's own size is that at which networks are trained.
fn distance(painting: &Picture, style: &Picture, recipe: &Recipe, network: &Network) -> anyhow::Result<f64> {
    let request = Request {
        regions: Region::everywhere(style),
        size: Size::Exact { width: painting.width(), height: painting.height() },
        style_size: StyleSize::LongSide(512),
        ..Request::new(recipe, network)
    };
    Ok(measure::loss(painting, &request)?.evaluation.total)
}
