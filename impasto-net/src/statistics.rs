//! Channel statistics of a feature map and the gradient of a loss on them.

mod target;
mod weighted;

pub use target::Target;
pub use weighted::Positions;

use crate::{Map, cpu::Cpu, device::Device};
use std::sync::atomic::{AtomicU64, Ordering};

/// First and raw second moments of a map's channels over its positions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Mean of every channel.
    pub mean: Vec<f64>,
    /// `channels × channels` means of products (the Gram matrix divided by positions), row-major and symmetric;
    /// empty unless asked for.
    pub second: Vec<f64>,
    /// Mean square of every channel (the diagonal of `second`), always present.
    pub square: Vec<f64>,
}

impl Moments {
    /// The covariance matrix, `second` less the products of means; empty where `second` is.
    pub fn covariance(&self) -> Vec<f64> {
        let products = self.mean.iter().flat_map(|a| self.mean.iter().map(move |b| a * b));
        self.second.iter().zip(products).map(|(second, product)| second - product).collect()
    }
}

/// Computes the moments of `map`; the full second-moment matrix only if `full`.
pub fn moments(map: Map<'_>, full: bool) -> Moments {
    Cpu::default().moments(map, full)
}

/// How the gradient of a loss on channel statistics depends on the map itself: at every position
/// `gradient += matrix · x + diagonal ∘ x + offset`.
#[derive(Clone, Debug, Default)]
pub struct Affine {
    /// Symmetric `channels × channels` matrix, row-major; empty means none.
    pub matrix: Vec<f32>,
    /// One factor a channel; empty means none.
    pub diagonal: Vec<f32>,
    /// One value a channel; empty means none.
    pub offset: Vec<f32>,
}

/// Adds the affine image of every position of `map` to `gradient`, laid out as `map.data`.
pub fn add_affine(map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
    Cpu::default().add_affine(map, affine, gradient);
}

/// A number that was not given before.
pub(crate) fn fresh_number() -> u64 {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}
