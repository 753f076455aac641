//! `impasto texture`: a texture like a picture's.

mod generated;

use crate::arguments::{
    ContentArguments, NetworkArguments, OutputArguments, PictureSize, RecipeArguments, SIZE,
    ScheduleArguments, StyleArguments, StyleSizeArguments, resolve,
};
use crate::failure::Failure;
use crate::input::{Input, digest};
use crate::job::{Job, Verb};
use crate::report::Outcome;
use crate::styles::RegionInput;
use crate::watch::Wishes;
use clap::Args;
use impasto::Coloring;
use impasto::recipe::Init;
use std::path::PathBuf;

/// Make a texture like a picture's
///
/// There is no photograph: a picture with the same statistics is made from noise (Gatys, Ecker & Bethge 2015, Texture
/// Synthesis Using Convolutional Neural Networks). Another --seed gives another texture of the same kind.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Picture whose texture to take
    #[arg(value_name = "STYLE", required_unless_present = "generator")]
    style: Option<PathBuf>,

    /// Make it in one pass with a network that `train --generator pyramid` wrote: a file, or `built-in`
    #[arg(long, value_name = "FILE", conflicts_with = "style")]
    generator: Option<PathBuf>,

    /// Insist on a texture that continues itself at its borders, which needs a generator and a size that it can wrap
    #[arg(long, requires = "generator")]
    tileable: bool,

    /// Size of the texture: its long side in pixels, or WIDTHxHEIGHT; 0 takes the picture's own
    #[arg(long, value_name = "PIXELS|WxH", default_value = SIZE.to_string())]
    size: PictureSize,

    /// Seed of the noise: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Write the result's size, losses and so on to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    style_size: StyleSizeArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    style_term: StyleArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto texture bricks.jpg -o more-bricks.png
  impasto texture painting.jpg -o strokes.png --size 768x256 --seed 3
  impasto texture --generator built-in -o tile.png --size 512x512 --tileable";

/// Makes the texture.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let style = match (&arguments.generator, &arguments.style) {
        (Some(file), _) => return generated::run(arguments, file),
        (None, Some(style)) => style,
        (None, None) => return Err(Failure::usage("neither a picture nor a generator is given").into()),
    };
    let no_content = ContentArguments { content_weight: Some(0.0), ..ContentArguments::default() };
    let mut recipe = resolve(&arguments.recipe, &no_content, &arguments.style_term, &arguments.schedule)?;
    recipe.init = Init::Noise;
    let destination = arguments.output.resolve(&[style])?;
    let network = arguments.network.resolve("vgg19");
    let job = Job {
        verb: Verb::Texture,
        content: None,
        regions: RegionInput::everywhere(Input::open(style)?),
        strength_mask: None,
        start: None,
        recipe,
        network_sha256: digest(&network)?,
        network,
        size: arguments.size.0,
        style_size: arguments.style_size.resolve(),
        seed: arguments.seed,
        color: Coloring::STYLE,
        stop_after: None,
        resume: None,
        earlier: Vec::new(),
    };
    job.carry_out(&destination, Wishes::default(), arguments.json)
}
