//! F(4, 3) at the points 0, ±2/3, ±3/2, ∞.
//!
//! The usual points 0, ±1, ±2, ∞ (Lavin & Gray 2015) lose twice as many digits: errors grow with the range of the points'
//! powers, and these are closer to one (Barabasz et al., "Error analysis and improving the accuracy of Winograd
//! convolution for deep neural networks", 2018, search such points).
#![allow(unsafe_code)]

use super::{Adjoint, Scheme, Side, zeros};
use crate::cpu::simd::Simd;

/// Four results of three filter values by six products.
#[derive(Clone, Copy)]
pub struct F4;

const A: f32 = 2.0 / 3.0;
const B: f32 = 3.0 / 2.0;
/// A² and B².
const A2: f32 = 4.0 / 9.0;
const B2: f32 = 9.0 / 4.0;
/// A² + B²; their product is one.
const SUM: f32 = 97.0 / 36.0;
/// 1 / (2·A²·(A² − B²)) and 1 / (2·B²·(B² − A²)).
const NA: f32 = -81.0 / 130.0;
const NB: f32 = 8.0 / 65.0;

// SAFETY of all blocks: arithmetic on registers; the callers' machine has `S`.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Scheme for F4 {
    const WINDOW: usize = 6;
    const POINTS: usize = 6;
    const TILE: usize = 4;
    const STEP: usize = 4;

    #[inline(always)]
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S> {
        unsafe {
            let (a2, b2, sum) = (S::splat(-A2), S::splat(-B2), S::splat(-SUM));
            let (even, odd) = (S::fma(b2, d[2], d[4]), S::fma(b2, d[1], d[3]));
            let (even2, odd2) = (S::fma(a2, d[2], d[4]), S::fma(a2, d[1], d[3]));
            let mut v = zeros::<S>();
            v[0] = S::fma(sum, d[2], S::add(d[0], d[4]));
            v[1] = S::fma(S::splat(A), odd, even);
            v[2] = S::fma(S::splat(-A), odd, even);
            v[3] = S::fma(S::splat(B), odd2, even2);
            v[4] = S::fma(S::splat(-B), odd2, even2);
            v[5] = S::fma(sum, d[3], S::add(d[1], d[5]));
            v
        }
    }

    #[inline(always)]
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
        unsafe {
            let ends = S::fma(S::splat(NA * A2), g[2], S::mul(S::splat(NA), g[0]));
            let ends2 = S::fma(S::splat(NB * B2), g[2], S::mul(S::splat(NB), g[0]));
            let (middle, middle2) = (S::mul(S::splat(NA * A), g[1]), S::mul(S::splat(NB * B), g[1]));
            let mut u = zeros::<S>();
            u[0] = g[0];
            u[1] = S::add(ends, middle);
            u[2] = S::sub(ends, middle);
            u[3] = S::add(ends2, middle2);
            u[4] = S::sub(ends2, middle2);
            u[5] = g[2];
            u
        }
    }

    #[inline(always)]
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S> {
        unsafe {
            let (even, odd) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
            let (even2, odd2) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
            let mut y = zeros::<S>();
            y[0] = S::add(m[0], S::add(even, even2));
            y[1] = S::fma(S::splat(B), odd2, S::mul(S::splat(A), odd));
            y[2] = S::fma(S::splat(B2), even2, S::mul(S::splat(A2), even));
            y[3] = S::fma(S::splat(B2 * B), odd2, S::fma(S::splat(A2 * A), odd, m[5]));
            y
        }
    }
}

// SAFETY of all blocks: as above.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Adjoint for F4 {
    #[inline(always)]
    unsafe fn output_adjoint<S: Simd>(y: Side<S>) -> Side<S> {
        unsafe {
            let (even, even2) = (S::fma(S::splat(A2), y[2], y[0]), S::fma(S::splat(B2), y[2], y[0]));
            let odd = S::fma(S::splat(A2 * A), y[3], S::mul(S::splat(A), y[1]));
            let odd2 = S::fma(S::splat(B2 * B), y[3], S::mul(S::splat(B), y[1]));
            let mut m = zeros::<S>();
            m[0] = y[0];
            m[1] = S::add(even, odd);
            m[2] = S::sub(even, odd);
            m[3] = S::add(even2, odd2);
            m[4] = S::sub(even2, odd2);
            m[5] = y[3];
            m
        }
    }

    #[inline(always)]
    unsafe fn filter_adjoint<S: Simd>(u: Side<S>) -> [S::V; 3] {
        unsafe {
            let (even, odd) = (S::add(u[1], u[2]), S::sub(u[1], u[2]));
            let (even2, odd2) = (S::add(u[3], u[4]), S::sub(u[3], u[4]));
            [
                S::fma(S::splat(NB), even2, S::fma(S::splat(NA), even, u[0])),
                S::fma(S::splat(NB * B), odd2, S::mul(S::splat(NA * A), odd)),
                S::fma(S::splat(NB * B2), even2, S::fma(S::splat(NA * A2), even, u[5])),
            ]
        }
    }
}
