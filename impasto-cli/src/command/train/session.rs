//! A training from its beginning, or from its last state, to its end.

use super::{Arguments, pictures, plan::Plan};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::write_result;
use crate::progress::Iterations;
use crate::report::{self, Outcome};
use impasto::see::sheet::sheet;
use impasto::train::{Crop, Feed, Photos, Task, Trainer, Yardstick};
use impasto::{Error, apply::Painter, train::Settings};
use impasto_image::{SaveOptions, save, write_atomically};
use impasto_net::{Generator, weights::Precision};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Iterations after which the speed is known.
const TRIAL: usize = 20;

/// Time between saved states.
const BETWEEN_STATES: Duration = Duration::from_secs(60);

/// Evaluations of slow painting that a generator is compared with.
const SLOW: usize = 150;

/// Trains to the end, or until the user stops it.
pub fn run(arguments: &Arguments, plan: Plan) -> anyhow::Result<Outcome> {
    let Plan { settings, pictures, state, minutes } = plan;
    let model = Trainer::judge(&settings, &arguments.network.resolve("vgg19"))?;
    let mut trainer = match (&arguments.from, arguments.resume) {
        (_, true) => {
            let mut trainer = Trainer::resume(&state, &model, &pictures)?;
            trainer.set_iterations(settings.schedule.iterations);
            trainer
        }
        (from, _) => {
            let (shape, styles) = (settings.architecture.clone(), settings.styles.clone());
            let generator = match from {
                Some(file) => {
                    let generator = Generator::open(file)?.beginning(&styles).ok_or(Error::OtherGenerator)?;
                    match *generator.architecture() == shape {
                        true => generator,
                        false => generator.widened(shape, settings.seed)?,
                    }
                }
                None => Generator::untrained(shape, styles, settings.seed)?,
            };
            let generator = if arguments.separate { generator.separated() } else { generator };
            Trainer::new(settings, generator, &model, &pictures)?
        }
    };
    let settings = trainer.settings().clone();
    let (mut learnt, held) = match settings.task {
        Task::Texture => (Vec::new(), Vec::new()),
        _ => pictures::split(&arguments.photos, arguments.held_out, settings.seed)?,
    };
    learnt.sort();
    let crop = Crop { side: settings.crop, zoom: settings.zoom, seed: settings.seed };
    let photos = Arc::new(Photos::new(learnt, crop));
    let mut feed = match settings.task {
        Task::Texture => None,
        _ => Some(Feed::new(photos.clone(), trainer.iteration() * settings.crops())?),
    };
    report::note(format_args!(
        "{} parameters, {} styles, {} photographs to learn from, {} held out",
        trainer.generator().len(),
        settings.styles.len(),
        photos.len(),
        held.len(),
    ));
    interrupt::stop_gently();
    let mut yardsticks: Option<Vec<Yardstick>> = None;
    let mut meter = Iterations::new();
    let (began, mut saved) = (Instant::now(), Instant::now());
    let first = trainer.iteration();
    while trainer.iteration() < trainer.settings().schedule.iterations {
        let step = match trainer.step(feed.as_mut()) {
            Ok(step) => step,
            // Nothing was learnt that could be kept.
            Err(error) if trainer.iteration() == first => {
                meter.finish();
                return Err(error.into());
            }
            Err(error) => {
                meter.finish();
                save_state(&trainer, &state)?;
                save_generator(&trainer, arguments, true)?;
                return Err(anyhow::Error::new(error).context(Failure::job(format_args!(
                    "the training stopped after {} iterations; what it had learnt is in {}",
                    trainer.iteration(),
                    arguments.output.display(),
                ))));
            }
        };
        let done = step.iteration;
        if let (Some(minutes), true) = (minutes, done - first == TRIAL) {
            let each = began.elapsed().as_secs_f64() / TRIAL as f64;
            trainer.set_iterations(done.max((minutes * 60.0 / each) as usize));
        }
        let iterations = trainer.settings().schedule.iterations;
        meter.show(done, iterations, step.loss);
        let undecided = iterations == usize::MAX;
        let due = arguments.save_every.map_or(saved.elapsed() >= BETWEEN_STATES, |n| done % n == 0);
        let stop = interrupt::requested();
        if (due || stop) && !undecided {
            save_state(&trainer, &state)?;
            saved = Instant::now();
        }
        if stop {
            meter.finish();
            save_generator(&trainer, arguments, true)?;
            return Ok(Outcome::Interrupted);
        }
        let interval = (iterations / arguments.evaluations.max(1)).max(1);
        if arguments.evaluations > 0
            && !undecided
            && (done % interval == 0 && done + interval <= iterations || done == iterations)
        {
            save_state(&trainer, &state)?;
            save_generator(&trainer, arguments, true)?;
            evaluate(arguments, &trainer, &pictures, &model, &held, &mut yardsticks)?;
        }
    }
    meter.finish();
    for (path, reason) in photos.bad() {
        report::warn(format_args!("{}: {reason}; it was left out", path.display()));
    }
    save_generator(&trainer, arguments, arguments.force || first > 0 || arguments.evaluations > 0)?;
    // The output holds all that was learnt; what is left of the state would only be in the way.
    let _ = std::fs::remove_file(&state);
    if arguments.json {
        report::json(&json!({
            "iterations": trainer.iteration(),
            "parameters": trainer.generator().len(),
            "styles": trainer.settings().styles,
            "losses": trainer.losses(),
            "left-out": photos.bad().len(),
        }))?;
    }
    Ok(Outcome::Done)
}

