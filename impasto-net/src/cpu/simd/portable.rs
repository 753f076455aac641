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

#[inline(always)]
fn mask(f: impl Fn(usize) -> bool) -> u8 {
    (0..8).fold(0, |bits, i| bits | (u8::from(f(i)) << i))
}

// SAFETY of all blocks: the trait's callers pass pointers to `LANES` values or `LANES / 8` bytes.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Portable {
    type V = V;
    type M = u8;
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
    unsafe fn greater(a: V, b: V) -> u8 {
        mask(|i| a[i] > b[i])
    }
    #[inline(always)]
    unsafe fn select(m: u8, yes: V, no: V) -> V {
        each(|i| if m >> i & 1 == 1 { yes[i] } else { no[i] })
    }
    #[inline(always)]
    unsafe fn select_mask(m: u8, yes: u8, no: u8) -> u8 {
        (m & yes) | (!m & no)
    }
    #[inline(always)]
    unsafe fn load_mask(p: *const u8) -> u8 {
        unsafe { *p }
    }
    #[inline(always)]
    unsafe fn store_mask(p: *mut u8, m: u8) {
        unsafe { *p = m }
    }
    #[inline(always)]
    unsafe fn equal_bytes(p: *const u8, byte: u8) -> u8 {
        let bytes = unsafe { p.cast::<[u8; 8]>().read() };
        mask(|i| bytes[i] == byte)
    }
    #[inline(always)]
    unsafe fn store_bytes(p: *mut u8, v: V) {
        unsafe { p.cast::<[u8; 8]>().write(v.map(|v| v as u8)) }
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
