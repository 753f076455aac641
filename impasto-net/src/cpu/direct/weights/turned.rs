//! Sums for few output planes: their columns are pairs of a tap and a plane.
//!
//! The cotangent of an output row is first spread over the columns of the input that its taps meet. One product with
//! the input's row then has the derivatives by all taps of a kernel row.
#![allow(unsafe_code)]

use super::{Layout, Problem, add_bias, stretch_rows};
use crate::{
    cpu::{
        direct::{
            axis::Axis,
            table::{self, Table},
        },
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

/// Columns multiplied at a time: they stay in the first-level cache for all kernel rows.
const CHUNK: usize = 128;

/// How the sums lie.
pub fn layout(conv: &Convolution, input: Shape) -> Layout {
    let columns = (conv.kernel * conv.outputs).next_multiple_of(16);
    Layout { rows: input.channels, columns, kernel: conv.kernel }
}

/// Adds to the sums of all stretches, one after another in `sums`.
pub fn add(problem: Problem<'_>, layout: Layout, sums: &mut [f32]) {
    let (conv, input, output) = (problem.conv, problem.input, problem.output);
    let (k, planes, columns) = (conv.kernel, output.channels, layout.columns);
    let table = Table::new(&table::forward(&conv, input.width, output.width), k, planes, columns);
    let (_, stretch_len) = layout.stretches(output);
    let len = layout.matrix_len() + planes;
    sums.par_chunks_exact_mut(len).enumerate().for_each(|(part, sums)| {
        scratch::with(table.matrix_len(), |spread| {
            let (sums, bias) = sums.split_at_mut(layout.matrix_len());
            let outputs = stretch_rows(part, stretch_len, output);
            let part = Part { problem, layout, table: &table, outputs, sums, bias, spread };
            // SAFETY: the kernel's factors are checked slices, `sums` has the rows and columns used.
            unsafe { problem.isa.run(part) }
        });
    });
}

/// The sums over one stretch.
struct Part<'a> {
    problem: Problem<'a>,
    layout: Layout,
    table: &'a Table,
    outputs: Range<usize>,
    sums: &'a mut [f32],
    bias: &'a mut [f32],
    spread: &'a mut [f32],
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Part { problem, layout: Layout { rows: channels, columns, kernel }, table, .. } = self;
        let vertical = Axis::forward(&problem.conv, problem.input.height, problem.output.height);
        for row in self.outputs {
            let dy = problem.dy_line(row);
            add_bias(dy, self.bias);
            self.spread.fill(0.0);
            for (places, dy) in table.places.chunks_exact(kernel).zip(dy.chunks_exact(table.planes)) {
                for &place in places {
                    let to = &mut self.spread[place as usize..][..table.planes];
                    to.iter_mut().zip(dy).for_each(|(to, dy)| *to += dy);
                }
            }
            for first in (0..table.met.len()).step_by(CHUNK) {
                let depth = CHUNK.min(table.met.len() - first);
                let b = self.spread[first * columns..][..depth * columns].as_ptr();
                for r in 0..kernel {
                    let Some(y) = vertical.source(row, r, problem.conv.padding) else { continue };
                    let start = (table.met.start + first) * channels;
                    let a = problem.x_line(y)[start..][..depth * channels].as_ptr();
                    let c = self.sums[r * channels * columns..][..channels * columns].as_mut_ptr();
                    let sum = Segments {
                        list: &[Segment { a, b, depth }],
                        rows: channels,
                        columns: 0..columns,
                        a_row: 1,
                        a_depth: channels,
                        b_depth: columns,
                        b_panel: PANEL,
                    };
                    // SAFETY: A has `depth` columns of `channels` rows, B as many rows; see `sums`.
                    unsafe { S::segments(&sum, &Matrix { c, c_row: columns, accumulate: true }) };
                }
            }
        }
    }
}
