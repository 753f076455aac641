//! Normally distributed numbers, the same on every machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A source of numbers of mean 0 and deviation 1, from the ChaCha8 generator by the transform of Box & Muller (1958).
pub struct Normal(ChaCha8Rng);

impl Normal {
    /// The source that `seed` means.
    pub fn new(seed: u64) -> Self {
        Normal(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> f32 {
        let mut uniform = || (f64::from(self.0.next_u32()) + 0.5) / (f64::from(u32::MAX) + 1.0);
        let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), std::f64::consts::TAU * uniform());
        (radius * angle.cos()) as f32
    }
}
