//! Many tiles: blocks of tiles go through all stages, each block reading all transformed filters.
#![allow(unsafe_code)]

use super::{GAP, Geometry, PLANES, filter::Filter};
use crate::cpu::{
    finish::Finish,
    isa::Isa,
    multiply::{PANEL, Product},
    scratch,
    simd::{Kernel, Simd},
};
use rayon::prelude::*;

/// Tiles to a block: their 36 planes fit the second-level cache. Results do not depend on it.
const BLOCK: usize = 32;

/// Convolves `x`; `u` receives the transformed filters.
pub fn convolve(isa: Isa, geometry: Geometry, filter: &Filter, x: &[f32], finish: Finish, u: &mut [f32]) {
    filter.transform(isa, u);
    let tiles = geometry.tiles();
    let (v_stride, m_stride) = (BLOCK * filter.inputs + GAP, BLOCK * filter.columns() + GAP);
    (0..tiles.div_ceil(BLOCK)).into_par_iter().for_each(|job| {
        scratch::with(PLANES * (v_stride + m_stride), |memory| {
            let (v, m) = memory.split_at_mut(PLANES * v_stride);
            let tiles = job * BLOCK..tiles.min((job + 1) * BLOCK);
            let (x, u, v, m) = (x.as_ptr(), u.as_ptr(), v.as_mut_ptr(), m.as_mut_ptr());
            let (columns, u_stride) = (filter.columns(), filter.plane());
            // SAFETY: x, u, v, m have the lengths that geometry and filter tell; jobs write different tiles.
            unsafe {
                isa.run(Block { geometry, columns, tiles, x, u, u_stride, v, v_stride, m, m_stride, finish })
            }
        })
    });
}

struct Block {
    geometry: Geometry,
    columns: usize,
    tiles: std::ops::Range<usize>,
    x: *const f32,
    u: *const f32,
    u_stride: usize,
    v: *mut f32,
    v_stride: usize,
    m: *mut f32,
    m_stride: usize,
    finish: Finish,
}

impl Kernel for Block {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let depth = self.geometry.input.channels;
        let outputs = self.geometry.output.channels;
        let (first, rows) = (self.tiles.start, self.tiles.len());
        // SAFETY: see `convolve`, which sizes all memory.
        unsafe {
            for t in 0..rows {
                self.geometry.transform_input::<S>(self.x, first + t, self.v.add(t * depth), self.v_stride);
            }
            for plane in 0..PLANES {
                S::multiply(&Product {
                    rows,
                    depth,
                    columns: self.columns,
                    a: self.v.add(plane * self.v_stride),
                    a_row: depth,
                    a_depth: 1,
                    b: self.u.add(plane * self.u_stride),
                    b_depth: PANEL,
                    b_panel: PANEL * depth,
                    c: self.m.add(plane * self.m_stride),
                    c_row: self.columns,
                    accumulate: false,
                });
            }
            for t in 0..rows {
                let from = self.m.add(t * self.columns);
                self.geometry.transform_output::<S>(
                    from,
                    self.m_stride,
                    first + t,
                    (0, outputs),
                    &self.finish,
                );
            }
        }
    }
}
