//! Plain Rust: runs everywhere and under Miri; the measure that the other instruction sets are tested against.
#![allow(unsafe_code)]

use super::{Kernel, Simd};
use crate::cpu::{
    multiply::{Product, multiply},
    segments::{Segments, Sink, segments},
};

/// Eight values in an array.
#[derive(Clone, Copy)]
pub struct Portable;

/// Runs a kernel with plain Rust.
///
/// # Safety
/// The kernel's pointers must be valid.
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: no instruction set is needed; the rest is the caller's promise.
    unsafe { kernel.run::<Portable>() }
}

type V = [f32; 8];

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> V {
    std::array::from_fn(f)
}

// SAFETY of all blocks: the trait's callers pass pointers to `LANES` values or `LANES / 8` bytes.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Portable {
    type V = V;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> V {
        [x; 8]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> V {
        unsafe { p.cast::<V>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: V) {
        unsafe { p.cast::<V>().write_unaligned(v) }
    }
    #[inline(always)]
    unsafe fn add(a: V, b: V) -> V {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn sub(a: V, b: V) -> V {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    unsafe fn mul(a: V, b: V) -> V {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn fma(a: V, b: V, c: V) -> V {
        each(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn max(a: V, b: V) -> V {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn store_positive(p: *mut u8, v: V) {
        let bits = (0..8).fold(0, |bits, i| bits | (((v[i] > 0.0) as u8) << i));
        unsafe { *p = bits }
    }
    #[inline(always)]
    unsafe fn keep(v: V, p: *const u8) -> V {
        let bits = unsafe { *p };
        each(|i| if bits >> i & 1 == 1 { v[i] } else { 0.0 })
    }
    #[inline(always)]
    unsafe fn multiply(product: &Product) {
        unsafe { multiply::<Self, 4, 1>(product) }
    }
    #[inline(always)]
    unsafe fn segments<K: Sink>(sum: &Segments<'_>, sink: &K) {
        unsafe { segments::<Self, K, 4, 1>(sum, sink) }
    }
}
