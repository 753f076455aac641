//! 3×3 convolution of stride one by minimal filtering.
//!
//! Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015: an output tile of 4×4 values needs 36
//! instead of 144 multiplications a channel pair, one of 6×6 values 64 instead of 324. The work is P² matrix products of
//! transformed tiles with transformed filters ([`scheme`]). Its order depends on what is large:
//!
//! - many tiles, few channels ([`blocks`]): all filters are transformed first, then blocks of tiles go through all
//!   stages while they are in cache;
//! - many channels ([`panels`]): a block of tiles is transformed first, then panels of filters go through all stages.
//!   Transforming a filter again costs less than reading its transformed form, four times as large, from memory.
//!
//! What threads need both they rather make twice than share, as long as that is little: see [`crate::jobs`].
//!
//! [`choice`] says which algorithm and which order a shape gets.
#![allow(unsafe_code)]

mod blocks;
mod choice;
pub mod filter;
mod packed;
mod panels;
mod scheme;
mod tile;
pub mod weights;

use super::{finish::Finish, isa::Isa};
use choice::{Order, order};
pub use choice::{algorithm, supports};
use filter::Filter;
pub use scheme::Algorithm;
pub use tile::{Geometry, Source};

/// Planes are set apart by a few values so that equal places of different planes do not share a cache set.
const GAP: usize = 16;

/// One convolution.
struct Work<'a> {
    isa: Isa,
    geometry: Geometry,
    filter: &'a Filter,
    source: Source,
    finish: Finish,
}

/// Values of temporary memory that [`convolve`] needs.
pub fn workspace_len(geometry: &Geometry, filter: &Filter) -> usize {
    match order(geometry, filter) {
        Order::Panels { .. } => 0,
        Order::Blocks { .. } => filter.transformed_len(geometry.algorithm),
    }
}

/// Convolves `source`, which holds a map of the geometry's input size, into the map behind `finish`.
pub fn convolve(
    isa: Isa,
    geometry: Geometry,
    filter: &Filter,
    source: Source,
    finish: Finish,
    workspace: &mut [f32],
) {
    assert_eq!((filter.inputs, filter.outputs), (geometry.input.channels, geometry.output.channels));
    let workspace = &mut workspace[..workspace_len(&geometry, filter)];
    let work = &Work { isa, geometry, filter, source, finish };
    match order(&geometry, filter) {
        Order::Panels { block } => geometry.algorithm.run(panels::Panels { work, block }),
        Order::Blocks { block, alone } => {
            let u = (!alone).then(|| {
                filter.transform_together(isa, geometry.algorithm, workspace);
                &*workspace
            });
            geometry.algorithm.run(blocks::Blocks { work, block, u });
        }
    }
}
