//! First and second moments of a map's channels.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::{
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use crate::{Map, jobs, statistics::Moments};

/// Sums are taken over at most this many stretches of positions, then added in order in f64: enough for many threads,
/// few enough that the partial matrices stay small.
const STRETCHES: usize = 16;
/// Positions multiplied at a time: two panels of them stay in the first cache.
const BLOCK: usize = 128;

/// Mean, mean square and, if `full`, all second moments of the channels.
pub fn moments(isa: Isa, map: Map<'_>, full: bool) -> Moments {
    let (c, n) = (map.channels, map.positions());
    let padded = c.next_multiple_of(PANEL);
    let stretch = n.div_ceil(STRETCHES).next_multiple_of(BLOCK);
    // Behind the sums of values: their products or just their squares.
    let partial_len = padded + if full { triangle(padded / PANEL, padded) } else { padded };
    let mut partials = vec![0.0f32; n.div_ceil(stretch) * partial_len];
    jobs::each_chunk(&mut partials, partial_len, |job, partial| {
        let x = &map.data[job * stretch * c..n.min((job + 1) * stretch) * c];
        let (sum, products) = partial.split_at_mut(padded);
        scratch::with(if full { BLOCK * padded } else { 0 }, |packed| {
            // SAFETY: the kernel's pointers come from these slices.
            unsafe { isa.run(Stretch { x, channels: c, sum, products, packed }) }
        });
    });
    let total = |offset: usize| {
        partials.chunks_exact(partial_len).map(|partial| partial[offset] as f64).sum::<f64>() / n as f64
    };
    let mean = (0..c).map(total).collect();
    if !full {
        return Moments { mean, square: (0..c).map(|i| total(padded + i)).collect(), second: Vec::new() };
    }
    let mut second = vec![0.0; c * c];
    jobs::each_chunk(&mut second, c, |i, row| {
        let (panel, left) = (i / PANEL, i / PANEL * PANEL);
        let start = padded + triangle(panel, padded) + (i - left) * (padded - left);
        for partial in partials.chunks_exact(partial_len) {
            let products = &partial[start..][i - left..c - left];
            row[i..].iter_mut().zip(products).for_each(|(sum, &product)| *sum += product as f64);
        }
        row[i..].iter_mut().for_each(|sum| *sum /= n as f64);
    });
    mirror(&mut second, c);
    Moments { mean, square: (0..c).map(|i| second[i * c + i]).collect(), second }
}

/// Copies the upper triangle of a square matrix to the lower one, in tiles that stay in cache.
fn mirror(matrix: &mut [f64], side: usize) {
    for top in (0..side).step_by(PANEL) {
        for left in (0..=top).step_by(PANEL) {
            for i in top..side.min(top + PANEL) {
                for j in left..i.min(left + PANEL) {
                    matrix[i * side + j] = matrix[j * side + i];
                }
            }
        }
    }
}

/// Values in front of row panel `panel` of a symmetric matrix: panels of rows, each from the diagonal to the right.
fn triangle(panel: usize, padded: usize) -> usize {
    (0..panel).map(|above| PANEL * (padded - above * PANEL)).sum()
}

/// Sums over one stretch of positions: values, and products (upper triangle of panels) or squares.
struct Stretch<'a> {
    x: &'a [f32],
    channels: usize,
    sum: &'a mut [f32],
    products: &'a mut [f32],
    /// Room for a block of positions, or none if only squares are wanted.
    packed: &'a mut [f32],
}

impl Kernel for Stretch<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Stretch { x, channels: c, sum, products, packed } = self;
        let (padded, full) = (sum.len(), !packed.is_empty());
        for block in x.chunks(BLOCK * c) {
            for panel in 0..padded / PANEL {
                let first = panel * PANEL;
                let sum = &mut sum[first..first + PANEL];
                // SAFETY: the panel begins below `c`; `sum`, squares and packed panel hold all its channels.
                unsafe {
                    if full {
                        pack::<S>(block, c, first, sum, &mut packed[first * BLOCK..][..PANEL * BLOCK]);
                    } else {
                        squares::<S>(block, c, first, sum, &mut products[first..first + PANEL]);
                    }
                }
            }
            if full {
                // SAFETY: all panels of `block` are packed; `products` holds the triangle.
                unsafe { multiply::<S>(packed, block.len() / c, padded, products) };
            }
        }
    }
}

