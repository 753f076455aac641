//! What is to be trained, from the arguments or from the state of an interrupted training.

use super::{Arguments, Kind};
use crate::failure::Failure;
use crate::output::check_file;
use impasto::Recipe;
use impasto::train::{Schedule, Settings, Task, Trainer};
use impasto_image::{Limits, Picture, open};
use impasto_net::generator::{Architecture, PHOTO};
use impasto_net::network::Padding;
use std::path::{Path, PathBuf};

/// Values that generated pictures are kept within: a little more than a picture's, so that black and white are reached.
const RANGE: Option<[f32; 2]> = Some([-0.05, 1.05]);

/// Iterations of the rise of the learning rate.
const WARMUP: usize = 50;

/// What is to be trained.
pub struct Plan {
    pub settings: Settings,
    /// The styles' pictures; none for the photograph as it is and for enlarging.
    pub pictures: Vec<Option<Picture>>,
    /// Where the state is kept.
    pub state: PathBuf,
    /// The number of iterations is to follow from the speed, for so many minutes.
    pub minutes: Option<f64>,
}

/// Checks the arguments and opens the styles.
pub fn plan(arguments: &Arguments, recipe: Recipe) -> anyhow::Result<Plan> {
    let styles: Vec<&Path> = arguments.styles.iter().map(PathBuf::as_path).collect();
    check_file(&arguments.output, arguments.force || arguments.resume, &styles)?;
    let state = state_path(&arguments.output);
    if !arguments.resume && !arguments.force && state.exists() {
        let failure = Failure::usage(format_args!("{} is the state of a training", state.display()));
        return Err(failure.hint("go on with --resume, or begin anew with --force").into());
    }
    let mut pictures = Vec::new();
    for path in &styles {
        pictures.push(Some(open(path, &Limits::default())?.picture.without_alpha()));
    }
    let chosen = settings(arguments, recipe, &mut pictures)?;
    if arguments.resume && !state.exists() {
        let failure =
            Failure::usage(format_args!("there is no training to resume: {} is missing", state.display()));
        return Err(failure.hint("leave out --resume to begin one").into());
    }
    let settings = match arguments.resume {
        true => {
            let mut kept = Trainer::settings_of(&state)?;
            if kept.styles != chosen.styles || kept.architecture != chosen.architecture {
                let message = format_args!("{} is of other styles or another network", state.display());
                return Err(Failure::usage(message).hint("repeat the command that began it").into());
            }
            if let Some(iterations) = arguments.iterations {
                kept.schedule.iterations = iterations;
            }
            kept
        }
        false => chosen,
    };
    let undecided = arguments.iterations.is_none() && settings.schedule.iterations == usize::MAX;
    let minutes = undecided.then(|| arguments.minutes.unwrap_or(30.0));
    Ok(Plan { settings, pictures, state, minutes })
}

/// Where the state of the training of `output` is kept.
fn state_path(output: &Path) -> PathBuf {
    output.with_extension("training")
}

fn settings(
    arguments: &Arguments,
    recipe: Recipe,
    pictures: &mut Vec<Option<Picture>>,
) -> anyhow::Result<Settings> {
    let width = |usual: usize| match arguments.width[..] {
        [] => Ok(usual),
        [width] => Ok(width),
        _ => Err(Failure::usage("--width takes one number for this network")),
    };
    let blocks = |usual: usize| arguments.blocks.unwrap_or(usual);
    let (task, architecture) = match arguments.generator {
        Kind::Johnson => {
            let widths = match arguments.width[..] {
                [full, half, quarter] => [full, half, quarter],
                _ => width(16).map(|full| [full, 2 * full, 4 * full]).map_err(|_| {
                    Failure::usage("--width takes one number, or three: at full, half and quarter size")
                })?,
            };
            let padding = Padding::Reflect;
            (
                Task::Paint,
                Architecture::Transform {
                    widths,
                    blocks: blocks(5),
                    noise: arguments.noise,
                    skip: arguments.skip,
                    padding,
                    range: RANGE,
                },
            )
        }
        Kind::Pyramid => {
            let (scales, planes, padding) = (blocks(5), width(8)?, Padding::Circular);
            let shape =
                Architecture::Pyramid { scales, planes, noise: 3, padding, content: false, range: RANGE };
            (Task::Texture, shape)
        }
        Kind::Enlarge => {
            let (factor, padding) = (arguments.factor, Padding::Replicate);
            let shape = Architecture::Enlarge { factor, width: width(32)?, blocks: blocks(4), padding };
            (Task::Enlarge { pixels: arguments.pixel_loss }, shape)
        }
    };
    architecture.check()?;
    let (least, most) = match task {
        Task::Paint => (1, usize::MAX),
        Task::Texture => (1, 1),
        Task::Enlarge { .. } => (0, 0),
    };
    if !(least..=most).contains(&pictures.len()) {
        let wanted = ["no style", "one style", "at least one style"][least + usize::from(most > 1)];
        let message = format_args!("{} styles are given, where {wanted} is needed", pictures.len());
        return Err(Failure::usage(message).into());
    }
    let mut styles: Vec<String> = arguments.styles.iter().map(|path| stem(path)).collect();
    if let Some(twice) = styles.iter().enumerate().find(|(i, name)| styles[..*i].contains(name)) {
        return Err(Failure::usage(format_args!("two styles are called {}", twice.1)).into());
    }
    let learns_photo = task == Task::Paint && !arguments.no_photo || matches!(task, Task::Enlarge { .. });
    if learns_photo {
        let name = if task == Task::Paint { PHOTO } else { "enlarge" };
        styles.push(name.into());
        pictures.push(None);
    }
    let multiple = architecture.multiple() * architecture.factor();
    let range = |what: &str, value: f64, least: f64, most: f64| {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        Err(Failure::usage(format_args!("--{what} {value} is not allowed"))
            .hint(format_args!("use {least} to {most}")))
    };
    range("crop", arguments.crop as f64, 32.0, 2048.0)?;
    range("zoom", arguments.zoom, 1.0, 16.0)?;
    range("batch", arguments.batch as f64, 1.0, 256.0)?;
    range("rate", arguments.rate, 1e-7, 1.0)?;
    range("minutes", arguments.minutes.unwrap_or(1.0), 0.01, 1e5)?;
    range("iterations", arguments.iterations.unwrap_or(1) as f64, 1.0, 1e7)?;
    if !arguments.crop.is_multiple_of(multiple) {
        let message = format_args!("--crop {} is no multiple of {multiple}", arguments.crop);
        return Err(Failure::usage(message).hint("this network needs such a size").into());
    }
    Ok(Settings {
        task,
        architecture,
        styles,
        recipe,
        style_size: if arguments.style_size == 0 { usize::MAX } else { arguments.style_size },
        crop: arguments.crop,
        zoom: arguments.zoom,
        batch: arguments.batch,
        optimizer: arguments.optimizer.0,
        schedule: Schedule {
            iterations: arguments.iterations.unwrap_or(usize::MAX),
            rate: arguments.rate,
            warmup: WARMUP,
            hold: 0.3,
        },
        seed: arguments.seed,
    })
}

/// The name of a style: its file's without the extension.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
