//! Which algorithm and which order of work a shape gets.
//!
//! The environment variable `IMPASTO_WINOGRAD` (`f2`, `f4`, `f6`) overrides the algorithm, so that
//! `cargo bench --bench kernels` shows what the rule is worth; docs/performance.md has the figures.

use super::{Algorithm, Geometry, filter::Filter, tile};
use crate::{cpu::multiply::PANEL, device::Shape};
use std::sync::OnceLock;

/// Order of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `block` tiles at a time through all stages.
    Blocks {
        /// Tiles.
        block: usize,
        /// Every thread transforms all filters for itself.
        alone: bool,
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
/// Values of a thread's transformed tiles that the last-level cache holds while panels pass.
const CACHED_VALUES: usize = 3 << 19;
/// Tiles a thread from which on transforming all filters is little beside their products.
const WORTH_A_FILTER: usize = 40;
/// Tiles a thread from which on it has blocks of its own: each meets all panels, which are transformed once a block.
const OWN: usize = 48;
/// Fewest tiles to a block, unless there are fewer.
const FEWEST: usize = 16;
/// The microkernels' rows.
const ROWS: usize = 8;

/// Whether maps of these planes can take this path.
pub fn supports(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(16) && outputs.is_multiple_of(16) && inputs.max(outputs) <= tile::MAX_CHANNELS
}

/// The algorithm for a convolution from `inputs` planes to a map of size `output`.
///
/// F(6×6) does the least arithmetic, F(4×4) has smaller filters to transform and to read and loses fewer digits, F(2×2)
/// wastes least on maps of a few positions and loses no more digits than plain sums, as `precise` asks.
pub fn algorithm(inputs: usize, output: Shape, precise: bool) -> Algorithm {
    if let Some(algorithm) = forced() {
        algorithm
    } else if precise || output.height.min(output.width) <= 2 {
        Algorithm::F2
    } else if output.positions() >= LARGE_MAP && inputs.max(output.channels) <= FEW_PLANES {
        Algorithm::F6
    } else {
        Algorithm::F4
    }
}

/// The algorithm that the environment asks for.
fn forced() -> Option<Algorithm> {
    static FORCED: OnceLock<Option<Algorithm>> = OnceLock::new();
    *FORCED.get_or_init(|| match std::env::var("IMPASTO_WINOGRAD").ok()?.as_str() {
        "f2" => Some(Algorithm::F2),
        "f4" => Some(Algorithm::F4),
        "f6" => Some(Algorithm::F6),
        _ => None,
    })
}

/// The order for a convolution.
pub fn order(geometry: &Geometry, filter: &Filter) -> Order {
    let (tiles, planes) = (geometry.tiles(), geometry.algorithm.planes());
    let threads = rayon::current_num_threads();
    if filter.transformed_len(geometry.algorithm) <= SMALL_FILTER && tiles > FEW_TILES {
        let fitting = BLOCK_VALUES / (planes * (filter.inputs + PANEL));
        // Enough blocks for every thread to have some; what a value is a sum of does not depend on them.
        let fair = tiles.div_ceil(4 * threads).next_multiple_of(ROWS);
        let block = (fitting / ROWS * ROWS).clamp(ROWS, 8 * ROWS).min(fair);
        Order::Blocks { block, alone: tiles >= WORTH_A_FILTER * threads }
    } else {
        let fitting = (CACHED_VALUES / (planes * filter.inputs)).max(ROWS);
        let panels = filter.columns() / PANEL;
        // Two jobs a thread at least, so that none waits long for another.
        let wanted = (2 * threads).div_ceil(panels).min(tiles.div_ceil(FEWEST));
        let blocks = tiles.div_ceil(fitting).max(wanted);
        let blocks = if tiles >= OWN * threads { blocks.next_multiple_of(threads) } else { blocks };
        Order::Panels { block: tiles.div_ceil(blocks) }
    }
}
