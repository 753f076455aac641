//! The sum of matrix products that direct convolutions and their gradients are made of.
//!
//! A kernel row meets a contiguous stretch of the input at every output position. So a row of outputs is a sum of
//! products, one a kernel row, whose left factors are the map itself; the sums stay in registers over all of them.
#![allow(unsafe_code)]

use super::{finish::Finish, multiply::PANEL, simd::Simd};

/// Rows and columns of the largest register block.
const MAX_ROWS: usize = 12;
const MAX_COLUMNS: usize = 32;

/// Results of a register block on their way to a sink, each vector in one cache line.
#[repr(align(64))]
struct Block([f32; MAX_ROWS * MAX_COLUMNS]);

/// One product `A · B` of the sum.
#[derive(Clone, Copy)]
pub struct Segment {
    /// First value of A.
    pub a: *const f32,
    /// First value of B's first panel.
    pub b: *const f32,
    /// Columns of A, rows of B.
    pub depth: usize,
}

/// `C = Σ A · B` over segments whose matrices are strided alike.
pub struct Segments<'a> {
    /// The products, added in this order.
    pub list: &'a [Segment],
    /// Rows of A and C.
    pub rows: usize,
    /// Columns of B and C to compute, from a multiple of [`PANEL`] to a multiple of 16.
    pub columns: std::ops::Range<usize>,
    /// Distance between rows of A.
    pub a_row: usize,
    /// Distance between columns of A.
    pub a_depth: usize,
    /// Distance between rows of B within a panel, whose values are contiguous.
    pub b_depth: usize,
    /// Distance between panels of B.
    pub b_panel: usize,
}

/// Where sums go.
pub trait Sink {
    /// Takes the `rows × width` values from row `row` and column `column` of C on.
    ///
    /// # Safety
    /// The machine must have `S`; `values` must hold that many; the place behind the sink must have room.
    unsafe fn store<S: Simd>(&self, row: usize, rows: usize, column: usize, width: usize, values: *const f32);
}

/// Computes a sum of products in register blocks of `M` rows by `N` vectors.
///
/// # Safety
/// All strides and pointers must describe valid memory, the sink's place apart from A and B; the machine must have `S`.
#[inline(always)]
pub unsafe fn segments<S: Simd, K: Sink, const M: usize, const N: usize>(p: &Segments<'_>, sink: &K) {
    const { assert!(M <= MAX_ROWS && N * S::LANES <= MAX_COLUMNS) };
    let mut column = p.columns.start;
    // SAFETY: blocks stay within rows and columns, which the caller vouches for.
    unsafe {
        while column + N * S::LANES <= p.columns.end {
            strip::<S, K, M, N>(p, column, sink);
            column += N * S::LANES;
        }
        while column < p.columns.end {
            strip::<S, K, M, 1>(p, column, sink);
            column += S::LANES;
        }
    }
}

/// All rows of `N` vectors of columns, in blocks of nearly equal height.
#[inline(always)]
unsafe fn strip<S: Simd, K: Sink, const M: usize, const N: usize>(p: &Segments<'_>, column: usize, sink: &K) {
    let mut values = Block([0.0; MAX_ROWS * MAX_COLUMNS]);
    let share = p.rows.div_ceil(p.rows.div_ceil(M).max(1));
    let b = column / PANEL * p.b_panel + column % PANEL;
    let mut row = 0;
    while row < p.rows {
        let rows = share.min(p.rows - row);
        let to = values.0.as_mut_ptr();
        // SAFETY: as in `segments`; `values` holds the largest block. Arms beyond M are compiled away.
        unsafe {
            match rows {
                1 => block::<S, 1, N>(p, row, b, to),
                2 => block::<S, 2, N>(p, row, b, to),
                3 => block::<S, 3, N>(p, row, b, to),
                4 => block::<S, 4, N>(p, row, b, to),
                5 if M >= 5 => block::<S, 5, N>(p, row, b, to),
                6 if M >= 6 => block::<S, 6, N>(p, row, b, to),
                7 if M >= 7 => block::<S, 7, N>(p, row, b, to),
                8 if M >= 8 => block::<S, 8, N>(p, row, b, to),
                9 if M >= 9 => block::<S, 9, N>(p, row, b, to),
                10 if M >= 10 => block::<S, 10, N>(p, row, b, to),
                11 if M >= 11 => block::<S, 11, N>(p, row, b, to),
                _ if M >= 12 => block::<S, 12, N>(p, row, b, to),
                _ => unreachable!("a block has at most {M} rows"),
            }
            sink.store::<S>(row, rows, column, N * S::LANES, to);
        }
        row += rows;
    }
}

/// One register block: summed in order of segments and depth, so a row's result does not depend on its neighbours.
#[inline(always)]
unsafe fn block<S: Simd, const M: usize, const N: usize>(
    p: &Segments<'_>,
    row: usize,
    b: usize,
    to: *mut f32,
) {
    // SAFETY: as in `segments`.
    unsafe {
        let mut sums = [[S::splat(0.0); N]; M];
        for segment in p.list {
            let mut a = segment.a.add(row * p.a_row);
            let mut b = segment.b.add(b);
            for _ in 0..segment.depth {
                let mut right = [S::splat(0.0); N];
                for (j, right) in right.iter_mut().enumerate() {
                    *right = S::load(b.add(j * S::LANES));
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let left = S::splat(*a.add(i * p.a_row));
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = S::fma(left, right, *sum);
                    }
                }
                // After the last row these point beyond their matrices and are not read.
                a = a.wrapping_add(p.a_depth);
                b = b.wrapping_add(p.b_depth);
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            for (j, &sum) in sums.iter().enumerate() {
                S::store(to.add((i * N + j) * S::LANES), sum);
            }
        }
    }
}

/// Stores rows at positions of a map, columns as its channels; further columns are dropped.
pub struct Positions {
    /// How values are stored.
    pub finish: Finish,
    /// Position of row 0.
    pub first: usize,
    /// Distance between the positions of neighbouring rows.
    pub step: usize,
}

impl Sink for Positions {
    #[inline(always)]
    unsafe fn store<S: Simd>(
        &self,
        row: usize,
        rows: usize,
        column: usize,
        width: usize,
        values: *const f32,
    ) {
        let positions = (self.first + row * self.step, self.step, rows);
        // SAFETY: the caller's positions exist.
        unsafe { self.finish.block::<S>(positions, column, width, values) };
    }
}

/// Stores rows as they are, or adds them.
pub struct Matrix {
    /// First value of C.
    pub c: *mut f32,
    /// Distance between rows of C.
    pub c_row: usize,
    /// Adds to C instead of overwriting it.
    pub accumulate: bool,
}

impl Sink for Matrix {
    #[inline(always)]
    unsafe fn store<S: Simd>(
        &self,
        row: usize,
        rows: usize,
        column: usize,
        width: usize,
        values: *const f32,
    ) {
        for i in 0..rows {
            for j in (0..width).step_by(S::LANES) {
                // SAFETY: C has the rows and columns of the product.
                unsafe {
                    let c = self.c.add((row + i) * self.c_row + column + j);
                    let v = S::load(values.add(i * width + j));
                    S::store(c, if self.accumulate { S::add(S::load(c), v) } else { v });
                }
            }
        }
    }
}
