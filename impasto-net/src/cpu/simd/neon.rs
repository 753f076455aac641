//! NEON: two registers of four lanes taken together.
#![allow(unsafe_code)]

use super::{Kernel, Simd};
use crate::cpu::{
    multiply::{Product, multiply},
    segments::{Segments, Sink, segments},
};
use std::arch::aarch64::*;

/// NEON, present on every 64-bit ARM.
#[derive(Clone, Copy)]
pub struct Neon;

/// Runs a kernel compiled for NEON.
///
/// # Safety
/// The kernel's pointers must be valid.
#[target_feature(enable = "neon")]
pub unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function's features are those of `Neon`; the rest is the caller's promise.
    unsafe { kernel.run::<Neon>() }
}

// SAFETY of all blocks: the trait's callers run inside `run` with valid pointers; NEON is part of the architecture.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Neon {
    type V = float32x4x2_t;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        unsafe { float32x4x2_t(vdupq_n_f32(x), vdupq_n_f32(x)) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        unsafe { float32x4x2_t(vld1q_f32(p), vld1q_f32(p.add(4))) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        unsafe {
            vst1q_f32(p, v.0);
            vst1q_f32(p.add(4), v.1);
        }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vaddq_f32(a.0, b.0), vaddq_f32(a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vsubq_f32(a.0, b.0), vsubq_f32(a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vmulq_f32(a.0, b.0), vmulq_f32(a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vfmaq_f32(c.0, a.0, b.0), vfmaq_f32(c.1, a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vmaxq_f32(a.0, b.0), vmaxq_f32(a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn store_positive(p: *mut u8, v: Self::V) {
        unsafe {
            let (low, high) = ([1u32, 2, 4, 8], [16u32, 32, 64, 128]);
            let low = vandq_u32(vcgtzq_f32(v.0), vld1q_u32(low.as_ptr()));
            let high = vandq_u32(vcgtzq_f32(v.1), vld1q_u32(high.as_ptr()));
            *p = vaddvq_u32(vorrq_u32(low, high)) as u8;
        }
    }
    #[inline(always)]
    unsafe fn keep(v: Self::V, p: *const u8) -> Self::V {
        unsafe {
            let (low, high) = ([1u32, 2, 4, 8], [16u32, 32, 64, 128]);
            let bits = vdupq_n_u32(*p as u32);
            let half = |x, lanes: [u32; 4]| {
                let set = vtstq_u32(bits, vld1q_u32(lanes.as_ptr()));
                vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), set))
            };
            float32x4x2_t(half(v.0, low), half(v.1, high))
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
