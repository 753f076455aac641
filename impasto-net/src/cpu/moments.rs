//! Channel statistics of a map and the gradient of a loss on them.
#![allow(unsafe_code)]

use super::{
    disjoint::Disjoint,
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use crate::{
    Map,
    statistics::{Affine, Moments},
};
use rayon::prelude::*;

/// Sums are taken over at most this many stretches of positions, then added in order in f64: enough for many threads,
/// few enough that the partial matrices stay small.
const STRETCHES: usize = 16;
/// Positions multiplied at a time, so that their values stay in cache while the triangle is covered.
const BLOCK: usize = 256;

/// Mean, mean square and, if `full`, all second moments of the channels.
pub fn moments(isa: Isa, map: Map<'_>, full: bool) -> Moments {
    let (c, n) = (map.channels, map.positions());
    let padded = c.next_multiple_of(PANEL);
    let stretch = n.div_ceil(STRETCHES).next_multiple_of(BLOCK);
    let stretches = n.div_ceil(stretch);
    let matrix_len = if full { padded * padded } else { 0 };
    let partial_len = 2 * padded + matrix_len;
    let mut partials = vec![0.0f32; stretches * partial_len];
    partials.par_chunks_exact_mut(partial_len).enumerate().for_each(|(job, partial)| {
        let x = &map.data[job * stretch * c..n.min((job + 1) * stretch) * c];
        // SAFETY: the kernel's pointers come from `x` and `partial`.
        unsafe { isa.run(Stretch { x, channels: c, padded, partial }) }
    });
    let total = |offset: usize| {
        partials.chunks_exact(partial_len).map(|partial| partial[offset] as f64).sum::<f64>() / n as f64
    };
    let mut second = vec![0.0; if full { c * c } else { 0 }];
    second.par_chunks_exact_mut(c).enumerate().for_each(|(i, row)| {
        for partial in partials.chunks_exact(partial_len) {
            let products = &partial[2 * padded + i * padded..][i..c];
            row[i..].iter_mut().zip(products).for_each(|(sum, &product)| *sum += product as f64);
        }
        row[i..].iter_mut().for_each(|sum| *sum /= n as f64);
    });
    if full {
        for (i, j) in (0..c).flat_map(|i| (0..i).map(move |j| (i, j))) {
            second[i * c + j] = second[j * c + i];
        }
    }
    Moments { mean: (0..c).map(total).collect(), square: (0..c).map(|i| total(padded + i)).collect(), second }
}

/// Sums over one stretch of positions: values, squares, products (upper triangle of panels).
struct Stretch<'a> {
    x: &'a [f32],
    channels: usize,
    padded: usize,
    partial: &'a mut [f32],
}

impl Kernel for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Stretch { x, channels: c, padded, partial } = self;
        let (sum, rest) = partial.split_at_mut(padded);
        let (square, matrix) = rest.split_at_mut(padded);
        for block in x.chunks(BLOCK * c) {
            for x in block.chunks_exact(c) {
                for ((sum, square), x) in sum.iter_mut().zip(square.iter_mut()).zip(x) {
                    *sum += x;
                    *square += x * x;
                }
            }
            if matrix.is_empty() {
                continue;
            }
            if c == padded {
                // SAFETY: `block` holds whole positions of `padded` channels.
                unsafe { products::<S>(block, padded, matrix) };
            } else {
                scratch::with(block.len() / c * padded, |wide| {
                    for (wide, x) in wide.chunks_exact_mut(padded).zip(block.chunks_exact(c)) {
                        wide[..c].copy_from_slice(x);
                        wide[c..].fill(0.0);
                    }
                    // SAFETY: as above.
                    unsafe { products::<S>(wide, padded, matrix) };
                });
            }
        }
    }
}

/// Adds xᵀ·x to `matrix`, panels of rows from the diagonal to the right.
#[inline(always)]
unsafe fn products<S: Simd>(x: &[f32], c: usize, matrix: &mut [f32]) {
    for row in (0..c).step_by(PANEL) {
        let product = Product {
            rows: PANEL,
            depth: x.len() / c,
            columns: c - row,
            a: x[row..].as_ptr(),
            a_row: 1,
            a_depth: c,
            b: x[row..].as_ptr(),
            b_depth: c,
            b_panel: PANEL,
            c: matrix[row * c + row..].as_mut_ptr(),
            c_row: c,
            accumulate: true,
        };
        // SAFETY: `c` is a multiple of `PANEL`, so every row of x and of the matrix has whole panels.
        unsafe { S::multiply(&product) };
    }
}

/// Adds `matrix · x + diagonal ∘ x + offset` to `gradient` at every position.
pub fn add_affine(isa: Isa, map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
    let c = map.channels;
    assert_eq!(gradient.len(), map.data.len());
    let padded = c.next_multiple_of(PANEL);
    let whole = |v: &[f32], len: usize| v.is_empty() || v.len() == len;
    assert!(whole(&affine.matrix, c * c) && whole(&affine.diagonal, c) && whole(&affine.offset, c));
    let mut packed = vec![0.0; if affine.matrix.is_empty() { 0 } else { padded * c }];
    for (panel, packed) in packed.chunks_exact_mut(c * PANEL).enumerate() {
        let columns = panel * PANEL..c.min((panel + 1) * PANEL);
        for (k, packed) in packed.chunks_exact_mut(PANEL).enumerate() {
            packed[..columns.len()].copy_from_slice(&affine.matrix[k * c..][columns.clone()]);
        }
    }
    let gradient = Disjoint::new(gradient);
    let block = 64;
    (0..map.positions().div_ceil(block)).into_par_iter().for_each(|job| {
        let (first, last) = (job * block * c, ((job + 1) * block * c).min(map.data.len()));
        // SAFETY: jobs take different positions.
        let gradient = unsafe { gradient.range(first, last) };
        let work =
            Block { x: &map.data[first..last], channels: c, padded, packed: &packed, affine, gradient };
        // SAFETY: the kernel's pointers come from these slices.
        unsafe { isa.run(work) }
    });
}

struct Block<'a> {
    x: &'a [f32],
    channels: usize,
    padded: usize,
    packed: &'a [f32],
    affine: &'a Affine,
    gradient: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Block { x, channels: c, padded, packed, affine, gradient } = self;
        for (x, g) in x.chunks_exact(c).zip(gradient.chunks_exact_mut(c)) {
            for ((g, x), d) in g.iter_mut().zip(x).zip(&affine.diagonal) {
                *g += d * x;
            }
            g.iter_mut().zip(&affine.offset).for_each(|(g, o)| *g += o);
        }
        if packed.is_empty() {
            return;
        }
        let rows = x.len() / c;
        let mut product = Product {
            rows,
            depth: c,
            columns: padded,
            a: x.as_ptr(),
            a_row: c,
            a_depth: 1,
            b: packed.as_ptr(),
            b_depth: PANEL,
            b_panel: PANEL * c,
            c: gradient.as_mut_ptr(),
            c_row: c,
            accumulate: true,
        };
        if c == padded {
            // SAFETY: `gradient` has `rows` rows of whole panels.
            unsafe { S::multiply(&product) };
            return;
        }
        scratch::with(rows * padded, |wide| {
            (product.c, product.c_row, product.accumulate) = (wide.as_mut_ptr(), padded, false);
            // SAFETY: `wide` has `rows` rows of whole panels.
            unsafe { S::multiply(&product) };
            for (g, wide) in gradient.chunks_exact_mut(c).zip(wide.chunks_exact(padded)) {
                g.iter_mut().zip(wide).for_each(|(g, w)| *g += w);
            }
        });
    }
}
