//! Which algorithm and which order of work a shape gets; `benches/choice.rs` measures the alternatives.

use super::{Algorithm, Geometry, filter::Filter, tile};
use crate::{cpu::multiply::PANEL, device::Shape};

/// Order of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `block` tiles at a time through all stages.
    Blocks {
        /// Tiles.
        block: usize,
    },
    /// Panels of filters through all stages, over `block` tiles at a time.
    Panels {
        /// Tiles.
        block: usize,
    },
}

/// Positions from which on larger tiles pay: below, too much of them hangs over the border.
const LARGE_MAP: usize = 40 * 40;
/// Planes up to which they pay: beyond, their filters are too large for the caches.
const FEW_PLANES: usize = 256;
/// Values of transformed filters that caches hold while blocks of tiles pass.
const SMALL_FILTER: usize = 3 << 19;
/// Tiles up to which a bank of filters is transformed panel by panel whatever its size.
const FEW_TILES: usize = 64;
/// Values of a block's transformed tiles and products: they share the second-level cache with the filters passing by.
const BLOCK_VALUES: usize = 1 << 17;
/// Values of the transformed tiles that the last-level cache holds while panels pass.
const SHARED_VALUES: usize = 5 << 19;
/// The microkernels' rows.
const ROWS: usize = 8;

/// Whether maps of these planes can take this path.
pub fn supports(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(16) && outputs.is_multiple_of(16) && inputs.max(outputs) <= tile::MAX_CHANNELS
}

/// The algorithm for a convolution from `inputs` planes to a map of size `output`.
///
/// F(6×6) does the least arithmetic, F(4×4) has smaller filters to transform and to read and loses fewer digits, F(2×2)
/// wastes least on maps of a few positions.
pub fn algorithm(inputs: usize, output: Shape) -> Algorithm {
    if output.height.min(output.width) <= 2 {
        Algorithm::F2
    } else if output.positions() >= LARGE_MAP && inputs.max(output.channels) <= FEW_PLANES {
        Algorithm::F6
    } else {
        Algorithm::F4
    }
}

/// The order for a convolution.
pub fn order(geometry: &Geometry, filter: &Filter) -> Order {
    let (tiles, planes) = (geometry.tiles(), geometry.algorithm.planes());
    if filter.transformed_len(geometry.algorithm) <= SMALL_FILTER && tiles > FEW_TILES {
        let fitting = BLOCK_VALUES / (planes * (filter.inputs + PANEL));
        Order::Blocks { block: (fitting / ROWS * ROWS).clamp(ROWS, 8 * ROWS) }
    } else {
        let fitting = (SHARED_VALUES / (planes * filter.inputs)).max(ROWS);
        Order::Panels { block: tiles.div_ceil(tiles.div_ceil(fitting)) }
    }
}
