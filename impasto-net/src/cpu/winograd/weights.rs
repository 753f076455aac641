//! Derivatives by the filters, in the transformed domain.
//!
//! The algorithm Aᵀ·[(G·g) ∘ (Bᵀ·d)] is linear in g: its adjoint is Gᵀ·[(Bᵀ·d) ∘ (A·dy)], so the work is again P² matrix
//! products, of transformed tiles with transformed tiles of cotangents, as many operations as the convolution takes.
#![allow(unsafe_code)]
// Closures and iterator adaptors are not compiled for the instruction set of the function that they appear in.
#![allow(clippy::needless_range_loop)]

use super::{
    GAP, Geometry, Source,
    scheme::{Adjoint, Algorithm, Enlarged, F2, F4, MAX_SIDE, Side, zeros},
};
use crate::cpu::{
    disjoint::Disjoint,
    isa::Isa,
    multiply::{PANEL, Product},
    simd::{Kernel, Simd},
};
use rayon::prelude::*;
use std::{marker::PhantomData, ops::Range};

/// Tiles transformed before their products are added up. Fixed: it decides the order of additions.
const BLOCK: usize = 128;
/// Tiles transformed by a job.
const SHARE: usize = 4;
/// Output channels to a job of the last step.
const CHANNELS: usize = 16;

/// Distances between planes of transformed tiles, of transformed cotangents and of products.
fn strides(geometry: &Geometry) -> [usize; 3] {
    let (inputs, columns) = (geometry.input.channels, columns(geometry));
    [BLOCK * inputs + GAP, BLOCK * columns + GAP, inputs * columns + GAP]
}

/// Output channels rounded up to whole panels.
fn columns(geometry: &Geometry) -> usize {
    geometry.output.channels.next_multiple_of(PANEL)
}

/// The geometry with the algorithm that derivatives are computed by: sums over many tiles want its accuracy.
fn accurate(geometry: &Geometry) -> Geometry {
    let algorithm = match geometry.algorithm {
        Algorithm::F6 => Algorithm::F4,
        algorithm => algorithm,
    };
    Geometry { algorithm, ..*geometry }
}

/// Values of temporary memory that [`parameters_vjp`] needs.
pub fn workspace_len(geometry: &Geometry) -> usize {
    let geometry = accurate(geometry);
    geometry.algorithm.planes() * strides(&geometry).iter().sum::<usize>()
}

/// Adds to `dweight` (`[outputs, inputs, 3, 3]`) the derivatives by the filters of the convolution with this geometry,
/// given its input `x` and its output's cotangent `dy`.
pub fn parameters_vjp(
    isa: Isa,
    geometry: &Geometry,
    x: &[f32],
    dy: &[f32],
    dweight: &mut [f32],
    workspace: &mut [f32],
) {
    let geometry = &accurate(geometry);
    assert_eq!((x.len(), dy.len()), (geometry.input.len(), geometry.output.len()));
    assert_eq!(dweight.len(), geometry.input.channels * geometry.output.channels * 9);
    let workspace = &mut workspace[..workspace_len(geometry)];
    let work = Derivatives { isa, geometry, x, dy, dweight, workspace };
    match geometry.algorithm {
        Algorithm::F2 => work.run::<F2>(),
        Algorithm::F4 => work.run::<F4>(),
        Algorithm::Enlarged => work.run::<Enlarged>(),
        Algorithm::F6 | Algorithm::EnlargedVjp => unreachable!("derivatives are taken of no such geometry"),
    }
}

struct Derivatives<'a> {
    isa: Isa,
    geometry: &'a Geometry,
    x: &'a [f32],
    dy: &'a [f32],
    dweight: &'a mut [f32],
    workspace: &'a mut [f32],
}

impl Derivatives<'_> {
    fn run<F: Adjoint>(self) {
        let Derivatives { isa, geometry, x, dy, dweight, workspace } = self;
        let planes = F::POINTS * F::POINTS;
        let [v_stride, d_stride, u_stride] = strides(geometry);
        let (inputs, columns) = (geometry.input.channels, columns(geometry));
        let (v, rest) = workspace.split_at_mut(planes * v_stride);
        let (d, u) = rest.split_at_mut(planes * d_stride);
        let (v, d, sums) = (Disjoint::new(v), Disjoint::new(d), Disjoint::new(u));
        for first in (0..geometry.tiles()).step_by(BLOCK) {
            let rows = BLOCK.min(geometry.tiles() - first);
            (0..rows.div_ceil(SHARE)).into_par_iter().for_each(|job| {
                let tiles = job * SHARE..rows.min((job + 1) * SHARE);
                let source = Source::Map(x.as_ptr());
                let (v, d, dy) = (v.pointer(), d.pointer(), dy.as_ptr());
                let scheme = PhantomData::<F>;
                let work = Tiles { geometry, source, dy, first, tiles, v, v_stride, d, d_stride, scheme };
                // SAFETY: each plane has rows for a block's tiles; jobs write different rows.
                unsafe { isa.run(work) }
            });
            (0..planes).into_par_iter().for_each(|plane| {
                // SAFETY: the planes lie inside their memory; jobs write different planes of sums.
                let [a, b, c] = unsafe {
                    [
                        v.pointer().add(plane * v_stride),
                        d.pointer().add(plane * d_stride),
                        sums.pointer().add(plane * u_stride),
                    ]
                };
                let (a, b, accumulate) = (a.cast_const(), b.cast_const(), first > 0);
                // SAFETY: a and b hold `rows` rows of inputs and columns, c has inputs × columns values.
                unsafe { isa.run(Products { rows, inputs, columns, a, b, c, accumulate }) }
            });
        }
        let u = sums.pointer().cast_const();
        let u = Sums { u, u_stride, inputs, columns };
        dweight.par_chunks_mut(CHANNELS * inputs * 9).enumerate().for_each(|(job, dweight)| {
            let scheme = PhantomData::<F>;
            // SAFETY: all sums are there; the channels of this job exist, because outputs are a multiple of `CHANNELS`.
            unsafe { isa.run(Filters { u, first: job * CHANNELS, dweight, scheme }) }
        });
    }
}

