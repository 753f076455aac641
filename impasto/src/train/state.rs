//! A training on disk: everything that its next iteration depends on.

use super::{Settings, Trainer};
use crate::Error;
use impasto_image::Picture;
use impasto_net::{
    Generator, Model,
    weights::{self, Array, Precision, Tensor, Weights},
};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Name of the remark that holds the settings.
const SETTINGS: &str = "training";

impl Trainer {
    /// The bytes of a file from which [`Trainer::resume`] goes on as if there had been no interruption: parameters, moments
    /// and losses as safetensors, the settings as a remark.
    pub fn state(&self) -> Vec<u8> {
        let mut arrays: Vec<(String, Vec<usize>, Vec<f32>)> = Vec::new();
        for (name, array) in self.generator.arrays() {
            arrays.push((format!("parameters/{name}"), array.shape.clone(), array.data.clone()));
        }
        for (name, moments) in &self.moments {
            let shape = || vec![moments.first.len()];
            arrays.push((format!("first/{name}"), shape(), moments.first.clone()));
            arrays.push((format!("second/{name}"), shape(), moments.second.clone()));
            // Whole numbers up to 2²⁴ are exact; trainings are shorter.
            let steps: Vec<f32> = moments.steps.iter().map(|&steps| steps as f32).collect();
            arrays.push((format!("steps/{name}"), vec![steps.len()], steps));
        }
        arrays.push(("losses".into(), vec![self.losses.len()], self.losses.clone()));
        let tensors: Vec<Tensor<'_>> =
            arrays.iter().map(|(name, shape, values)| Tensor { name, shape, values }).collect();
        // Plain values have no way to fail.
        let settings = serde_json::to_string(self.settings()).unwrap_or_default();
        weights::encode(&tensors, &[(SETTINGS, settings)], Precision::Single)
    }

    /// The settings of the state in the file `path`.
    ///
    /// # Errors
    /// Those of reading it; [`Error::TrainingState`] if it holds something else.
    pub fn settings_of(path: &Path) -> Result<Settings, Error> {
        settings(&weights::open(path)?, path)
    }

    /// Goes on from the state in the file `path`; the pictures must be those of the beginning.
    ///
    /// # Errors
    /// Those of [`Trainer::settings_of`] and of [`Trainer::new`].
    pub fn resume(path: &Path, model: &Arc<Model>, pictures: &[Option<Picture>]) -> Result<Trainer, Error> {
        let weights = weights::open(path)?;
        let settings = settings(&weights, path)?;
        let missing = |name: &str| Error::TrainingState {
            path: path.to_owned(),
            reason: format!("it has no array {name} of the right length"),
        };
        let take = |name: &str, len: usize| {
            let array = weights.get(name).filter(|array| array.data.len() == len);
            array.map(|array| array.data.clone()).ok_or_else(|| missing(name))
        };
        let parameters: BTreeMap<String, Array> = weights
            .names()
            .filter_map(|name| {
                Some((name.strip_prefix("parameters/")?.to_owned(), weights.get(name)?.clone()))
            })
            .collect();
        let generator = Generator::new(
            settings.architecture.clone(),
            settings.styles.clone(),
            parameters,
            BTreeMap::new(),
        )?;
        let mut trainer = Trainer::new(settings, generator, model, pictures)?;
        for (name, moments) in &mut trainer.moments {
            let len = moments.first.len();
            moments.first = take(&format!("first/{name}"), len)?;
            moments.second = take(&format!("second/{name}"), len)?;
            let steps = take(&format!("steps/{name}"), moments.steps.len())?;
            moments.steps = steps.iter().map(|&steps| steps as u32).collect();
        }
        trainer.losses = weights.get("losses").ok_or_else(|| missing("losses"))?.data.clone();
        Ok(trainer)
    }
}

fn settings(weights: &Weights, path: &Path) -> Result<Settings, Error> {
    let wrong = |reason: String| Error::TrainingState { path: path.to_owned(), reason };
    let text = weights
        .metadata()
        .get(SETTINGS)
        .ok_or_else(|| wrong("it has no remark `training`: it is no state of a training".into()))?;
    serde_json::from_str(text).map_err(|error| wrong(format!("its remark `training` is damaged: {error}")))
}
