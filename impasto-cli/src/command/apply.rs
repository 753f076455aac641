//! `impasto apply`: photographs through a generator, in one pass each.

pub mod brush;
pub mod photos;

use crate::arguments::{ColorArguments, ModelsArguments, OutputArguments, PhotoArguments, part};
use crate::failure::Failure;
use crate::input::Input;
use crate::interrupt;
use crate::output::Destination;
use crate::progress::Steps;
use crate::record::of_command;
use crate::report::{self, Outcome};
use brush::Brush;
use clap::Args;
use impasto::Coloring;
use impasto_image::{fit_long_side, resize};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Paint photographs in milliseconds, in a style that a network has learnt
///
/// A style is one of those built in (`impasto models styles` lists them), a generator's file that `train` or another
/// program wrote, or any painting at all, which a network for any style looks at first. The result is as large as the
/// photograph.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photographs, folders of them, or patterns such as 'trip/*.jpg'
    #[arg(value_name = "PHOTO", required = true)]
    photos: Vec<PathBuf>,

    /// Style: a built-in one's name, a generator's FILE or FILE:NAME, or a painting
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "blend")]
    style: Option<String>,

    /// Several styles with their shares: built-in ones' names, FILE:NAME of one generator, or paintings
    #[arg(long, value_name = "STYLE:SHARE,…", conflicts_with = "style")]
    blend: Option<String>,

    /// How much of the style: 0 gives the photograph back, 1 the style as it was learnt
    #[arg(long, value_name = "X", value_parser = part, default_value_t = 1.0, allow_negative_numbers = true)]
    strength: f64,

    /// Long side in pixels at which to paint, and of the result; 0 for the photograph's own
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    size: usize,

    /// Write what was done to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    color: ColorArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    photo: PhotoArguments,
    #[command(flatten)]
    models: ModelsArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto apply photo.jpg --style cafe-terrace -o painted.jpg
  impasto apply photo.jpg --style painting.jpg -o like-it.png
  impasto apply holiday/ --style langlois-bridge -o painted/
  impasto apply photo.jpg --blend cafe-terrace:0.6,church-at-auvers:0.4 --strength 0.7 -o mixed.png
  impasto apply photo.jpg --style mine.safetensors -o mine.png --color luminance";

/// Paints all photographs; one that cannot be read does not keep the others waiting.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let photos = photos::find(&arguments.photos)?;
    let color = arguments.color.change(Coloring::STYLE)?;
    let models = arguments.models.folder();
    let models = models.as_deref();
    let brush = match (&arguments.style, &arguments.blend) {
        (Some(style), _) => Brush::of_style(style, models)?,
        (None, Some(blend)) => Brush::of_blend(blend, models)?,
        (None, None) => return Err(Failure::usage("no style is given").hint("name one with --style").into()),
    };
    let single = photos.len() == 1 && !photos::is_folder(&arguments.output.output);
    if !single {
        photos::make_folder(&arguments.output.output)?;
    }
    interrupt::stop_gently();
    let mut steps = Steps::new(photos.len());
    let (mut done, mut failed, mut taken) = (Vec::new(), 0, BTreeSet::new());
    for photo in &photos {
        if interrupt::requested() {
            steps.finish();
            return Ok(Outcome::Interrupted);
        }
        let output = match single {
            true => arguments.output.output.clone(),
            false => photos::within(&arguments.output.output, photo, &mut taken),
        };
        match paint(arguments, &brush, &color, photo, &output) {
            Ok(report) => done.push(report),
            Err(error) if single => return Err(error),
            Err(error) => {
                failed += 1;
                report::warn(format_args!("{error:#}; {} is left out", photo.display()));
            }
        }
        steps.next(photo.display());
    }
    steps.finish();
    if arguments.json {
        report::json(&json!(done))?;
    }
    if failed > 0 {
        let message = format_args!("{failed} of {} photographs could not be painted", photos.len());
        return Err(Failure::job(message).into());
    }
    Ok(Outcome::Done)
}

/// Paints one photograph and saves it; what is told of it.
fn paint(
    arguments: &Arguments,
    brush: &Brush,
    color: &Coloring,
    photo: &Path,
    output: &Path,
) -> anyhow::Result<serde_json::Value> {
    let began = Instant::now();
    let to = OutputArguments { output: output.to_owned(), ..arguments.output.clone() };
    let inputs: Vec<&Path> = std::iter::once(photo).chain(brush.files()).collect();
    let destination = to.resolve(&inputs)?;
    let input = Input::open(photo)?;
    let destination: Destination = arguments.photo.resolve(destination, Some(&input))?;
    let (width, height) = fit_long_side(input.picture.width(), input.picture.height(), arguments.size);
    let own = (width, height) == (input.picture.width(), input.picture.height());
    // A large photograph is in memory once.
    let sized = match own {
        true => Cow::Borrowed(&input.picture),
        false => Cow::Owned(resize(&input.picture, width, height)?),
    };
    destination.check_size((width, height))?;
    let painted = brush.painter(&sized, arguments.strength as f32)?.paint(&sized)?;
    let painted = color.result(painted, Some(&sized))?;
    destination.save(&painted, of_command().to_string())?;
    Ok(json!({
        "photo": photo.display().to_string(),
        "output": output.display().to_string(),
        "width": painted.width(),
        "height": painted.height(),
        "seconds": began.elapsed().as_secs_f64(),
    }))
}
