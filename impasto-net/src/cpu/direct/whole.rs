//! Correlation to so few planes that all taps of a small kernel together fill vectors.
//!
//! As [`turned`](super::turned), but rows of the map are multiplied with the taps of all kernel rows at once. Each such
//! product is kept until no output row needs it any more.
#![allow(unsafe_code)]

use super::{
    bank::Bank,
    correlation::Source,
    table::{Meetings, Table},
    turned::products,
};
use crate::{
    cpu::{
        finish::Finish,
        isa::Isa,
        scratch,
        segments::Segment,
        simd::{Kernel, Simd},
    },
    device::Shape,
    jobs,
};
use std::ops::Range;

/// Output rows to a job at most: a job repeats the products of a kernel's height that its neighbour made too.
const BAND: usize = 32;
/// Jobs wanted.
const ENOUGH: usize = 16;

/// A correlation that fills a map.
pub struct Whole {
    /// The vertical axis.
    pub rows: Meetings,
    /// The horizontal axis.
    pub table: Table,
}

/// Fills the map of size `output` behind `finish`.
pub fn run(isa: Isa, whole: &Whole, bank: &Bank, source: Source<'_>, output: Shape, finish: Finish) {
    let table = &whole.table;
    let band = output.height.div_ceil(ENOUGH).clamp(4, BAND);
    let matrices_len = table.kernel * table.matrix_len();
    jobs::each(output.height.div_ceil(band), |job| {
        let rows = job * band..output.height.min((job + 1) * band);
        scratch::with(matrices_len + table.line_len(), |memory| {
            let (matrices, line) = memory.split_at_mut(matrices_len);
            // SAFETY: `source`, `bank` and the matrices have the sizes used; jobs store different rows.
            unsafe { isa.run(Band { whole, bank, source, rows, matrices, line, output, finish }) }
        });
    });
}

/// Some rows of outputs.
struct Band<'a> {
    whole: &'a Whole,
    bank: &'a Bank,
    source: Source<'a>,
    rows: Range<usize>,
    /// One a kernel row.
    matrices: &'a mut [f32],
    line: &'a mut [f32],
    output: Shape,
    finish: Finish,
}

impl Kernel for Band<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Band { whole: Whole { rows, table }, bank, source, matrices, line, .. } = self;
        let (kernel, len, channels) = (table.kernel, table.matrix_len(), source.shape.channels);
        // The row of the map that each matrix was made of.
        let mut made: Vec<Option<usize>> = vec![None; kernel];
        for row in self.rows {
            let needed = &rows[row * kernel..][..kernel];
            for &y in needed.iter().flatten() {
                if made.contains(&Some(y)) {
                    continue;
                }
                let free = made.iter().position(|made| made.is_none() || !needed.contains(made));
                let free = free.expect("an output row needs at most one matrix a kernel row");
                made[free] = Some(y);
                let matrix = &mut matrices[free * len..][..len];
                let a = source.line(y)[table.met.start * channels..].as_ptr();
                let segment = Segment { a, b: bank.row(0).as_ptr(), depth: channels };
                // SAFETY: the segment spans the columns met.
                unsafe { products::<S>(table, bank, channels, &[segment], matrix) };
            }
            let mut list = Vec::with_capacity(kernel);
            for (r, y) in needed.iter().enumerate() {
                let Some(at) = y.and_then(|y| made.iter().position(|&made| made == Some(y))) else {
                    continue;
                };
                list.push((&matrices[at * len..][..len], r * kernel * table.planes));
            }
            table.sum(&list, line);
            // SAFETY: `line` holds all planes of the positions of this row.
            unsafe { self.finish.line::<S>(row * self.output.width, table.outputs(), line) };
        }
    }
}
