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

/// Every lane's bit in a mask's byte.
const LANE_BITS: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

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
    type M = uint32x4x2_t;
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
    unsafe fn greater(a: Self::V, b: Self::V) -> Self::M {
        unsafe { uint32x4x2_t(vcgtq_f32(a.0, b.0), vcgtq_f32(a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn select(m: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        unsafe { float32x4x2_t(vbslq_f32(m.0, yes.0, no.0), vbslq_f32(m.1, yes.1, no.1)) }
    }
    #[inline(always)]
    unsafe fn select_mask(m: Self::M, yes: Self::M, no: Self::M) -> Self::M {
        unsafe { uint32x4x2_t(vbslq_u32(m.0, yes.0, no.0), vbslq_u32(m.1, yes.1, no.1)) }
    }
    #[inline(always)]
    unsafe fn load_mask(p: *const u8) -> Self::M {
        unsafe {
            let bits = vdupq_n_u32(*p as u32);
            let [low, high] = [vld1q_u32(LANE_BITS.as_ptr()), vld1q_u32(LANE_BITS.as_ptr().add(4))];
            uint32x4x2_t(vtstq_u32(bits, low), vtstq_u32(bits, high))
        }
    }
    #[inline(always)]
    unsafe fn store_mask(p: *mut u8, m: Self::M) {
        unsafe {
            let low = vandq_u32(m.0, vld1q_u32(LANE_BITS.as_ptr()));
            let high = vandq_u32(m.1, vld1q_u32(LANE_BITS.as_ptr().add(4)));
            *p = vaddvq_u32(vorrq_u32(low, high)) as u8;
        }
    }
    #[inline(always)]
    unsafe fn equal_bytes(p: *const u8, byte: u8) -> Self::M {
        unsafe {
            // Widened with their sign, all ones stay all ones.
            let equal = vmovl_s8(vreinterpret_s8_u8(vceq_u8(vld1_u8(p), vdup_n_u8(byte))));
            let (low, high) = (vmovl_s16(vget_low_s16(equal)), vmovl_s16(vget_high_s16(equal)));
            uint32x4x2_t(vreinterpretq_u32_s32(low), vreinterpretq_u32_s32(high))
        }
    }
    #[inline(always)]
    unsafe fn store_bytes(p: *mut u8, v: Self::V) {
        unsafe {
            let (low, high) = (vmovn_u32(vcvtq_u32_f32(v.0)), vmovn_u32(vcvtq_u32_f32(v.1)));
            vst1_u8(p, vmovn_u16(vcombine_u16(low, high)));
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
