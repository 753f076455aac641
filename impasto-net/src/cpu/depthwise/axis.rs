//! Which inputs of an axis an output meets, and with which taps.

use crate::network::Convolution;

/// Outputs that are computed together where they meet the same taps.
pub const BLOCK: usize = 6;

/// An input and the tap that it is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Place of the input along the axis.
    pub input: usize,
    /// Place of the tap along the kernel.
    pub tap: usize,
}

/// Outputs whose meetings are those of the first, moved along.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The first output.
    pub first: usize,
    /// Distance between outputs.
    pub step: usize,
    /// [`BLOCK`] or one.
    pub count: usize,
    /// Distance between the inputs that neighbouring outputs of the run meet.
    pub advance: usize,
}

/// An axis in one direction.
pub struct Axis {
    meetings: Vec<Vec<Meeting>>,
    /// They cover all outputs.
    pub runs: Vec<Run>,
}

/// The input that every output of an axis meets with every tap, `[output][tap]`; `None` is zero.
pub fn sources(conv: &Convolution, input: usize, output: usize) -> Vec<Option<usize>> {
    let all = (0..output).flat_map(|i| (0..conv.kernel).map(move |tap| (i, tap)));
    let at = |(i, tap): (usize, usize)| (i * conv.stride + tap) as isize - conv.before as isize;
    all.map(|place| conv.padding.index(at(place), input)).collect()
}

impl Axis {
    /// The axis of a convolution of `input` positions to `output`.
    pub fn forward(conv: &Convolution, input: usize, output: usize) -> Self {
        let sources = sources(conv, input, output);
        let meeting = |(tap, input): (usize, &Option<usize>)| Some(Meeting { input: (*input)?, tap });
        let meetings: Vec<Vec<Meeting>> = sources
            .chunks(conv.kernel)
            .map(|taps| taps.iter().enumerate().filter_map(meeting).collect())
            .collect();
        let runs = runs(&meetings, 1, conv.stride);
        Axis { meetings, runs }
    }

    /// The way back of that axis: inputs meet the outputs that read them, several times where the border repeats them.
    pub fn backward(conv: &Convolution, input: usize, output: usize) -> Self {
        let mut meetings = vec![Vec::new(); input];
        for (place, source) in sources(conv, input, output).into_iter().enumerate() {
            if let Some(source) = source {
                let (input, tap) = (place / conv.kernel, place % conv.kernel);
                meetings[source].push(Meeting { input, tap });
            }
        }
        let runs = runs(&meetings, conv.stride, 1);
        Axis { meetings, runs }
    }

    /// What an output meets.
    pub fn meetings(&self, output: usize) -> &[Meeting] {
        &self.meetings[output]
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let meetings: usize = self.meetings.iter().map(Vec::len).sum();
        meetings * size_of::<Meeting>() + self.runs.len() * size_of::<Run>()
    }
}

/// Runs that cover all outputs, those `step` apart together where their inputs are `advance` apart.
fn runs(meetings: &[Vec<Meeting>], step: usize, advance: usize) -> Vec<Run> {
    let follows = |one: &[Meeting], next: &[Meeting]| {
        let moved = |m: &Meeting| Meeting { input: m.input + advance, ..*m };
        one.len() == next.len() && one.iter().zip(next).all(|(one, next)| moved(one) == *next)
    };
    let mut runs = Vec::new();
    for phase in 0..step.min(meetings.len()) {
        let mut first = phase;
        while first < meetings.len() {
            let last = first + (BLOCK - 1) * step;
            let together = last < meetings.len()
                && (first..last).step_by(step).all(|i| follows(&meetings[i], &meetings[i + step]));
            let count = if together { BLOCK } else { 1 };
            runs.push(Run { first, step, count, advance });
            first += count * step;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Padding;

    #[test]
    fn runs_cover_every_output_once() {
        for padding in [Padding::Zero, Padding::Reflect, Padding::Circular, Padding::Replicate] {
            for (kernel, stride, before, after) in [(3, 1, 1, 1), (3, 2, 0, 1), (5, 3, 2, 4), (1, 1, 0, 0)] {
                let conv = Convolution { outputs: 1, kernel, stride, before, after, padding };
                for n in [1, 2, 7, 14, 40] {
                    let len = conv.output_len(n);
                    for (axis, len) in
                        [(Axis::forward(&conv, n, len), len), (Axis::backward(&conv, n, len), n)]
                    {
                        let mut seen = vec![0; len];
                        for run in &axis.runs {
                            (0..run.count).for_each(|i| seen[run.first + i * run.step] += 1);
                        }
                        assert_eq!(seen, vec![1; len], "{conv:?} of {n}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_middle_of_a_line_is_computed_in_blocks() {
        let conv = Convolution::same(1, 3, Padding::Zero);
        let axis = Axis::forward(&conv, 14, 14);
        assert_eq!(axis.runs.iter().map(|run| run.count).collect::<Vec<_>>(), [1, 6, 6, 1]);
        let strided = Convolution { stride: 2, before: 0, after: 1, ..conv };
        let axis = Axis::backward(&strided, 28, 14);
        assert_eq!(axis.runs.iter().filter(|run| run.count == BLOCK).count(), 4);
    }
}
