//! Tiles of a map and their two-dimensional transforms.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::scheme::{Adjoint, Algorithm, MAX_SIDE, Scheme, Side, zeros};
use crate::{
    aligned::LINE,
    cpu::{finish::Finish, simd::Simd},
    device::{Shape, mask_stride},
    network::Padding,
};
use std::{mem::MaybeUninit, ops::Range};

/// Channels that the shared row of zeros, which stands for padding, can serve.
pub const MAX_CHANNELS: usize = 4096;
static ZEROS: [f32; MAX_CHANNELS] = [0.0; MAX_CHANNELS];

/// Algorithm, sizes and border of one application.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// How a tile is computed.
    pub algorithm: Algorithm,
    /// Size of the map read.
    pub input: Shape,
    /// Size of the map written, before any pooling.
    pub output: Shape,
    /// Rows above and columns at the left that padding adds to the map read.
    pub before: usize,
    /// What padding holds.
    pub padding: Padding,
}

/// Where a map's values come from.
#[derive(Clone, Copy)]
pub enum Source {
    /// Memory.
    Map(*const f32),
    /// The cotangent of a map that was pooled 2×2: at every maximum's place (`switches`, see [`crate::device`]) the pooled
    /// value's cotangent, zero elsewhere.
    Pooled {
        /// The pooled map's cotangent.
        values: *const f32,
        /// Where the maxima were.
        switches: *const u8,
        /// Size of the pooled map.
        shape: Shape,
    },
}

