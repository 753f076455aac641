//! AVX2 with fused multiply-add: eight lanes, 16 registers.
#![allow(unsafe_code)]

use super::{Kernel, Simd};
use crate::cpu::{
    multiply::{Product, multiply},
    segments::{Segments, Sink, segments},
};
use std::arch::x86_64::*;

/// AVX2 and FMA.
#[derive(Clone, Copy)]
pub struct Avx2;

/// Runs a kernel compiled for AVX2.
///
/// # Safety
/// The machine must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function's features are those of `Avx2`; the rest is the caller's promise.
    unsafe {
        let output = kernel.run::<Avx2>();
        // Streamed values become visible before the job is known to be done.
        _mm_sfence();
        output
    }
}

// SAFETY of all blocks: the trait's callers run inside `run`, on a machine with these instructions, with valid pointers.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Avx2 {
    type V = __m256;
    type M = __m256;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m256 {
        unsafe { _mm256_set1_ps(x) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m256) {
        unsafe { _mm256_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn stream(p: *mut f32, v: __m256) {
        unsafe {
            match p.cast::<__m256>().is_aligned() {
                true => _mm256_stream_ps(p, v),
                false => _mm256_storeu_ps(p, v),
            }
        }
    }
    #[inline(always)]
    fn prefetch(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn sub(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_sub_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn max(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn greater(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    unsafe fn select(m: __m256, yes: __m256, no: __m256) -> __m256 {
        unsafe { _mm256_blendv_ps(no, yes, m) }
    }
    #[inline(always)]
    unsafe fn select_mask(m: __m256, yes: __m256, no: __m256) -> __m256 {
        unsafe { _mm256_blendv_ps(no, yes, m) }
    }
    #[inline(always)]
    unsafe fn load_mask(p: *const u8) -> __m256 {
        unsafe {
            let lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            let set = _mm256_and_si256(_mm256_set1_epi32(*p as i32), lane);
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(set, lane))
        }
    }
    #[inline(always)]
    unsafe fn store_mask(p: *mut u8, m: __m256) {
        unsafe { *p = _mm256_movemask_ps(m) as u8 }
    }
    #[inline(always)]
    unsafe fn equal_bytes(p: *const u8, byte: u8) -> __m256 {
        unsafe {
            let bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(p.cast()));
            _mm256_castsi256_ps(_mm256_cmpeq_epi32(bytes, _mm256_set1_epi32(i32::from(byte))))
        }
    }
    #[inline(always)]
    unsafe fn store_bytes(p: *mut u8, v: __m256) {
        unsafe {
            let wide = _mm256_cvtps_epi32(v);
            let (low, high) = (_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
            let words = _mm_packus_epi32(low, high);
            _mm_storel_epi64(p.cast(), _mm_packus_epi16(words, words));
        }
    }
    #[inline(always)]
    unsafe fn multiply(product: &Product) {
        unsafe { multiply::<Self, 6, 2>(product) }
    }
    #[inline(always)]
    unsafe fn segments<K: Sink>(sum: &Segments<'_>, sink: &K) {
        unsafe { segments::<Self, K, 6, 2>(sum, sink) }
    }
}
