//! Convolutions and their ways back, each a convolution again: of a map seen padded or enlarged, or of a cotangent seen
//! with zeros between its values.

use super::Lowering;
use crate::{
    kernel::Kernel,
    record::{Finish, NONE, Op, rows},
};
use impasto_net::{
    device::Shape,
    engine::EngineError,
    network::{Convolution, Op as Layer, Padding},
};

/// Outputs up to which every invocation computes all of a position.
const NARROW: usize = 4;

/// Positions and outputs of a group's tile.
const TILE: usize = 64;

/// How a convolution reads its input.
pub struct Reading {
    input: usize,
    shape: Shape,
    output: Shape,
    kernel: usize,
    stride: usize,
    before: isize,
    padding: Padding,
    enlarge: bool,
    dilate: usize,
}

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

fn code(padding: Padding) -> u32 {
    match padding {
        Padding::Zero => 0,
        Padding::Replicate => 1,
        Padding::Reflect => 2,
        Padding::Circular => 3,
    }
}

impl Lowering<'_> {
    /// Weight and bias of a layer.
    pub(super) fn parameters(&self, layer: usize) -> Result<[Vec<f32>; 2], EngineError> {
        let arrays = self.job.model.arrays(layer).map_err(|error| EngineError::Failed(error.to_string()))?;
        let Some(arrays) = arrays else { return Ok([Vec::new(), Vec::new()]) };
        Ok(arrays.map(|(_, array)| array.data))
    }

    /// The convolution of step `index`.
    pub(super) fn convolution(&mut self, index: usize, finish: &Finish) -> Result<(), EngineError> {
        let step = &self.job.schedule.steps[index];
        let (depthwise, conv) = kind(step.op);
        let shape = self.job.schedule.shape(step.inputs[0]);
        let reading = Reading {
            input: self.map(step.inputs[0]),
            shape,
            output: step.computed,
            kernel: conv.kernel,
            stride: conv.stride,
            before: conv.before as isize,
            padding: conv.padding,
            enlarge: step.upsampled,
            dilate: 1,
        };
        let [weight, bias] = self.parameters(step.layer)?;
        let (values, bias_at) = match depthwise {
            true => planes(&weight, Some(&bias), conv.kernel, false),
            false => matrix(&weight, Some(&bias), [conv.outputs, shape.channels, conv.kernel], false),
        };
        let data = self.keep("a filter", &values)?;
        self.out.forward.push(reading.op(depthwise, finish, bias_at).reading(data));
        Ok(())
    }

    /// Its way back.
    pub(super) fn convolution_back(&mut self, index: usize, finish: &Finish) -> Result<Vec<Op>, EngineError> {
        let step = &self.job.schedule.steps[index];
        let (depthwise, conv) = kind(step.op);
        let input = self.job.schedule.shape(step.inputs[0]);
        let padded = padded(&conv, input, step.upsampled);
        let last = conv.kernel as isize - 1;
        let reading = Reading {
            input: self.cotangent(step.output),
            shape: step.computed,
            output: padded.unwrap_or(input),
            kernel: conv.kernel,
            stride: 1,
            before: if padded.is_some() { last } else { last - conv.before as isize },
            padding: Padding::Zero,
            enlarge: false,
            dilate: conv.stride,
        };
        let [weight, _] = self.parameters(step.layer)?;
        let (values, bias_at) = match depthwise {
            true => planes(&weight, None, conv.kernel, true),
            false => matrix(&weight, None, [conv.outputs, input.channels, conv.kernel], true),
        };
        let data = self.keep("a filter", &values)?;
        if padded.is_none() {
            return Ok(vec![reading.op(depthwise, finish, bias_at).reading(data)]);
        }
        let scratch = self.out.scratch.start;
        let first = reading.op(depthwise, &Finish::plain(scratch, input.channels), bias_at).reading(data);
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
        Ok(vec![first, Op::each(Kernel::Fold, finish, &parameters, input.len())])
    }
}

fn kind(op: Layer) -> (bool, Convolution) {
    match op {
        Layer::Convolution(conv) => (false, conv),
        Layer::Depthwise(conv) => (true, conv),
        _ => unreachable!("only convolutions are asked for"),
    }
}

