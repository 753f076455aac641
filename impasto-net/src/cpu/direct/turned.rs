//! Correlation to few planes, turned round: taps of a kernel row and output planes together fill vectors.
//!
//! Every column of the map is multiplied with all taps of the kernel rows, `S[x][(tap, plane)]`; an output is then the sum
//! along the taps of `S` at the column that it meets with each. Columns beyond the border need no values of their own:
//! they show those of the columns they stand for.
#![allow(unsafe_code)]

use super::{axis::Axis, bank::Bank, correlation::Source, table::Table};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        multiply::PANEL,
        scratch,
        segments::{Matrix, Segment, Segments},
        simd::{Kernel, Simd},
    },
    device::Shape,
    jobs,
};

/// Correlations that together fill a map.
pub struct Turned {
    /// Vertical axes and the indices of their filters; they store different rows.
    pub parts: Vec<(Axis, usize)>,
    /// The horizontal axis.
    pub table: Table,
}

/// Fills the map of size `output` behind `finish`.
pub fn run(isa: Isa, turned: &Turned, banks: &[Bank], source: Source<'_>, output: Shape, finish: Finish) {
    let Turned { parts, table } = turned;
    let rows = parts.iter().map(|(rows, _)| rows.len).max().unwrap_or(0);
    jobs::each(rows * parts.len(), |job| {
        let (row, (rows, bank)) = (job / parts.len(), &parts[job % parts.len()]);
        if row >= rows.len {
            return;
        }
        scratch::with(table.matrix_len() + table.line_len(), |memory| {
            let (sums, line) = memory.split_at_mut(table.matrix_len());
            let bank = &banks[*bank];
            // SAFETY: `source`, `bank` and `sums` have the sizes used; jobs store different rows.
            unsafe { isa.run(Row { rows, bank, table, source, row, sums, line, output, finish }) }
        });
    });
}

/// One row of outputs.
struct Row<'a> {
    rows: &'a Axis,
    bank: &'a Bank,
    table: &'a Table,
    source: Source<'a>,
    row: usize,
    sums: &'a mut [f32],
    line: &'a mut [f32],
    output: Shape,
    finish: Finish,
}

impl Kernel for Row<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Row { rows, bank, table, source, sums, line, .. } = self;
        let channels = source.shape.channels;
        let mut list = Vec::with_capacity(rows.kernel);
        for r in 0..rows.kernel {
            let Some(y) = rows.source(self.row, r, source.padding) else { continue };
            let a = source.line(y)[table.met.start * channels..].as_ptr();
            list.push(Segment { a, b: bank.row(r).as_ptr(), depth: channels });
        }
        // SAFETY: the segments span the columns met.
        unsafe { products::<S>(table, bank, channels, &list, sums) };
        let row = (rows.first + self.row * rows.step) * self.output.width;
        table.sum(&[(sums, 0)], line);
        // SAFETY: `line` holds all planes of the positions of this row.
        unsafe { self.finish.line::<S>(row, table.outputs(), line) };
    }
}

/// Multiplies the columns met, of `channels` planes, of the map's rows in `list` with the filters, and adds the products up
/// in `sums`; what follows the columns' rows there are zeros.
///
/// # Safety
/// Every segment must span the columns met; the machine must have `S`.
#[inline(always)]
pub unsafe fn products<S: Simd>(
    table: &Table,
    bank: &Bank,
    channels: usize,
    list: &[Segment],
    sums: &mut [f32],
) {
    let rows = table.met.len();
    let sum = Segments {
        list,
        rows,
        columns: 0..bank.columns,
        a_row: channels,
        a_depth: 1,
        b_depth: PANEL,
        b_panel: bank.panel(),
    };
    sums[rows * table.width..].fill(0.0);
    // SAFETY: the caller's promise; `sums` has a row for every column met.
    unsafe { S::segments(&sum, &Matrix { c: sums.as_mut_ptr(), c_row: table.width, accumulate: false }) };
}
