//! `impasto loss`: every weighted term for any picture.

use crate::arguments::{
    ContentArguments, NetworkArguments, RecipeArguments, ScheduleArguments, StyleArguments,
    StyleSizeArguments, StylesArguments, describe, long_side, resolve,
};
use crate::failure::Failure;
use crate::input::Input;
use crate::memory;
use crate::output::check_file;
use crate::record::losses;
use crate::report::{self, Outcome};
use crate::styles::RegionInput;
use crate::tensors::{self, Tensor, planar};
use clap::Args;
use impasto::{Request, measure};
use impasto_image::fit_long_side;
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    #[arg(short, long, value_name = "FILE")]
    content: Option<PathBuf>,

    #[command(flatten)]
    styles: StylesArguments,

    /// Long side in pixels at which to measure; 0 takes all pictures as they are [default: IMAGE's own]
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,

    /// Also write `gradient`, [3, height, width]: derivative of the total by red, green and blue in [0, 1]
    #[arg(long, value_name = "FILE.safetensors")]
    gradient: Option<PathBuf>,

    /// Replace the gradient's file if it exists
    #[arg(long)]
    force: bool,

    /// Also tell, for every layer, the N planes with the largest part in the style's error; with --json, all planes
    #[arg(long, value_name = "N")]
    planes: Option<usize>,

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
  impasto loss painted.png --style painting.jpg --content-weight 0 --planes 8
  impasto loss photo.png --style painting.png --content-weight 0 --gradient gradient.safetensors";

/// Measures.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let schedule = ScheduleArguments::default();
    let recipe = resolve(&arguments.recipe, &arguments.content_term, &arguments.style_term, &schedule)?;
    let network = arguments.network.resolve("vgg19");
    let styles = arguments.styles.resolve()?;
    if let Some(gradient) = &arguments.gradient {
        let pictures = std::iter::once(&arguments.image).chain(&arguments.content).map(PathBuf::as_path);
        let inputs: Vec<&Path> = pictures.chain(styles.all()).collect();
        check_file(gradient, arguments.force, &inputs)?;
    }
    let image = Input::open(&arguments.image)?;
    let content = arguments.content.as_deref().map(Input::open).transpose()?;
    let (regions, strength_mask) = styles.open()?;

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
        regions: regions.iter().map(RegionInput::region).collect(),
        strength_mask: strength_mask.as_ref().map(|mask| &mask.mask),
        size: long_side(size),
        style_size: arguments.style_size.resolve(),
        ..Request::new(&recipe, &network)
    };
    let objective = request.objective()?;
    let long = width.max(height);
    let style_size = request.styles().map(|style| request.style_size_at(style.picture, long, long)).next();
    memory::check_painting("the picture", &request, &objective, (width, height))?;

    let (loss, parts) = match arguments.planes {
        Some(_) => measure::loss_by_plane(&image.picture, &request)?,
        None => (measure::loss(&image.picture, &request)?, Vec::new()),
    };
    if let Some(path) = &arguments.gradient {
        let planes = planar(&loss.gradient);
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
        if arguments.planes.is_some() {
            object.insert("planes".into(), json!(parts.into_iter().collect::<BTreeMap<_, _>>()));
        }
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
        for (name, parts) in &parts {
            let _ = writeln!(table, "{}", strongest(name, parts, arguments.planes.unwrap_or(0)));
        }
        report::result(&table)?;
    }
    Ok(Outcome::Done)
}

/// The planes with the largest parts of a term, as a line.
fn strongest(name: &str, parts: &[f64], count: usize) -> String {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| parts[b].total_cmp(&parts[a]).then(a.cmp(&b)));
    let total: f64 = parts.iter().sum();
    let shares = order.iter().take(count).map(|&plane| {
        let share = if total > 0.0 { 100.0 * parts[plane] / total } else { 0.0 };
        format!("{plane} ({share:.1} %)")
    });
    format!("{name} planes: {}", shares.collect::<Vec<_>>().join(", "))
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
