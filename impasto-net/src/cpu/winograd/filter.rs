//! Filters of the Winograd path: packed once, transformed at every use.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::{
    GAP,
    packed::{KERNEL, Packed},
    scheme::{Algorithm, ForScheme, MAX_SIDE, Scheme},
};
use crate::{
    cpu::{
        disjoint::Disjoint,
        isa::Isa,
        multiply::PANEL,
        simd::{Kernel, Simd},
    },
    device::ConvolutionAt,
    jobs,
};
use std::{marker::PhantomData, mem::MaybeUninit, ops::Range};

/// Kernels decoded and transformed at a time: their values stay in the first-level cache.
const SHARE: usize = 8;

/// A 3×3 filter bank.
pub struct Filter {
    /// Planes read.
    pub inputs: usize,
    /// Planes written.
    pub outputs: usize,
    packed: Packed,
}

impl Filter {
    /// Packs the weights of `at`.
    pub fn forward(at: ConvolutionAt<'_>) -> Self {
        let (outputs, inputs) = (at.output.channels, at.input.channels);
        let place = |o: usize, i: usize, t: usize| (o * inputs + i) * 9 + t;
        let packed = Packed::new(at.weight, at.codebook, (outputs, inputs), &place);
        Filter { inputs, outputs, packed }
    }

    /// Packs the filter whose convolution is the vector-Jacobian product of `at`'s: input and output channels
    /// exchanged, kernel turned by 180°.
    pub fn backward(at: ConvolutionAt<'_>) -> Self {
        let (outputs, inputs) = (at.input.channels, at.output.channels);
        let place = |o: usize, i: usize, t: usize| (i * outputs + o) * 9 + 8 - t;
        let packed = Packed::new(at.weight, at.codebook, (outputs, inputs), &place);
        Filter { inputs, outputs, packed }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.packed.bytes()
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
    pub fn transformed_len(&self, algorithm: Algorithm) -> usize {
        algorithm.planes() * self.plane()
    }

    /// Writes G·g·Gᵀ of every kernel to `u`, `[P²][panel][input][PANEL]`, planes [`Filter::plane`] apart.
    pub fn transform(&self, isa: Isa, algorithm: Algorithm, u: &mut [f32]) {
        (0..self.shares()).for_each(|share| self.transform_share(isa, algorithm, share, &Disjoint::new(u)));
    }

    /// [`Filter::transform`] by all threads.
    pub fn transform_together(&self, isa: Isa, algorithm: Algorithm, u: &mut [f32]) {
        let u = Disjoint::new(u);
        jobs::each(self.shares(), |share| self.transform_share(isa, algorithm, share, &u));
    }

    /// Stretches of [`SHARE`] kernels.
    fn shares(&self) -> usize {
        self.packed.kernels().div_ceil(SHARE)
    }

    /// Transforms a stretch of the kernels.
    fn transform_share(&self, isa: Isa, algorithm: Algorithm, share: usize, u: &Disjoint<'_>) {
        assert_eq!(u.len(), self.transformed_len(algorithm));
        let range = share * SHARE..self.packed.kernels().min((share + 1) * SHARE);
        // SAFETY: kernels have different rows of every plane.
        unsafe {
            let u = u.pointer().add(range.start * PANEL);
            self.transform_some(isa, algorithm, range, u, self.plane());
        }
    }

    /// Writes G·g·Gᵀ of one panel's kernels for the input channels `inputs` to `u`, `[P²][input][PANEL]`, planes
    /// `plane` apart.
    pub fn transform_panel(
        &self,
        isa: Isa,
        algorithm: Algorithm,
        panel: usize,
        inputs: Range<usize>,
        (plane, u): (usize, &mut [f32]),
    ) {
        assert!(plane >= inputs.len() * PANEL && u.len() >= algorithm.planes() * plane);
        for start in inputs.clone().step_by(SHARE) {
            let range = panel * self.inputs + start..panel * self.inputs + inputs.end.min(start + SHARE);
            let u = &mut u[(start - inputs.start) * PANEL..];
            // SAFETY: every plane has a row for each of the kernels.
            unsafe { self.transform_some(isa, algorithm, range, u.as_mut_ptr(), plane) }
        }
    }

    /// Transforms up to [`SHARE`] kernels to rows of planes that begin at `u`.
    ///
    /// # Safety
    /// `u` must have room for them in each of the planes.
    unsafe fn transform_some(
        &self,
        isa: Isa,
        algorithm: Algorithm,
        kernels: Range<usize>,
        u: *mut f32,
        plane: usize,
    ) {
        let mut buffer = [0.0; SHARE * KERNEL];
        let values = self.packed.decoded(isa, kernels.start, kernels.len(), &mut buffer);
        algorithm.run(Transform { isa, values, plane, u });
    }
}

/// Transforms kernels for all columns of their panel.
struct Transform<'a> {
    isa: Isa,
    values: &'a [f32],
    plane: usize,
    u: *mut f32,
}

impl ForScheme for Transform<'_> {
    type Output = ();

    fn run<F: Scheme>(self) {
        // SAFETY: `transform_some` vouches for the memory.
        unsafe { self.isa.run(TransformBy::<F>(&self, PhantomData)) }
    }
}

struct TransformBy<'a, F>(&'a Transform<'a>, PhantomData<F>);

impl<F: Scheme> Kernel for TransformBy<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Transform { values, plane, u, .. } = *self.0;
        // SAFETY: kernel `i` has its row below `plane` in each of the planes.
        unsafe {
            let mut half = MaybeUninit::<[[S::V; 3]; MAX_SIDE]>::uninit();
            let half = half.as_mut_ptr().cast::<S::V>();
            for i in 0..values.len() / KERNEL {
                let (g, u) = (values.as_ptr().add(i * KERNEL), u.add(i * PANEL));
                for c in (0..PANEL).step_by(S::LANES) {
                    for q in 0..3 {
                        let at = g.add(q * PANEL + c);
                        let column = [at, at.add(3 * PANEL), at.add(6 * PANEL)];
                        let column = [S::load(column[0]), S::load(column[1]), S::load(column[2])];
                        let column = F::filter::<S>(column);
                        for r in 0..F::POINTS {
                            half.add(r * 3 + q).write(column[r]);
                        }
                    }
                    for r in 0..F::POINTS {
                        let at = half.add(r * 3);
                        let row = F::filter::<S>([at.read(), at.add(1).read(), at.add(2).read()]);
                        for q in 0..F::POINTS {
                            S::store(u.add((r * F::POINTS + q) * plane + c), row[q]);
                        }
                    }
                }
            }
        }
    }
}
