//! The units of a page: patches that the index does not have are made, values are written.

use super::index::{Index, Photo, Question};
use super::patches::{Job, Making, make};
use crate::progress::Steps;
use crate::tensors::planar;
use crate::tensors::{self, Tensor};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// A unit to show.
pub struct Unit<'a> {
    /// How many photos make its plane stronger.
    pub rank: usize,
    /// The photo.
    pub photo: &'a Photo,
    /// Row and column.
    pub at: (usize, usize),
    /// Its value.
    pub value: f32,
    /// What its patch shows.
    pub question: Question,
}

/// Makes the patches that the index does not have, all of them if their `values` are wanted; those are given back by unit.
pub fn answer(
    making: Making<'_>,
    units: &[Unit<'_>],
    index: &mut Index,
    values: bool,
) -> anyhow::Result<HashMap<usize, Vec<f32>>> {
    let mut of_photos: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    for (number, unit) in units.iter().enumerate() {
        if values || index.patch(&unit.question).is_none() {
            of_photos.entry(&unit.photo.path).or_default().push(number);
        }
    }
    let mut numbers: Vec<Vec<usize>> = of_photos.into_values().collect();
    // Long jobs first, so that in the end nobody waits for one.
    numbers.sort_by_key(|units| std::cmp::Reverse(units.len()));
    let jobs: Vec<Job<'_>> = numbers
        .iter()
        .map(|job| Job {
            photo: units[job[0]].photo,
            units: job.iter().map(|&unit| (units[unit].question.plane, units[unit].at)).collect(),
        })
        .collect();
    let mut all = HashMap::new();
    let mut steps = Steps::new(numbers.iter().map(Vec::len).sum());
    make(making, &jobs, &mut |(job, unit), (patch, projection)| {
        let number = numbers[job][unit];
        let Unit { question, .. } = &units[number];
        steps.next(format_args!("plane {} in {}", question.plane, question.photo.path.display()));
        if values {
            all.insert(number, projection);
        }
        index.add_patch(question.clone(), patch)
    })?;
    steps.finish();
    Ok(all)
}

/// Writes the back-projections' values with where they are from.
pub fn save_raw(
    path: &Path,
    force: bool,
    units: &[Unit<'_>],
    (values, index): (&HashMap<usize, Vec<f32>>, &Index),
    remarks: &[(&str, String)],
) -> anyhow::Result<()> {
    let mut arrays = Vec::new();
    for (number, unit) in units.iter().enumerate() {
        let (Some(values), Some(patch)) = (values.get(&number), index.patch(&unit.question)) else {
            continue;
        };
        let Question { layer, plane, photo, .. } = &unit.question;
        let [top, bottom, left, right] = patch.seen;
        let place = json!({ "photo": photo.path, "top": top, "left": left }).to_string();
        let name = format!("{layer}.plane{plane}.{}", unit.rank + 1);
        arrays.push((name, [3, bottom - top, right - left], planar(values), place));
    }
    let tensors: Vec<Tensor<'_>> =
        arrays.iter().map(|(name, shape, values, _)| Tensor { name, shape, values }).collect();
    let places = arrays.iter().map(|(name, _, _, place)| (name.as_str(), place.clone()));
    tensors::save(path, force, &tensors, &remarks.iter().cloned().chain(places).collect::<Vec<_>>())
}
