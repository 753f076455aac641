//! The matrix product that convolutions, Gram matrices and their gradients are made of.
#![allow(unsafe_code)]

use super::simd::Simd;

/// Columns of a packed panel: all register blockings divide it.
pub const PANEL: usize = 32;

/// `C = A · B` or `C += A · B`, with `rows × depth` A, `depth × columns` B, both strided.
pub struct Product {
    /// Rows of A and C.
    pub rows: usize,
    /// Columns of A, rows of B.
    pub depth: usize,
    /// Columns of B and C, whole [`PANEL`]s or one half of a panel.
    pub columns: usize,
    /// First value of A.
    pub a: *const f32,
    /// Distance between rows of A.
    pub a_row: usize,
    /// Distance between columns of A.
    pub a_depth: usize,
    /// First value of B; the values of a row within a panel are contiguous.
    pub b: *const f32,
    /// Distance between rows of B within a panel.
    pub b_depth: usize,
    /// Distance between panels of B.
    pub b_panel: usize,
    /// First value of C; rows are contiguous.
    pub c: *mut f32,
    /// Distance between rows of C.
    pub c_row: usize,
    /// Adds to C instead of overwriting it.
    pub accumulate: bool,
}

/// Computes a product in register blocks of `M` rows by `N` vectors.
///
/// # Safety
/// All strides and pointers of `p` must describe valid memory, C apart from A and B; the machine must have `S`.
#[inline(always)]
pub unsafe fn multiply<S: Simd, const M: usize, const N: usize>(p: &Product) {
    // SAFETY: the caller's promises.
    unsafe {
        if N * S::LANES > PANEL / 2 && p.columns < N * S::LANES {
            columns::<S, M, 1>(p);
        } else {
            columns::<S, M, N>(p);
        }
    }
}

/// All columns, `N` vectors at a time.
#[inline(always)]
unsafe fn columns<S: Simd, const M: usize, const N: usize>(p: &Product) {
    // SAFETY: offsets stay below rows, depth and columns, which the caller vouches for.
    unsafe {
        for column in (0..p.columns).step_by(N * S::LANES) {
            let b = p.b.add(column / PANEL * p.b_panel + column % PANEL);
            let c = p.c.add(column);
            let mut row = 0;
            while row + M <= p.rows {
                block::<S, M, N>(p, row, b, c);
                row += M;
            }
            match p.rows - row {
                0 => {}
                1 => block::<S, 1, N>(p, row, b, c),
                2 => block::<S, 2, N>(p, row, b, c),
                3 => block::<S, 3, N>(p, row, b, c),
                4 => block::<S, 4, N>(p, row, b, c),
                5 => block::<S, 5, N>(p, row, b, c),
                6 => block::<S, 6, N>(p, row, b, c),
                _ => block::<S, 7, N>(p, row, b, c),
            }
        }
    }
}

/// One register block: the products are summed in order of depth, so a row's result does not depend on its neighbours.
#[inline(always)]
unsafe fn block<S: Simd, const M: usize, const N: usize>(
    p: &Product,
    row: usize,
    b: *const f32,
    c: *mut f32,
) {
    // SAFETY: as in `multiply`.
    unsafe {
        let mut sums = [[S::splat(0.0); N]; M];
        let c = c.add(row * p.c_row);
        if p.accumulate {
            for (i, sums) in sums.iter_mut().enumerate() {
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = S::load(c.add(i * p.c_row + j * S::LANES));
                }
            }
        }
        let mut a = p.a.add(row * p.a_row);
        let mut b = b;
        for _ in 0..p.depth {
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
        for (i, sums) in sums.iter().enumerate() {
            for (j, &sum) in sums.iter().enumerate() {
                S::store(c.add(i * p.c_row + j * S::LANES), sum);
            }
        }
    }
}
