//! One axis of a correlation: which inputs an output reads.

use crate::network::{Convolution, Padding};
use std::ops::Range;

/// Output `i` of `len` reads `kernel` inputs from `i · stride − before` on and is stored at `first + i · step`.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Number of outputs.
    pub len: usize,
    /// Inputs to an output.
    pub kernel: usize,
    /// Distance between the inputs of neighbouring outputs.
    pub stride: usize,
    /// Minus the first input that output 0 reads.
    pub before: isize,
    /// Number of inputs.
    pub input: usize,
    /// Place of output 0.
    pub first: usize,
    /// Distance between the places of neighbouring outputs.
    pub step: usize,
}

impl Axis {
    /// The axis of a convolution itself.
    pub fn forward(conv: &Convolution, input: usize, len: usize) -> Self {
        let Convolution { kernel, stride, before, .. } = *conv;
        Axis { len, kernel, stride, before: before as isize, input, first: 0, step: 1 }
    }

    /// The way back of the axis of a convolution with `output` outputs, to the positions `region` of its padded input:
    /// those of `phase` modulo the stride. They read the outputs, of which padding is zero; what met tap
    /// [`Axis::tap`]`(j)` of the kernel is the axis's own tap `j`.
    pub fn adjoint(conv: &Convolution, output: usize, region: &Range<usize>, phase: usize) -> Self {
        let stride = conv.stride;
        // The first position of this phase, and the last window that starts no later.
        let start = region.start + (phase + stride - region.start % stride) % stride;
        let window = start / stride;
        let kernel = conv.kernel.saturating_sub(phase).div_ceil(stride);
        Axis {
            len: region.end.saturating_sub(start).div_ceil(stride),
            kernel,
            stride: 1,
            before: kernel as isize - 1 - window as isize,
            input: output,
            first: start - region.start,
            step: stride,
        }
    }

    /// The kernel's tap that tap `j` of an adjoint of `phase` stands for.
    pub fn tap(&self, phase: usize, j: usize) -> usize {
        phase + self.step * (self.kernel - 1 - j)
    }

    /// The input that output `i` meets with tap `j`; `None` means zero.
    pub fn source(&self, i: usize, j: usize, padding: Padding) -> Option<usize> {
        padding.index((i * self.stride + j) as isize - self.before, self.input)
    }

    /// The first input inside the map that output `i` reads, and the taps that meet such inputs.
    pub fn met(&self, i: usize) -> (usize, Range<usize>) {
        let span = self.span(&(i..i + 1));
        let (start, end) = (span.start.max(0), span.end.min(self.input as isize));
        match start < end {
            true => (start as usize, (start - span.start) as usize..(end - span.start) as usize),
            false => (0, 0..0),
        }
    }

    /// The inputs, also beyond the borders, that a range of outputs reads.
    pub fn span(&self, outputs: &Range<usize>) -> Range<isize> {
        let first = (outputs.start * self.stride) as isize - self.before;
        first..first + ((outputs.len() - 1) * self.stride + self.kernel) as isize
    }
}

/// Values under a range of outputs of the row that starts at `line`: in place if they lie inside the map, otherwise
/// copied to `room` with the padding, from which they are taken.
pub fn stretch<'a>(
    line: &'a [f32],
    channels: usize,
    axis: &Axis,
    outputs: &Range<usize>,
    padding: Padding,
    room: &mut &'a mut [f32],
) -> &'a [f32] {
    let span = axis.span(outputs);
    if span.start >= 0 && span.end <= axis.input as isize {
        return &line[span.start as usize * channels..span.end as usize * channels];
    }
    let (copy, rest) = std::mem::take(room).split_at_mut(span.len() * channels);
    *room = rest;
    let inside = span.start.clamp(0, axis.input as isize)..span.end.clamp(0, axis.input as isize);
    for (i, to) in span.clone().zip(copy.chunks_exact_mut(channels)) {
        if inside.contains(&i) {
            continue;
        }
        match padding.index(i, axis.input) {
            Some(from) => to.copy_from_slice(&line[from * channels..][..channels]),
            None => to.fill(0.0),
        }
    }
    if !inside.is_empty() {
        let from = &line[inside.start as usize * channels..inside.end as usize * channels];
        copy[(inside.start - span.start) as usize * channels..][..from.len()].copy_from_slice(from);
    }
    copy
}
