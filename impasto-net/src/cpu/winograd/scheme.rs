//! The one-dimensional algorithms: how many values a tile reads, multiplies and gives, and the transforms between.
//!
//! Each computes T results of a convolution with three filter values from W neighbouring values by P products
//! (Toom–Cook: polynomials multiplied by their values at P − 1 points and at ∞; Winograd 1980). Nested with itself it
//! needs P² products a tile in two dimensions. The transforms are linear: results are Aᵀ·[(G·g) ∘ (Bᵀ·d)].

mod enlarged;
mod f2;
mod f4;
mod f6;

pub use enlarged::{Enlarged, EnlargedVjp};
pub use f2::F2;
pub use f4::F4;
pub use f6::F6;

use crate::cpu::simd::Simd;

/// Largest number of values, products or results along a side.
pub const MAX_SIDE: usize = 8;

/// Up to [`MAX_SIDE`] vectors; those beyond an algorithm's number are not used.
pub type Side<S> = [<S as Simd>::V; MAX_SIDE];

/// A one-dimensional algorithm.
///
/// # Safety
/// All functions are arithmetic on registers and need a machine that has `S`.
pub trait Scheme: Copy + Send + Sync + 'static {
    /// Values a tile reads, W.
    const WINDOW: usize;
    /// Products, P.
    const POINTS: usize;
    /// Results, T.
    const TILE: usize;
    /// Distance between the values that neighbouring tiles read first.
    const STEP: usize;

    /// Bᵀ·d: W values to P left factors.
    unsafe fn input<S: Simd>(d: Side<S>) -> Side<S>;
    /// G·g: three filter values to P right factors.
    unsafe fn filter<S: Simd>(g: [S::V; 3]) -> Side<S>;
    /// Aᵀ·m: P products to T results.
    unsafe fn output<S: Simd>(m: Side<S>) -> Side<S>;
}

/// An algorithm by which derivatives by the filters are computed too.
///
/// # Safety
/// As [`Scheme`].
pub trait Adjoint: Scheme {
    /// A·y, the adjoint of [`Scheme::output`]: T cotangents to P.
    unsafe fn output_adjoint<S: Simd>(y: Side<S>) -> Side<S>;
    /// Gᵀ·u, the adjoint of [`Scheme::filter`]: P derivatives to three.
    unsafe fn filter_adjoint<S: Simd>(u: Side<S>) -> [S::V; 3];
}

/// An algorithm as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// F(2×2, 3×3).
    F2,
    /// F(4×4, 3×3).
    F4,
    /// F(6×6, 3×3).
    F6,
    /// 3×3 on a map enlarged ×2.
    Enlarged,
    /// The way back through it.
    EnlargedVjp,
}

/// Work that is written once for every algorithm.
pub trait ForScheme {
    /// What it returns.
    type Output;
    /// Does the work.
    fn run<F: Scheme>(self) -> Self::Output;
}

impl Algorithm {
    /// Runs `work` for this algorithm.
    pub fn run<W: ForScheme>(self, work: W) -> W::Output {
        match self {
            Algorithm::F2 => work.run::<F2>(),
            Algorithm::F4 => work.run::<F4>(),
            Algorithm::F6 => work.run::<F6>(),
            Algorithm::Enlarged => work.run::<Enlarged>(),
            Algorithm::EnlargedVjp => work.run::<EnlargedVjp>(),
        }
    }

    /// Products a tile and channel pair, P².
    pub fn planes(self) -> usize {
        struct Planes;
        impl ForScheme for Planes {
            type Output = usize;
            fn run<F: Scheme>(self) -> usize {
                F::POINTS * F::POINTS
            }
        }
        self.run(Planes)
    }

    /// Side of a tile of results, T.
    pub fn tile(self) -> usize {
        struct Tile;
        impl ForScheme for Tile {
            type Output = usize;
            fn run<F: Scheme>(self) -> usize {
                F::TILE
            }
        }
        self.run(Tile)
    }
}

/// All lanes of all vectors zero.
///
/// # Safety
/// The machine must have `S`.
#[inline(always)]
pub unsafe fn zeros<S: Simd>() -> Side<S> {
    // SAFETY: the caller's machine has `S`.
    unsafe { [S::splat(0.0); MAX_SIDE] }
}
