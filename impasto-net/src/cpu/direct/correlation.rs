//! Correlations as both directions of a convolution need them.

use super::{
    FEW,
    axis::Axis,
    bank::Bank,
    dense::{self, Dense},
    table::Table,
    turned::{self, Turned},
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
}

impl Correlation {
    /// The convolution itself; its one region is the output.
    pub fn forward(at: &ConvolutionAt<'_>) -> Self {
        let (conv, weight, outputs, inputs) =
            (at.convolution, at.weight, at.output.channels, at.input.channels);
        let (k, taps) = (conv.kernel, conv.kernel * conv.kernel);
        let (input, output) = flatten(&conv, at.input, at.output);
        let rows = Axis::forward(&conv, input.height, output.height);
        let columns = Axis::forward(&conv, input.width, output.width);
        let (bank, geometry) = if outputs <= FEW && k > 1 {
            let bank = Bank::new(k, inputs, k * outputs, |r, i, c| {
                weight[(c % outputs * inputs + i) * taps + r * k + c / outputs]
            });
            let table = Table::forward(&conv, input.width, output.width, outputs, bank.columns);
            (bank, Geometry::Turned(Turned { parts: vec![(rows, 0)], table }))
        } else {
            let bank = Bank::new(k, k * inputs, outputs, |r, d, o| {
                weight[(o * inputs + d % inputs) * taps + r * k + d / inputs]
            });
            let part = dense::Part { rows, columns, bank: 0 };
            (bank, Geometry::Dense(Dense { parts: vec![part] }))
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
        // Phases do not depend on the region.
        let along = |n, phase| Axis::adjoint(&conv, n, &(0..0), phase);
        let turned = inputs <= FEW && k > 1;
        let banks = if turned {
            let phase = |phase| {
                let rows = along(output.height, phase);
                Bank::new(rows.kernel, outputs, k * inputs, |r, o, c| {
                    let tap = rows.tap(phase, r) * k + c / inputs;
                    weight[(o * inputs + c % inputs) * taps + tap]
                })
            };
            (0..s).map(phase).collect()
        } else {
            let phase = |phase| {
                let (y, x) = (phase / s, phase % s);
                let (rows, columns) = (along(output.height, y), along(output.width, x));
                Bank::new(rows.kernel, columns.kernel * outputs, inputs, |r, d, i| {
                    let tap = rows.tap(y, r) * k + columns.tap(x, d / outputs);
                    weight[(d % outputs * inputs + i) * taps + tap]
                })
            };
            (0..s * s).map(phase).collect::<Vec<_>>()
        };
        let region = |(rows, columns): &Region| {
            let shape = Shape { height: rows.len(), width: columns.len(), channels: inputs };
            let row = |phase| Axis::adjoint(&conv, output.height, rows, phase);
            if turned {
                let table = Table::adjoint(&conv, output.width, columns, inputs, banks[0].columns);
                return (
                    shape,
                    Geometry::Turned(Turned { parts: (0..s).map(|y| (row(y), y)).collect(), table }),
                );
            }
            let (rows, columns, shape) = match flat(&conv) {
                true => (0..1, 0..shape.positions(), Shape { height: 1, width: shape.positions(), ..shape }),
                false => (rows.clone(), columns.clone(), shape),
            };
            let part = |phase| dense::Part {
                rows: Axis::adjoint(&conv, output.height, &rows, phase / s),
                columns: Axis::adjoint(&conv, output.width, &columns, phase % s),
                bank: phase,
            };
            (shape, Geometry::Dense(Dense { parts: (0..s * s).map(part).collect() }))
        };
        let regions = regions.iter().map(region).collect();
        Correlation { banks, regions, input: output, padding: Padding::Zero }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let tables = self.regions.iter().map(|(_, geometry)| match geometry {
            Geometry::Dense(_) => 0,
            Geometry::Turned(turned) => 4 * turned.table.places.len(),
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
