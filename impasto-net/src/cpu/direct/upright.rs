//! Dense correlation to a few columns of zero-padded maps: columns of outputs as sums of products.
//!
//! What stands at either side of a map is a column or four wide: tiles of rows would fill no register block. Outputs
//! below each other read stretches of the map that lie a row apart, and meet the same taps.
#![allow(unsafe_code)]

use super::{bank::Bank, correlation::Source, dense::Part};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        multiply::PANEL,
        segments::{Positions, Segment, Segments},
        simd::{Kernel, Simd},
    },
    device::Shape,
    jobs,
    network::Padding,
};
use std::ops::Range;

/// Rows to a job.
const TILE: usize = 24;

/// Whether a region is narrow enough.
pub fn suits(parts: &[Part], padding: Padding) -> bool {
    let narrow = |part: &Part| part.columns.len < 6 && part.columns.len < part.rows.len;
    padding == Padding::Zero && parts.iter().all(narrow)
}

/// Fills the map of size `output` behind `finish`.
pub fn run(isa: Isa, parts: &[Part], banks: &[Bank], source: Source<'_>, output: Shape, finish: Finish) {
    let most = |f: fn(&Part) -> usize| parts.iter().map(f).max().unwrap_or(0);
    let (rows, columns) = (most(|part| part.rows.len), most(|part| part.columns.len));
    jobs::each(rows.div_ceil(TILE) * columns, |job| {
        let (first, column) = (job / columns * TILE, job % columns);
        for part in parts {
            let rows = first..part.rows.len.min(first + TILE);
            if rows.is_empty() || column >= part.columns.len {
                continue;
            }
            let bank = &banks[part.bank];
            // SAFETY: the kernel's left factors are checked slices; jobs store different positions.
            unsafe { isa.run(Tile { part, bank, source, rows, column, output, finish }) }
        }
    });
}

/// Some rows of an output column.
struct Tile<'a> {
    part: &'a Part,
    bank: &'a Bank,
    source: Source<'a>,
    rows: Range<usize>,
    column: usize,
    output: Shape,
    finish: Finish,
}

impl Kernel for Tile<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Tile { part: Part { rows: axis, columns, .. }, bank, source: Source { x, shape, .. }, .. } = self;
        let (met, taps) = columns.met(self.column);
        let line = shape.width * shape.channels;
        let mut list = Vec::with_capacity(axis.kernel);
        let mut row = self.rows.start;
        while row < self.rows.end {
            // Rows that meet the same taps go together.
            let (first, rows) = axis.met(row);
            let alike = |other: &usize| axis.met(*other).1 == rows;
            let count = (row..self.rows.end).take_while(alike).count();
            list.clear();
            for r in if taps.is_empty() { 0..0 } else { rows.clone() } {
                let start = (first + r - rows.start) * line + met * shape.channels;
                let depth = taps.len() * shape.channels;
                let a = x[start..][..(count - 1) * axis.stride * line + depth].as_ptr();
                let b = bank.row(r)[taps.start * shape.channels * PANEL..].as_ptr();
                list.push(Segment { a, b, depth });
            }
            let sum = Segments {
                list: &list,
                rows: count,
                columns: 0..bank.columns,
                a_row: axis.stride * line,
                a_depth: 1,
                b_depth: PANEL,
                b_panel: bank.panel(),
            };
            let width = self.output.width;
            let place = columns.first + self.column * columns.step;
            let sink = Positions {
                finish: self.finish,
                first: (axis.first + row * axis.step) * width + place,
                step: axis.step * width,
            };
            // SAFETY: see `run`.
            unsafe { S::segments(&sum, &sink) };
            row += count;
        }
    }
}
