//! Layers that treat every position alike: ReLU, copies between sets of planes, means.
#![allow(unsafe_code)]

use super::{
    finish::Finish,
    isa::Isa,
    simd::{Kernel, Simd},
};
use crate::{Map, jobs};

/// Positions to a job.
const BLOCK: usize = 256;
/// Planes to a job of means.
const PLANES: usize = 64;

/// Stores, at every one of `positions` positions, the `channels` values found at `values + position · stride`.
pub fn store_all(isa: Isa, values: &[f32], stride: usize, channels: usize, positions: usize, finish: Finish) {
    assert!(positions == 0 || (positions - 1) * stride + channels <= values.len());
    jobs::each(positions.div_ceil(BLOCK), |job| {
        let range = job * BLOCK..positions.min((job + 1) * BLOCK);
        // SAFETY: the last position's values end inside the slice; jobs store different positions.
        unsafe { isa.run(Store { values, stride, range, finish }) }
    });
}

struct Store<'a> {
    values: &'a [f32],
    stride: usize,
    range: std::ops::Range<usize>,
    finish: Finish,
}

impl Kernel for Store<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for position in self.range {
            // SAFETY: see `store_all`.
            unsafe { self.finish.row::<S>(position, self.values.as_ptr().add(position * self.stride)) };
        }
    }
}

/// Writes x to the planes of `y`, which has `channels` of them, from `first` on.
pub fn place_planes(x: Map<'_>, y: &mut [f32], channels: usize, first: usize) {
    assert!(first + x.channels <= channels && y.len() == x.positions() * channels);
    jobs::each_chunk(y, BLOCK * channels, |block, y| {
        let values = &x.data[block * BLOCK * x.channels..];
        for (y, x) in y.chunks_exact_mut(channels).zip(values.chunks_exact(x.channels)) {
            y[first..first + x.len()].copy_from_slice(x);
        }
    });
}

/// Mean of every plane, summed in f64.
pub fn mean(x: Map<'_>, y: &mut [f32]) {
    let n = x.positions() as f64;
    jobs::each_chunk(y, PLANES, |job, y| {
        let mut sum = [0.0f64; PLANES];
        for x in x.data.chunks_exact(x.channels) {
            let x = &x[job * PLANES..][..y.len()];
            sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum += x as f64);
        }
        y.iter_mut().zip(sum).for_each(|(y, sum)| *y = (sum / n) as f32);
    });
}
