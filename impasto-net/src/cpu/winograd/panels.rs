//! Few tiles: panels of filters go through all stages, each panel reading all transformed tiles.
#![allow(unsafe_code)]

use super::{GAP, Geometry, PLANES, filter::Filter};
use crate::cpu::{
    disjoint::Disjoint,
    finish::Finish,
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use rayon::prelude::*;

/// Tiles taken together: their transformed form stays in the last-level cache while all panels read it.
const BLOCK: usize = 128;
/// Tiles transformed by a job.
const SHARE: usize = 8;
/// Input channels whose filters are transformed at a time: they stay in the second-level cache until multiplied.
const DEPTH: usize = 128;

/// Distance between planes of transformed tiles.
fn v_stride(geometry: &Geometry) -> usize {
    geometry.tiles().min(BLOCK) * geometry.input.channels + GAP
}

/// Values of a block of transformed tiles.
pub fn workspace_len(geometry: &Geometry) -> usize {
    PLANES * v_stride(geometry)
}

/// Convolves `x`; `v` receives the transformed tiles.
pub fn convolve(isa: Isa, geometry: Geometry, filter: &Filter, x: &[f32], finish: Finish, v: &mut [f32]) {
    let depth = filter.inputs;
    let v_stride = v_stride(&geometry);
    for first in (0..geometry.tiles()).step_by(BLOCK) {
        let rows = BLOCK.min(geometry.tiles() - first);
        let shared = Disjoint::new(v);
        (0..rows.div_ceil(SHARE)).into_par_iter().for_each(|job| {
            let tiles = first + job * SHARE..first + rows.min((job + 1) * SHARE);
            // SAFETY: row `job · SHARE` lies inside every plane.
            let v = unsafe { shared.pointer().add(job * SHARE * depth) };
            // SAFETY: `v` has room for every tile of the block; jobs write different rows of it.
            unsafe { isa.run(Input { geometry, x: x.as_ptr(), tiles, v, v_stride }) }
        });
        let m_stride = rows * PANEL + GAP;
        (0..filter.columns() / PANEL).into_par_iter().for_each(|panel| {
            let u_stride = DEPTH.min(depth) * PANEL + GAP;
            scratch::with(PLANES * (u_stride + m_stride), |memory| {
                let (u, m) = memory.split_at_mut(PLANES * u_stride);
                for start in (0..depth).step_by(DEPTH) {
                    let inputs = start..depth.min(start + DEPTH);
                    filter.transform_panel(isa, panel, inputs.clone(), u_stride, u);
                    let (v, u, m) = (v.as_ptr(), u.as_ptr(), m.as_mut_ptr());
                    let work = Products { rows, depth, inputs, v, v_stride, u, u_stride, m, m_stride };
                    // SAFETY: v, u, m have the lengths used.
                    unsafe { isa.run(work) }
                }
                let work = Output { geometry, panel, first, rows, m: m.as_ptr(), m_stride, finish };
                // SAFETY: m holds the products of all tiles; panels write different channels.
                unsafe { isa.run(work) }
            })
        });
    }
}

/// Transforms tiles to the rows of `v`.
struct Input {
    geometry: Geometry,
    x: *const f32,
    tiles: std::ops::Range<usize>,
    v: *mut f32,
    v_stride: usize,
}

impl Kernel for Input {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let depth = self.geometry.input.channels;
        let mut v = self.v;
        for tile in self.tiles {
            // SAFETY: see `convolve`.
            unsafe {
                self.geometry.transform_input::<S>(self.x, tile, v, self.v_stride);
                v = v.add(depth);
            }
        }
    }
}

/// Products of one panel's filters and `rows` tiles over some of the input channels, added up from the first on.
struct Products {
    rows: usize,
    depth: usize,
    inputs: std::ops::Range<usize>,
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
        for plane in 0..PLANES {
            // SAFETY: see `convolve`.
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

/// Transforms one panel's products of `rows` tiles to the output.
struct Output {
    geometry: Geometry,
    panel: usize,
    first: usize,
    rows: usize,
    m: *const f32,
    m_stride: usize,
    finish: Finish,
}

impl Kernel for Output {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let channel = self.panel * PANEL;
        let channels = (channel, PANEL.min(self.geometry.output.channels - channel));
        for t in 0..self.rows {
            // SAFETY: see `convolve`.
            unsafe {
                let from = self.m.add(t * PANEL);
                let tile = self.first + t;
                self.geometry.transform_output::<S>(from, self.m_stride, tile, channels, &self.finish);
            }
        }
    }
}
