//! `impasto paint`: a photograph in the manner of a painting.

use crate::arguments::{
    self, ColorArguments, ContentArguments, NetworkArguments, OutputArguments, PhotoArguments,
    RecipeArguments, SIZE, ScheduleArguments, StyleArguments, StyleSizeArguments, StylesArguments, long_side,
    resolve, share,
};
use crate::input::{Input, digest};
use crate::job::{Job, Verb};
use crate::output::{Destination, check_file};
use crate::report::Outcome;
use crate::watch::Wishes;
use clap::Args;
use impasto::Recipe;
use impasto::recipe::Init;
use std::path::{Path, PathBuf};

/// Paint a photograph in the manner of a painting
///
/// The picture is changed, evaluation by evaluation, until the network sees the photograph's objects in it and the
/// painting's colours and strokes (Gatys, Ecker & Bethge 2015). It is painted from coarse to fine. The defaults are chosen
/// for the look; --recipe names others, such as those of well-known programs.
///
/// The picture written carries a record of how it was made; `impasto replay` makes it again. Ctrl-C saves what there is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photograph to paint: PNG, JPEG, WebP, TIFF, BMP or GIF
    #[arg(value_name = "CONTENT")]
    content: PathBuf,

    #[command(flatten)]
    styles: StylesArguments,

    /// How far from the photograph to the painting: above 0, up to 1; 0.5 is as far from the one as from the other
    ///
    /// Takes the place of the content weight, which is found for these pictures by painting a small trial first: the same
    /// strength means the same for any pair and size. 1 leaves the photograph out.
    #[arg(long, value_name = "X", value_parser = share, allow_negative_numbers = true, conflicts_with = "content_weight")]
    strength: Option<f64>,

    /// Long side of the result in pixels; 0 keeps the photograph's own size, without resampling
    #[arg(long, value_name = "PIXELS", default_value_t = SIZE)]
    size: usize,

    /// What to start from: content, noise, or a picture [default: the recipe's]
    #[arg(long, value_name = "content|noise|FILE")]
    init: Option<PathBuf>,

    /// Seed of the noise: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Also save the picture after every N evaluations, as OUTPUT-0050.png and so on
    #[arg(long, value_name = "N", value_parser = arguments::count)]
    save_every: Option<usize>,

    /// Also write one JSON line an evaluation: scale, evaluation, seconds, loss and its terms
    #[arg(long, value_name = "FILE.jsonl")]
    trace: Option<PathBuf>,

    /// Write the result's size, losses and so on to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    style_size: StyleSizeArguments,
    #[command(flatten)]
    color: ColorArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    photo: PhotoArguments,
    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    content_term: ContentArguments,
    #[command(flatten)]
    style_term: StyleArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto paint photo.jpg --style painting.jpg -o painted.png
  impasto paint photo.jpg --style painting.jpg -o quick.png --size 256 --iterations 100
  impasto paint photo.jpg --style painting.jpg -o fine.png --size 1024 --style-scale 0.5
  impasto paint photo.jpg --style painting.jpg -o gatys.png --recipe gatys --init noise --seed 7
  impasto paint photo.jpg --style painting.jpg -o bold.jpg --content-weight 0.5 --style-layers relu3_1,relu4_1:2
  impasto paint photo.jpg --style painting.jpg -o gentle.png --strength 0.3
  impasto paint photo.jpg --style painting.jpg -o own.png --color luminance
  impasto paint photo.jpg --style painting.jpg -o dusk.png --color palette:#10243e,#2f5d62,#f2d492,#d1603d
  impasto paint photo.jpg --style oil.jpg:0.7 --style ink.jpg:0.3 -o mixed.png
  impasto paint photo.jpg --style oil.jpg --region sky.png=starry-night.jpg -o two.png
  impasto paint photo.jpg --style painting.jpg -o out.png --mute relu3_1:17,relu4_1:200-255";

/// Paints.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (job, destination, wishes) = prepare(arguments)?;
    job.carry_out(&destination, wishes, arguments.json)
}

/// The painting asked for, where it goes and what is wished besides; all is checked that can be before the work.
pub fn prepare(arguments: &Arguments) -> anyhow::Result<(Job, Destination, Wishes)> {
    let mut recipe =
        resolve(&arguments.recipe, &arguments.content_term, &arguments.style_term, &arguments.schedule)?;
    recipe.strength = arguments.strength.or(recipe.strength);
    let start = arguments.init.as_deref().and_then(|init| start(init, &mut recipe));
    let styles = arguments.styles.resolve()?;
    let inputs: Vec<&Path> = std::iter::once(arguments.content.as_path())
        .chain(styles.all())
        .chain(start)
        .chain(arguments.color.file())
        .collect();
    let destination = arguments.output.resolve(&inputs)?;
    if let Some(trace) = &arguments.trace {
        let also = [&inputs[..], &[arguments.output.output.as_path()]].concat();
        check_file(trace, arguments.output.force, &also)?;
    }
    if let Some(every) = arguments.save_every.filter(|&every| every <= recipe.iterations) {
        check_file(destination.numbered(every).path(), arguments.output.force, &inputs)?;
    }
    let network = arguments.network.resolve("vgg19");
    let content = Input::open(&arguments.content)?;
    let (regions, strength_mask) = styles.open()?;
    let job = Job {
        verb: Verb::Paint,
        content: Some(content),
        regions,
        strength_mask,
        start: start.map(Input::open).transpose()?,
        recipe,
        network_sha256: digest(&network)?,
        network,
        size: long_side(arguments.size),
        style_size: arguments.style_size.resolve(),
        seed: arguments.seed,
        color: arguments.color.resolve()?,
        stop_after: None,
    };
    let destination = arguments.photo.resolve(destination, job.content.as_ref())?;
    let wishes = Wishes { save_every: arguments.save_every, trace: arguments.trace.clone() };
    Ok((job, destination, wishes))
}

/// The picture to start from, if `init` names one; otherwise the recipe learns what to start from.
fn start<'a>(init: &'a Path, recipe: &mut Recipe) -> Option<&'a Path> {
    recipe.init = match init.to_str() {
        Some("content") => Init::Content,
        Some("noise") => Init::Noise,
        _ => return Some(init),
    };
    None
}