// SAFETY: the pointers come from shared borrows that outlive the jobs.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Geometry {
    /// Number of output tiles.
    pub fn tiles(&self) -> usize {
        let tile = self.algorithm.tile();
        self.output.height.div_ceil(tile) * self.output.width.div_ceil(tile)
    }

    /// Row and column, counted in tiles.
    fn place<F: Scheme>(&self, tile: usize) -> (usize, usize) {
        let across = self.output.width.div_ceil(F::TILE);
        (tile / across, tile % across)
    }

    /// Writes Bᵀ·d·B of the window that output tile `tile` looks at: value `p` of channel `c` to `to + p · stride + c`.
    ///
    /// # Safety
    /// `source` must hold the input map, `to` have room; the machine must have `S`.
    #[inline(always)]
    pub unsafe fn transform_input<F: Scheme, S: Simd>(
        &self,
        source: Source,
        tile: usize,
        to: *mut f32,
        stride: usize,
    ) {
        let (row, column) = self.place::<F>(tile);
        let mut rows = [None; MAX_SIDE];
        let mut columns = [None; MAX_SIDE];
        for i in 0..F::WINDOW {
            let at = |tile: usize| (tile * F::STEP + i) as isize - self.before as isize;
            rows[i] = self.padding.index(at(row), self.input.height);
            columns[i] = self.padding.index(at(column), self.input.width);
        }
        let channels = self.input.channels;
        let mut from = [[ZEROS.as_ptr(); MAX_SIDE]; MAX_SIDE];
        let mut notes = [[(ZEROS.as_ptr().cast::<u8>(), 0); MAX_SIDE]; MAX_SIDE];
        // SAFETY: `Padding::index` stays inside the map; the row of zeros is as long as any position and its notes.
        unsafe {
            for r in 0..F::WINDOW {
                for q in 0..F::WINDOW {
                    let (Some(y), Some(x)) = (rows[r], columns[q]) else { continue };
                    match source {
                        Source::Map(map) => from[r][q] = map.add((y * self.input.width + x) * channels),
                        Source::Pooled { values, switches, shape } => {
                            if y / 2 < shape.height && x / 2 < shape.width {
                                let position = y / 2 * shape.width + x / 2;
                                from[r][q] = values.add(position * channels);
                                let switches = switches.add(position * 2 * mask_stride(channels));
                                notes[r][q] = (switches, y % 2 * 2 + x % 2);
                            }
                        }
                    }
                }
            }
            match source {
                Source::Map(_) => window::<F, S, false>(&from, &notes, channels, to, stride),
                Source::Pooled { .. } => window::<F, S, true>(&from, &notes, channels, to, stride),
            }
        }
    }

    /// Asks for share `part` of P² of what the windows of `tiles` read.
    #[inline(always)]
    pub fn prefetch<F: Scheme, S: Simd>(&self, source: Source, tiles: Range<usize>, part: usize) {
        let Source::Map(x) = source else { return };
        let (lines, parts) = (tiles.len() * F::WINDOW, F::POINTS * F::POINTS);
        for line in lines * part / parts..lines * (part + 1) / parts {
            let (row, column) = self.place::<F>(tiles.start + line / F::WINDOW);
            let y = (row * F::STEP + line % F::WINDOW).saturating_sub(self.before);
            let left = (column * F::STEP + F::WINDOW - F::STEP).saturating_sub(self.before);
            let from = x.wrapping_add((y * self.input.width + left) * self.input.channels);
            for at in (0..F::STEP * self.input.channels).step_by(LINE) {
                S::prefetch(from.wrapping_add(at));
            }
        }
    }

    /// Stores Aᵀ·m·A of `count` channels from `first` on, whose products of plane `p` are at `from + p · stride`.
    ///
    /// # Safety
    /// `from` must hold the products; the machine must have `S`.
    #[inline(always)]
    pub unsafe fn transform_output<F: Scheme, S: Simd>(
        &self,
        from: *const f32,
        stride: usize,
        tile: usize,
        (first, count): (usize, usize),
        finish: &Finish,
    ) {
        let output = self.output;
        let (row, column) = self.place::<F>(tile);
        let (top, left) = (row * F::TILE, column * F::TILE);
        let (rows, columns) = ((output.height - top).min(F::TILE), (output.width - left).min(F::TILE));
        // SAFETY: only positions inside the output are stored.
        unsafe {
            let mut half = Half::<S>::uninit();
            let half = half.as_mut_ptr().cast::<S::V>();
            for c in (0..count).step_by(S::LANES) {
                for q in 0..F::POINTS {
                    let mut column = zeros::<S>();
                    for r in 0..F::POINTS {
                        column[r] = S::load(from.add((r * F::POINTS + q) * stride + c));
                    }
                    let column = F::output::<S>(column);
                    for r in 0..F::TILE {
                        half.add(r * MAX_SIDE + q).write(column[r]);
                    }
                }
                if finish.pools() {
                    for r in 0..F::TILE / 2 {
                        let upper = F::output::<S>(line::<S>(half, 2 * r, F::POINTS));
                        let lower = F::output::<S>(line::<S>(half, 2 * r + 1, F::POINTS));
                        for q in 0..F::TILE / 2 {
                            if 2 * r + 1 < rows && 2 * q + 1 < columns {
                                let position = (top / 2 + r) * (output.width / 2) + left / 2 + q;
                                let window = [upper[2 * q], upper[2 * q + 1], lower[2 * q], lower[2 * q + 1]];
                                finish.pooled::<S>(position, first + c, window);
                            }
                        }
                    }
                    continue;
                }
                for r in 0..F::TILE {
                    let values = F::output::<S>(line::<S>(half, r, F::POINTS));
                    for q in 0..F::TILE {
                        if r < rows && q < columns {
                            let position = (top + r) * output.width + left + q;
                            finish.vector::<S>(position, first + c, values[q]);
                        }
                    }
                }
            }
        }
    }

    /// Writes A·y·Aᵀ of the tile of cotangents that output tile `tile` covers: value `p` of channel `c` to
    /// `to + p · stride + c`; the adjoint of the output transform.
    ///
    /// # Safety
    /// `dy` must be the output map's cotangent, `to` have room; the machine must have `S`.
    #[inline(always)]
    pub unsafe fn transform_cotangent<F: Adjoint, S: Simd>(
        &self,
        dy: *const f32,
        tile: usize,
        to: *mut f32,
        stride: usize,
    ) {
        let output = self.output;
        let (row, column) = self.place::<F>(tile);
        let mut from = [[ZEROS.as_ptr(); MAX_SIDE]; MAX_SIDE];
        // SAFETY: only positions inside the output are read.
        unsafe {
            for r in 0..F::TILE {
                for q in 0..F::TILE {
                    let (y, x) = (row * F::TILE + r, column * F::TILE + q);
                    if y < output.height && x < output.width {
                        from[r][q] = dy.add((y * output.width + x) * output.channels);
                    }
                }
            }
            let mut half = Half::<S>::uninit();
            let half = half.as_mut_ptr().cast::<S::V>();
            for c in (0..output.channels).step_by(S::LANES) {
                for q in 0..F::TILE {
                    let mut column = zeros::<S>();
                    for r in 0..F::TILE {
                        column[r] = S::load(from[r][q].add(c));
                    }
                    let column = F::output_adjoint::<S>(column);
                    for r in 0..F::POINTS {
                        half.add(r * MAX_SIDE + q).write(column[r]);
                    }
                }
                for r in 0..F::POINTS {
                    let row = F::output_adjoint::<S>(line::<S>(half, r, F::TILE));
                    for q in 0..F::POINTS {
                        S::store(to.add((r * F::POINTS + q) * stride + c), row[q]);
                    }
                }
            }
        }
    }
}

