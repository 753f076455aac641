//! Which algorithm and which order of work a shape gets.

use super::{Algorithm, Geometry, filter::Filter, tile};
use crate::device::Shape;

/// Order of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `block` tiles at a time through all stages.
    Blocks { block: usize },
    /// Panels of filters through all stages, over `block` tiles at a time.
    Panels { block: usize },
}

/// Whether maps of `inputs` planes can take this path.
pub fn supports(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(16) && outputs.is_multiple_of(16) && inputs.max(outputs) <= tile::MAX_CHANNELS
}

/// The algorithm for a map of size `output`.
pub fn algorithm(_inputs: usize, _output: Shape) -> Algorithm {
    match std::env::var("W_ALG").as_deref() {
        Ok("2") => Algorithm::F2,
        Ok("4") => Algorithm::F4,
        Ok("6") => Algorithm::F6,
        _ if _inputs <= 128 => Algorithm::F6,
        _ => Algorithm::F4,
    }
}

fn env(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// The order for a convolution.
pub fn order(geometry: &Geometry, filter: &Filter) -> Order {
    let tiles = geometry.tiles();
    let _ = filter;
    if tiles <= env("W_FEW", 512) {
        Order::Panels { block: env("W_PB", 128) }
    } else {
        Order::Blocks { block: env("W_BB", 16) }
    }
}
