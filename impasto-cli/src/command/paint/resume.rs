//! Going on from a state: its record, with what the command line says instead.

use super::{Arguments, unasked};
use crate::arguments::{long_side, overrides};
use crate::found::{Given, Ingredients};
use crate::input::FileRecord;
use crate::job::Job;
use crate::record::{NetworkRecord, Record, SizeRecord, StyleSizeRecord};
use crate::state::State;
use impasto::{ColorSource, Network, Recipe, Size, StyleSize};
use std::path::{Path, PathBuf};

/// What goes on, and the files it needs.
pub(super) struct Resumed {
    /// The painting.
    pub(super) job: Job,
    /// Files that must not be written over, without the state.
    pub(super) inputs: Vec<PathBuf>,
    /// Evaluations made.
    pub(super) made: usize,
    /// How it goes on.
    pub(super) how: String,
}

/// The painting of a state with what `arguments` change.
pub(super) fn resume(state: &Path, arguments: &Arguments) -> anyhow::Result<Resumed> {
    let State { record: before, checkpoint } = State::read(state)?;
    before.tell_differences();
    let record = changed(&before, arguments)?;
    let given = Given { by_flag: false, ..Given::beside(state, arguments.network.models.folder()) };
    let ingredients = Ingredients::look(&record, &given)?;
    let inputs = ingredients.paths().into_iter().map(Path::to_owned).collect();
    let made = checkpoint.evaluation;
    let mut job = ingredients.job()?;
    job.stop_after = None;
    let same = before.same_rules(&record);
    let exact = same && checkpoint.is_exact();
    job.earlier.clone_from(&before.earlier);
    if !exact {
        job.earlier.push(Record { earlier: Vec::new(), ..before });
    }
    let how = match (same, exact) {
        (true, true) => "as if it had never stopped",
        (true, false) => "the optimiser starts afresh",
        (false, _) => "by other rules",
    };
    let how = format!("going on after evaluation {made}: {how}");
    job.resume = Some(if same { checkpoint } else { checkpoint.for_another_objective() });
    Ok(Resumed { job, inputs, made, how })
}

/// The record with what the command line says instead.
fn changed(before: &Record, arguments: &Arguments) -> anyhow::Result<Record> {
    let mut record = before.clone();
    let mut recipe = record.recipe.clone();
    recipe.origin.clone_from(&record.recipe_name);
    if let Some(name) = &arguments.recipe.recipe {
        recipe = Recipe::named(name)?;
    }
    let overrides =
        overrides(&arguments.recipe, &arguments.content_term, &arguments.style_term, &arguments.schedule);
    record.recipe = overrides.apply(recipe)?;
    record.recipe.strength = arguments.strength.or(record.recipe.strength);
    record.recipe_name.clone_from(&record.recipe.origin);
    if let Some(content) = &arguments.content {
        record.content = Some(FileRecord::of(content)?);
    }
    let styles = arguments.styles.resolve()?;
    let (regions, strength_mask) = styles.records()?;
    if !regions.is_empty() {
        record.regions = regions;
        // Other paintings have other colours.
        if matches!(record.color.from, ColorSource::Style | ColorSource::Kept(_)) {
            record.color.from = unasked::coloring(styles.paintings())?.from;
        }
    }
    record.color = arguments.color.change(record.color)?;
    record.strength_mask = strength_mask.or(record.strength_mask);
    if let Some(pixels) = arguments.size {
        record.size = match long_side(pixels) {
            Size::LongSide(pixels) => SizeRecord::LongSide(pixels),
            _ => SizeRecord::Own,
        };
    }
    if arguments.style_size.is_given() {
        record.style_size = match arguments.style_size.resolve() {
            StyleSize::Factor(factor) => StyleSizeRecord::Factor(factor),
            StyleSize::LongSide(pixels) => StyleSizeRecord::LongSide(pixels),
        };
    }
    if arguments.network.net.is_some() {
        record.network = match arguments.network.resolve("vgg19") {
            Network::Named { name, .. } => NetworkRecord::Name(name),
            Network::File(path) => NetworkRecord::File(FileRecord::of(&path)?),
        };
    }
    Ok(record)
}
