//! `impasto train`: a generator that paints, makes textures or enlarges in one pass.

mod pictures;
mod plan;
mod session;

use crate::arguments::{
    Choice, ContentArguments, NetworkArguments, RecipeArguments, ScheduleArguments, StyleArguments, resolve,
};
use crate::report::Outcome;
use clap::{Args, ValueEnum};
use impasto::train::Optimizer;
use std::path::PathBuf;

/// Train a generator: a network that paints in one pass
///
/// A generator paints a photograph in milliseconds what `paint` takes a minute for, in the styles it was trained for. It
/// learns from a folder of photographs; several paintings share one network, between whose styles `apply` can blend.
/// Whatever stops it, the same command with --resume goes on exactly where it was. The recipe is `johnson` unless another is
/// named, for textures `default`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Paintings, or the one texture to make; none for enlarging
    #[arg(value_name = "STYLE")]
    styles: Vec<PathBuf>,

    /// Where to write the generator, a .safetensors file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Folders of photographs to learn from; subfolders count
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    photos: Vec<PathBuf>,

    /// What to train: johnson paints, pyramid makes a texture, enlarge enlarges
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Johnson)]
    generator: Kind,

    /// Planes at full, half and quarter size for johnson, where one number stands for itself, twice and four times it; one
    /// number for pyramid and enlarge [default: 16 for johnson, 8 for pyramid, 32 for enlarge]
    #[arg(long, value_delimiter = ',', value_name = "N")]
    width: Vec<usize>,

    /// Residual blocks [default: 5 for johnson, 4 for enlarge]; for pyramid the scales [default: 5]
    #[arg(long, value_name = "N")]
    blocks: Option<usize>,

    /// Planes of noise inside johnson: they tell strokes in smooth places where to go; 0 for the paper's own network
    #[arg(long, value_name = "N", default_value_t = 3)]
    noise: usize,

    /// Planes of johnson that carry details past its blocks, from half size to half size; 0 for the paper's own network
    #[arg(long, value_name = "N", default_value_t = 16)]
    skip: usize,

    /// How many times larger an enlarging network makes pictures: 2, 4 or 8
    #[arg(long, value_name = "N", default_value_t = 4)]
    factor: usize,

    /// Enlarge by comparing pixels instead of what the network sees: less sharp, nearer to the truth by numbers
    #[arg(long)]
    pixel_loss: bool,

    /// Number of iterations
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    iterations: Option<usize>,

    /// Train for so long; the number of iterations follows from the speed of the first ones [default: 30]
    #[arg(long, value_name = "M")]
    minutes: Option<f64>,

    /// Side in pixels of the pictures that are learnt from
    #[arg(long, value_name = "PIXELS", default_value_t = 256)]
    crop: usize,

    /// Photographs are shrunk until a random number of crops, up to this, fits their short side
    #[arg(long, value_name = "X", default_value_t = 2.2)]
    zoom: f64,

    /// Pictures to an iteration
    #[arg(long, value_name = "N", default_value_t = 1)]
    batch: usize,

    /// What makes the steps
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Choice(Optimizer::Muon))]
    optimizer: Choice<Optimizer>,

    /// Learning rate; it rises at first and falls to a hundredth in the end
    #[arg(long, value_name = "X", default_value_t = 1e-3)]
    rate: f64,

    /// Long side in pixels at which the paintings' statistics are taken: the size of strokes; 0 for their own
    #[arg(long, value_name = "PIXELS", default_value_t = 512)]
    style_size: usize,

    /// Do not learn to give the photograph back, which `apply --strength` uses
    #[arg(long)]
    no_photo: bool,

    /// Give every style filters of its own, not norms alone: nearer to the paintings in the end, but each learns for itself
    /// and the file is as many times larger; best with --from a generator that learnt them together
    #[arg(long)]
    separate: bool,

    /// Begin with this generator instead of chance: every style as its one of that name, or all as the only one it has; where
    /// it is narrower, new planes begin by chance
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Go on with the interrupted training of the same output
    #[arg(long)]
    resume: bool,

    /// Photographs to show the progress on, in FILE-preview.jpg beside the output
    #[arg(long, value_name = "PHOTO", num_args = 1..)]
    preview: Vec<PathBuf>,

    /// Photographs of the folders that are not learnt from but painted slowly, to compare the generator with
    #[arg(long, value_name = "N", default_value_t = 1)]
    held_out: usize,

    /// Evaluations and previews over the training, the last one at its end
    #[arg(long, value_name = "N", default_value_t = 4)]
    evaluations: usize,

    /// Save the state after so many iterations instead of every minute
    #[arg(long, value_name = "N")]
    save_every: Option<usize>,

    /// Chooses first parameters, crops and noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Replace an existing output
    #[arg(long)]
    force: bool,

    /// Write what was learnt to standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    content_term: ContentArguments,
    #[command(flatten)]
    style_term: StyleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

/// Kinds of generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Johnson et al. 2016: paints.
    Johnson,
    /// Ulyanov et al. 2016: textures.
    Pyramid,
    /// Johnson et al. 2016: super-resolution.
    Enlarge,
}

const EXAMPLES: &str = "\
Examples:
  impasto train cafe.jpg bridge.jpg --photos ~/Pictures -o van-gogh.safetensors --minutes 60 --preview me.jpg
  impasto train bricks.jpg --generator pyramid -o bricks.safetensors --minutes 20
  impasto train --generator enlarge --factor 4 --photos ~/Pictures -o x4.safetensors";

/// Trains.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let schedule = ScheduleArguments::default();
    let mut base = arguments.recipe.clone();
    if arguments.generator != Kind::Pyramid {
        base.recipe.get_or_insert("johnson".into());
    }
    let recipe = resolve(&base, &arguments.content_term, &arguments.style_term, &schedule)?;
    let plan = plan::plan(arguments, recipe)?;
    session::run(arguments, plan)
}
