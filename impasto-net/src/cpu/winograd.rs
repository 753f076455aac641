//! 3×3 convolution of stride one by Winograd's minimal filtering F(4×4, 3×3).
//!
//! Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2015: an output tile of 4×4 values needs 36
//! instead of 144 multiplications a channel pair. The 36 planes of transformed tiles times transformed filters are
//! 36 matrix products; tiles are taken in blocks so that a block's planes stay in cache between the three stages.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

pub mod filter;
mod transform;

use super::{
    finish::Finish,
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use crate::{device::Shape, network::Padding};
use filter::Filter;
use rayon::prelude::*;

/// Values of a transformed tile.
const PLANES: usize = 36;
/// Side of an output tile.
const TILE: usize = 4;
/// Side of an input tile.
const WINDOW: usize = 6;
/// Planes are set apart by a few values so that equal places of different planes do not share a cache set.
const GAP: usize = 16;
/// Channels that the shared row of zeros, which stands for padding, can serve.
const MAX_CHANNELS: usize = 4096;
static ZEROS: [f32; MAX_CHANNELS] = [0.0; MAX_CHANNELS];

/// Whether maps of `inputs` planes can take this path.
pub fn supports(inputs: usize, outputs: usize) -> bool {
    inputs.is_multiple_of(16) && outputs.is_multiple_of(16) && inputs <= MAX_CHANNELS
}

/// Sizes and border of one application.
#[derive(Clone, Copy)]
pub struct Geometry {
    /// Size of the map read.
    pub input: Shape,
    /// Size of the map written.
    pub output: Shape,
    /// Rows above and columns at the left that padding adds.
    pub before: usize,
    /// What padding holds.
    pub padding: Padding,
}

/// Convolves `x`, with `filter`'s transformed weights `u`, into the map behind `finish`.
pub fn convolve(isa: Isa, geometry: Geometry, filter: &Filter, u: &[f32], x: &[f32], finish: Finish) {
    assert_eq!(x.len(), geometry.input.len());
    assert_eq!(u.len(), filter.transformed_len());
    assert_eq!((filter.inputs, filter.outputs), (geometry.input.channels, geometry.output.channels));
    let tiles = geometry.output.height.div_ceil(TILE) * geometry.output.width.div_ceil(TILE);
    let block = block_len(tiles, filter);
    let (v_stride, m_stride) = (block * filter.inputs + GAP, block * filter.columns() + GAP);
    (0..tiles.div_ceil(block)).into_par_iter().for_each(|job| {
        scratch::with(PLANES * (v_stride + m_stride), |memory| {
            let (v, m) = memory.split_at_mut(PLANES * v_stride);
            let first = job * block;
            let work = Block {
                geometry,
                columns: filter.columns(),
                first,
                count: block.min(tiles - first),
                x: x.as_ptr(),
                u: u.as_ptr(),
                v: v.as_mut_ptr(),
                v_stride,
                m: m.as_mut_ptr(),
                m_stride,
                finish,
            };
            // SAFETY: the pointers come from slices of the asserted lengths; jobs write different tiles.
            unsafe { isa.run(work) }
        })
    });
}

/// Tiles to a block. Few channels: small blocks, so that all planes fit the second-level cache. Many channels: large
/// blocks, because every block reads all weights. Never so large that a thread stays idle. Results do not depend on it.
fn block_len(tiles: usize, filter: &Filter) -> usize {
    let wanted = if filter.inputs.max(filter.outputs) >= 512 { 128 } else { 32 };
    let share = tiles.div_ceil(rayon::current_num_threads()).next_multiple_of(8);
    wanted.min(share)
}

struct Block {
    geometry: Geometry,
    columns: usize,
    first: usize,
    count: usize,
    x: *const f32,
    u: *const f32,
    v: *mut f32,
    v_stride: usize,
    m: *mut f32,
    m_stride: usize,
    finish: Finish,
}

impl Kernel for Block {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: see `convolve`, which sizes all memory.
        unsafe {
            for t in 0..self.count {
                self.transform_input::<S>(t);
            }
            let depth = self.geometry.input.channels;
            for plane in 0..PLANES {
                S::multiply(&Product {
                    rows: self.count,
                    depth,
                    columns: self.columns,
                    a: self.v.add(plane * self.v_stride),
                    a_row: depth,
                    a_depth: 1,
                    b: self.u.add(plane * self.columns * depth),
                    b_depth: PANEL,
                    b_panel: PANEL * depth,
                    c: self.m.add(plane * self.m_stride),
                    c_row: self.columns,
                    accumulate: false,
                });
            }
            for t in 0..self.count {
                self.transform_output::<S>(t);
            }
        }
    }
}

impl Block {
    /// Row and column of the tile's first output value.
    fn corner(&self, t: usize) -> (usize, usize) {
        let across = self.geometry.output.width.div_ceil(TILE);
        ((self.first + t) / across * TILE, (self.first + t) % across * TILE)
    }

    #[inline(always)]
    unsafe fn transform_input<S: Simd>(&self, t: usize) {
        let Geometry { input, before, padding, .. } = self.geometry;
        let (top, left) = self.corner(t);
        let inside = |i: usize, n: usize| padding.index(i as isize - before as isize, n);
        let mut from = [ZEROS.as_ptr(); PLANES];
        // SAFETY: `Padding::index` stays inside the map; the row of zeros is as long as any position.
        unsafe {
            for r in 0..WINDOW {
                let Some(y) = inside(top + r, input.height) else { continue };
                for q in 0..WINDOW {
                    if let Some(x) = inside(left + q, input.width) {
                        from[r * WINDOW + q] = self.x.add((y * input.width + x) * input.channels);
                    }
                }
            }
            let zero = S::splat(0.0);
            let to = self.v.add(t * input.channels);
            for c in (0..input.channels).step_by(S::LANES) {
                let mut half = [[zero; WINDOW]; WINDOW];
                for q in 0..WINDOW {
                    let mut column = [zero; WINDOW];
                    for r in 0..WINDOW {
                        column[r] = S::load(from[r * WINDOW + q].add(c));
                    }
                    let column = transform::input::<S>(column);
                    for r in 0..WINDOW {
                        half[r][q] = column[r];
                    }
                }
                for r in 0..WINDOW {
                    let row = transform::input::<S>(half[r]);
                    for (q, &value) in row.iter().enumerate() {
                        S::store(to.add((r * WINDOW + q) * self.v_stride + c), value);
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn transform_output<S: Simd>(&self, t: usize) {
        let output = self.geometry.output;
        let (top, left) = self.corner(t);
        let (rows, columns) = ((output.height - top).min(TILE), (output.width - left).min(TILE));
        // SAFETY: only positions inside the output are stored.
        unsafe {
            let zero = S::splat(0.0);
            let from = self.m.add(t * self.columns);
            for c in (0..output.channels).step_by(S::LANES) {
                let mut half = [[zero; WINDOW]; TILE];
                for q in 0..WINDOW {
                    let mut column = [zero; WINDOW];
                    for r in 0..WINDOW {
                        column[r] = S::load(from.add((r * WINDOW + q) * self.m_stride + c));
                    }
                    let column = transform::output::<S>(column);
                    for r in 0..TILE {
                        half[r][q] = column[r];
                    }
                }
                for r in 0..rows {
                    let row = transform::output::<S>(half[r]);
                    for (q, &value) in row.iter().take(columns).enumerate() {
                        self.finish.vector::<S>((top + r) * output.width + left + q, c, value);
                    }
                }
            }
        }
    }
}
