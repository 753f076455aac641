//! The way back through an instance norm: one pass for the derivatives by scale and shift, one for the input's.
//!
//! With g the cotangent of y, r = 1 / √(variance + ε) and x̂ = (x − mean) · r, plane by plane:
//! d/dshift = Σg, d/dscale = Σg·x̂, and dx = scale · r · (g − mean of g − x̂ · mean of g·x̂).
#![allow(unsafe_code)]

use super::{each_block, sums::sums};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        simd::{Kernel, Simd},
    },
    device::{Cotangent, Norm},
};
use std::ops::Range;

/// Pulls `dy` back to `dx`; adds the derivatives by scale and shift to `gradient` where they are wanted.
#[allow(clippy::too_many_arguments)]
pub fn instance_norm_vjp(
    isa: Isa,
    norm: Norm<'_>,
    x: &[f32],
    statistics: &[f32],
    dy: &[f32],
    gradient: Option<(&mut [f32], &mut [f32])>,
    dx: &mut [f32],
    after: Cotangent<'_>,
) {
    let (c, n) = (norm.shape.channels, norm.shape.positions());
    assert_eq!([x.len(), dy.len()], [norm.shape.len(); 2]);
    let (mean, rest) = statistics.split_at(c);
    let (excess, reciprocal) = rest.split_at(c);
    assert_eq!([norm.scale.len(), reciprocal.len()], [c; 2]);
    let zero = vec![0.0; c];
    let partials = sums(isa, c, dy, x, |_| [&zero, mean]);
    let (mut sum, mut product) = (vec![0.0f64; c], vec![0.0f64; c]);
    for partial in partials.chunks_exact(2 * c) {
        sum.iter_mut().zip(partial).for_each(|(sum, &p)| *sum += p as f64);
        product.iter_mut().zip(&partial[c..]).for_each(|(product, &p)| *product += p as f64);
    }
    product.iter_mut().zip(&sum).zip(excess).for_each(|((product, sum), &e)| *product += e as f64 * sum);
    if let Some((dscale, dshift)) = gradient {
        for i in 0..c {
            dscale[i] += (reciprocal[i] as f64 * product[i]) as f32;
            dshift[i] += sum[i] as f32;
        }
    }
    let [mut mean_dy, mut factor, mut along, mut offset] = std::array::from_fn(|_| vec![0.0; c]);
    for i in 0..c {
        let (r, n) = (reciprocal[i] as f64, n as f64);
        mean_dy[i] = (sum[i] / n) as f32;
        factor[i] = norm.scale[i] * reciprocal[i];
        along[i] = (-(norm.scale[i] as f64) * r * r * r * product[i] / n) as f32;
        offset[i] = excess[i] * along[i];
    }
    let parts = [mean, &mean_dy, &factor, &along, &offset];
    let finish = Finish::backward(norm.shape, dx, after);
    each_block(n, |range| {
        // SAFETY: x and dy have as many positions as the destination; jobs store different ones.
        unsafe { isa.run(Project { x, dy, range, parts, finish }) }
    });
}

/// (dy − mean of dy) · factor + (x − mean) · along + offset.
struct Project<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    range: Range<usize>,
    /// Mean, mean of dy, factor, along, offset.
    parts: [&'a [f32]; 5],
    finish: Finish,
}

impl Kernel for Project<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Project { x, dy, range, parts: [mean, mean_dy, factor, along, offset], finish } = self;
        let channels = mean.len();
        let mut few = [0.0; 16];
        // SAFETY: `c + LANES` stays within the channels, positions within x and dy.
        unsafe {
            for position in range {
                let (x, dy) = (&x[position * channels..], &dy[position * channels..]);
                let load = |values: &[f32], c: usize| S::load(values.as_ptr().add(c));
                let mut c = 0;
                while c + S::LANES <= channels {
                    let dy = S::sub(load(dy, c), load(mean_dy, c));
                    let x = S::sub(load(x, c), load(mean, c));
                    let part = S::fma(dy, load(factor, c), load(offset, c));
                    finish.vector::<S>(position, c, S::fma(x, load(along, c), part));
                    c += S::LANES;
                }
                for i in c..channels {
                    let part = (dy[i] - mean_dy[i]) * factor[i] + offset[i];
                    few[i - c] = (x[i] - mean[i]) * along[i] + part;
                }
                finish.end(position, c, few.as_ptr());
            }
        }
    }
}