/// A tile between its two one-dimensional transforms, [`MAX_SIDE`] vectors a row.
type Half<S> = MaybeUninit<[Side<S>; MAX_SIDE]>;

/// The first `len` vectors of row `r` of a [`Half`].
///
/// # Safety
/// They must have been written; the machine must have `S`.
#[inline(always)]
unsafe fn line<S: Simd>(half: *const S::V, r: usize, len: usize) -> Side<S> {
    // SAFETY: the caller's promise.
    unsafe {
        let mut line = zeros::<S>();
        for q in 0..len {
            line[q] = half.add(r * MAX_SIDE + q).read();
        }
        line
    }
}

/// Writes Bᵀ·d·B of `channels` channels: value `p` of channel `c` to `to + p · stride + c`. `from` tells where the window's
/// positions are, `notes` of a pooled map's positions their switches and the place that keeps the value.
///
/// # Safety
/// All must be valid; the machine must have `S`.
#[inline(always)]
unsafe fn window<F: Scheme, S: Simd, const POOLED: bool>(
    from: &[[*const f32; MAX_SIDE]; MAX_SIDE],
    notes: &[[(*const u8, usize); MAX_SIDE]; MAX_SIDE],
    channels: usize,
    to: *mut f32,
    stride: usize,
) {
    let bits = mask_stride(channels);
    // SAFETY: the caller's promise.
    unsafe {
        let mut half = Half::<S>::uninit();
        let half = half.as_mut_ptr().cast::<S::V>();
        for c in (0..channels).step_by(S::LANES) {
            for q in 0..F::WINDOW {
                let mut column = zeros::<S>();
                for r in 0..F::WINDOW {
                    column[r] = S::load(from[r][q].add(c));
                    if POOLED {
                        let (switches, place) = notes[r][q];
                        let at = switches.add(c / 8);
                        column[r] = S::keep_place(column[r], at, at.add(bits), place);
                    }
                }
                let column = F::input::<S>(column);
                for r in 0..F::POINTS {
                    half.add(r * MAX_SIDE + q).write(column[r]);
                }
            }
            for r in 0..F::POINTS {
                let row = F::input::<S>(line::<S>(half, r, F::WINDOW));
                for q in 0..F::POINTS {
                    S::store(to.add((r * F::POINTS + q) * stride + c), row[q]);
                }
            }
        }
    }
}
