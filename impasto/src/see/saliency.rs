//! How much every pixel matters.

use super::{Eye, Unit, noise::gaussian};
use impasto_image::Picture;
use impasto_net::ReluRule;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Deviation of SmoothGrad's noise in the paper's recommendation, as a part of the picture's range of values.
pub const NOISE: f32 = 0.15;

/// d value of `unit` / d RGB at `picture` (Simonyan et al. 2013), or under another ReLU rule; interleaved.
///
/// With `copies` above 0, the mean over as many copies of the picture with Gaussian noise of [`NOISE`] times the picture's
/// range (Smilkov et al., "SmoothGrad", 2017). In the end the eye has looked at the picture itself again.
pub fn saliency(
    eye: &mut Eye,
    picture: &Picture,
    unit: Unit,
    rule: ReluRule,
    (copies, seed): (usize, u64),
) -> Vec<f32> {
    if copies == 0 {
        eye.look(picture.rgb());
        return eye.project(rule, &[unit]);
    }
    let (least, most) = picture.rgb().iter().fold((f32::MAX, f32::MIN), |(a, b), &v| (a.min(v), b.max(v)));
    let deviation = NOISE * (most - least);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut sum = vec![0.0f64; picture.rgb().len()];
    for _ in 0..copies {
        let noisy: Vec<f32> = picture.rgb().iter().map(|v| v + deviation * gaussian(&mut random)).collect();
        eye.look(&noisy);
        let gradient = eye.project(rule, &[unit]);
        sum.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += f64::from(g));
    }
    eye.look(picture.rgb());
    sum.into_iter().map(|sum| (sum / copies as f64) as f32).collect()
}