impl Reading {
    /// Of the map at `input`, at every position by itself, for as many planes: a product with a matrix.
    pub fn pointwise(input: usize, shape: Shape) -> Reading {
        Reading {
            input,
            shape,
            output: shape,
            kernel: 1,
            stride: 1,
            before: 0,
            padding: Padding::Zero,
            enlarge: false,
            dilate: 1,
        }
    }

    /// The convolution, with its filters in the operation's buffer and the bias there from `bias` on.
    pub fn op(&self, depthwise: bool, finish: &Finish, bias: u32) -> Op {
        let parameters = [
            self.input as u32,
            self.shape.height as u32,
            self.shape.width as u32,
            self.shape.channels as u32,
            self.output.width as u32,
            self.output.positions() as u32,
            self.output.channels as u32,
            self.kernel as u32,
            self.stride as u32,
            self.before as i32 as u32,
            code(self.padding),
            u32::from(self.enlarge),
            self.dilate as u32,
            bias,
        ];
        let (positions, outputs) = (self.output.positions(), self.output.channels);
        if depthwise {
            return Op::each(Kernel::Depthwise, finish, &parameters, self.output.len());
        }
        if outputs <= NARROW {
            return Op::each(Kernel::Narrow, finish, &parameters, positions);
        }
        let [x, z, _] = rows(positions.div_ceil(TILE));
        Op::new(Kernel::Convolve, finish, &parameters, [x, outputs.div_ceil(TILE) as u32, z])
    }
}

/// `[outputs, inputs, kernel, kernel]` as `[kernel places, inputs][outputs]`, outputs padded to vectors of four, the bias
/// behind it; or, for the way `back`, turned round and with inputs and outputs exchanged. Gives the number of the vector where
/// the bias begins, too.
fn matrix(
    weight: &[f32],
    bias: Option<&[f32]>,
    [outputs, inputs, kernel]: [usize; 3],
    back: bool,
) -> (Vec<f32>, u32) {
    let places = kernel * kernel;
    let (rows, columns) = if back { (outputs, inputs) } else { (inputs, outputs) };
    let width = columns.next_multiple_of(4);
    let mut values = vec![0.0; (places * rows + usize::from(bias.is_some())) * width];
    for (o, weight) in weight.chunks_exact(inputs * places).enumerate() {
        for (i, weight) in weight.chunks_exact(places).enumerate() {
            let (row, column) = if back { (o, i) } else { (i, o) };
            for (place, &value) in weight.iter().enumerate() {
                let place = if back { places - 1 - place } else { place };
                values[(place * rows + row) * width + column] = value;
            }
        }
    }
    let Some(bias) = bias else { return (values, NONE) };
    let at = places * rows * width;
    values[at..at + bias.len()].copy_from_slice(bias);
    (values, (at / 4) as u32)
}

/// `[planes, 1, kernel, kernel]` as `[kernel places][planes]`, the bias behind it; turned round for the way `back`. Gives the
/// number of the value where the bias begins, too.
fn planes(weight: &[f32], bias: Option<&[f32]>, kernel: usize, back: bool) -> (Vec<f32>, u32) {
    let places = kernel * kernel;
    let count = weight.len() / places;
    let mut values = vec![0.0; weight.len()];
    for (plane, weight) in weight.chunks_exact(places).enumerate() {
        for (place, &value) in weight.iter().enumerate() {
            let place = if back { places - 1 - place } else { place };
            values[place * count + plane] = value;
        }
    }
    let Some(bias) = bias else { return (values, NONE) };
    let at = values.len() as u32;
    values.extend_from_slice(bias);
    (values, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_turned_round_for_the_way_back() {
        // Two outputs, three inputs, 1 × 1 and then two places of a row that is part of 3 × 3.
        let weight: Vec<f32> = (0..6).map(|v| v as f32).collect();
        let (there, bias) = matrix(&weight, Some(&[7.0, 8.0]), [2, 3, 1], false);
        assert_eq!(there, [0., 3., 0., 0., 1., 4., 0., 0., 2., 5., 0., 0., 7., 8., 0., 0.]);
        assert_eq!(bias, 3);
        let (back, none) = matrix(&weight, None, [2, 3, 1], true);
        assert_eq!((&back[..], none), (&[0., 1., 2., 0., 3., 4., 5., 0.][..], NONE));
        let weight: Vec<f32> = (0..18).map(|v| v as f32).collect();
        let (back, _) = planes(&weight, None, 3, true);
        assert_eq!(back[..4], [8.0, 17.0, 7.0, 16.0]);
    }

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
