//! Many channels: panels of filters go through all stages, each panel reading a block of transformed tiles.
#![allow(unsafe_code)]

use super::{
    GAP, Work,
    scheme::{ForScheme, Scheme},
};
use crate::{
    cpu::{
        multiply::{PANEL, Product},
        scratch,
        simd::{Kernel, Simd},
    },
    jobs,
};
use std::{marker::PhantomData, ops::Range};

/// Input channels whose filters are transformed at a time: they stay in the second-level cache until multiplied.
const DEPTH: usize = 128;

/// Convolves by panels of filters, over `block` tiles at a time.
///
/// Of the jobs, panels of a block, a thread does a stretch: it transforms a block's tiles when it comes to the first of
/// its panels, for itself. Threads with blocks of their own meet the same tiles in every layer.
pub struct Panels<'a, 'b> {
    /// What is convolved.
    pub work: &'a Work<'b>,
    /// Tiles to a block: their transformed form stays in the last-level cache while panels read it.
    pub block: usize,
}

impl ForScheme for Panels<'_, '_> {
    type Output = ();

    fn run<F: Scheme>(self) {
        let Panels { work, block } = self;
        let (isa, geometry, filter) = (work.isa, &work.geometry, work.filter);
        let (tiles, depth, panels) = (geometry.tiles(), filter.inputs, filter.columns() / PANEL);
        let planes = F::POINTS * F::POINTS;
        let v_stride = block * depth + GAP;
        let (u_stride, m_stride) = (DEPTH.min(depth) * PANEL + GAP, block * PANEL + GAP);
        jobs::share_out(tiles.div_ceil(block) * panels, |jobs| {
            scratch::with(planes * (v_stride + u_stride + m_stride), |memory| {
                let (v, memory) = memory.split_at_mut(planes * v_stride);
                let (u, m) = memory.split_at_mut(planes * u_stride);
                let mut transformed = None;
                for job in jobs {
                    let (first, panel) = (job / panels * block, job % panels);
                    let tiles = first..tiles.min(first + block);
                    let scheme = PhantomData::<F>;
                    if transformed.replace(first) != Some(first) {
                        let (tiles, v) = (tiles.clone(), v.as_mut_ptr());
                        // SAFETY: `v` has room for the tiles of a block.
                        unsafe { isa.run(Input { work, tiles, v, v_stride, scheme }) }
                    }
                    for start in (0..depth).step_by(DEPTH) {
                        let inputs = start..depth.min(start + DEPTH);
                        filter.transform_panel(isa, geometry.algorithm, panel, inputs.clone(), (u_stride, u));
                        let (rows, v, u, m) = (tiles.len(), v.as_ptr(), u.as_ptr(), m.as_mut_ptr());
                        let work =
                            Products { planes, rows, depth, inputs, v, v_stride, u, u_stride, m, m_stride };
                        // SAFETY: v, u, m have the lengths used.
                        unsafe { isa.run(work) }
                    }
                    let work = Output { work, panel, tiles, m: m.as_ptr(), m_stride, scheme };
                    // SAFETY: m holds the products of the tiles; jobs write different tiles or channels.
                    unsafe { isa.run(work) }
                }
            })
        });
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
