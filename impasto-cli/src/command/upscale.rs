//! `impasto upscale`: photographs four or eight times as large.

use crate::arguments::{OutputArguments, PhotoArguments};
use crate::failure::Failure;
use crate::input::Input;
use crate::record::of_command;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::apply::Painter;
use impasto_image::{Picture, resize};
use impasto_net::Generator;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Enlarge a photograph four or eight times
///
/// A network adds what photographs usually have at that size: edges and grain that the small picture only hints at
/// (Johnson et al. 2016). It invents, and is no evidence of what was there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photograph to enlarge
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,

    /// How many times higher and wider; 8 is the network twice, and half of that
    #[arg(long, value_name = "4|8", default_value = "4", value_parser = ["2", "4", "8"], hide_possible_values = true)]
    factor: String,

    /// Network to use instead of the one built in: a file that `train --generator enlarge` wrote
    #[arg(long, value_name = "FILE")]
    generator: Option<PathBuf>,

    /// Write the result's size to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    photo_file: PhotoArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto upscale small.jpg -o large.png
  impasto upscale thumbnail.png --factor 8 -o poster.png";

/// Enlarges.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let inputs: Vec<&Path> =
        std::iter::once(arguments.photo.as_path()).chain(arguments.generator.as_deref()).collect();
    let destination = arguments.output.resolve(&inputs)?;
    let generator = match &arguments.generator {
        Some(path) => Generator::open(path)?,
        None => Generator::built_in("upscale")?,
    };
    let step = generator.architecture().factor();
    if step == 1 {
        let message = format_args!("the generator paints pictures of their own size, it enlarges none");
        return Err(Failure::usage(message).hint("name one that `train --generator enlarge` wrote").into());
    }
    let input = Input::open(&arguments.photo)?;
    let destination = arguments.photo_file.resolve(destination, Some(&input))?;
    let factor: usize = arguments.factor.parse().unwrap_or(4);
    let (width, height) = (factor * input.picture.width(), factor * input.picture.height());
    destination.check_size((width, height))?;
    let large = enlarge(&generator, &input.picture, step, factor)?;
    let large = match input.picture.alpha() {
        Some(_) => {
            large.with_alpha(resize(&input.picture, width, height)?.alpha().unwrap_or(&[]).to_vec())?
        }
        None => large,
    };
    destination.save(&large, of_command().to_string())?;
    if arguments.json {
        report::json(&json!({ "width": width, "height": height }))?;
    }
    Ok(Outcome::Done)
}

/// The picture `factor` times as large, by a network that enlarges `step` times: as often as needed, then shrunk.
fn enlarge(generator: &Generator, picture: &Picture, step: usize, factor: usize) -> anyhow::Result<Picture> {
    let painter = Painter::new(generator, &generator.alone(0), 1.0)?;
    let mut large = picture.clone().without_alpha();
    let mut done = 1;
    while done < factor {
        large = painter.paint(&large)?;
        done *= step;
    }
    Ok(resize(&large, factor * picture.width(), factor * picture.height())?)
}