/// Writes the state, whole or not at all.
fn save_state(trainer: &Trainer, path: &Path) -> anyhow::Result<()> {
    write_atomically(path, true, |file| file.write_all(&trainer.state()))?;
    report::made(path, "state", || json!({ "iteration": trainer.iteration() }));
    Ok(())
}

/// Writes the generator as it is now.
fn save_generator(trainer: &Trainer, arguments: &Arguments, force: bool) -> anyhow::Result<()> {
    let mut generator = trainer.generator().clone();
    generator.set_remarks(remarks(trainer.settings(), trainer.iteration(), arguments));
    let bytes = generator.bytes(Precision::Half);
    write_result(&arguments.output, force, &bytes)
}

/// What the generator's file tells of its training.
fn remarks(settings: &Settings, iterations: usize, arguments: &Arguments) -> BTreeMap<String, String> {
    // Of paths only the names, which mean the same elsewhere.
    let word = |word: String| match word.rsplit_once('/') {
        Some((_, name)) if !name.is_empty() => name.to_owned(),
        _ => word,
    };
    let command = std::env::args().skip(1).map(word).collect::<Vec<_>>().join(" ");
    let mut remarks = BTreeMap::new();
    remarks.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    remarks.insert("command".into(), format!("impasto {command}"));
    remarks.insert("iterations".into(), iterations.to_string());
    remarks.insert("style-size".into(), arguments.style_size.to_string());
    remarks.insert("recipe".into(), settings.recipe.to_toml());
    remarks
}

/// Tells what the generator is worth on held-out photographs and shows it on the previews.
fn evaluate(
    arguments: &Arguments,
    trainer: &Trainer,
    pictures: &[Option<impasto_image::Picture>],
    model: &Arc<impasto_net::Model>,
    held: &[std::path::PathBuf],
    yardsticks: &mut Option<Vec<Yardstick>>,
) -> anyhow::Result<()> {
    let settings = trainer.settings();
    if settings.task == Task::Paint {
        if yardsticks.is_none() {
            let mut made = Vec::new();
            for path in held {
                let photo = pictures::sized(path, settings.crop, settings.architecture.multiple())?;
                made.push(Yardstick::new(settings, model, pictures, photo, SLOW)?);
            }
            *yardsticks = Some(made);
        }
        let sticks = yardsticks.as_mut().map_or(&mut [][..], |sticks| &mut sticks[..]);
        for (style, name) in settings.styles.iter().enumerate() {
            let mut worths = Vec::new();
            for stick in sticks.iter_mut() {
                worths.extend(stick.measure(trainer.generator(), style)?);
            }
            if let Some(line) = pictures::worth(&worths) {
                report::note(format_args!("after {} iterations, {name}: {line}", trainer.iteration()));
            }
        }
    }
    if arguments.preview.is_empty() && settings.task != Task::Texture {
        return Ok(());
    }
    let mut rows = Vec::new();
    for photo in pictures::previews(arguments, settings)? {
        let mut row = Vec::new();
        if settings.task == Task::Paint {
            row.push(photo.clone());
        }
        for style in 0..settings.styles.len() {
            let generator = trainer.generator();
            row.push(Painter::new(generator, &generator.alone(style), 1.0)?.paint(&photo)?);
        }
        rows.push(row);
    }
    let path = pictures::preview_path(&arguments.output);
    let options = SaveOptions { overwrite: true, ..SaveOptions::default() };
    save(&path, &sheet(&rows)?, &options)?;
    report::made(&path, "snapshot", || json!({ "iteration": trainer.iteration() }));
    Ok(())
}
