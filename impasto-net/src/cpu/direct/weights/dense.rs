//! Sums whose columns are the output's planes.
#![allow(unsafe_code)]

use super::{Layout, Problem, add_bias, stretch_rows};
use crate::{
    cpu::{
        direct::axis::{Axis, stretch},
        disjoint::Disjoint,
        multiply::PANEL,
        scratch,
        segments::{Matrix, Segment, Segments},
        simd::{Kernel, Simd},
    },
    device::Shape,
    network::Convolution,
};
use rayon::prelude::*;
use std::ops::Range;

/// Values of both factors that are multiplied at a time: they stay in the second-level cache.
const CHUNK_LEN: usize = 32 << 10;
/// Jobs from which on rows of the sums are not shared out.
const ENOUGH: usize = 16;
/// Rows of the sums to a job at least: a few register blocks.
const ROWS: usize = 24;

/// How the sums lie.
pub fn layout(conv: &Convolution, input: Shape) -> Layout {
    let columns = conv.outputs.next_multiple_of(16);
    Layout { rows: conv.kernel * input.channels, columns, kernel: conv.kernel }
}

/// Adds to the sums of all stretches, one after another in `sums`.
pub fn add(problem: Problem<'_>, layout: Layout, sums: &mut [f32]) {
    let (conv, input, output) = (problem.conv, problem.input, problem.output);
    let k = conv.kernel;
    let (stretches, stretch_len) = layout.stretches(output);
    let len = layout.matrix_len() + output.channels;
    // Where there are few stretches, each is shared out among kernel rows and blocks of rows.
    let (kernel_rows, share) = if stretches >= ENOUGH {
        (k, layout.rows)
    } else {
        let blocks = ENOUGH.div_ceil(stretches * k);
        (1, layout.rows.div_ceil(blocks).next_multiple_of(ROWS).min(layout.rows))
    };
    let (groups, blocks) = (k / kernel_rows, layout.rows.div_ceil(share));
    let widest = (input.channels * conv.stride).max(output.channels);
    let chunk = (CHUNK_LEN / widest).clamp(128, 256);
    // Less than two chunks of positions, of as many rows, at a time.
    let x_len = 2 * chunk * (conv.stride + k) * input.channels;
    let dy_len = if output.channels == layout.columns { 0 } else { 2 * chunk * layout.columns };
    let shared = Disjoint::new(sums);
    (0..stretches * groups * blocks).into_par_iter().for_each(|job| {
        let (part, block, first) = (job / blocks / groups, job % blocks, job / blocks % groups * kernel_rows);
        let rows = block * share..layout.rows.min((block + 1) * share);
        let start = part * len + (first * layout.rows + rows.start) * layout.columns;
        let values = match kernel_rows {
            1 => rows.len() * layout.columns,
            _ => layout.matrix_len(),
        };
        // SAFETY: jobs take different stretches, kernel rows or rows.
        let sums = unsafe { shared.range(start, start + values) };
        let bias = match (first, block) {
            // SAFETY: one job a stretch takes the bias.
            (0, 0) => unsafe { shared.range(part * len + layout.matrix_len(), (part + 1) * len) },
            _ => &mut [],
        };
        scratch::with(x_len + dy_len, |room| {
            let (x_room, dy_room) = room.split_at_mut(x_len);
            let kernel_rows = first..first + kernel_rows;
            let outputs = stretch_rows(part, stretch_len, output);
            let part =
                Part { problem, layout, outputs, kernel_rows, rows, chunk, sums, bias, x_room, dy_room };
            // SAFETY: the kernel's factors are checked slices, `sums` has the rows and columns used.
            unsafe { problem.isa.run(part) }
        });
    });
}

/// Some rows of the sums over one stretch.
struct Part<'a> {
    problem: Problem<'a>,
    layout: Layout,
    outputs: Range<usize>,
    kernel_rows: Range<usize>,
    /// Of every kernel row.
    rows: Range<usize>,
    /// Positions multiplied at a time.
    chunk: usize,
    sums: &'a mut [f32],
    /// Empty where another job takes it.
    bias: &'a mut [f32],
    x_room: &'a mut [f32],
    dy_room: &'a mut [f32],
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let width = self.problem.output.width;
        let mut pieces = Vec::new();
        let mut positions = 0;
        for row in self.outputs.clone() {
            for column in (0..width).step_by(self.chunk) {
                let columns = column..width.min(column + self.chunk);
                positions += columns.len();
                pieces.push((row, columns));
                if positions >= self.chunk {
                    // SAFETY: see `sums`.
                    unsafe { self.add::<S>(&pieces) };
                    pieces.clear();
                    positions = 0;
                }
            }
        }
        if positions > 0 {
            // SAFETY: see `sums`.
            unsafe { self.add::<S>(&pieces) };
        }
    }
}

impl Part<'_> {
    /// Adds the products of pieces of output rows.
    #[inline(always)]
    unsafe fn add<S: Simd>(&mut self, pieces: &[(usize, Range<usize>)]) {
        let Problem { conv, input, output, .. } = self.problem;
        let Layout { columns, .. } = self.layout;
        let whole = output.channels == columns;
        // The cotangent's rows, widened to whole vectors.
        let mut cotangents = Vec::with_capacity(pieces.len());
        let mut room = &mut self.dy_room[..];
        for (row, range) in pieces {
            let dy = &self.problem.dy_line(*row)[range.start * output.channels..range.end * output.channels];
            if !self.bias.is_empty() {
                add_bias(dy, self.bias);
            }
            if whole {
                cotangents.push(dy.as_ptr());
                continue;
            }
            let (wide, rest) = std::mem::take(&mut room).split_at_mut(range.len() * columns);
            room = rest;
            for (wide, dy) in wide.chunks_exact_mut(columns).zip(dy.chunks_exact(output.channels)) {
                wide[..dy.len()].copy_from_slice(dy);
                wide[dy.len()..].fill(0.0);
            }
            cotangents.push(wide.as_ptr());
        }
        let vertical = Axis::forward(&conv, input.height, output.height);
        let axis = Axis::forward(&conv, input.width, output.width);
        let mut list = Vec::with_capacity(pieces.len());
        for r in self.kernel_rows.clone() {
            let mut room = &mut self.x_room[..];
            list.clear();
            for ((row, range), &b) in pieces.iter().zip(&cotangents) {
                let Some(y) = vertical.source(*row, r, conv.padding) else { continue };
                let line = self.problem.x_line(y);
                let a = stretch(line, input.channels, &axis, range, conv.padding, &mut room);
                list.push(Segment { a: a[self.rows.start..].as_ptr(), b, depth: range.len() });
            }
            let sum = Segments {
                list: &list,
                rows: self.rows.len(),
                columns: 0..columns,
                a_row: 1,
                a_depth: conv.stride * input.channels,
                b_depth: columns,
                b_panel: PANEL,
            };
            let at = (r - self.kernel_rows.start) * self.layout.rows * columns;
            let c = self.sums[at..][..self.rows.len() * columns].as_mut_ptr();
            // SAFETY: every stretch holds the kernel row's values at its last position; see `sums`.
            unsafe { S::segments(&sum, &Matrix { c, c_row: columns, accumulate: true }) };
        }
    }
}
