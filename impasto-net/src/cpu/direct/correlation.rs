//! Correlations as both directions of a convolution need them.

use super::{
    axis::Axis,
    bank::Bank,
    dense::{self, Dense},
    form::Form,
    table::{self, Table},
    turned::{self, Turned},
    whole::{self, Whole},
};
use crate::{
    cpu::{finish::Finish, isa::Isa},
    device::{ConvolutionAt, Shape},
    network::{Convolution, Padding},
};
use std::ops::Range;

/// Rows and columns of the padded input of a convolution.
pub type Region = (Range<usize>, Range<usize>);

/// Filters with the geometry of every region that they are to fill.
pub struct Correlation {
    banks: Vec<Bank>,
    regions: Vec<(Shape, Geometry)>,
    input: Shape,
    padding: Padding,
}

/// How a region is computed.
enum Geometry {
    Dense(Dense),
    Turned(Turned),
    Whole(Whole),
}

impl Correlation {
    /// The convolution itself; its one region is the output.
    pub fn forward(at: &ConvolutionAt<'_>) -> Self {
        let (conv, weight, outputs, inputs) =
            (at.convolution, at.weight, at.output.channels, at.input.channels);
        let (k, taps) = (conv.kernel, conv.kernel * conv.kernel);
        let (input, output) = flatten(&conv, at.input, at.output);
        let rows = Axis::forward(&conv, input.height, output.height);
        let value = |tap: usize, i: usize, o: usize| weight[(o * inputs + i) * taps + tap];
        let table = |width| Table::new(&table::forward(&conv, input.width, output.width), k, outputs, width);
        let (bank, geometry) = match Form::of(k, outputs) {
            Form::Dense => {
                let columns = Axis::forward(&conv, input.width, output.width);
                let bank =
                    Bank::new(k, k * inputs, outputs, |r, d, o| value(r * k + d / inputs, d % inputs, o));
                let part = dense::Part { rows, columns, bank: 0 };
                (bank, Geometry::Dense(Dense { parts: vec![part] }))
            }
            Form::Turned => {
                let bank =
                    Bank::new(k, inputs, k * outputs, |r, i, c| value(r * k + c / outputs, i, c % outputs));
                let table = table(bank.columns);
                (bank, Geometry::Turned(Turned { parts: vec![(rows, 0)], table }))
            }
            Form::Whole => {
                let bank = Bank::new(1, inputs, taps * outputs, |_, i, c| value(c / outputs, i, c % outputs));
                let (rows, table) = (table::forward(&conv, input.height, output.height), table(bank.columns));
                (bank, Geometry::Whole(Whole { rows, table }))
            }
        };
        Correlation { banks: vec![bank], regions: vec![(output, geometry)], input, padding: conv.padding }
    }

