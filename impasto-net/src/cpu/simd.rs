//! What the kernels ask of a vector instruction set.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
#[cfg(target_arch = "aarch64")]
pub mod neon;
pub mod portable;

use super::multiply::Product;

/// A vector of f32 lanes and the few operations that the kernels are made of.
///
/// # Safety
/// Every function needs a machine that has the instruction set; loads and stores touch `LANES` values without alignment.
pub trait Simd: Copy + Send + Sync + 'static {
    /// The vector.
    type V: Copy;
    /// Values in a vector: 8 or 16, so that a ReLU mask of one bit a lane is whole bytes.
    const LANES: usize;

    /// All lanes `x`.
    unsafe fn splat(x: f32) -> Self::V;
    /// Reads `LANES` values.
    unsafe fn load(p: *const f32) -> Self::V;
    /// Writes `LANES` values.
    unsafe fn store(p: *mut f32, v: Self::V);
    /// Writes `LANES` values past the caches if `p` is aligned for that; [`Simd::fence`] must follow before others read.
    #[inline(always)]
    unsafe fn stream(p: *mut f32, v: Self::V) {
        // SAFETY: the caller's promise.
        unsafe { Self::store(p, v) }
    }
    /// Makes streamed values visible to other threads.
    #[inline(always)]
    unsafe fn fence() {}
    /// Asks for the cache line at `p`, which need not be valid, in the second-level cache.
    #[inline(always)]
    unsafe fn prefetch(_p: *const f32) {}
    /// a + b.
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// a − b.
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    /// a · b.
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// a · b + c.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The larger of a and b.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// Writes one bit a lane, set where `v > 0`, to `LANES / 8` bytes.
    unsafe fn store_positive(p: *mut u8, v: Self::V);
    /// Zeroes the lanes whose bit in the `LANES / 8` bytes at `p` is not set.
    unsafe fn keep(v: Self::V, p: *const u8) -> Self::V;
    /// Writes where the first largest of four values, which come row by row, lies: one bit a lane to `column` and to `row`.
    #[inline(always)]
    unsafe fn store_places(column: *mut u8, row: *mut u8, v: [Self::V; 4]) {
        let (mut upper, mut lower, mut below) = ([0; 2], [0; 2], [0; 2]);
        // SAFETY: the caller's machine and pointers; a positive difference is the same as a larger value.
        unsafe {
            Self::store_positive(upper.as_mut_ptr(), Self::sub(v[1], v[0]));
            Self::store_positive(lower.as_mut_ptr(), Self::sub(v[3], v[2]));
            let difference = Self::sub(Self::max(v[2], v[3]), Self::max(v[0], v[1]));
            Self::store_positive(below.as_mut_ptr(), difference);
            for i in 0..Self::LANES / 8 {
                *row.add(i) = below[i];
                *column.add(i) = below[i] & lower[i] | !below[i] & upper[i];
            }
        }
    }
    /// Keeps the lanes whose maximum lay at `place` of its 2×2 window, zeroes the others; one bit a lane at `column` and at
    /// `row` tells where each lay.
    #[inline(always)]
    unsafe fn keep_place(v: Self::V, column: *const u8, row: *const u8, place: usize) -> Self::V {
        let flip = |set: usize| if set == 0 { 0xFF } else { 0 };
        let (flip_column, flip_row) = (flip(place & 1), flip(place >> 1));
        let mut bits = [0; 2];
        // SAFETY: `LANES / 8` bytes, at most two, are the caller's promise.
        unsafe {
            for (i, bits) in bits.iter_mut().enumerate().take(Self::LANES / 8) {
                *bits = (*column.add(i) ^ flip_column) & (*row.add(i) ^ flip_row);
            }
            Self::keep(v, bits.as_ptr())
        }
    }
    /// Matrix product with the register blocking that suits the instruction set.
    unsafe fn multiply(product: &Product);
}

/// A piece of single-threaded work written once for every instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;

    /// Does the work with the vectors of `S`. Must be `#[inline(always)]` to be compiled for the instruction set.
    ///
    /// # Safety
    /// The machine must have the instruction set `S`, and the kernel's own pointers must be valid.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}
