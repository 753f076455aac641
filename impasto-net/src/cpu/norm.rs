//! Instance norm (Ulyanov et al. 2016): one pass over the map for means and variances, one for the result.
#![allow(unsafe_code)]

mod sums;
mod vjp;

pub use vjp::instance_norm_vjp;

use super::{
    finish::Finish,
    isa::Isa,
    simd::{Kernel, Simd},
};
use crate::{
    device::{Activation, Norm, Relu, Shape},
    jobs,
};
use std::ops::Range;
use sums::{BLOCK, sums};

/// Lanes of the longest vector.
const VECTOR: usize = 16;
/// Positions of a block that its origin is the mean of.
const SAMPLES: usize = 8;

/// Norms `x`, or `y` itself, into `y`; `statistics` receives means, how much each of them is too large, being an f32, and reciprocal
/// deviations.
pub fn instance_norm(
    isa: Isa,
    norm: Norm<'_>,
    x: Option<&[f32]>,
    statistics: &mut [f32],
    y: &mut [f32],
    after: Activation<'_>,
) {
    let c = norm.shape.channels;
    assert!(x.is_none_or(|x| x.len() == norm.shape.len()));
    assert_eq!([norm.scale.len(), norm.shift.len(), statistics.len()], [c, c, 3 * c]);
    let (mean, variance) = moments_of_few(isa, c, x.unwrap_or(y));
    let (centre, rest) = statistics.split_at_mut(c);
    let (excess, reciprocal) = rest.split_at_mut(c);
    let (mut factor, mut shift) = (vec![0.0; c], vec![0.0; c]);
    for i in 0..c {
        let inverse = 1.0 / (variance[i] + norm.epsilon as f64).sqrt();
        (centre[i], reciprocal[i]) = (mean[i] as f32, inverse as f32);
        excess[i] = (centre[i] as f64 - mean[i]) as f32;
        let scale = inverse * norm.scale[i] as f64;
        factor[i] = scale as f32;
        shift[i] = (norm.shift[i] as f64 + excess[i] as f64 * scale) as f32;
    }
    // Positions that are scaled as one; masks are laid out by single ones.
    let together = match after.relu {
        Relu::Note(_) => 1,
        _ if after.among.is_some() => 1,
        _ => together(c, norm.shape.positions()),
    };
    let (centre, factor, shift) = (centre.repeat(together), factor.repeat(together), shift.repeat(together));
    let (centre, factor, shift) = (&centre, &factor, &shift);
    let shape = Shape { height: 1, width: norm.shape.positions() / together, channels: c * together };
    let shape = if together == 1 { norm.shape } else { shape };
    let finish = Finish::forward(shape, y, &[], after);
    each_block(shape.positions(), |range| {
        let x = x.map_or(finish.destination(), <[f32]>::as_ptr);
        // SAFETY: `x` has as many positions as the destination, and if it is the destination, every value is read before
        // it is stored by the same job; jobs take different positions.
        unsafe { isa.run(Scale { x, range, centre, factor, shift, finish }) }
    });
}

/// How many positions of so few channels that they fill no vector are treated as one with as many times the channels.
fn together(channels: usize, positions: usize) -> usize {
    let enough = (1..=VECTOR).find(|n| (n * channels).is_multiple_of(VECTOR)).unwrap_or(1);
    if channels < VECTOR && positions.is_multiple_of(enough) { enough } else { 1 }
}

/// Mean and biased variance of every channel: those of all channels of several positions are combined.
fn moments_of_few(isa: Isa, c: usize, x: &[f32]) -> (Vec<f64>, Vec<f64>) {
    let n = together(c, x.len() / c);
    let (means, variances) = moments(isa, n * c, x);
    let each = |values: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..c).map(|i| (i..n * c).step_by(c).map(values).sum::<f64>() / n as f64).collect()
    };
    let mean = each(&|i| means[i]);
    let variance = each(&|i| variances[i] + (means[i] - mean[i % c]).powi(2));
    (mean, variance)
}

/// Runs `job` for every block of positions.
fn each_block(positions: usize, job: impl Fn(Range<usize>) + Sync) {
    jobs::each(positions.div_ceil(BLOCK), |block| job(block * BLOCK..positions.min((block + 1) * BLOCK)));
}

/// For every block of positions and every channel, a value near the block's mean: that of a few positions. A single one
/// may lie far from all others, and what is left of squares relative to it would have few digits.
fn origins(c: usize, x: &[f32]) -> Vec<f32> {
    let mut origins = vec![0.0; (x.len() / c).div_ceil(BLOCK) * c];
    jobs::each_chunk(&mut origins, c, |block, origin| {
        let x = &x[block * BLOCK * c..x.len().min((block + 1) * BLOCK * c)];
        let step = (x.len() / c).div_ceil(SAMPLES);
        let samples = || x.chunks_exact(c).step_by(step);
        let share = 1.0 / samples().count() as f32;
        for sample in samples() {
            origin.iter_mut().zip(sample).for_each(|(origin, value)| *origin += share * value);
        }
    });
    origins
}

/// Mean and biased variance of every channel. The sums of a block are relative to about its mean, so that a plane far from
/// zero loses nothing.
fn moments(isa: Isa, c: usize, x: &[f32]) -> (Vec<f64>, Vec<f64>) {
    let n = (x.len() / c) as f64;
    let origins = origins(c, x);
    let origin = |block: usize| &origins[block * c..][..c];
    let partials = sums(isa, c, x, x, |block| [origin(block); 2]);
    // Positions in a block, its origin, its sums.
    let blocks = || {
        partials.chunks_exact(2 * c).enumerate().map(|(block, partial)| {
            let (sum, square) = partial.split_at(c);
            let count = BLOCK.min(x.len() / c - block * BLOCK) as f64;
            (count, origin(block), sum, square)
        })
    };
    let (mut mean, mut variance) = (vec![0.0; c], vec![0.0; c]);
    for (count, origin, sum, _) in blocks() {
        for i in 0..c {
            mean[i] += count * origin[i] as f64 + sum[i] as f64;
        }
    }
    mean.iter_mut().for_each(|mean| *mean /= n);
    for (count, origin, sum, square) in blocks() {
        for i in 0..c {
            let from_mean = origin[i] as f64 - mean[i];
            variance[i] += square[i] as f64 + from_mean * (2.0 * sum[i] as f64 + count * from_mean);
        }
    }
    variance.iter_mut().for_each(|variance| *variance = (*variance / n).max(0.0));
    (mean, variance)
}

/// (x − centre) · factor + shift.
struct Scale<'a> {
    x: *const f32,
    range: Range<usize>,
    centre: &'a [f32],
    factor: &'a [f32],
    shift: &'a [f32],
    finish: Finish,
}

impl Kernel for Scale<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Scale { x, range, centre, factor, shift, finish } = self;
        let channels = centre.len();
        let mut few = [0.0; 16];
        // SAFETY: `c + LANES` stays within the channels; see `instance_norm` for the rest.
        unsafe {
            for position in range {
                let x = x.add(position * channels);
                let mut c = 0;
                while c + S::LANES <= channels {
                    let centred = S::sub(S::load(x.add(c)), S::load(centre.as_ptr().add(c)));
                    let (factor, shift) = (S::load(factor.as_ptr().add(c)), S::load(shift.as_ptr().add(c)));
                    finish.vector::<S>(position, c, S::fma(centred, factor, shift));
                    c += S::LANES;
                }
                for i in c..channels {
                    few[i - c] = (*x.add(i) - centre[i]) * factor[i] + shift[i];
                }
                finish.end(position, c, few.as_ptr());
            }
        }
    }
}
