//! What the kernels ask of a vector instruction set.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
#[cfg(target_arch = "aarch64")]
pub mod neon;
pub mod portable;

use super::{
    multiply::Product,
    segments::{Segments, Sink},
};

/// Lanes of the longest vector.
const LONGEST: usize = 16;

/// A vector of f32 lanes and the few operations that the kernels are made of.
///
/// # Safety
/// Every function needs a machine that has the instruction set; loads and stores touch `LANES` values without alignment.
pub trait Simd: Copy + Send + Sync + 'static {
    /// The vector.
    type V: Copy;
    /// A yes or no for every lane.
    type M: Copy;
    /// Values in a vector: 8 or 16, so that a mask of one bit a lane is whole bytes.
    const LANES: usize;

    /// All lanes `x`.
    unsafe fn splat(x: f32) -> Self::V;
    /// Reads `LANES` values.
    unsafe fn load(p: *const f32) -> Self::V;
    /// Writes `LANES` values.
    unsafe fn store(p: *mut f32, v: Self::V);
    /// Writes `LANES` values past the caches if `p` is aligned for that; others see them when the kernel has run.
    #[inline(always)]
    unsafe fn stream(p: *mut f32, v: Self::V) {
        // SAFETY: the caller's promise.
        unsafe { Self::store(p, v) }
    }
    /// Asks for a cache line that will soon be read; any address will do.
    #[inline(always)]
    fn prefetch(_p: *const f32) {}
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
    /// Where a > b.
    unsafe fn greater(a: Self::V, b: Self::V) -> Self::M;
    /// The lanes of `yes` where `m`, those of `no` elsewhere.
    unsafe fn select(m: Self::M, yes: Self::V, no: Self::V) -> Self::V;
    /// As [`Simd::select`], of masks.
    unsafe fn select_mask(m: Self::M, yes: Self::M, no: Self::M) -> Self::M;
    /// Reads one bit a lane from `LANES / 8` bytes.
    unsafe fn load_mask(p: *const u8) -> Self::M;
    /// Writes one bit a lane to `LANES / 8` bytes.
    unsafe fn store_mask(p: *mut u8, m: Self::M);
    /// Where `LANES` bytes equal `byte`.
    unsafe fn equal_bytes(p: *const u8, byte: u8) -> Self::M;
    /// Writes whole numbers 0 to 255 as `LANES` bytes.
    unsafe fn store_bytes(p: *mut u8, v: Self::V);
    /// Matrix product with the register blocking that suits the instruction set.
    unsafe fn multiply(product: &Product);
    /// Sum of matrix products, likewise.
    unsafe fn segments<K: Sink>(sum: &Segments<'_>, sink: &K);

    /// Writes one bit a lane, set where `v > 0`, to `LANES / 8` bytes.
    #[inline(always)]
    unsafe fn store_positive(p: *mut u8, v: Self::V) {
        // SAFETY: the caller's promise.
        unsafe { Self::store_mask(p, Self::greater(v, Self::splat(0.0))) }
    }
    /// Zeroes the lanes whose bit in the `LANES / 8` bytes at `p` is not set.
    #[inline(always)]
    unsafe fn keep(v: Self::V, p: *const u8) -> Self::V {
        // SAFETY: the caller's promise.
        unsafe { Self::select(Self::load_mask(p), v, Self::splat(0.0)) }
    }
    /// Writes where the first largest of four values, which come row by row, lies: one bit a lane to `column` and to `row`.
    #[inline(always)]
    unsafe fn store_places(column: *mut u8, row: *mut u8, v: [Self::V; 4]) {
        // SAFETY: the caller's promise.
        unsafe {
            let below = Self::greater(Self::max(v[2], v[3]), Self::max(v[0], v[1]));
            let right = Self::select_mask(below, Self::greater(v[3], v[2]), Self::greater(v[1], v[0]));
            Self::store_mask(row, below);
            Self::store_mask(column, right);
        }
    }
    /// Keeps the lanes whose maximum lay at `place` of its 2×2 window, zeroes the others; one bit a lane at `column` and at
    /// `row` tells where each lay.
    #[inline(always)]
    unsafe fn keep_place(v: Self::V, column: *const u8, row: *const u8, place: usize) -> Self::V {
        // SAFETY: the caller's promise.
        unsafe {
            let (zero, column, row) = (Self::splat(0.0), Self::load_mask(column), Self::load_mask(row));
            let v =
                if place & 1 == 0 { Self::select(column, zero, v) } else { Self::select(column, v, zero) };
            if place >> 1 == 0 { Self::select(row, zero, v) } else { Self::select(row, v, zero) }
        }
    }
    /// Reads `count` values, at most `LANES`; the other lanes are zero.
    #[inline(always)]
    unsafe fn load_few(p: *const f32, count: usize) -> Self::V {
        // SAFETY: no vector is longer than the array; the rest is the caller's promise.
        unsafe {
            if count >= Self::LANES {
                return Self::load(p);
            }
            let mut lanes = [0.0; LONGEST];
            p.copy_to_nonoverlapping(lanes.as_mut_ptr(), count);
            Self::load(lanes.as_ptr())
        }
    }
    /// Writes the first `count` lanes, at most `LANES`.
    #[inline(always)]
    unsafe fn store_few(p: *mut f32, v: Self::V, count: usize) {
        // SAFETY: as in `load_few`.
        unsafe {
            if count >= Self::LANES {
                return Self::store(p, v);
            }
            let mut lanes = [0.0; LONGEST];
            Self::store(lanes.as_mut_ptr(), v);
            p.copy_from_nonoverlapping(lanes.as_ptr(), count);
        }
    }
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
