//! Many tiles, few channels: blocks of tiles go through all stages, each block reading all transformed filters.
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

/// Convolves by blocks of `tiles`; `u` receives the transformed filters.
pub struct Blocks<'a, 'b> {
    /// What is convolved.
    pub work: &'a Work<'b>,
    /// Tiles to a block.
    pub block: usize,
    /// Transformed filters, if threads share them; otherwise each transforms all for itself.
    pub u: Option<&'a [f32]>,
}

impl ForScheme for Blocks<'_, '_> {
    type Output = ();

    fn run<F: Scheme>(self) {
        let Blocks { work, block, u } = self;
        let filter = work.filter;
        let tiles = work.geometry.tiles();
        let planes = F::POINTS * F::POINTS;
        let (v_stride, m_stride) = (block * filter.inputs + GAP, block * PANEL + GAP);
        let own_len = if u.is_none() { filter.transformed_len(work.geometry.algorithm) } else { 0 };
        jobs::share_out(tiles.div_ceil(block), |jobs| {
            scratch::with(own_len + planes * (v_stride + m_stride), |memory| {
                let (own, memory) = memory.split_at_mut(own_len);
                let (v, m) = memory.split_at_mut(planes * v_stride);
                if u.is_none() {
                    filter.transform(work.isa, work.geometry.algorithm, own);
                }
                let (u, v, m) = (u.unwrap_or(own).as_ptr(), v.as_mut_ptr(), m.as_mut_ptr());
                for job in jobs {
                    let range = |job: usize| (job * block).min(tiles)..tiles.min((job + 1) * block);
                    let (tiles, next) = (range(job), range(job + 1));
                    let scheme = PhantomData::<F>;
                    let block = Block { work, tiles, next, u, v, v_stride, m, m_stride, scheme };
                    // SAFETY: u, v, m have the lengths that geometry and filter tell; jobs write different tiles.
                    unsafe { work.isa.run(block) }
                }
            })
        });
    }
}

struct Block<'a, 'b, F> {
    work: &'a Work<'b>,
    tiles: Range<usize>,
    /// Tiles of the block that this thread probably takes next.
    next: Range<usize>,
    u: *const f32,
    v: *mut f32,
    v_stride: usize,
    m: *mut f32,
    m_stride: usize,
    scheme: PhantomData<F>,
}

impl<F: Scheme> Kernel for Block<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Work { geometry, filter, source, ref finish, .. } = *self.work;
        let (depth, outputs) = (filter.inputs, geometry.output.channels);
        let (first, rows) = (self.tiles.start, self.tiles.len());
        // SAFETY: see `Blocks`, which sizes all memory.
        unsafe {
            for t in 0..rows {
                geometry.transform_input::<F, S>(source, first + t, self.v.add(t * depth), self.v_stride);
            }
            for channel in (0..outputs).step_by(PANEL) {
                for plane in 0..F::POINTS * F::POINTS {
                    if channel == 0 {
                        geometry.prefetch::<F, S>(source, self.next.clone(), plane);
                    }
                    S::multiply(&Product {
                        rows,
                        depth,
                        columns: PANEL,
                        a: self.v.add(plane * self.v_stride),
                        a_row: depth,
                        a_depth: 1,
                        b: self.u.add(plane * filter.plane() + channel * depth),
                        b_depth: PANEL,
                        b_panel: 0,
                        c: self.m.add(plane * self.m_stride),
                        c_row: PANEL,
                        accumulate: false,
                    });
                }
                let channels = (channel, PANEL.min(outputs - channel));
                for t in 0..rows {
                    let from = self.m.add(t * PANEL);
                    geometry.transform_output::<F, S>(from, self.m_stride, first + t, channels, finish);
                }
            }
        }
    }
}