    /// The way back to regions of the convolution's padded input. Inputs of one phase modulo the stride meet the same
    /// taps, so each phase is a correlation with these taps alone.
    pub fn adjoint(at: &ConvolutionAt<'_>, regions: &[Region]) -> Self {
        let (conv, weight, outputs, inputs) =
            (at.convolution, at.weight, at.output.channels, at.input.channels);
        let (k, s, taps) = (conv.kernel, conv.stride, conv.kernel * conv.kernel);
        let (_, output) = flatten(&conv, at.input, at.output);
        // Taps of a phase do not depend on the region.
        let along = |phase| Axis::adjoint(&conv, 0, &(0..0), phase);
        let value = |tap: usize, o: usize, i: usize| weight[(o * inputs + i) * taps + tap];
        let form = Form::of(k, inputs);
        let banks: Vec<Bank> = match form {
            Form::Dense => {
                let bank = |phase| {
                    let (y, x) = (phase / s, phase % s);
                    let (rows, columns) = (along(y), along(x));
                    Bank::new(rows.kernel, columns.kernel * outputs, inputs, |r, d, i| {
                        value(rows.tap(y, r) * k + columns.tap(x, d / outputs), d % outputs, i)
                    })
                };
                (0..s * s).map(bank).collect()
            }
            Form::Turned => {
                let bank = |y| {
                    let rows = along(y);
                    Bank::new(rows.kernel, outputs, k * inputs, |r, o, c| {
                        value(rows.tap(y, r) * k + c / inputs, o, c % inputs)
                    })
                };
                (0..s).map(bank).collect()
            }
            Form::Whole => {
                vec![Bank::new(1, outputs, taps * inputs, |_, o, c| value(c / inputs, o, c % inputs))]
            }
        };
        let region = |(rows, columns): &Region| {
            let shape = Shape { height: rows.len(), width: columns.len(), channels: inputs };
            let table = || {
                let meetings = table::adjoint(&conv, output.width, columns);
                Table::new(&meetings, k, inputs, banks[0].columns)
            };
            match form {
                Form::Dense => {
                    let one = || (0..1, 0..shape.positions());
                    let (rows, columns) = if flat(&conv) { one() } else { (rows.clone(), columns.clone()) };
                    let part = |phase| dense::Part {
                        rows: Axis::adjoint(&conv, output.height, &rows, phase / s),
                        columns: Axis::adjoint(&conv, output.width, &columns, phase % s),
                        bank: phase,
                    };
                    let shape = Shape { height: rows.len(), width: columns.len(), ..shape };
                    (shape, Geometry::Dense(Dense { parts: (0..s * s).map(part).collect() }))
                }
                Form::Turned => {
                    let part = |y| (Axis::adjoint(&conv, output.height, rows, y), y);
                    let parts = (0..s).map(part).collect();
                    (shape, Geometry::Turned(Turned { parts, table: table() }))
                }
                Form::Whole => {
                    let rows = table::adjoint(&conv, output.height, rows);
                    (shape, Geometry::Whole(Whole { rows, table: table() }))
                }
            }
        };
        let regions = regions.iter().map(region).collect();
        Correlation { banks, regions, input: output, padding: Padding::Zero }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let tables = self.regions.iter().map(|(_, geometry)| match geometry {
            Geometry::Dense(_) => 0,
            Geometry::Turned(turned) => 4 * turned.table.places.len(),
            Geometry::Whole(whole) => 4 * whole.table.places.len() + size_of_val(&whole.rows[..]),
        });
        self.banks.iter().map(Bank::bytes).sum::<usize>() + tables.sum::<usize>()
    }

    /// Size of a region.
    pub fn output(&self, region: usize) -> Shape {
        self.regions[region].0
    }

    /// Fills a region, the map behind `finish`.
    pub fn run(&self, isa: Isa, region: usize, x: &[f32], finish: Finish) {
        assert_eq!(x.len(), self.input.len());
        let (output, geometry) = &self.regions[region];
        let source = Source { x, shape: self.input, padding: self.padding };
        match geometry {
            Geometry::Dense(dense) => dense::run(isa, dense, &self.banks, source, *output, finish),
            Geometry::Turned(turned) => turned::run(isa, turned, &self.banks, source, *output, finish),
            Geometry::Whole(whole) => whole::run(isa, whole, &self.banks[0], source, *output, finish),
        }
    }
}

/// What a correlation reads.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The map.
    pub x: &'a [f32],
    /// Its size.
    pub shape: Shape,
    /// What stands beyond its borders.
    pub padding: Padding,
}

impl<'a> Source<'a> {
    /// A row of the map.
    pub fn line(&self, row: usize) -> &'a [f32] {
        let len = self.shape.width * self.shape.channels;
        &self.x[row * len..][..len]
    }
}

/// Whether a convolution treats every position alike, so that a map may be seen as a single row.
fn flat(conv: &Convolution) -> bool {
    (conv.kernel, conv.stride, conv.before, conv.after) == (1, 1, 0, 0)
}

fn flatten(conv: &Convolution, input: Shape, output: Shape) -> (Shape, Shape) {
    let row = |shape: Shape| match flat(conv) {
        true => Shape { height: 1, width: shape.positions(), ..shape },
        false => shape,
    };
    (row(input), row(output))
}
