//! Convolutions and their ways back, each a convolution again: of a map seen padded or enlarged, or of a cotangent seen
//! with zeros between its values.

use super::{
    Lowering, gradients,
    reading::{Reading, code},
};
use crate::{
    filters::{Algorithm, Arrangement},
    kernel::Kernel,
    record::{Finish, Op},
};
use impasto_net::{
    Purpose,
    device::Shape,
    engine::{EngineError, Job},
    network::{Convolution, Op as Layer, Padding},
    plan::schedule::Step,
};

/// The size of a convolution's padded, enlarged input if the way back must go through its cotangent: what stands for one
/// value is added up then. None where every value stands for itself.
pub fn padded(conv: &Convolution, input: Shape, upsampled: bool) -> Option<Shape> {
    let factor = if upsampled { 2 } else { 1 };
    let added = conv.before + conv.after;
    let along = |n: usize| factor * n + added;
    (upsampled || (conv.padding != Padding::Zero && added > 0)).then(|| Shape {
        height: along(input.height),
        width: along(input.width),
        channels: input.channels,
    })
}

impl Lowering<'_> {
    /// The convolution of step `index`.
    pub(super) fn convolution(&mut self, index: usize, finish: &Finish) -> Result<(), EngineError> {
        let reading = self.reading(index);
        let ops = self.convolve(index, &reading, false, finish, self.out.scratch.start)?;
        self.out.forward.extend(ops);
        Ok(())
    }

    /// Its way back.
    pub(super) fn convolution_back(&mut self, index: usize, finish: &Finish) -> Result<Vec<Op>, EngineError> {
        let step = &self.job.schedule.steps[index];
        let conv = kind(step.op).1;
        let input = self.job.schedule.shape(step.inputs[0]);
        let (from, to) = (self.cotangent(step.output), padded(&conv, input, step.upsampled));
        let reading = reading_back(&conv, from, (step.computed, input), to);
        let scratch = self.out.scratch.start;
        let Some(to) = to else { return self.convolve(index, &reading, true, finish, scratch) };
        let plain = Finish::plain(scratch, input.channels);
        let mut ops = self.convolve(index, &reading, true, &plain, scratch + to.len())?;
        let parameters = [
            scratch as u32,
            input.height as u32,
            input.width as u32,
            input.channels as u32,
            conv.before as u32,
            conv.after as u32,
            code(conv.padding),
            u32::from(step.upsampled),
        ];
        ops.push(Op::each(Kernel::Fold, finish, &parameters, input.len()));
        Ok(ops)
    }

    pub(super) fn reading(&self, index: usize) -> Reading {
        let step = &self.job.schedule.steps[index];
        reading(step, self.job.schedule.shape(step.inputs[0]), self.map(step.inputs[0]))
    }

    /// What computes a step's convolution or its way back, read as `reading` says.
    fn convolve(
        &mut self,
        index: usize,
        reading: &Reading,
        back: bool,
        finish: &Finish,
        scratch: usize,
    ) -> Result<Vec<Op>, EngineError> {
        let step = &self.job.schedule.steps[index];
        let algorithm = reading.algorithm(self.job.precise);
        let arrangement = match kind(step.op).0 {
            true => Arrangement::Depthwise { back },
            false => Arrangement::Convolution { algorithm, back },
        };
        let (data, bias) = self.parameters(step.layer, arrangement)?;
        let ops = match arrangement {
            Arrangement::Depthwise { .. } => vec![reading.depthwise(finish, bias)],
            _ if algorithm == Algorithm::Winograd => reading.winograd(finish, bias, scratch),
            _ => vec![reading.direct(finish, bias, None)],
        };
        Ok(ops.into_iter().map(|op| op.reading(data)).collect())
    }
}

/// How a step's convolution reads the map of size `shape` at `input`.
fn reading(step: &Step, shape: Shape, input: usize) -> Reading {
    let conv = kind(step.op).1;
    Reading {
        input,
        shape,
        output: step.computed,
        kernel: conv.kernel,
        stride: conv.stride,
        before: conv.before as isize,
        padding: conv.padding,
        enlarge: step.upsampled,
        dilate: 1,
    }
}

/// How its way back reads the cotangent at `from`: from the first shape to the second, or to the `padded` one.
fn reading_back(
    conv: &Convolution,
    from: usize,
    (shape, output): (Shape, Shape),
    padded: Option<Shape>,
) -> Reading {
    let last = conv.kernel as isize - 1;
    Reading {
        input: from,
        shape,
        output: padded.unwrap_or(output),
        kernel: conv.kernel,
        stride: 1,
        before: if padded.is_some() { last } else { last - conv.before as isize },
        padding: Padding::Zero,
        enlarge: false,
        dilate: conv.stride,
    }
}

/// Values of temporary memory that a step's convolution of a map of size `input` wants, its way back included.
pub fn scratch_len(step: &Step, input: Shape, job: &Job<'_>) -> usize {
    let (depthwise, conv) = kind(step.op);
    let len = |reading: &Reading| match depthwise {
        true => 0,
        false => reading.scratch_len(reading.algorithm(job.precise)),
    };
    let there = len(&reading(step, input, 0));
    if job.purpose == Purpose::Forward {
        return there;
    }
    let parameters = match job.purpose {
        Purpose::Training => gradients::scratch_len(step, input),
        Purpose::Forward | Purpose::Gradient => 0,
    };
    let padded = padded(&conv, input, step.upsampled);
    let back = len(&reading_back(&conv, 0, (step.computed, input), padded));
    there.max(parameters).max(back + padded.map_or(0, |shape| shape.len()))
}

fn kind(op: Layer) -> (bool, Convolution) {
    match op {
        Layer::Convolution(conv) => (false, conv),
        Layer::Depthwise(conv) => (true, conv),
        _ => unreachable!("only convolutions are asked for"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_for_several_is_folded() {
        let shape = Shape { height: 4, width: 5, channels: 2 };
        let conv = Convolution::same(3, 3, Padding::Zero);
        assert_eq!(padded(&conv, shape, false), None);
        assert_eq!(padded(&conv, shape, true), Some(Shape { height: 10, width: 12, channels: 2 }));
        let conv = Convolution::same(3, 5, Padding::Reflect);
        assert_eq!(padded(&conv, shape, false), Some(Shape { height: 8, width: 9, channels: 2 }));
        assert_eq!(padded(&Convolution::same(3, 1, Padding::Reflect), shape, false), None);
    }
}
