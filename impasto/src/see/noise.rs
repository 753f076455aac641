//! Normally distributed numbers, the same on every machine.

use rand_chacha::rand_core::Rng;

/// A number of mean 0 and deviation 1 (Box & Muller 1958).
pub fn gaussian(random: &mut impl Rng) -> f32 {
    let mut uniform = || (f64::from(random.next_u32()) + 0.5) / (f64::from(u32::MAX) + 1.0);
    let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), std::f64::consts::TAU * uniform());
    (radius * angle.cos()) as f32
}
