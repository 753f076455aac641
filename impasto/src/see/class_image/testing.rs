//! What tests of linear maps need.

use crate::see::noise::gaussian;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Normally distributed numbers.
pub fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| gaussian(&mut random)).collect()
}

/// The scalar product.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
