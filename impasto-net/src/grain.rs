//! Which noise layers of noise give.

use std::sync::Arc;

/// What chooses the noise of [`Op::Noise`](crate::network::Op::Noise) layers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grain {
    /// Every seed has its own noise.
    pub seed: u64,
    /// For every position of a layer of noise, whose noise it takes: position p that of position `places[p]`, so that noise
    /// can move. None, and for layers of another number of positions: its own.
    pub places: Option<Arc<[u32]>>,
}

impl Grain {
    /// The noise of a seed, all of it in its place.
    pub fn of_seed(seed: u64) -> Grain {
        Grain { seed, places: None }
    }

    /// The places that hold for a layer of so many positions.
    pub fn places_of(&self, positions: usize) -> Option<&[u32]> {
        self.places.as_deref().filter(|places| places.len() == positions)
    }
}
