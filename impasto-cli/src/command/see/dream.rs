//! `impasto see dream`: a photo changed until the network sees more in it.

mod animation;
mod objective;

use super::shown::ShownArguments;
use crate::arguments::{NetworkArguments, OutputArguments, SIZE, count, describe, factor, part, positive};
use crate::interrupt;
use crate::output::check_file;
use crate::progress::Events;
use crate::record;
use crate::report::{self, Outcome};
use crate::tensors::{self, Tensor, planar};
use animation::{Animation, Film};
use clap::Args;
use impasto::see::dream::{Dreamer, Progress, Settings, octaves, zoom};
use impasto_image::Picture;
use objective::ObjectiveArguments;
use serde_json::json;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Dream: change a photo until the network sees more in it
///
/// Gradient ascent on what a layer, a plane, a class or a guide picture excites (Mordvintsev, Olah & Tyka, "Inceptionism",
/// 2015): from small sizes to large ones, the detail of each carried over to the next, the picture shifted at random before
/// every step. With --zoom a film: each frame dreams on in the one before, enlarged. Ctrl-C saves what there is.
///
/// The objective: of a layer half the sum of its squares, of a plane its sum (or with --squares half that of its squares), of
/// a class its score before the softmax, of a guide the sum over all places of the dot product with the guide's best match.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Photo to dream of
    #[arg(value_name = "PHOTO")]
    photo: PathBuf,

    /// Long side in pixels; 0 takes the photo as it is
    #[arg(long, value_name = "PIXELS", default_value_t = SIZE)]
    size: usize,

    #[command(flatten)]
    objective: ObjectiveArguments,

    /// Sizes to dream at
    #[arg(long, value_name = "N", default_value_t = Settings::default().octaves, value_parser = count)]
    octaves: usize,

    /// Ratio of one size to the one before
    #[arg(long, value_name = "FACTOR", default_value_t = Settings::default().octave_scale, value_parser = ratio)]
    octave_scale: f64,

    /// Steps at each size [default: 10; classes: 60]
    #[arg(long, value_name = "N")]
    iterations: Option<usize>,

    /// Mean change of a value by a step, of 255
    #[arg(long, value_name = "VALUE", default_value_t = Settings::default().step.into(), value_parser = positive)]
    step: f64,

    /// Farthest shift before a step in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = Settings::default().jitter as u16)]
    jitter: u16,

    /// Seed of the shifts and of random classes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Make a film of N frames: .gif, .mp4 (needs the program ffmpeg), or numbered pictures beside the output
    #[arg(long, value_name = "N", value_parser = count)]
    zoom: Option<usize>,

    /// What a frame is enlarged by before the next
    #[arg(long, value_name = "PART", default_value_t = 0.05, value_parser = part, requires = "zoom")]
    zoom_by: f64,

    /// Frames a second of .gif and .mp4
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=50), requires = "zoom")]
    rate: u16,

    #[command(flatten)]
    output: OutputArguments,

    /// Write where the photo would go first, too: safetensors with `gradient`, [3, height, width], d objective / d RGB in
    /// [0, 1] at the photo before any step
    #[arg(long, value_name = "FILE.safetensors", conflicts_with = "random_class")]
    raw: Option<PathBuf>,

    /// Describe the result on standard output as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto see dream photo.jpg -o dream.png
  impasto see dream photo.jpg --layer relu3_3 --octaves 3 -o strokes.png
  impasto see dream photo.jpg --class \"tree frog\" -o frogs.png
  impasto see dream photo.jpg --guide flowers.jpg -o flowers-everywhere.png
  impasto see dream photo.jpg --zoom 60 -o dream.gif";

/// A ratio above 1.
fn ratio(text: &str) -> Result<f64, String> {
    match factor(text)? {
        value if value > 1.0 => Ok(value),
        _ => Err("it must be above 1".into()),
    }
}

