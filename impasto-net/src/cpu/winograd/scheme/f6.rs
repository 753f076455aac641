//! F(6, 3) at the points 0, ±1, ±2, ±1/2, ∞.
#![allow(unsafe_code)]

use super::{Scheme, Side, zeros};
use crate::cpu::simd::Simd;

/// Six results of three filter values by eight products (Lavin & Gray 2015).
#[derive(Clone, Copy)]
pub struct F6;

/// factor · v.
#[inline(always)]
unsafe fn scaled<S: Simd>(factor: f32, v: S::V) -> S::V {
    // SAFETY: arithmetic on registers.
    unsafe { S::mul(S::splat(factor), v) }
}

/// a · x + b · y + rest.
#[inline(always)]
unsafe fn mix<S: Simd>(a: f32, x: S::V, b: f32, y: S::V, rest: S::V) -> S::V {
    // SAFETY: arithmetic on registers.
    unsafe { S::fma(S::splat(b), y, S::fma(S::splat(a), x, rest)) }
}

// SAFETY of all blocks: arithmetic on registers; the callers' machine has `S`.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Scheme for F6 {
    const WINDOW: usize = 8;
    const POINTS: usize = 8;
    const TILE: usize = 6;
    const STEP: usize = 6;

    #[inline(always)]
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S> {
        unsafe {
            let wide = S::splat(5.25);
            let (even, odd) = (
                S::fma(S::splat(-4.25), d[4], S::add(d[2], d[6])),
                S::fma(S::splat(-4.25), d[3], S::add(d[1], d[5])),
            );
            let even2 = S::fma(S::splat(0.25), d[2], S::fma(S::splat(-1.25), d[4], d[6]));
            let odd2 = S::fma(S::splat(0.5), d[1], S::fma(S::splat(-2.5), d[3], S::mul(S::splat(2.0), d[5])));
            let even3 = S::fma(S::splat(4.0), d[2], S::fma(S::splat(-5.0), d[4], d[6]));
            let odd3 = S::fma(S::splat(2.0), d[1], S::fma(S::splat(-2.5), d[3], S::mul(S::splat(0.5), d[5])));
            [
                S::fma(wide, S::sub(d[4], d[2]), S::sub(d[0], d[6])),
                S::add(even, odd),
                S::sub(even, odd),
                S::add(even2, odd2),
                S::sub(even2, odd2),
                S::add(even3, odd3),
                S::sub(even3, odd3),
                S::fma(wide, S::sub(d[3], d[5]), S::sub(d[7], d[1])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S> {
        unsafe {
            let ends = scaled::<S>(-2.0 / 9.0, S::add(g[0], g[2]));
            let middle = scaled::<S>(-2.0 / 9.0, g[1]);
            let ends2 = S::fma(S::splat(2.0 / 45.0), g[2], scaled::<S>(1.0 / 90.0, g[0]));
            let middle2 = scaled::<S>(1.0 / 45.0, g[1]);
            let ends3 = S::fma(S::splat(1.0 / 180.0), g[2], scaled::<S>(1.0 / 45.0, g[0]));
            let middle3 = scaled::<S>(1.0 / 90.0, g[1]);
            [
                g[0],
                S::add(ends, middle),
                S::sub(ends, middle),
                S::add(ends2, middle2),
                S::sub(ends2, middle2),
                S::add(ends3, middle3),
                S::sub(ends3, middle3),
                g[2],
            ]
        }
    }

    #[inline(always)]
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S> {
        unsafe {
            let (even, odd) = (S::add(m[1], m[2]), S::sub(m[1], m[2]));
            let (even2, odd2) = (S::add(m[3], m[4]), S::sub(m[3], m[4]));
            let (even3, odd3) = (S::add(m[5], m[6]), S::sub(m[5], m[6]));
            let mut y = zeros::<S>();
            y[0] = S::fma(S::splat(32.0), even3, S::add(m[0], S::add(even, even2)));
            y[1] = mix::<S>(2.0, odd2, 16.0, odd3, odd);
            y[2] = mix::<S>(4.0, even2, 8.0, even3, even);
            y[3] = mix::<S>(8.0, odd2, 4.0, odd3, odd);
            y[4] = mix::<S>(16.0, even2, 2.0, even3, even);
            y[5] = S::fma(S::splat(32.0), odd2, S::add(m[7], S::add(odd, odd3)));
            y
        }
    }
}
