//! What padding adds to the way back: the ring of positions around the map, folded onto those that it copied.
//!
//! ReLU rules are not linear, so the ring goes first: it is added to the border positions of the cotangent, which begin
//! at zero or with what already accumulates there; then the main part, in which padding counts as zeros, adds these
//! sums where [`Ring::border`] says and applies the rule to the total.

use super::correlation::{Correlation, Region};
use crate::{
    cpu::{
        finish::{Border, Finish},
        isa::Isa,
    },
    device::{Activation, ConvolutionAt, Cotangent, Shape},
    network::{Convolution, Padding},
};

/// The way back to all positions that a convolution's padding added to its input.
pub struct Ring {
    convolution: Convolution,
    input: Shape,
    /// Above and below over the whole width, then left and right.
    regions: [Region; 4],
    correlation: Correlation,
    border: Border,
    /// How many positions of the padded map stand for one of the cotangent's along an axis: 2 for enlarged maps.
    factor: usize,
}

impl Ring {
    /// Prepares the ring; there is none where padding is zeros or absent.
    pub fn new(at: &ConvolutionAt<'_>) -> Option<Self> {
        let Convolution { before, after, padding, .. } = at.convolution;
        if padding == Padding::Zero || before + after == 0 {
            return None;
        }
        let input = at.input;
        let (bottom, right) = (before + input.height, before + input.width);
        let width = 0..right + after;
        let regions = [
            (0..before, width.clone()),
            (bottom..bottom + after, width),
            (before..bottom, 0..before),
            (before..bottom, right..right + after),
        ];
        let correlation = Correlation::adjoint(at, &regions);
        let border = Border {
            width: input.width as u32,
            rows: untouched(&at.convolution, input.height),
            columns: untouched(&at.convolution, input.width),
        };
        Some(Ring { convolution: at.convolution, input, regions, correlation, border, factor: 1 })
    }

    /// The ring of a map that is the small one, enlarged ×2.
    pub fn of_small(mut self) -> Self {
        let halved = |(first, end): (u32, u32)| (first.div_ceil(2), (end / 2).max(first.div_ceil(2)));
        let Border { width, rows, columns } = self.border;
        self.border = Border { width: width / 2, rows: halved(rows), columns: halved(columns) };
        self.factor = 2;
        self
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.correlation.bytes()
    }

    /// Values of temporary memory that [`Ring::fold`] wants.
    pub fn workspace_len(&self) -> usize {
        (0..self.regions.len()).map(|region| self.correlation.output(region).len()).max().unwrap_or(0)
    }

    /// The positions that [`Ring::fold`] leaves values at, to which the main part is to be added.
    fn border(&self) -> Border {
        self.border
    }

    /// Adds the ring's share of the vector-Jacobian product with `dy` to the border of `dx`, which it first sets to zero
    /// unless `accumulate`.
    fn fold(&self, isa: Isa, dy: &[f32], dx: &mut [f32], accumulate: bool, workspace: &mut [f32]) {
        let (input, channels, factor) = (self.input, self.input.channels, self.factor);
        let width = input.width / factor;
        assert_eq!(dx.len(), input.height / factor * width * channels);
        if !accumulate {
            for (row, line) in dx.chunks_exact_mut(width * channels).enumerate() {
                let inner = self.border.inner_columns(row);
                line[..inner.start * channels].fill(0.0);
                line[inner.end * channels..].fill(0.0);
            }
        }
        let Convolution { before, padding, .. } = self.convolution;
        let source = |i: usize, n| padding.index(i as isize - before as isize, n);
        for (region, (rows, columns)) in self.regions.iter().enumerate() {
            let shape = self.correlation.output(region);
            if shape.is_empty() {
                continue;
            }
            let ring = &mut workspace[..shape.len()];
            let finish = Finish::forward(shape, ring, &[], Activation::default());
            self.correlation.run(isa, region, dy, finish);
            for (row, line) in rows.clone().zip(ring.chunks_exact(columns.len() * channels)) {
                let Some(y) = source(row, input.height) else { continue };
                for (column, from) in columns.clone().zip(line.chunks_exact(channels)) {
                    let Some(x) = source(column, input.width) else { continue };
                    let to = &mut dx[(y / factor * width + x / factor) * channels..][..channels];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
            }
        }
    }
}

/// How the main part of a way back to `dx`, of size `shape`, is stored, after the ring, if there is one, was folded.
pub fn begin(
    ring: Option<&Ring>,
    isa: Isa,
    shape: Shape,
    (dy, dx): (&[f32], &mut [f32]),
    after: Cotangent<'_>,
    workspace: &mut [f32],
) -> Finish {
    let Some(ring) = ring else { return Finish::backward(shape, dx, after) };
    ring.fold(isa, dy, dx, after.accumulate, workspace);
    Finish::backward(shape, dx, after).accumulating(ring.border())
}

/// The stretch of an axis of `n` positions that padding does not copy from.
fn untouched(conv: &Convolution, n: usize) -> (u32, u32) {
    let (mut first, mut end) = (0, n);
    let beyond = (1..=conv.before).map(|i| -(i as isize)).chain((0..conv.after).map(|i| (n + i) as isize));
    for at in beyond.filter_map(|i| conv.padding.index(i, n)) {
        if at < n / 2 {
            first = first.max(at + 1);
        } else {
            end = end.min(at);
        }
    }
    (first.min(end) as u32, end as u32)
}