/// Writes the picture or the film.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut inputs: Vec<&Path> = vec![&arguments.photo];
    inputs.extend(arguments.objective.guide.as_deref());
    let film = Film { frames: arguments.zoom, rate: arguments.rate };
    let animation = Animation::new(&arguments.output, film, &inputs)?;
    let network = arguments.network.resolve(arguments.objective.network());
    let layer = arguments.objective.layer(&network);
    let shown = ShownArguments { photo: arguments.photo.clone(), size: Some(arguments.size) };
    let shown = shown.show(&network, layer)?;
    animation.check_size((shown.picture.width(), shown.picture.height()))?;
    let (objective, what) = arguments.objective.resolve(&shown.model, layer)?;
    let settings = Settings {
        octaves: arguments.octaves,
        octave_scale: arguments.octave_scale,
        iterations: arguments.iterations.unwrap_or(arguments.objective.iterations()),
        step: arguments.step as f32,
        jitter: arguments.jitter.into(),
    };
    if let Some(raw) = &arguments.raw {
        check_file(raw, arguments.output.force, &inputs)?;
    }
    let mut dreamer = Dreamer::new(&shown.model, layer, objective, settings, arguments.seed)?;
    if let Some(raw) = &arguments.raw {
        let (value, gradient) = dreamer.gradient(&shown.picture)?;
        let (shape, values) = ([3, shown.picture.height(), shown.picture.width()], planar(&gradient));
        let remarks =
            [("network", describe(&network)), ("objective", what.clone()), ("value", value.to_string())];
        let tensor = Tensor { name: "gradient", shape: &shape, values: &values };
        tensors::save(raw, arguments.output.force, &[tensor], &remarks)?;
    }
    interrupt::stop_gently();

    let frames = arguments.zoom.unwrap_or(1);
    let mut course = Course { film: frames > 1, ..Course::default() };
    let mut frame = dreamer.dream(&shown.picture, &mut |progress| course.watch(progress))?;
    course.warn_if_still();
    let mut animation = animation.begin(&frame)?;
    animation.add(&frame)?;
    let mut written = 1;
    while written < frames && !interrupt::requested() {
        let next = zoom::enlarge(&frame, arguments.zoom_by)?;
        course.quiet = true;
        let next = dreamer.deepen(&next, &mut |progress| course.watch(progress))?;
        if interrupt::requested() {
            // A frame with fewer steps than the others would be seen.
            break;
        }
        frame = next;
        animation.add(&frame)?;
        written += 1;
        let text = format!("frame {written}/{frames}, {:.1} s", course.begin.elapsed().as_secs_f64());
        course.tell(written, frames, &text);
        report::note(text);
    }
    course.events = None;
    let path = animation.finish(&frame, record::of_command().to_string())?;
    if arguments.json {
        let size = (frame.height(), frame.width());
        report::json(&json!({
            "network": describe(&network),
            "layer": layer,
            "objective": what,
            "width": frame.width(),
            "height": frame.height(),
            "octaves": octaves::sizes(size, &settings).iter().map(|&(h, w)| [w, h]).collect::<Vec<_>>(),
            "iterations": settings.iterations,
            "step": arguments.step,
            "jitter": settings.jitter,
            "seed": arguments.seed,
            "frames": written,
            "values": course.values,
            "change": change(&shown.picture, &frame),
        }))?;
    }
    let seconds = course.begin.elapsed().as_secs_f64();
    let outcome = if interrupt::requested() { Outcome::Interrupted } else { Outcome::Done };
    let how = if outcome == Outcome::Interrupted { "interrupted; " } else { "" };
    report::note(format_args!("{how}saved {}: {what}, {seconds:.1} s", path.display()));
    Ok(outcome)
}

/// Mean absolute difference of two pictures' values in [0, 1].
fn change(before: &Picture, after: &Picture) -> f64 {
    let differences = before.rgb().iter().zip(after.rgb()).map(|(a, b)| f64::from((a - b).abs()));
    differences.sum::<f64>() / before.rgb().len() as f64
}

/// How the dream has gone so far.
struct Course {
    begin: Instant,
    /// The objective before the first and the last step of every octave of the first frame.
    values: Vec<[f64; 2]>,
    moved: bool,
    quiet: bool,
    /// Whether there is more than one frame, so that programs hear of frames, not of steps.
    film: bool,
    events: Option<Events>,
}

impl Default for Course {
    fn default() -> Course {
        let (moved, quiet, film) = (false, false, false);
        Course { begin: Instant::now(), values: Vec::new(), moved, quiet, film, events: Events::wanted() }
    }
}

impl Course {
    /// Takes note of a step, and tells of every octave.
    fn watch(&mut self, progress: &Progress) -> ControlFlow<()> {
        self.moved |= progress.moved;
        if !self.film {
            let Progress { octave, octaves, iteration, iterations, value, .. } = *progress;
            let done = (octave - 1) * iterations + iteration;
            let text = format!("octave {octave}/{octaves}, objective {}", report::number(value));
            self.tell(done, octaves * iterations, &text);
        }
        if !self.quiet {
            if progress.iteration == 1 {
                self.values.push([progress.value; 2]);
            }
            if let Some(last) = self.values.last_mut() {
                last[1] = progress.value;
            }
            if progress.iteration == progress.iterations {
                let Progress { octave, octaves, size: (height, width), value, .. } = *progress;
                let seconds = self.begin.elapsed().as_secs_f64();
                report::note(format_args!(
                    "octave {octave}/{octaves} at {width}×{height}: objective {}, {seconds:.1} s",
                    report::number(value)
                ));
            }
        }
        if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Tells programs that `done` of `all` is done.
    fn tell(&mut self, done: usize, all: usize, text: &str) {
        if let Some(events) = &mut self.events {
            let each = self.begin.elapsed().as_secs_f64() / done as f64;
            let left = each * all.saturating_sub(done) as f64;
            events.show(done, Some(all), Some(left), text, json!({}));
        }
    }

    /// Tells that nothing has happened, and why.
    fn warn_if_still(&self) {
        if !self.moved && !self.values.is_empty() {
            report::warn(
                "nothing in the photo excites what should grow, so it stays as it is: choose another plane or layer",
            );
        }
    }
}
