//! `impasto classify`: what is in a picture.

use crate::arguments::{NetworkArguments, count, describe};
use crate::input::Input;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::measure;
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

/// Tell what is in a picture
///
/// The most probable of ImageNet's 1000 classes are named. The picture's centre square is shown to SqueezeNet at
/// 227 × 227 pixels.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Picture to classify
    #[arg(value_name = "IMAGE")]
    image: PathBuf,

    /// Classes to name
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = count, allow_negative_numbers = true)]
    top: usize,

    /// Write a JSON object instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLE: &str = "\
Example:
  impasto classify photo.jpg --top 3";

/// Classifies.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let network = arguments.network.resolve("squeezenet");
    let image = Input::open(&arguments.image)?;
    let classes = measure::classify(&image.picture, &network, arguments.top)?;
    if arguments.json {
        let network = describe(&network);
        report::json(&json!({ "image": image.path, "network": network, "classes": classes }))?;
        return Ok(Outcome::Done);
    }
    let mut table = String::new();
    for class in &classes {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{:5.1} %  {}", 100.0 * class.probability, class.name);
    }
    report::result(&table)?;
    Ok(Outcome::Done)
}
