//! Three filter values on a line enlarged ×2 by nearest neighbour, and the way back.
//!
//! Enlarging repeats every value, which as a polynomial is a multiple of 1 + x. At one of F(4, 3)'s points, paired with
//! 1 and ±2, the factor vanishes and with it the product: five of six remain, and only four different values are read.
//! In two dimensions 25 products give the 16 results that by the definition take 144.
#![allow(unsafe_code)]

use super::{Adjoint, Scheme, Side, zeros};
use crate::cpu::simd::Simd;

/// Four results on the enlarged line from four values of the small one.
#[derive(Clone, Copy)]
pub struct Enlarged;

/// The vector-Jacobian product of [`Enlarged`]: two values of the small line from six of the enlarged one.
#[derive(Clone, Copy)]
pub struct EnlargedVjp;

/// G·g at the points 0, 1, 2, −2, ∞.
#[inline(always)]
unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
    // SAFETY: arithmetic on registers.
    unsafe {
        let ends = S::fma(S::splat(1.0 / 6.0), g[2], S::mul(S::splat(1.0 / 24.0), g[0]));
        let middle = S::mul(S::splat(1.0 / 12.0), g[1]);
        let mut u = zeros::<S>();
        u[0] = S::mul(S::splat(0.25), g[0]);
        u[1] = S::mul(S::splat(-1.0 / 6.0), S::add(S::add(g[0], g[1]), g[2]));
        u[2] = S::add(ends, middle);
        u[3] = S::sub(ends, middle);
        u[4] = g[2];
        u
    }
}

// SAFETY of all blocks: arithmetic on registers; the callers' machine has `S`.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Scheme for Enlarged {
    const WINDOW: usize = 4;
    const POINTS: usize = 5;
    const TILE: usize = 4;
    const STEP: usize = 2;

    #[inline(always)]
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S> {
        unsafe {
            let (four, five) = (S::splat(4.0), S::splat(-5.0));
            let step = S::sub(d[1], d[2]);
            let mut v = zeros::<S>();
            v[0] = S::fma(four, d[0], S::fma(five, d[1], d[2]));
            v[1] = S::fma(S::splat(-8.0), d[1], S::add(d[2], d[2]));
            v[2] = S::mul(S::splat(-3.0), step);
            v[3] = step;
            v[4] = S::fma(four, d[1], S::fma(five, d[2], d[3]));
            v
        }
    }

    #[inline(always)]
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
        unsafe { filter::<S>(g) }
    }

    #[inline(always)]
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S> {
        unsafe {
            let (even, odd) = (S::add(m[2], m[3]), S::sub(m[2], m[3]));
            let mut y = zeros::<S>();
            y[0] = S::add(S::add(m[0], m[1]), even);
            y[1] = S::fma(S::splat(2.0), odd, m[1]);
            y[2] = S::fma(S::splat(4.0), even, m[1]);
            y[3] = S::fma(S::splat(8.0), odd, S::add(m[1], m[4]));
            y
        }
    }
}

// SAFETY of all blocks: as above.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Adjoint for Enlarged {
    #[inline(always)]
    unsafe fn output_adjoint<S: Simd>(y: Side<S>) -> Side<S> {
        unsafe {
            let even = S::fma(S::splat(4.0), y[2], y[0]);
            let odd = S::fma(S::splat(8.0), y[3], S::add(y[1], y[1]));
            let mut m = zeros::<S>();
            m[0] = y[0];
            m[1] = S::add(S::add(y[0], y[1]), S::add(y[2], y[3]));
            m[2] = S::add(even, odd);
            m[3] = S::sub(even, odd);
            m[4] = y[3];
            m
        }
    }

    #[inline(always)]
    unsafe fn filter_adjoint<S: Simd>(u: Side<S>) -> [S::V; 3] {
        unsafe {
            let one = S::mul(S::splat(-1.0 / 6.0), u[1]);
            let (even, odd) = (S::add(u[2], u[3]), S::sub(u[2], u[3]));
            [
                S::fma(S::splat(0.25), u[0], S::fma(S::splat(1.0 / 24.0), even, one)),
                S::fma(S::splat(1.0 / 12.0), odd, one),
                S::add(u[4], S::fma(S::splat(1.0 / 6.0), even, one)),
            ]
        }
    }
}

// SAFETY of all blocks: as above.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Scheme for EnlargedVjp {
    const WINDOW: usize = 6;
    const POINTS: usize = 5;
    const TILE: usize = 2;
    const STEP: usize = 4;

    #[inline(always)]
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S> {
        unsafe {
            let (four, five) = (S::splat(4.0), S::splat(-5.0));
            let even = S::sub(d[4], d[2]);
            let odd = S::mul(S::splat(2.0), S::sub(d[3], d[1]));
            let mut v = zeros::<S>();
            v[0] = S::fma(four, d[0], S::fma(five, d[2], d[4]));
            v[1] = S::fma(S::splat(-4.0), S::add(d[1], d[2]), S::add(d[3], d[4]));
            v[2] = S::add(even, odd);
            v[3] = S::sub(even, odd);
            v[4] = S::fma(four, d[1], S::fma(five, d[3], d[5]));
            v
        }
    }

    #[inline(always)]
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
        unsafe { filter::<S>(g) }
    }

    #[inline(always)]
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S> {
        unsafe {
            let two = S::splat(2.0);
            let mut y = zeros::<S>();
            y[0] = S::fma(two, m[1], S::fma(S::splat(3.0), m[2], S::sub(m[0], m[3])));
            y[1] = S::fma(two, m[1], S::fma(S::splat(12.0), m[2], S::fma(S::splat(-4.0), m[3], m[4])));
            y
        }
    }
}
