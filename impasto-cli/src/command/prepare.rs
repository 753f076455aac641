//! `impasto prepare`: what is done to a style picture before painting with it.

mod area;
mod chain;
mod numbers;
mod page;
mod plan;
mod steps;
mod work;

pub use chain::Chain;

use crate::arguments::{NetworkArguments, OutputArguments, PhotoArguments, describe};
use crate::input::Input;
use crate::interrupt;
use crate::memory::{self, Pass};
use crate::output::check_file;
use crate::report::{self, Outcome};
use clap::Args;
use impasto::paint::Erasure;
use impasto_net::Purpose;
use numbers::Numbers;
use plan::Plan;
use serde_json::json;
use std::path::{Path, PathBuf};
use steps::Steps;

/// Prepare a style picture: cut, take things out, reduce or change its colours
///
/// A painting gives all that is in it: its frame, a figure that shall not appear, colours that do not suit. The steps below
/// are taken in the order in which they are given, and any may be given several times. The picture keeps its alpha, and 16
/// bits a sample where the file had them and the output can hold them. Every step is recorded in the picture written; one
/// that is prepared again keeps the record of its earlier steps.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Picture to prepare: PNG, JPEG, WebP, TIFF, BMP or GIF
    #[arg(value_name = "STYLE")]
    style: PathBuf,

    #[command(flatten)]
    steps: Steps,

    /// Seed of what --erase copies: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Write a page that shows before and after, and what changed for the network
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,

    /// Write what changed for the network to standard output, as a table
    #[arg(long, conflicts_with = "json")]
    table: bool,

    /// The same and all steps as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    photo: PhotoArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto prepare painting.jpg -o square.png --crop-square --size 768 --flip horizontal
  impasto prepare painting.jpg -o empty.png --erase figure-mask.png --report empty.html
  impasto prepare painting.jpg -o eight.png --palette 8 --table
  impasto prepare painting.jpg -o blue.png --recolor '#0b1d3a,#2f5f9e,#d8c79a' --contrast 1.2
  impasto prepare empty.png -o flat.png --crop 0,0,100%,60% --palette 12 --dither";

/// Prepares.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut inputs: Vec<&Path> = vec![&arguments.style];
    inputs.extend(arguments.steps.files());
    let destination = arguments.output.resolve(&inputs)?;
    if let Some(page) = &arguments.report {
        check_file(page, arguments.output.force, &[&inputs[..], &[destination.path()]].concat())?;
    }
    let network = arguments.network.resolve("vgg19");
    let input = Input::open(&arguments.style)?;
    let destination = arguments.photo.resolve(destination, Some(&input))?;
    let chain = Chain::of(&arguments.style)?;
    let plan = Plan::new(&arguments.steps, &input.picture)?;
    destination.check_size(plan.size())?;
    let recipe = Erasure::recipe();
    let objective = recipe.objective();
    let (taps, variant) = (objective.taps(), recipe.variant());
    let (painted, surroundings) = ("the place of what is erased", "what surrounds it");
    let passes = plan.erasures().flat_map(|erasure| {
        let flag = "--size before --erase";
        let size = erasure.painted();
        let painted = Pass { what: painted, flag, size, taps: &taps, purpose: Purpose::Gradient };
        let size = erasure.surroundings();
        [painted, Pass { what: surroundings, flag, size, taps: &taps, purpose: Purpose::Forward }]
    });
    memory::check(&passes.collect::<Vec<_>>(), || Ok(network.load(variant)?))?;
    if plan.erasures().next().is_some() {
        interrupt::stop_gently();
    }

    let done = work::carry_out(&plan, &input.picture, &network, arguments.seed)?;
    let chain = chain.with(&input, &done.steps, arguments.seed, &describe(&network));
    destination.save(&done.picture, chain.to_json())?;
    let (width, height) = (done.picture.width(), done.picture.height());
    report::note(format_args!("saved {}: {width}×{height} pixels", destination.path().display()));
    if arguments.table || arguments.json || arguments.report.is_some() {
        let numbers = Numbers::new(&input.picture, &done, &network)?;
        if let Some(path) = &arguments.report {
            page::save(path, arguments.output.force, &input, &done, &numbers)?;
            report::note(format_args!("saved {}", path.display()));
        }
        if arguments.table {
            report::result(&numbers.table())?;
        }
        if arguments.json {
            let mut object = json!({
                "output": destination.path(),
                "width": width,
                "height": height,
                "steps": done.steps,
            });
            object["changes"] = numbers.to_json();
            report::json(&object)?;
        }
    }
    Ok(if interrupt::requested() { Outcome::Interrupted } else { Outcome::Done })
}
