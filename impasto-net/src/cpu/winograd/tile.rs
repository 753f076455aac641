//! Tiles of a map and their two-dimensional transforms.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::{PLANES, TILE, WINDOW, transform};
use crate::{
    cpu::{finish::Finish, simd::Simd},
    device::Shape,
    network::Padding,
};

/// Channels that the shared row of zeros, which stands for padding, can serve.
pub const MAX_CHANNELS: usize = 4096;
static ZEROS: [f32; MAX_CHANNELS] = [0.0; MAX_CHANNELS];

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

impl Geometry {
    /// Number of output tiles.
    pub fn tiles(&self) -> usize {
        self.output.height.div_ceil(TILE) * self.output.width.div_ceil(TILE)
    }

    /// Row and column of a tile's first output value.
    fn corner(&self, tile: usize) -> (usize, usize) {
        let across = self.output.width.div_ceil(TILE);
        (tile / across * TILE, tile % across * TILE)
    }

    /// Writes Bᵀ·d·B of the window that output tile `tile` looks at: value `p` of channel `c` to `to + p · stride + c`.
    ///
    /// # Safety
    /// `x` must be the input map, `to` have room; the machine must have `S`.
    #[inline(always)]
    pub unsafe fn transform_input<S: Simd>(&self, x: *const f32, tile: usize, to: *mut f32, stride: usize) {
        let Geometry { input, before, padding, .. } = *self;
        let (top, left) = self.corner(tile);
        let mut from = [ZEROS.as_ptr(); PLANES];
        // SAFETY: `Padding::index` stays inside the map; the row of zeros is as long as any position.
        unsafe {
            for r in 0..WINDOW {
                let y = padding.index((top + r) as isize - before as isize, input.height);
                let Some(y) = y else { continue };
                for q in 0..WINDOW {
                    let column = padding.index((left + q) as isize - before as isize, input.width);
                    if let Some(column) = column {
                        from[r * WINDOW + q] = x.add((y * input.width + column) * input.channels);
                    }
                }
            }
            let zero = S::splat(0.0);
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
                    for q in 0..WINDOW {
                        S::store(to.add((r * WINDOW + q) * stride + c), row[q]);
                    }
                }
            }
        }
    }

    /// Stores Aᵀ·m·A of `count` channels from `first` on, whose products of plane `p` are at `from + p · stride`.
    ///
    /// # Safety
    /// `from` must hold the products; the machine must have `S`.
    #[inline(always)]
    pub unsafe fn transform_output<S: Simd>(
        &self,
        from: *const f32,
        stride: usize,
        tile: usize,
        (first, count): (usize, usize),
        finish: &Finish,
    ) {
        let output = self.output;
        let (top, left) = self.corner(tile);
        let (rows, columns) = ((output.height - top).min(TILE), (output.width - left).min(TILE));
        // SAFETY: only positions inside the output are stored.
        unsafe {
            let zero = S::splat(0.0);
            for c in (0..count).step_by(S::LANES) {
                let mut half = [[zero; WINDOW]; TILE];
                for q in 0..WINDOW {
                    let mut column = [zero; WINDOW];
                    for r in 0..WINDOW {
                        column[r] = S::load(from.add((r * WINDOW + q) * stride + c));
                    }
                    let column = transform::output::<S>(column);
                    for r in 0..TILE {
                        half[r][q] = column[r];
                    }
                }
                for r in 0..rows {
                    let row = transform::output::<S>(half[r]);
                    for q in 0..columns {
                        let position = (top + r) * output.width + left + q;
                        finish.vector::<S>(position, first + c, row[q]);
                    }
                }
            }
        }
    }
}
