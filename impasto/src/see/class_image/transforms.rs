//! Small random movements of a picture before the network looks at it.
//!
//! What must be strong at any of several positions, sizes and angles cannot be a pattern of single pixels (Mordvintsev,
//! Olah & Tyka 2015; Olah et al. 2017).

use rand_chacha::rand_core::Rng;

/// Shade beyond the picture's border.
const GROUND: f32 = 0.5;

/// How far pictures are moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transforms {
    /// Largest shift along each axis, pixels.
    pub jitter: f64,
    /// Largest part by which the picture is enlarged or reduced: 0.1 is 0.9 to 1.1 times.
    pub scale: f64,
    /// Largest angle, degrees.
    pub rotation: f64,
}

impl Transforms {
    /// No movement.
    pub const NONE: Transforms = Transforms { jitter: 0.0, scale: 0.0, rotation: 0.0 };

    /// A movement of pictures of `size` (height, width), all amounts equally probable.
    pub fn draw(&self, random: &mut impl Rng, size: (usize, usize)) -> Warp {
        let mut uniform = |most: f64| {
            let unit = (f64::from(random.next_u32()) + 0.5) / (f64::from(u32::MAX) + 1.0);
            most * (2.0 * unit - 1.0)
        };
        // Whole pixels, because fractions blur.
        let shift = [uniform(self.jitter).round(), uniform(self.jitter).round()];
        let (zoom, angle) = (1.0 + uniform(self.scale), uniform(self.rotation).to_radians());
        Warp { size, shift, along: angle.cos() / zoom, across: angle.sin() / zoom }
    }
}

/// A movement of pictures of one size, with bilinear interpolation and grey where there is no picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warp {
    size: (usize, usize),
    shift: [f64; 2],
    along: f64,
    across: f64,
}

impl Warp {
    /// The picture moved; interleaved RGB, like `rgb`.
    pub fn apply(&self, rgb: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(rgb.len());
        self.taps(|_, taps| {
            let mut pixel = [GROUND * (1.0 - taps.iter().map(|tap| tap.1).sum::<f32>()); 3];
            for (at, weight) in taps {
                (0..3).for_each(|c| pixel[c] += weight * rgb[3 * at + c]);
            }
            out.extend(pixel);
        });
        out
    }

    /// From d value / d moved picture to d value / d picture.
    pub fn back(&self, gradient: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; gradient.len()];
        self.taps(|i, taps| {
            for (at, weight) in taps {
                (0..3).for_each(|c| out[3 * at + c] += weight * gradient[3 * i + c]);
            }
        });
        out
    }

    /// For every pixel of the moved picture the four pixels it is made of, with their weights; 0 for those outside.
    fn taps(&self, mut each: impl FnMut(usize, [(usize, f32); 4])) {
        let (height, width) = self.size;
        let centre = [(height as f64 - 1.0) / 2.0, (width as f64 - 1.0) / 2.0];
        for i in 0..height * width {
            let (y, x) = ((i / width) as f64 - centre[0], (i % width) as f64 - centre[1]);
            let row = self.along * y - self.across * x + centre[0] + self.shift[0];
            let column = self.across * y + self.along * x + centre[1] + self.shift[1];
            let (top, left) = (row.floor(), column.floor());
            let (down, right) = ((row - top) as f32, (column - left) as f32);
            let inside = |at: f64, count: usize| at >= 0.0 && at < count as f64;
            let tap = |r: f64, c: f64, weight: f32| match inside(r, height) && inside(c, width) {
                true => (r as usize * width + c as usize, weight),
                false => (0, 0.0),
            };
            each(
                i,
                [
                    tap(top, left, (1.0 - down) * (1.0 - right)),
                    tap(top, left + 1.0, (1.0 - down) * right),
                    tap(top + 1.0, left, down * (1.0 - right)),
                    tap(top + 1.0, left + 1.0, down * right),
                ],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dot, noise};
    use super::*;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    #[test]
    fn no_movement_changes_nothing() {
        let warp = Transforms::NONE.draw(&mut ChaCha8Rng::seed_from_u64(0), (5, 4));
        let picture = noise(60, 1);
        assert_eq!(warp.apply(&picture), picture);
    }

    #[test]
    fn back_is_the_adjoint() {
        let transforms = Transforms { jitter: 3.0, scale: 0.2, rotation: 30.0 };
        let mut random = ChaCha8Rng::seed_from_u64(5);
        for seed in 0..4 {
            let warp = transforms.draw(&mut random, (11, 13));
            let (x, y) = (noise(429, seed), noise(429, seed + 9));
            // Without what comes from the ground, the movement is linear.
            let ground = warp.apply(&vec![0.0; 429]);
            let moved: Vec<f32> = warp.apply(&x).iter().zip(ground).map(|(v, g)| v - g).collect();
            let (there, back) = (dot(&moved, &y), dot(&x, &warp.back(&y)));
            assert!((there - back).abs() < 1e-4, "{there} {back}");
        }
    }
}
