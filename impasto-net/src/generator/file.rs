//! Generators on disk: safetensors whose remark `generator` tells architecture and styles.

use super::{Architecture, Generator, PHOTO, pytorch};
use crate::{
    NetError,
    weights::{self, Precision, Tensor, Weights},
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of the remark.
const KEY: &str = "generator";

/// What the remark holds.
#[derive(Serialize, Deserialize)]
struct Description {
    architecture: Architecture,
    styles: Vec<String>,
}

impl Description {
    /// What the file `path` says of its generator.
    fn of(weights: &Weights, path: &Path) -> Result<Description, NetError> {
        let damaged = |reason: String| NetError::Format { path: path.to_owned(), reason };
        let text = weights
            .metadata()
            .get(KEY)
            .ok_or_else(|| damaged("it holds no generator: it has no remark of that name".into()))?;
        let description: Description = serde_json::from_str(text)
            .map_err(|error| damaged(format!("its remark `generator` is damaged: {error}")))?;
        if description.styles.is_empty() {
            return Err(damaged("its remark `generator` names no style".into()));
        }
        Ok(description)
    }
}

impl Generator {
    /// Reads a generator that [`Generator::bytes`] or PyTorch's example `fast_neural_style` wrote.
    ///
    /// # Errors
    /// Those of [`weights::open`]; [`NetError::Format`] if the file holds no generator; those of [`Generator::new`].
    pub fn open(path: &Path) -> Result<Generator, NetError> {
        let weights = weights::open(path)?;
        match pytorch::recognise(&weights) {
            true => pytorch::generator(weights, path),
            false => Generator::from_weights(weights, path),
        }
    }

    /// The generator called `styles`, `texture` or `upscale` that is built into the program.
    ///
    /// # Errors
    /// [`NetError::NotEmbedded`] for other names, or if the program was built without models.
    pub fn built_in(name: &str) -> Result<Generator, NetError> {
        Generator::from_weights(weights::embedded(name)?, Path::new(name))
    }

    /// Names of the styles of [`Generator::built_in`], whose parameters are not decoded for that.
    ///
    /// # Errors
    /// As [`Generator::built_in`].
    pub fn built_in_styles(name: &str) -> Result<Vec<String>, NetError> {
        let remarks = weights::embedded_some(name, &|_| false)?;
        let Description { mut styles, .. } = Description::of(&remarks, Path::new(name))?;
        styles.retain(|style| style != PHOTO);
        Ok(styles)
    }

    /// The generator in the weights of the file `path`.
    pub(crate) fn from_weights(weights: Weights, path: &Path) -> Result<Generator, NetError> {
        let Description { architecture, styles } = Description::of(&weights, path)?;
        let (arrays, mut remarks) = weights.into_parts();
        remarks.remove(KEY);
        Generator::new(architecture, styles, arrays, remarks)
    }

    /// The file's bytes: the same generator always gives the same ones.
    pub fn bytes(&self, precision: Precision) -> Vec<u8> {
        let description =
            Description { architecture: self.architecture.clone(), styles: self.styles.clone() };
        let mut remarks: Vec<(&str, String)> =
            self.remarks.iter().map(|(key, value)| (&key[..], value.clone())).collect();
        // Plain values have no way to fail.
        remarks.push((KEY, serde_json::to_string(&description).unwrap_or_default()));
        remarks.sort();
        let tensors: Vec<Tensor> = self
            .arrays
            .iter()
            .map(|(name, array)| Tensor { name, shape: &array.shape, values: &array.data })
            .collect();
        weights::encode(&tensors, &remarks, precision)
    }
}
