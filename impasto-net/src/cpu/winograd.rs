//! 3×3 convolution of stride one by Winograd's minimal filtering F(4×4, 3×3).
//!
//! Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015: an output tile of 4×4 values needs 36
//! instead of 144 multiplications a channel pair. The work is 36 matrix products of transformed tiles with transformed
//! filters. Its order depends on what is large:
//!
//! - many tiles, few channels ([`blocks`]): all filters are transformed first, then blocks of tiles go through all
//!   stages while they are in cache;
//! - few tiles, many channels ([`panels`]): all tiles are transformed first, then panels of filters go through all
//!   stages. Transforming a filter again costs less than reading its transformed form, four times as large, from memory.
#![allow(unsafe_code)]

mod blocks;
pub mod filter;
mod panels;
mod tile;
mod transform;

use super::{finish::Finish, isa::Isa};
use filter::Filter;
pub use tile::Geometry;

/// Values of a transformed tile.
const PLANES: usize = 36;
/// Side of an output tile.
const TILE: usize = 4;
/// Side of an input tile.
const WINDOW: usize = 6;
/// Planes are set apart by a few values so that equal places of different planes do not share a cache set.
const GAP: usize = 16;

/// Values of a transformed filter bank from which on it is not kept whole, and the tiles up to which that pays.
const LARGE_FILTER: usize = 4 << 20;
const FEW_TILES: usize = 512;

/// Whether maps of `inputs` planes can take this path.
pub fn supports(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(16) && outputs.is_multiple_of(16) && inputs <= tile::MAX_CHANNELS
}

/// Whether filters are taken a panel at a time.
fn by_panels(geometry: &Geometry, filter: &Filter) -> bool {
    let tiles = geometry.tiles();
    tiles <= FEW_TILES / 8 || (tiles <= FEW_TILES && filter.transformed_len() >= LARGE_FILTER)
}

/// Values of temporary memory that [`convolve`] needs.
pub fn workspace_len(geometry: &Geometry, filter: &Filter) -> usize {
    match by_panels(geometry, filter) {
        true => panels::workspace_len(geometry),
        false => filter.transformed_len(),
    }
}

/// Convolves `x` into the map behind `finish`.
pub fn convolve(
    isa: Isa,
    geometry: Geometry,
    filter: &Filter,
    x: &[f32],
    finish: Finish,
    workspace: &mut [f32],
) {
    assert_eq!(x.len(), geometry.input.len());
    assert_eq!((filter.inputs, filter.outputs), (geometry.input.channels, geometry.output.channels));
    let workspace = &mut workspace[..workspace_len(&geometry, filter)];
    match by_panels(&geometry, filter) {
        true => panels::convolve(isa, geometry, filter, x, finish, workspace),
        false => blocks::convolve(isa, geometry, filter, x, finish, workspace),
    }
}
