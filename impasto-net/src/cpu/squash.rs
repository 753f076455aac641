//! The logistic curve that keeps values within a range, and the way back.
#![allow(unsafe_code)]

use super::{
    finish::Finish,
    isa::Isa,
    simd::{Kernel, Simd},
};
use crate::{device::Shape, jobs};

/// Values to a job.
const BLOCK: usize = 4096;
/// Positions to a job on the way back.
const POSITIONS: usize = 1024;

/// y = low + (high − low) / (1 + e⁻ˣ).
pub fn squash(isa: Isa, [low, high]: [f32; 2], x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    jobs::each_chunk(y, BLOCK, |block, y| {
        let x = &x[block * BLOCK..][..y.len()];
        // SAFETY: the kernel works on slices.
        unsafe { isa.run(Squash { low, span: high - low, x, y }) }
    });
}

struct Squash<'a> {
    low: f32,
    span: f32,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Squash<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for (y, x) in self.y.iter_mut().zip(self.x) {
            *y = self.low + self.span * logistic(*x);
        }
    }
}

/// Stores dy times the curve's slope at the map `x` of size `shape` behind `finish`.
pub fn squash_vjp(isa: Isa, [low, high]: [f32; 2], x: &[f32], dy: &[f32], shape: Shape, finish: Finish) {
    assert!(x.len() == shape.len() && dy.len() == shape.len());
    jobs::each(shape.positions().div_ceil(POSITIONS), |job| {
        let range = job * POSITIONS..shape.positions().min((job + 1) * POSITIONS);
        // SAFETY: both maps have all positions of the range; jobs store different ones.
        unsafe { isa.run(SquashVjp { span: high - low, x, dy, channels: shape.channels, range, finish }) }
    });
}

struct SquashVjp<'a> {
    span: f32,
    x: &'a [f32],
    dy: &'a [f32],
    channels: usize,
    range: std::ops::Range<usize>,
    finish: Finish,
}

impl Kernel for SquashVjp<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let SquashVjp { span, x, dy, channels, range, finish } = self;
        let mut few = [0.0; 16];
        for position in range {
            let at = position * channels;
            let (x, dy) = (&x[at..at + channels], &dy[at..at + channels]);
            let mut c = 0;
            // SAFETY: `c + LANES` stays within the channels, and no vector is longer than `few`.
            unsafe {
                while c < channels {
                    let count = S::LANES.min(channels - c);
                    for i in 0..count {
                        let y = logistic(x[c + i]);
                        few[i] = span * y * (1.0 - y) * dy[c + i];
                    }
                    if count == S::LANES {
                        finish.vector::<S>(position, c, S::load(few.as_ptr()));
                    } else {
                        finish.end(position, c, few.as_ptr());
                    }
                    c += count;
                }
            }
        }
    }
}

/// 1 / (1 + e⁻ˣ) within three millionths of itself, without a branch: 2ᵗ is a whole power put into the exponent times a
/// polynomial on [−½, ½] (Taylor's, whose remainder there is 1e-8).
#[inline(always)]
fn logistic(x: f32) -> f32 {
    let t = (-std::f32::consts::LOG2_E * x).clamp(-120.0, 120.0);
    // Adding and taking away 1.5 · 2²³ rounds to a whole number.
    let whole = (t + 12_582_912.0) - 12_582_912.0;
    let u = (t - whole) * std::f32::consts::LN_2;
    let terms = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let mut power = 1.0 / 5040.0;
    for term in terms {
        power = power * u + term;
    }
    let scale = f32::from_bits(((whole as i32 + 127) as u32) << 23);
    1.0 / (1.0 + power * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_curve() {
        for i in -4000..=4000 {
            let x = i as f32 * 0.01;
            let exact = 1.0 / (1.0 + (-x as f64).exp());
            let error = (logistic(x) as f64 - exact).abs();
            assert!(error <= 3e-6 * exact, "{x}: {error:.2e}");
        }
        assert_eq!(logistic(f32::INFINITY), 1.0);
        assert!(logistic(f32::NEG_INFINITY) < 1e-30);
        assert!(logistic(f32::NAN).is_nan());
    }
}
