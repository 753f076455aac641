//! The one-dimensional transforms of F(4, 3) at the points 0, 1, −1, 2, −2, ∞.
#![allow(unsafe_code)]

use super::TILE;
use super::WINDOW;
use crate::cpu::simd::Simd;

/// Bᵀ·d: six input values to six products' left factors.
///
/// # Safety
/// The machine must have `S`.
#[inline(always)]
pub unsafe fn input<S: Simd>(d: [S::V; WINDOW]) -> [S::V; WINDOW] {
    // SAFETY: arithmetic on registers.
    unsafe {
        let (four, minus_four, minus_five) = (S::splat(4.0), S::splat(-4.0), S::splat(-5.0));
        let even = S::fma(minus_four, d[2], d[4]);
        let odd = S::fma(minus_four, d[1], d[3]);
        let even2 = S::sub(d[4], d[2]);
        let odd2 = S::mul(S::splat(2.0), S::sub(d[3], d[1]));
        [
            S::fma(four, d[0], S::fma(minus_five, d[2], d[4])),
            S::add(even, odd),
            S::sub(even, odd),
            S::add(even2, odd2),
            S::sub(even2, odd2),
            S::fma(four, d[1], S::fma(minus_five, d[3], d[5])),
        ]
    }
}

/// Aᵀ·m: six products to four output values.
///
/// # Safety
/// The machine must have `S`.
#[inline(always)]
pub unsafe fn output<S: Simd>(m: [S::V; WINDOW]) -> [S::V; TILE] {
    // SAFETY: arithmetic on registers.
    unsafe {
        let (even, odd) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
        let (even2, odd2) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
        [
            S::add(m[0], S::add(even, even2)),
            S::fma(S::splat(2.0), odd2, odd),
            S::fma(S::splat(4.0), even2, even),
            S::add(S::fma(S::splat(8.0), odd2, odd), m[5]),
        ]
    }
}

/// G·g: three filter values to six products' right factors.
///
/// # Safety
/// The machine must have `S`.
#[inline(always)]
pub unsafe fn filter<S: Simd>(g: [S::V; 3]) -> [S::V; WINDOW] {
    // SAFETY: arithmetic on registers.
    unsafe {
        let sixth = S::splat(-1.0 / 6.0);
        let twelfth = S::splat(1.0 / 12.0);
        let ends = S::mul(sixth, S::add(g[0], g[2]));
        let middle = S::mul(sixth, g[1]);
        let ends2 = S::fma(S::splat(1.0 / 24.0), g[0], S::mul(S::splat(1.0 / 6.0), g[2]));
        let middle2 = S::mul(twelfth, g[1]);
        [
            S::mul(S::splat(0.25), g[0]),
            S::add(ends, middle),
            S::sub(ends, middle),
            S::add(ends2, middle2),
            S::sub(ends2, middle2),
            g[2],
        ]
    }
}
