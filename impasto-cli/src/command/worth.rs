//! `impasto worth`: how many iterations of slow painting a generator is worth.

use crate::arguments::{NetworkArguments, count};
use crate::command::apply::brush::Brush;
use crate::failure::Failure;
use crate::progress::Steps;
use crate::report::{self, Outcome, number};
use anyhow::Context;
use clap::Args;
use impasto::Recipe;
use impasto::train::{Optimizer, Schedule, Settings, Task, Trainer, Yardstick};
use impasto_image::{Limits, Picture, Rectangle, fit_long_side, open, resize};
use impasto_net::Generator;
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Measure how many iterations of slow painting a generator is worth
///
/// The photographs, which the generator must not have learnt from, are painted by L-BFGS under the objective that the
/// generator was trained with, from noise and from the photograph, until the loss is below that of the generator's picture
/// (Johnson et al. 2016, figure 5).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A built-in style's name, or a generator's FILE or FILE:NAME
    #[arg(value_name = "STYLE")]
    style: String,

    /// The painting that the style was learnt from
    #[arg(long, value_name = "FILE")]
    painting: PathBuf,

    /// Photographs to paint
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,

    /// Long sides in pixels
    #[arg(long, value_name = "PIXELS,…", value_delimiter = ',', default_value = "512")]
    size: Vec<usize>,

    /// Iterations after which slow painting gives up
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = count)]
    iterations: usize,

    /// Write a JSON array instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto worth cafe-terrace --painting cafe-terrace.jpg me.jpg you.jpg --size 256,512";

/// Measures.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Brush::Generator { generator, blend, .. } = Brush::of_style(&arguments.style, None)? else {
        let failure =
            Failure::usage(format_args!("{} is no generator that was trained here", arguments.style));
        return Err(failure.hint("name a built-in style or a generator's .safetensors file").into());
    };
    let style = blend.iter().position(|&share| share > 0.0).unwrap_or(0);
    let settings = settings(&generator)?;
    let painting = open(&arguments.painting, &Limits::default())?.picture.without_alpha();
    let mut pictures = vec![None; generator.styles().len()];
    pictures[style] = Some(painting);
    let model = Trainer::judge(&settings, &arguments.network.resolve("vgg19"))?;
    let mut steps = Steps::new(arguments.photos.len() * arguments.size.len());
    let mut rows = Vec::new();
    for &size in &arguments.size {
        for photo in &arguments.photos {
            steps.next(format_args!("{} at {size}", photo.display()));
            let picture = sized(photo, size, settings.architecture.multiple())?;
            let mut stick = Yardstick::new(&settings, &model, &pictures, picture, arguments.iterations)?;
            rows.extend(stick.measure(&generator, style)?.map(|worth| (size, photo, worth)));
        }
    }
    steps.finish();
    if arguments.json {
        let rows = rows.iter().map(|(size, photo, worth)| {
            json!({
                "photo": photo.display().to_string(),
                "size": size,
                "loss": worth.loss,
                "loss-of-the-photograph": worth.photo,
                "iterations-from-noise": worth.from_noise,
                "iterations-from-the-photograph": worth.from_photo,
                "more-than-that": worth.beyond,
            })
        });
        report::json(&json!(rows.collect::<Vec<_>>()))?;
        return Ok(Outcome::Done);
    }
    let mut text =
        format!("{:>6} {:>10} {:>12} {:>14}  photograph\n", "size", "loss", "from noise", "from photo");
    for (size, photo, worth) in &rows {
        let count = |n: usize, beyond: bool| format!("{}{n}", if beyond { ">" } else { "" });
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{size:>6} {:>10} {:>12} {:>14}  {}",
            number(worth.loss),
            count(worth.from_noise, worth.beyond[1]),
            count(worth.from_photo, worth.beyond[0]),
            photo.display(),
        );
    }
    for &size in &arguments.size {
        let of_size: Vec<f64> =
            rows.iter().filter(|row| row.0 == size).map(|row| row.2.from_noise as f64).collect();
        let mean = of_size.iter().sum::<f64>() / of_size.len() as f64;
        let _ = writeln!(text, "at {size}: worth {mean:.0} iterations from noise on average");
    }
    report::result(&text)?;
    Ok(Outcome::Done)
}

/// What the generator was trained with, as its file tells it; the default recipe where it does not.
fn settings(generator: &Generator) -> anyhow::Result<Settings> {
    let remark = |key: &str| generator.remarks().get(key);
    let recipe = match remark("recipe") {
        Some(text) => Recipe::parse(text, "of the generator")?,
        None => Recipe::named(&Recipe::default().origin)?,
    };
    let style_size = match remark("style-size") {
        Some(text) => {
            text.parse().with_context(|| format!("the generator's style size {text:?} is no number"))?
        }
        None => 512,
    };
    Ok(Settings {
        task: Task::Paint,
        architecture: generator.architecture().clone(),
        styles: generator.styles().to_vec(),
        recipe,
        style_size: if style_size == 0 { usize::MAX } else { style_size },
        crop: 256,
        zoom: 1.0,
        batch: 1,
        optimizer: Optimizer::default(),
        schedule: Schedule { iterations: 0, rate: 0.0, warmup: 0, hold: 0.0 },
        seed: 0,
    })
}

/// A photograph with its long side at `size`, its sides cut to multiples of `multiple`.
fn sized(path: &Path, size: usize, multiple: usize) -> anyhow::Result<Picture> {
    let photo = open(path, &Limits::default())?.picture.without_alpha();
    let (width, height) = fit_long_side(photo.width(), photo.height(), size);
    let cut = |n: usize| (n / multiple * multiple).max(multiple);
    let (width, height) = (width.max(multiple), height.max(multiple));
    let whole = resize(&photo, width, height)?;
    Ok(whole.cropped(Rectangle { left: 0, top: 0, width: cut(width), height: cut(height) })?)
}
