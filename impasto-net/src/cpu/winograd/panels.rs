//! Few tiles: panels of filters go through all stages, each panel reading all transformed tiles.
#![allow(unsafe_code)]

use super::{
    GAP, Geometry, Work,
    scheme::{ForScheme, Scheme},
};
use crate::cpu::{
    disjoint::Disjoint,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use rayon::prelude::*;
use std::{marker::PhantomData, ops::Range};

/// Tiles transformed by a job.
const SHARE: usize = 4;
/// Input channels whose filters are transformed at a time: they stay in the second-level cache until multiplied.
const DEPTH: usize = 128;
/// Fewest tiles for which a thread transforms a panel of filters of its own.
const FEWEST: usize = 16;

/// Distance between planes of transformed tiles.
fn v_stride(geometry: &Geometry, block: usize) -> usize {
    geometry.tiles().min(block) * geometry.input.channels + GAP
}

/// Values of a block of transformed tiles.
pub fn workspace_len(geometry: &Geometry, block: usize) -> usize {
    geometry.algorithm.planes() * v_stride(geometry, block)
}

/// Convolves by panels; `v` receives the transformed tiles.
pub struct Panels<'a, 'b> {
    /// What is convolved.
    pub work: &'a Work<'b>,
    /// Tiles taken together: their transformed form stays in the last-level cache while all panels read it.
    pub block: usize,
    /// Room for that form.
    pub v: &'a mut [f32],
}

impl ForScheme for Panels<'_, '_> {
    type Output = ();

    fn run<F: Scheme>(self) {
        let Panels { work, block, v } = self;
        let (isa, geometry, filter) = (work.isa, &work.geometry, work.filter);
        let depth = filter.inputs;
        let planes = F::POINTS * F::POINTS;
        let v_stride = v_stride(geometry, block);
        for first in (0..geometry.tiles()).step_by(block) {
            let rows = block.min(geometry.tiles() - first);
            let shared = Disjoint::new(v);
            (0..rows.div_ceil(SHARE)).into_par_iter().for_each(|job| {
                let tiles = first + job * SHARE..first + rows.min((job + 1) * SHARE);
                // SAFETY: row `job · SHARE` lies inside every plane.
                let v = unsafe { shared.pointer().add(job * SHARE * depth) };
                // SAFETY: `v` has room for every tile of the block; jobs write different rows of it.
                unsafe { isa.run(Input { work, tiles, v, v_stride, scheme: PhantomData::<F> }) }
            });
            let panels = filter.columns() / PANEL;
            // More threads than panels share a panel's tiles; what each value is a sum of stays the same.
            let wanted = (2 * rayon::current_num_threads()).div_ceil(panels);
            let share = rows.div_ceil(wanted).max(FEWEST);
            (0..panels * rows.div_ceil(share)).into_par_iter().for_each(|job| {
                let (panel, start) = (job % panels, job / panels * share);
                let tiles = start..rows.min(start + share);
                let (u_stride, m_stride) = (DEPTH.min(depth) * PANEL + GAP, tiles.len() * PANEL + GAP);
                // SAFETY: row `start` lies inside every plane.
                let v = unsafe { shared.pointer().add(start * depth) }.cast_const();
                scratch::with(planes * (u_stride + m_stride), |memory| {
                    let (u, m) = memory.split_at_mut(planes * u_stride);
                    for start in (0..depth).step_by(DEPTH) {
                        let inputs = start..depth.min(start + DEPTH);
                        filter.transform_panel(isa, geometry.algorithm, panel, inputs.clone(), (u_stride, u));
                        let (rows, u, m) = (tiles.len(), u.as_ptr(), m.as_mut_ptr());
                        let work =
                            Products { planes, rows, depth, inputs, v, v_stride, u, u_stride, m, m_stride };
                        // SAFETY: v, u, m have the lengths used.
                        unsafe { isa.run(work) }
                    }
                    let tiles = first + tiles.start..first + tiles.end;
                    let scheme = PhantomData::<F>;
                    let work = Output { work, panel, tiles, m: m.as_ptr(), m_stride, scheme };
                    // SAFETY: m holds the products of the tiles; jobs write different tiles or channels.
                    unsafe { isa.run(work) }
                })
            });
        }
    }
}

/// Transforms tiles to the rows of `v`.
struct Input<'a, 'b, F> {
    work: &'a Work<'b>,
    tiles: Range<usize>,
    v: *mut f32,
    v_stride: usize,
    scheme: PhantomData<F>,
}

impl<F: Scheme> Kernel for Input<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let depth = self.work.filter.inputs;
        let mut v = self.v;
        for tile in self.tiles {
            // SAFETY: see `Panels`.
            unsafe {
                self.work.geometry.transform_input::<F, S>(self.work.source, tile, v, self.v_stride);
                v = v.add(depth);
            }
        }
    }
}

/// Products of one panel's filters and `rows` tiles over some of the input channels, added up from the first on.
struct Products {
    planes: usize,
    rows: usize,
    depth: usize,
    inputs: Range<usize>,
    v: *const f32,
    v_stride: usize,
    u: *const f32,
    u_stride: usize,
    m: *mut f32,
    m_stride: usize,
}

impl Kernel for Products {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for plane in 0..self.planes {
            // SAFETY: see `Panels`.
            unsafe {
                S::multiply(&Product {
                    rows: self.rows,
                    depth: self.inputs.len(),
                    columns: PANEL,
                    a: self.v.add(plane * self.v_stride + self.inputs.start),
                    a_row: self.depth,
                    a_depth: 1,
                    b: self.u.add(plane * self.u_stride),
                    b_depth: PANEL,
                    b_panel: 0,
                    c: self.m.add(plane * self.m_stride),
                    c_row: PANEL,
                    accumulate: self.inputs.start > 0,
                });
            }
        }
    }
}

/// Transforms one panel's products of some tiles to the output.
struct Output<'a, 'b, F> {
    work: &'a Work<'b>,
    panel: usize,
    tiles: Range<usize>,
    m: *const f32,
    m_stride: usize,
    scheme: PhantomData<F>,
}

impl<F: Scheme> Kernel for Output<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let geometry = &self.work.geometry;
        let channel = self.panel * PANEL;
        let channels = (channel, PANEL.min(geometry.output.channels - channel));
        for (t, tile) in self.tiles.enumerate() {
            // SAFETY: see `Panels`.
            unsafe {
                let from = self.m.add(t * PANEL);
                let finish = &self.work.finish;
                geometry.transform_output::<F, S>(from, self.m_stride, tile, channels, finish);
            }
        }
    }
}
