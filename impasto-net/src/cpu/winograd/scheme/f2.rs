//! F(2, 3) at the points 0, 1, −1, ∞.
#![allow(unsafe_code)]

use super::{Adjoint, Scheme, Side, zeros};
use crate::cpu::simd::Simd;

/// Two results of three filter values by four products (Lavin & Gray 2015).
#[derive(Clone, Copy)]
pub struct F2;

// SAFETY of all blocks: arithmetic on registers; the callers' machine has `S`.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Scheme for F2 {
    const WINDOW: usize = 4;
    const POINTS: usize = 4;
    const TILE: usize = 2;
    const STEP: usize = 2;

    #[inline(always)]
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S> {
        unsafe {
            let mut v = zeros::<S>();
            v[0] = S::sub(d[0], d[2]);
            v[1] = S::add(d[2], d[1]);
            v[2] = S::sub(d[2], d[1]);
            v[3] = S::sub(d[3], d[1]);
            v
        }
    }

    #[inline(always)]
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
        unsafe {
            let half = S::splat(0.5);
            let (ends, middle) = (S::mul(half, S::add(g[0], g[2])), S::mul(half, g[1]));
            let mut u = zeros::<S>();
            u[0] = g[0];
            u[1] = S::add(ends, middle);
            u[2] = S::sub(ends, middle);
            u[3] = g[2];
            u
        }
    }

    #[inline(always)]
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S> {
        unsafe {
            let mut y = zeros::<S>();
            y[0] = S::add(m[0], S::add(m[1], m[2]));
            y[1] = S::add(S::sub(m[1], m[2]), m[3]);
            y
        }
    }
}

// SAFETY of all blocks: as above.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Adjoint for F2 {
    #[inline(always)]
    unsafe fn output_adjoint<S: Simd>(y: Side<S>) -> Side<S> {
        unsafe {
            let mut m = zeros::<S>();
            m[0] = y[0];
            m[1] = S::add(y[0], y[1]);
            m[2] = S::sub(y[0], y[1]);
            m[3] = y[1];
            m
        }
    }

    #[inline(always)]
    unsafe fn filter_adjoint<S: Simd>(u: Side<S>) -> [S::V; 3] {
        unsafe {
            let half = S::splat(0.5);
            let even = S::mul(half, S::add(u[1], u[2]));
            [S::add(u[0], even), S::mul(half, S::sub(u[1], u[2])), S::add(even, u[3])]
        }
    }
}
