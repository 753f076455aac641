//! `impasto paint`: a photograph in the manner of a painting.

mod resume;
mod unasked;

use crate::arguments::{
    self, ColorArguments, ContentArguments, NetworkArguments, OutputArguments, PausingArguments,
    PhotoArguments, RecipeArguments, SIZE, ScheduleArguments, StyleArguments, StyleSizeArguments,
    StylesArguments, long_side, resolve, share,
};
use crate::failure::Failure;
use crate::input::{Input, digest};
use crate::job::{Job, Verb};
use crate::output::{Destination, check_file};
use crate::report::{self, Outcome};
use crate::watch::Wishes;
use clap::Args;
use impasto::recipe::Init;
use impasto::{ColorSource, Recipe};
use std::path::{Path, PathBuf};

/// Paint a photograph in the manner of a painting
///
/// The picture is changed, evaluation by evaluation, until the network sees the photograph's objects in it and the
/// painting's colours and strokes (Gatys, Ecker & Bethge 2015). It is painted from coarse to fine. The defaults are chosen
/// for the look; --recipe names others, such as those of well-known programs.
///
/// The picture written carries a record of how it was made; `impasto replay` makes it again. Ctrl-C saves what there is, and
/// the state from which --resume goes on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photograph to paint: PNG, JPEG, WebP, TIFF, BMP or GIF
    #[arg(value_name = "CONTENT", required_unless_present = "resume")]
    content: Option<PathBuf>,

    #[command(flatten)]
    styles: StylesArguments,

    /// How far from the photograph to the painting: above 0, up to 1; 0.5 is as far from the one as from the other
    ///
    /// Takes the place of the content weight, which is found for these pictures by painting a small trial first: the same
    /// strength means the same for any pair and size. 1 leaves the photograph out.
    #[arg(long, value_name = "X", value_parser = share, allow_negative_numbers = true, conflicts_with = "content_weight")]
    strength: Option<f64>,

    #[arg(long, value_name = "PIXELS",
          help = format!("Long side of the result in pixels; 0 keeps the photograph's own size, without resampling [default: {SIZE}]"))]
    size: Option<usize>,

    /// What to start from: content, noise, or a picture [default: the recipe's]
    #[arg(long, value_name = "content|noise|FILE")]
    init: Option<PathBuf>,

    /// Seed of the noise: the same seed gives the same bytes [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

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
    pausing: PausingArguments,
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
  impasto paint photo.jpg --style painting.jpg -o out.png --mute relu3_1:17,relu4_1:200-255
  impasto paint photo.jpg --style painting.jpg -o half.png --pause-at 150
  impasto paint --resume half.state -o bolder.png --content-weight 1";

/// Paints, from the beginning or from a state.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (job, destination, wishes) = prepare(arguments)?;
    if let ColorSource::Kept(palette) = &job.color.from {
        let count = palette.colors().len();
        report::note(format_args!(
            "keeping to the {count} colours of the prepared painting; --color style leaves them free"
        ));
    }
    job.carry_out(&destination, wishes, arguments.json)
}

/// The painting asked for, where it goes and what is wished besides; all is checked that can be before the work.
pub fn prepare(arguments: &Arguments) -> anyhow::Result<(Job, Destination, Wishes)> {
    let (job, inputs, made, opening) = if let Some(state) = &arguments.pausing.resume {
        let resumed = resume::resume(state, arguments)?;
        (resumed.job, resumed.inputs, resumed.made, Some(resumed.how))
    } else {
        let (job, inputs) = begin(arguments)?;
        (job, inputs, 0, None)
    };
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let destination = arguments.output.resolve(&inputs)?;
    let stop_after = arguments.pausing.stop_after(made, job.recipe.iterations)?;
    let wishes = Wishes { opening, ..wishes(arguments, &destination, &inputs, &job, made)? };
    let destination = arguments.photo.resolve(destination, job.content.as_ref())?;
    Ok((Job { stop_after, ..job }, destination, wishes))
}

/// A painting from the beginning, and the files it needs.
fn begin(arguments: &Arguments) -> anyhow::Result<(Job, Vec<PathBuf>)> {
    let mut recipe =
        resolve(&arguments.recipe, &arguments.content_term, &arguments.style_term, &arguments.schedule)?;
    recipe.strength = arguments.strength.or(recipe.strength);
    let start = arguments.init.as_deref().and_then(|init| start(init, &mut recipe));
    let styles = arguments.styles.resolve()?;
    let content = arguments.content.as_deref();
    let inputs = content.into_iter().chain(styles.all()).chain(start).chain(arguments.color.file());
    let inputs: Vec<&Path> = inputs.collect();
    // Before the pictures are opened, which may take its time.
    arguments.output.resolve(&inputs)?;
    let network = arguments.network.resolve("vgg19");
    let content = content.map(Input::open).transpose()?;
    let (regions, strength_mask) = styles.open()?;
    let job = Job {
        verb: Verb::Paint,
        content,
        regions,
        strength_mask,
        start: start.map(Input::open).transpose()?,
        recipe,
        network_sha256: digest(&network)?,
        network,
        size: long_side(arguments.size.unwrap_or(SIZE)),
        style_size: arguments.style_size.resolve(),
        seed: arguments.seed.unwrap_or(0),
        color: arguments.color.change(unasked::coloring(styles.paintings())?)?,
        stop_after: None,
        resume: None,
        earlier: Vec::new(),
    };
    Ok((job, inputs.into_iter().map(Path::to_owned).collect()))
}

/// What is wanted besides the picture; files are checked, as far as they can be before the work.
fn wishes(
    arguments: &Arguments,
    destination: &Destination,
    inputs: &[&Path],
    job: &Job,
    made: usize,
) -> anyhow::Result<Wishes> {
    let force = arguments.output.force;
    if let Some(trace) = &arguments.trace {
        let also = [Some(arguments.output.output.as_path()), arguments.pausing.resume.as_deref()];
        let also: Vec<&Path> = inputs.iter().copied().chain(also.into_iter().flatten()).collect();
        check_file(trace, force, &also)?;
        if arguments.pausing.state.as_ref() == Some(trace) {
            let message = format_args!("{} is both the trace and the state", trace.display());
            return Err(Failure::usage(message).hint("choose another name for one of them").into());
        }
    }
    let first = arguments.save_every.map(|every| (made / every + 1) * every);
    let first = first.filter(|&first| first <= job.recipe.iterations);
    if let Some(first) = first {
        check_file(destination.numbered(first).path(), force, inputs)?;
    }
    let states = arguments.pausing.keeping(destination, force, first, inputs)?;
    let (save_every, trace) = (arguments.save_every, arguments.trace.clone());
    Ok(Wishes { save_every, trace, states: Some(states), opening: None })
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
