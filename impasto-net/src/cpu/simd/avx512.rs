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
    unsafe {
        let output = kernel.run::<Avx512>();
        // Streamed values become visible before the job is known to be done.
        _mm_sfence();
        output
    }
}

// SAFETY of all blocks: the trait's callers run inside `run`, on a machine with these instructions, with valid pointers.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Avx512 {
    type V = __m512;
    type M = __mmask16;
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
    unsafe fn stream(p: *mut f32, v: __m512) {
        unsafe {
            match p.cast::<__m512>().is_aligned() {
                true => _mm512_stream_ps(p, v),
                false => _mm512_storeu_ps(p, v),
            }
        }
    }
    #[inline(always)]
    fn prefetch(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(p.cast()) }
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
    unsafe fn greater(a: __m512, b: __m512) -> __mmask16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    unsafe fn select(m: __mmask16, yes: __m512, no: __m512) -> __m512 {
        unsafe { _mm512_mask_blend_ps(m, no, yes) }
    }
    #[inline(always)]
    unsafe fn select_mask(m: __mmask16, yes: __mmask16, no: __mmask16) -> __mmask16 {
        (m & yes) | (!m & no)
    }
    #[inline(always)]
    unsafe fn load_mask(p: *const u8) -> __mmask16 {
        unsafe { p.cast::<__mmask16>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store_mask(p: *mut u8, m: __mmask16) {
        unsafe { p.cast::<__mmask16>().write_unaligned(m) }
    }
    #[inline(always)]
    unsafe fn equal_bytes(p: *const u8, byte: u8) -> __mmask16 {
        unsafe { _mm_cmpeq_epi8_mask(_mm_loadu_si128(p.cast()), _mm_set1_epi8(byte as i8)) }
    }
    #[inline(always)]
    unsafe fn store_bytes(p: *mut u8, v: __m512) {
        unsafe { _mm_storeu_si128(p.cast(), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v))) }
    }
    #[inline(always)]
    unsafe fn store_places(column: *mut u8, row: *mut u8, v: [__m512; 4]) {
        unsafe {
            let upper = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(v[1], v[0]);
            let lower = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(v[3], v[2]);
            let (above, under) = (_mm512_max_ps(v[0], v[1]), _mm512_max_ps(v[2], v[3]));
            let below = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(under, above);
            row.cast::<u16>().write_unaligned(below);
            column.cast::<u16>().write_unaligned(below & lower | !below & upper);
        }
    }
    #[inline(always)]
    unsafe fn keep_place(v: __m512, column: *const u8, row: *const u8, place: usize) -> __m512 {
        unsafe {
            let (column, row) = (column.cast::<u16>().read_unaligned(), row.cast::<u16>().read_unaligned());
            let (flip_column, flip_row) = ((place & 1) as u16, (place >> 1) as u16);
            let bits = (column ^ flip_column.wrapping_sub(1)) & (row ^ flip_row.wrapping_sub(1));
            _mm512_maskz_mov_ps(bits, v)
        }
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
