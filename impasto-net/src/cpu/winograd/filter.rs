//! Filters of the Winograd path: packed once, transformed at every use.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::{GAP, PLANES, WINDOW, transform};
use crate::cpu::{
    disjoint::Disjoint,
    isa::Isa,
    multiply::PANEL,
    simd::{Kernel, Simd},
};
use rayon::prelude::*;
use std::ops::Range;

/// A 3×3 filter bank in panels of [`PANEL`] output channels, `[panel][input][9][PANEL]`.
pub struct Filter {
    /// Planes read.
    pub inputs: usize,
    /// Planes written.
    pub outputs: usize,
    packed: Vec<f32>,
}

impl Filter {
    /// Packs `weight` (`[outputs, inputs, 3, 3]`).
    pub fn forward(weight: &[f32], outputs: usize, inputs: usize) -> Self {
        Self::pack(outputs, inputs, |o, i, t| weight[(o * inputs + i) * 9 + t])
    }

    /// Packs the filter whose convolution is the vector-Jacobian product of `weight`'s: input and output channels
    /// exchanged, kernel turned by 180°.
    pub fn backward(weight: &[f32], outputs: usize, inputs: usize) -> Self {
        Self::pack(inputs, outputs, |o, i, t| weight[(i * inputs + o) * 9 + 8 - t])
    }

    fn pack(outputs: usize, inputs: usize, weight: impl Fn(usize, usize, usize) -> f32 + Sync) -> Self {
        let mut packed = vec![0.0; outputs.div_ceil(PANEL) * inputs * 9 * PANEL];
        packed.par_chunks_exact_mut(inputs * 9 * PANEL).enumerate().for_each(|(panel, packed)| {
            let columns = PANEL.min(outputs - panel * PANEL);
            for (i, packed) in packed.chunks_exact_mut(9 * PANEL).enumerate() {
                for o in 0..columns {
                    for t in 0..9 {
                        packed[t * PANEL + o] = weight(panel * PANEL + o, i, t);
                    }
                }
            }
        });
        Filter { inputs, outputs, packed }
    }

    /// Output channels rounded up to whole panels.
    pub fn columns(&self) -> usize {
        self.outputs.next_multiple_of(PANEL)
    }

    /// Distance between planes of the transformed filters.
    pub fn plane(&self) -> usize {
        self.columns() * self.inputs + GAP
    }

    /// Values of the transformed filters.
    pub fn transformed_len(&self) -> usize {
        PLANES * self.plane()
    }

    /// Writes G·g·Gᵀ of every kernel to `u`, `[36][panel][input][PANEL]`, planes [`Filter::plane`] apart.
    pub fn transform(&self, isa: Isa, u: &mut [f32]) {
        assert_eq!(u.len(), self.transformed_len());
        let plane = self.plane();
        let u = Disjoint::new(u);
        self.packed.par_chunks(16 * 9 * PANEL).enumerate().for_each(|(job, packed)| {
            let work = Transform { packed, first: job * 16, plane, u: u.pointer() };
            // SAFETY: the kernel writes rows `first..` of every plane, different ones in every job.
            unsafe { isa.run(work) }
        });
    }

    /// Writes G·g·Gᵀ of one panel's kernels for the input channels `inputs` to `u`, `[36][input][PANEL]`, planes
    /// `plane` apart.
    pub fn transform_panel(&self, isa: Isa, panel: usize, inputs: Range<usize>, plane: usize, u: &mut [f32]) {
        assert!(plane >= inputs.len() * PANEL && u.len() >= PLANES * plane);
        let kernels = panel * self.inputs + inputs.start..panel * self.inputs + inputs.end;
        let packed = &self.packed[kernels.start * 9 * PANEL..kernels.end * 9 * PANEL];
        let work = Transform { packed, first: 0, plane, u: u.as_mut_ptr() };
        // SAFETY: every plane has a row for each of the kernels.
        unsafe { isa.run(work) }
    }
}

/// Transforms kernels `first..` for all columns of their panel.
struct Transform<'a> {
    packed: &'a [f32],
    first: usize,
    plane: usize,
    u: *mut f32,
}

impl Kernel for Transform<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: kernel `first + i` has its place below `plane` in each of the 36 planes.
        unsafe {
            for (i, g) in self.packed.chunks_exact(9 * PANEL).enumerate() {
                let u = self.u.add((self.first + i) * PANEL);
                for c in (0..PANEL).step_by(S::LANES) {
                    let g = g.as_ptr().add(c);
                    let mut half = [[S::splat(0.0); 3]; WINDOW];
                    for q in 0..3 {
                        let mut column = [S::splat(0.0); 3];
                        for r in 0..3 {
                            column[r] = S::load(g.add((r * 3 + q) * PANEL));
                        }
                        let column = transform::filter::<S>(column);
                        for r in 0..WINDOW {
                            half[r][q] = column[r];
                        }
                    }
                    for r in 0..WINDOW {
                        let row = transform::filter::<S>(half[r]);
                        for (q, value) in row.into_iter().enumerate() {
                            S::store(u.add((r * WINDOW + q) * self.plane + c), value);
                        }
                    }
                }
            }
        }
    }
}
