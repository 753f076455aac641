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
    /// Matrix product with the register blocking that suits the instruction set.
    unsafe fn multiply(product: &Product);
    /// Sum of matrix products, likewise.
    unsafe fn segments<K: Sink>(sum: &Segments<'_>, sink: &K);
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