/// Transforms some tiles of the map and of the cotangent.
struct Tiles<'a, F> {
    geometry: &'a Geometry,
    source: Source,
    dy: *const f32,
    first: usize,
    tiles: Range<usize>,
    v: *mut f32,
    v_stride: usize,
    d: *mut f32,
    d_stride: usize,
    scheme: PhantomData<F>,
}

impl<F: Adjoint> Kernel for Tiles<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let geometry = self.geometry;
        for t in self.tiles {
            // SAFETY: see `Derivatives`.
            unsafe {
                let (v, d) = (self.v.add(t * geometry.input.channels), self.d.add(t * columns(geometry)));
                geometry.transform_input::<F, S>(self.source, self.first + t, v, self.v_stride);
                geometry.transform_cotangent::<F, S>(self.dy, self.first + t, d, self.d_stride);
            }
        }
    }
}

/// Adds one plane's products of transposed tiles with cotangents, added up over the tiles.
struct Products {
    rows: usize,
    inputs: usize,
    columns: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    accumulate: bool,
}

impl Kernel for Products {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Products { rows: depth, inputs: rows, columns, a, b, c, accumulate } = self;
        let product = Product {
            rows,
            depth,
            columns,
            a,
            a_row: 1,
            a_depth: rows,
            b,
            b_depth: columns,
            b_panel: PANEL,
            c,
            c_row: columns,
            accumulate,
        };
        // SAFETY: see `Derivatives`.
        unsafe { S::multiply(&product) }
    }
}

/// Sums of products, `[P²][inputs][columns]`, planes `u_stride` apart.
#[derive(Clone, Copy)]
struct Sums {
    u: *const f32,
    u_stride: usize,
    inputs: usize,
    columns: usize,
}

// SAFETY: the pointer comes from a borrow that outlives the jobs, which only read.
unsafe impl Send for Sums {}
// SAFETY: as above.
unsafe impl Sync for Sums {}

/// Adds Gᵀ·u·G of some output channels to their filters.
struct Filters<'a, F> {
    u: Sums,
    first: usize,
    dweight: &'a mut [f32],
    scheme: PhantomData<F>,
}

impl<F: Adjoint> Kernel for Filters<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Sums { u, u_stride, inputs, columns } = self.u;
        for i in 0..inputs {
            for c in (0..CHANNELS).step_by(S::LANES) {
                // SAFETY: see `Derivatives`; `lanes` holds the longest vector.
                unsafe {
                    let u = u.add(i * columns + self.first + c);
                    let mut half = [[S::splat(0.0); MAX_SIDE]; 3];
                    for q in 0..F::POINTS {
                        let column = line::<F, S>(u.add(q * u_stride), F::POINTS * u_stride);
                        let column = F::filter_adjoint::<S>(column);
                        for r in 0..3 {
                            half[r][q] = column[r];
                        }
                    }
                    for r in 0..3 {
                        let row = F::filter_adjoint::<S>(half[r]);
                        for q in 0..3 {
                            let mut lanes = [0.0; CHANNELS];
                            S::store(lanes.as_mut_ptr(), row[q]);
                            for lane in 0..S::LANES {
                                self.dweight[((c + lane) * inputs + i) * 9 + r * 3 + q] += lanes[lane];
                            }
                        }
                    }
                }
            }
        }
    }
}

/// P vectors, `stride` apart.
///
/// # Safety
/// They must exist; the machine must have `S`.
#[inline(always)]
unsafe fn line<F: Adjoint, S: Simd>(from: *const f32, stride: usize) -> Side<S> {
    // SAFETY: the caller's promise.
    unsafe {
        let mut line = zeros::<S>();
        for r in 0..F::POINTS {
            line[r] = S::load(from.add(r * stride));
        }
        line
    }
}
