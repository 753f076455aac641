//! The gradient of a loss on channel statistics: an affine image of every position.
#![allow(unsafe_code)]

use super::{
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use crate::{Map, jobs, statistics::Affine};

/// Positions to a job.
const BLOCK: usize = 192;

/// Positions multiplied at a time, while the next ones are on their way to cache: few where they are worth little
/// arithmetic, so that memory is asked evenly. All register blockings divide it, and it divides [`BLOCK`].
fn rows(channels: usize) -> usize {
    if channels > 128 { 96 } else { 24 }
}

/// Adds `matrix · x + diagonal ∘ x + offset` to `gradient` at every position.
pub fn add_affine(isa: Isa, map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
    let c = map.channels;
    assert_eq!(gradient.len(), map.data.len());
    let whole = |v: &[f32], len: usize| v.is_empty() || v.len() == len;
    assert!(whole(&affine.matrix, c * c) && whole(&affine.diagonal, c) && whole(&affine.offset, c));
    let packed = pack(affine, c);
    // Where the last panel is not whole, products pass through memory that has room for it.
    let wide =
        if packed.is_empty() || c.is_multiple_of(PANEL) { 0 } else { rows(c) * c.next_multiple_of(PANEL) };
    jobs::each_chunk(gradient, BLOCK * c, |block, gradient| {
        let x = &map.data[block * BLOCK * c..][..gradient.len()];
        scratch::with(wide, |wide| {
            let work = Block { x, channels: c, packed: &packed, affine, gradient, wide };
            // SAFETY: the kernel's pointers come from these slices.
            unsafe { isa.run(work) }
        });
    });
}

/// The matrix in panels of columns, `[panel][row][PANEL]`, the diagonal added to its own.
fn pack(affine: &Affine, c: usize) -> Vec<f32> {
    if affine.matrix.is_empty() {
        return Vec::new();
    }
    let mut packed = vec![0.0; c.next_multiple_of(PANEL) * c];
    for (panel, packed) in packed.chunks_exact_mut(c * PANEL).enumerate() {
        let columns = panel * PANEL..c.min((panel + 1) * PANEL);
        for (k, packed) in packed.chunks_exact_mut(PANEL).enumerate() {
            packed[..columns.len()].copy_from_slice(&affine.matrix[k * c..][columns.clone()]);
            if let (true, Some(diagonal)) = (columns.contains(&k), affine.diagonal.get(k)) {
                packed[k - columns.start] += diagonal;
            }
        }
    }
    packed
}

/// Some positions of the map and the gradient.
struct Block<'a> {
    x: &'a [f32],
    channels: usize,
    packed: &'a [f32],
    affine: &'a Affine,
    gradient: &'a mut [f32],
    wide: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Block { x, channels: c, packed, affine, gradient, wide } = self;
        let chunks = x.chunks(rows(c) * c).zip(gradient.chunks_mut(rows(c) * c));
        for (x, gradient) in chunks {
            // SAFETY: the vectors have as many values as there are channels; `wide` has room for all rows.
            unsafe {
                let pointer =
                    |values: &[f32]| if values.is_empty() { std::ptr::null() } else { values.as_ptr() };
                let diagonal = if packed.is_empty() { &affine.diagonal[..] } else { &[] };
                add_vectors::<S>(x, pointer(diagonal), pointer(&affine.offset), c, gradient);
                if !packed.is_empty() {
                    add_product::<S>(x, packed, c, gradient, wide);
                }
            }
        }
    }
}

/// Adds `diagonal ∘ x + offset`, each unless null, to `gradient` at every position.
#[inline(always)]
unsafe fn add_vectors<S: Simd>(
    x: &[f32],
    diagonal: *const f32,
    offset: *const f32,
    c: usize,
    gradient: &mut [f32],
) {
    if diagonal.is_null() && offset.is_null() {
        return;
    }
    for position in 0..x.len() / c {
        for channel in (0..c).step_by(S::LANES) {
            let (at, count) = (position * c + channel, S::LANES.min(c - channel));
            // SAFETY: `count` values from `channel` on exist.
            unsafe {
                let g = gradient.as_mut_ptr().add(at);
                let mut sum = S::load_few(g, count);
                if !diagonal.is_null() {
                    let factor = S::load_few(diagonal.add(channel), count);
                    sum = S::fma(factor, S::load_few(x.as_ptr().add(at), count), sum);
                }
                if !offset.is_null() {
                    sum = S::add(sum, S::load_few(offset.add(channel), count));
                }
                S::store_few(g, sum, count);
            }
        }
    }
}

/// Adds the product with the packed matrix to `gradient`; `wide` is room for it if `c` is not whole panels.
#[inline(always)]
unsafe fn add_product<S: Simd>(x: &[f32], packed: &[f32], c: usize, gradient: &mut [f32], wide: &mut [f32]) {
    // What comes after these positions is fetched while they are multiplied.
    for line in (0..x.len()).step_by(16) {
        S::prefetch(x.as_ptr().wrapping_add(x.len() + line));
        S::prefetch(gradient.as_ptr().wrapping_add(x.len() + line));
    }
    let (rows, whole) = (x.len() / c, wide.is_empty());
    let padded = c.next_multiple_of(PANEL);
    let product = Product {
        rows,
        depth: c,
        columns: padded,
        a: x.as_ptr(),
        a_row: c,
        a_depth: 1,
        b: packed.as_ptr(),
        b_depth: PANEL,
        b_panel: PANEL * c,
        c: if whole { gradient.as_mut_ptr() } else { wide.as_mut_ptr() },
        c_row: padded,
        accumulate: whole,
    };
    // SAFETY: the destination has `rows` rows of whole panels.
    unsafe { S::multiply(&product) };
    if !whole {
        for position in 0..rows {
            for channel in (0..c).step_by(S::LANES) {
                let count = S::LANES.min(c - channel);
                // SAFETY: `count` values from `channel` on exist.
                unsafe {
                    let g = gradient.as_mut_ptr().add(position * c + channel);
                    let added = S::load(wide.as_ptr().add(position * padded + channel));
                    S::store_few(g, S::add(S::load_few(g, count), added), count);
                }
            }
        }
    }
}
