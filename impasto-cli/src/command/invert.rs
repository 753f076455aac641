//! `impasto invert`: a photograph as some layers of a network remember it.

use crate::arguments::{
    ContentArguments, LayerList, NetworkArguments, OutputArguments, PhotoArguments, RecipeArguments, SIZE,
    ScheduleArguments, StyleArguments, long_side, resolve,
};
use crate::input::{Input, digest};
use crate::job::{Job, Verb};
use crate::report::Outcome;
use crate::watch::Wishes;
use clap::Args;
use impasto::recipe::Init;
use impasto::{Coloring, StyleSize};
use std::path::PathBuf;

/// Show what some layers of a network remember of a photograph
///
/// A picture with the same feature maps is made from noise (Mahendran & Vedaldi 2014; the first experiment of Gatys,
/// Ecker & Bethge 2015). What the layers keep returns, what they discard stays noise: conv4_2 alone keeps the objects
/// and loses the colours; adding early layers brings the colours back. A total variation weight takes away the noise.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photograph to show to the network
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,

    /// Layers whose maps to keep
    #[arg(long, value_name = "NAME[:WEIGHT],…", default_value = "conv4_2")]
    layers: LayerList,

    /// Long side of the result in pixels; 0 keeps the photograph's own size, without resampling
    #[arg(long, value_name = "PIXELS", default_value_t = SIZE)]
    size: usize,

    /// Seed of the noise: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Write the result's size, losses and so on to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    file: PhotoArguments,
    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples, the article's experiment (the first loses the colours, the second has them):
  impasto invert photo.jpg --layers conv4_2 -o deep.png
  impasto invert photo.jpg --layers conv1_1,conv2_1,conv4_2 -o all.png";

/// Inverts.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let content =
        ContentArguments { content_layers: Some(arguments.layers.clone()), ..ContentArguments::default() };
    let no_style = StyleArguments { style_weight: Some(0.0), ..StyleArguments::default() };
    let mut recipe = resolve(&arguments.recipe, &content, &no_style, &arguments.schedule)?;
    recipe.init = Init::Noise;
    let destination = arguments.output.resolve(&[&arguments.photo])?;
    let network = arguments.network.resolve("vgg19");
    let job = Job {
        verb: Verb::Invert,
        content: Some(Input::open(&arguments.photo)?),
        regions: Vec::new(),
        strength_mask: None,
        start: None,
        recipe,
        network_sha256: digest(&network)?,
        network,
        size: long_side(arguments.size),
        style_size: StyleSize::default(),
        seed: arguments.seed,
        color: Coloring::STYLE,
        stop_after: None,
        resume: None,
        earlier: Vec::new(),
    };
    let destination = arguments.file.resolve(destination, job.content.as_ref())?;
    job.carry_out(&destination, Wishes::default(), arguments.json)
}
