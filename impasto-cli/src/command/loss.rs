//! `impasto loss`: every weighted term for any picture.

use crate::arguments::{
    ContentArguments, NetworkArguments, RecipeArguments, ScheduleArguments, StyleArguments,
    StyleSizeArguments, describe, long_side, resolve,
};
use crate::failure::Failure;
use crate::input::Input;
use crate::memory::{self, Pass};
use crate::output::check_file;
use crate::record::losses;
use crate::report::{self, Outcome};
use crate::tensors::{self, Tensor};
use clap::Args;
use impasto::{Coloring, Request, measure};
use impasto_image::fit_long_side;
use impasto_net::Purpose;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Measure how well a picture meets a recipe's objective: every weighted term, and the total
///
/// Any program's results can be compared on one axis. At the picture's own size, which is the default, the picture is not
/// resampled; the photograph is brought to its size if it differs. With --size 0 nothing is resampled at all.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Picture to measure
    #[arg(value_name = "IMAGE")]
    image: PathBuf,

    /// Photograph whose content it should have
    #[arg(short, long, value_name = "FILE", required_unless_present = "style")]
    content: Option<PathBuf>,

    /// Painting whose manner it should have
    #[arg(short, long, value_name = "FILE")]
    style: Option<PathBuf>,

    /// Long side in pixels at which to measure; 0 takes all pictures as they are [default: IMAGE's own]
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,

    /// Also write `gradient`, [3, height, width]: derivative of the total by red, green and blue in [0, 1]
    #[arg(long, value_name = "FILE.safetensors")]
    gradient: Option<PathBuf>,

    /// Replace the gradient's file if it exists
    #[arg(long)]
    force: bool,

    /// Write a JSON object instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    style_size: StyleSizeArguments,
    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    content_term: ContentArguments,
    #[command(flatten)]
    style_term: StyleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto loss painted.png --content photo.jpg --style painting.jpg
  impasto loss theirs.png --content photo.png --style painting.png --size 0 --recipe pastiche --json
  impasto loss photo.png --style painting.png --content-weight 0 --gradient gradient.safetensors";

/// Measures.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let schedule = ScheduleArguments::default();
    let recipe = resolve(&arguments.recipe, &arguments.content_term, &arguments.style_term, &schedule)?;
    let network = arguments.network.resolve("vgg19");
    let paths = [Some(&arguments.image), arguments.content.as_ref(), arguments.style.as_ref()];
    if let Some(gradient) = &arguments.gradient {
        let inputs: Vec<&Path> = paths.into_iter().flatten().map(PathBuf::as_path).collect();
        check_file(gradient, arguments.force, &inputs)?;
    }
    let image = Input::open(&arguments.image)?;
    let content = arguments.content.as_deref().map(Input::open).transpose()?;
    let style = arguments.style.as_deref().map(Input::open).transpose()?;

    let own = image.picture.width().max(image.picture.height());
    let size = arguments.size.unwrap_or(own);
    let (width, height) = fit(&image, size);
    if let Some(content) = &content {
        let other = fit(content, size);
        if other != (width, height) {
            return Err(mismatch(&image, content, (width, height), other, size).into());
        }
    }
    let request = Request {
        content: content.as_ref().map(|input| &input.picture),
        style: style.as_ref().map(|input| &input.picture),
        start: None,
        recipe: &recipe,
        network: &network,
        size: long_side(size),
        style_size: arguments.style_size.resolve(),
        seed: 0,
        color: &Coloring::STYLE,
    };
    let objective = request.objective()?;
    let long = width.max(height);
    let style_size = request.style.map(|style| request.style_size_at(style, long, long));
    let taps = objective.taps();
    let style_taps: Vec<String> = objective.style_layers().iter().map(|l| l.name.clone()).collect();
    let (what, flag, purpose) = ("the picture", "--size", Purpose::Gradient);
    let mut passes = vec![Pass { what, flag, size: (width, height), taps: &taps, purpose }];
    if let (Some(size), false) = (style_size, style_taps.is_empty()) {
        let (what, flag, purpose) = ("the style", "--style-size", Purpose::Forward);
        passes.push(Pass { what, flag, size, taps: &style_taps, purpose });
    }
    memory::check(&passes, || Ok(network.load(recipe.variant())?))?;

    let loss = measure::loss(
        &image.picture,
        request.content,
        request.style,
        &recipe,
        &network,
        size,
        request.style_size,
    )?;
    if let Some(path) = &arguments.gradient {
        let planes = planes(&loss.gradient);
        let shape = [3, loss.height, loss.width];
        let tensor = Tensor { name: "gradient", shape: &shape, values: &planes };
        let remarks = [("image", image.path.display().to_string()), ("recipe", recipe.origin.clone())];
        tensors::save(path, arguments.force, &[tensor], &remarks)?;
    }

    let terms = losses(loss.evaluation.total, &loss.evaluation.terms);
    if arguments.json {
        let mut object = terms;
        object.insert("width".into(), loss.width.into());
        object.insert("height".into(), loss.height.into());
        let style_size = style_size.filter(|_| objective.style.is_some());
        object.insert("style-width".into(), style_size.map(|size| size.0).into());
        object.insert("style-height".into(), style_size.map(|size| size.1).into());
        object.insert("recipe".into(), json!(recipe.origin));
        object.insert("network".into(), json!(describe(&network)));
        report::json(&Value::from(object))?;
    } else {
        let mut table = String::new();
        let longest = terms.keys().map(String::len).max().unwrap_or(0);
        for (name, value) in &terms {
            let value = value.as_f64().unwrap_or(f64::NAN);
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{name:longest$}  {value:.6e}");
        }
        report::result(&table)?;
    }
    Ok(Outcome::Done)
}

/// A picture's size with its long side at `size`.
fn fit(input: &Input, size: usize) -> (usize, usize) {
    fit_long_side(input.picture.width(), input.picture.height(), size)
}

/// The error of pictures that do not lie on one another.
fn mismatch(
    image: &Input,
    content: &Input,
    (width, height): (usize, usize),
    (other_width, other_height): (usize, usize),
    size: usize,
) -> Failure {
    let at = if size == 0 { "without resampling".to_owned() } else { format!("at --size {size}") };
    let hint = if size == 0 {
        "leave --size 0 away to bring the photograph to the picture's size"
    } else {
        "give the photograph that the picture was made from, uncropped"
    };
    Failure::usage(format_args!(
        "{at}, the picture {} has {width}×{height} pixels, but the content {} has {other_width}×{other_height}",
        image.path.display(),
        content.path.display()
    ))
    .hint(hint)
}

/// Interleaved colours as three planes.
fn planes(interleaved: &[f32]) -> Vec<f32> {
    (0..3).flat_map(|c| interleaved.iter().skip(c).step_by(3)).copied().collect()
}
