//! What decides a training.

use super::Schedule;
use crate::Recipe;
use impasto_net::generator::Architecture;
use serde::{Deserialize, Serialize};

/// What a generator is to learn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Task {
    /// Painting photographs in styles.
    Paint,
    /// Making a texture, of noise alone.
    Texture,
    /// Enlarging photographs.
    Enlarge {
        /// Compares pixels instead of what the network sees.
        pixels: bool,
    },
}

/// What makes a step of the derivatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// Adam for all parameters.
    #[default]
    Adam,
    /// Muon for the filters of convolutions between maps, Adam for the rest: learns as much in about half the iterations.
    Muon,
}

/// Everything that decides what is learnt, apart from the pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// What is to be learnt.
    pub task: Task,
    /// The generator's shape.
    pub architecture: Architecture,
    /// The styles' names; [`PHOTO`](impasto_net::generator::PHOTO) for the photograph as it is.
    pub styles: Vec<String>,
    /// The objective: content, style and total variation.
    pub recipe: Recipe,
    /// Long side in pixels at which the styles' statistics are taken; 0 for their own size.
    pub style_size: usize,
    /// Side in pixels of the pictures that are learnt from.
    pub crop: usize,
    /// Photographs are shrunk before, until a random number of crops, from 1 to this, fits their short side.
    pub zoom: f64,
    /// Pictures to an iteration.
    pub batch: usize,
    /// What makes the steps; states without a word about it use Adam.
    #[serde(default)]
    pub optimizer: Optimizer,
    /// Size of the steps.
    pub schedule: Schedule,
    /// Chooses the first parameters, the crops and the noise.
    pub seed: u64,
}

impl Settings {
    /// Crops of photographs to an iteration: where there are many styles, one is painted in several of them.
    pub fn crops(&self) -> usize {
        self.batch.div_ceil(self.styles.len().min(self.batch).max(1))
    }

    /// The crop of item `item` of iteration `iteration`.
    pub(super) fn crop_of(&self, iteration: usize, item: usize) -> usize {
        iteration * self.crops() + item * self.crops() / self.batch
    }

    /// The style of item `item` of iteration `iteration`: all take turns.
    pub(super) fn style_of(&self, iteration: usize, item: usize) -> usize {
        (iteration * self.batch + item) % self.styles.len()
    }
}
