//! AVX-512: sixteen lanes, 32 registers.
#![allow(unsafe_code)]

use super::{Kernel, Simd};
use crate::cpu::{
    multiply::{Product, multiply},
    segments::{Segments, Sink, segments},
};
use std::arch::x86_64::*;

/// AVX-512 F, BW, DQ, VL.
#[derive(Clone, Copy)]
pub struct Avx512;

/// Runs a kernel compiled for AVX-512.
///
/// # Safety
/// The machine must have AVX-512 F, BW, DQ and VL.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma,avx2")]
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function's features are those of `Avx512`; the rest is the caller's promise.
    unsafe { kernel.run::<Avx512>() }
}

// SAFETY of all blocks: the trait's callers run inside `run`, on a machine with these instructions, with valid pointers.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Avx512 {
    type V = __m512;
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m512 {
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m512) {
        unsafe { _mm512_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn store_positive(p: *mut u8, v: __m512) {
        unsafe {
            let bits = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(v, _mm512_setzero_ps());
            p.cast::<u16>().write_unaligned(bits);
        }
    }
    #[inline(always)]
    unsafe fn keep(v: __m512, p: *const u8) -> __m512 {
        unsafe { _mm512_maskz_mov_ps(p.cast::<u16>().read_unaligned(), v) }
    }
    #[inline(always)]
    unsafe fn multiply(product: &Product) {
        unsafe { multiply::<Self, 8, 2>(product) }
    }
    #[inline(always)]
    unsafe fn segments<K: Sink>(sum: &Segments<'_>, sink: &K) {
        unsafe { segments::<Self, K, 12, 2>(sum, sink) }
    }
}