/// Copies the panel of channels from `first` on to `packed`, `[position][PANEL]`, and adds its values to `sum`.
#[inline(always)]
unsafe fn pack<S: Simd>(x: &[f32], c: usize, first: usize, sum: &mut [f32], packed: &mut [f32]) {
    // SAFETY: vectors lie inside a panel, and values are read up to the last channel only.
    unsafe {
        let mut sums = load_panel::<S>(sum.as_ptr(), PANEL);
        for position in 0..x.len() / c {
            let values = load_panel::<S>(x.as_ptr().add(position * c + first), c - first);
            for k in 0..PANEL / S::LANES {
                S::store(packed.as_mut_ptr().add(position * PANEL + k * S::LANES), values[k]);
                sums[k] = S::add(sums[k], values[k]);
            }
        }
        store_panel::<S>(sum.as_mut_ptr(), sums);
    }
}

/// Adds the values of the panel of channels from `first` on to `sum` and their squares to `square`, in the order and with
/// the rounding of the matrix product.
#[inline(always)]
unsafe fn squares<S: Simd>(x: &[f32], c: usize, first: usize, sum: &mut [f32], square: &mut [f32]) {
    // SAFETY: as in `pack`.
    unsafe {
        let mut sums = load_panel::<S>(sum.as_ptr(), PANEL);
        let mut squares = load_panel::<S>(square.as_ptr(), PANEL);
        for position in 0..x.len() / c {
            let values = load_panel::<S>(x.as_ptr().add(position * c + first), c - first);
            for k in 0..PANEL / S::LANES {
                sums[k] = S::add(sums[k], values[k]);
                squares[k] = S::fma(values[k], values[k], squares[k]);
            }
        }
        store_panel::<S>(sum.as_mut_ptr(), sums);
        store_panel::<S>(square.as_mut_ptr(), squares);
    }
}

/// The first `count` values of a panel, the others zero; as many vectors as a panel has, at most four.
#[inline(always)]
unsafe fn load_panel<S: Simd>(p: *const f32, count: usize) -> [S::V; 4] {
    // SAFETY: the caller promises `count` values.
    unsafe {
        let mut values = [S::splat(0.0); 4];
        for k in 0..PANEL / S::LANES {
            let rest = count.saturating_sub(k * S::LANES);
            values[k] = S::load_few(p.wrapping_add(k * S::LANES), rest);
        }
        values
    }
}

/// Writes the vectors of a panel.
#[inline(always)]
unsafe fn store_panel<S: Simd>(p: *mut f32, values: [S::V; 4]) {
    for k in 0..PANEL / S::LANES {
        // SAFETY: the caller promises a panel's room.
        unsafe { S::store(p.add(k * S::LANES), values[k]) };
    }
}

/// Adds xᵀ·x to the triangle of products, x being `depth` positions in packed panels.
#[inline(always)]
unsafe fn multiply<S: Simd>(packed: &[f32], depth: usize, padded: usize, products: &mut [f32]) {
    let mut c = products.as_mut_ptr();
    for left in (0..padded).step_by(PANEL) {
        let (panel, half, row) = (packed[left * BLOCK..].as_ptr(), PANEL / 2, padded - left);
        // SAFETY: every panel of x is whole, and so is every row panel of the triangle.
        unsafe {
            let product = |top: usize, right: usize, rows: usize, columns: usize| Product {
                rows,
                depth,
                columns,
                a: panel.add(top),
                a_row: 1,
                a_depth: PANEL,
                b: panel.add(right / PANEL * BLOCK * PANEL + right % PANEL),
                b_depth: PANEL,
                b_panel: BLOCK * PANEL,
                c: c.add(top * row + right),
                c_row: row,
                accumulate: true,
            };
            // Of the panel on the diagonal, the quarter below it is left out.
            S::multiply(&product(0, 0, half, PANEL));
            S::multiply(&product(half, half, half, half));
            if row > PANEL {
                S::multiply(&product(0, PANEL, PANEL, row - PANEL));
            }
            c = c.add(PANEL * row);
        }
    }
}
