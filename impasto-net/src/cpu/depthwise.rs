//! Convolution of every plane with a kernel of its own.
//!
//! The way there and the way back are one sum: an output is the sum over the meetings of its row and of its column
//! ([`axis`]) of an input times a tap, every channel by itself. Derivatives by the taps: [`taps`].
#![allow(unsafe_code)]

mod axis;
pub mod taps;

use super::{
    finish::Finish,
    isa::Isa,
    simd::{Kernel, Simd},
};
use crate::{
    aligned::Aligned,
    device::{ConvolutionAt, Shape},
    jobs,
    network::Convolution,
};
use axis::{Axis, BLOCK, Meeting, Run};

/// Channels of a tap are padded to a multiple of this, the longest vector.
const PAD: usize = 16;

/// The taps of a depthwise convolution, for one direction and size.
pub struct Filter {
    kernel: usize,
    input: Shape,
    output: Shape,
    /// `[tap][channel]`, channels padded.
    taps: Aligned,
    rows: Axis,
    columns: Axis,
}

impl Filter {
    /// For the way there.
    pub fn forward(at: &ConvolutionAt<'_>) -> Self {
        let axis = |n, len| Axis::forward(&at.convolution, n, len);
        let rows = axis(at.input.height, at.output.height);
        let columns = axis(at.input.width, at.output.width);
        Self::new(at, (at.input, at.output), rows, columns)
    }

    /// For the way back: its input is the convolution's output.
    pub fn backward(at: &ConvolutionAt<'_>) -> Self {
        let axis = |n, len| Axis::backward(&at.convolution, n, len);
        let rows = axis(at.input.height, at.output.height);
        let columns = axis(at.input.width, at.output.width);
        Self::new(at, (at.output, at.input), rows, columns)
    }

    fn new(at: &ConvolutionAt<'_>, (input, output): (Shape, Shape), rows: Axis, columns: Axis) -> Self {
        let Convolution { kernel, .. } = at.convolution;
        let (channels, area) = (input.channels, kernel * kernel);
        assert_eq!((output.channels, at.weight.len()), (channels, channels * area));
        let padded = channels.next_multiple_of(PAD);
        let mut taps = Aligned::zeros(area * padded);
        for (channel, kernel) in at.weight.chunks_exact(area).enumerate() {
            for (tap, &value) in kernel.iter().enumerate() {
                taps[tap * padded + channel] = value;
            }
        }
        Filter { kernel, input, output, taps, rows, columns }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * self.taps.len() + self.rows.bytes() + self.columns.bytes()
    }

    /// Fills the map behind `finish`, of the filter's output size.
    pub fn run(&self, isa: Isa, x: &[f32], finish: Finish) {
        assert_eq!(x.len(), self.input.len());
        jobs::each(self.output.height, |row| {
            // SAFETY: meetings name positions of `x`, which has the filter's size; jobs store different rows.
            unsafe { isa.run(Line { filter: self, x, row, finish }) }
        });
    }
}

/// One row of outputs.
struct Line<'a> {
    filter: &'a Filter,
    x: &'a [f32],
    row: usize,
    finish: Finish,
}

impl Kernel for Line<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for run in &self.filter.columns.runs {
            // SAFETY: see `Filter::run`.
            unsafe {
                match run.count {
                    BLOCK => self.outputs::<S, BLOCK>(run),
                    _ => self.outputs::<S, 1>(run),
                }
            }
        }
    }
}

impl Line<'_> {
    /// Computes `N` outputs: channels innermost, so that what is read lies together.
    ///
    /// # Safety
    /// `run` must be one of the filter's with `N` outputs; the machine must have `S`.
    #[inline(always)]
    unsafe fn outputs<S: Simd, const N: usize>(&self, run: &Run) {
        let channels = self.filter.input.channels;
        let mut c = 0;
        // SAFETY: the caller's promise; the last vector reads no more than the channels that are left.
        unsafe {
            while c + S::LANES <= channels {
                self.vector::<S, N, true>(run, c);
                c += S::LANES;
            }
            if c < channels {
                self.vector::<S, N, false>(run, c);
            }
        }
    }

    /// One vector of channels from `c` on, `WHOLE` or cut by the last channel.
    ///
    /// # Safety
    /// As [`Line::outputs`]; there must be such a channel.
    #[inline(always)]
    unsafe fn vector<S: Simd, const N: usize, const WHOLE: bool>(&self, run: &Run, c: usize) {
        let Filter { kernel, input, output, taps, rows, columns } = self.filter;
        let (channels, padded) = (input.channels, input.channels.next_multiple_of(PAD));
        let (rows, columns) = (rows.meetings(self.row), columns.meetings(run.first));
        let advance = run.advance * channels;
        // SAFETY: the meetings' positions lie in `x`, their taps in `taps`, whose channels fill whole vectors.
        unsafe {
            let mut sums = [S::splat(0.0); N];
            for row in rows {
                let taps = taps.as_ptr().add(row.tap * kernel * padded + c);
                let line = self.x.as_ptr().add(row.input * input.width * channels + c);
                for Meeting { input, tap } in columns {
                    let (w, at) = (S::load(taps.add(tap * padded)), line.add(input * channels));
                    for (n, sum) in sums.iter_mut().enumerate() {
                        let at = at.add(n * advance);
                        let x = if WHOLE { S::load(at) } else { S::load_few(at, channels - c) };
                        *sum = S::fma(x, w, *sum);
                    }
                }
            }
            let first = self.row * output.width + run.first;
            for (n, sum) in sums.iter().enumerate() {
                self.finish.part::<S>(first + n * run.step, c, *sum);
            }
        }
    }
}
