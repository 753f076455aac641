//! The way there, step by step.

use super::{Combine, Lowering, combine, moved, sums};
use crate::{
    kernel::Kernel,
    record::{Finish, NONE, Op},
};
use impasto_net::{engine::EngineError, network::InputConvention, network::Op as Layer};

impl Lowering<'_> {
    /// Between RGB and the network's convention.
    pub(super) fn picture(&mut self) {
        let input = self.job.model.network().input;
        let shape = self.job.schedule.shape(0);
        if input == InputConvention::UNCHANGED || shape.channels != 3 {
            return;
        }
        let op = |at: usize, back: bool| {
            // There (v · scale − mean) / std is (v − mean / scale) · scale / std.
            let mut words: Vec<u32> = Vec::new();
            words.extend(input.std.map(|std| (input.scale / std).to_bits()));
            words.push(0);
            words.extend(input.mean.map(|mean| (mean / input.scale).to_bits()));
            words.push(0);
            words.extend([at as u32, shape.positions() as u32, u32::from(input.bgr), u32::from(back)]);
            Op::each(Kernel::Picture, &Finish::plain(0, 3), &words, shape.positions())
        };
        let back = self.job.layout.cotangents.first().map_or(0, |place| place.start);
        self.out.convert = Some([op(self.map(0), false), op(back, true)]);
    }

    /// All steps.
    pub(super) fn forward(&mut self) -> Result<(), EngineError> {
        for index in 0..self.job.schedule.steps.len() {
            self.there(index)?;
            let value = self.job.schedule.steps[index].output;
            if let Some(mask) = self.masks[value] {
                let count = self.job.schedule.shape(value).len();
                let relu = Some(self.job.schedule.values[value].ceiling);
                let finish = Finish { relu, ..Finish::plain(0, 1) };
                let parameters = [self.map(value) as u32, count as u32, mask as u32, 0];
                let op = Op::each(Kernel::Mask, &finish, &parameters, count.div_ceil(32));
                self.out.forward.push(op);
            }
        }
        Ok(())
    }

    /// One step.
    fn there(&mut self, index: usize) -> Result<(), EngineError> {
        let schedule = self.job.schedule;
        let step = &schedule.steps[index];
        let value = &schedule.values[step.output];
        let input = schedule.shape(step.inputs[0]);
        let x = self.map(step.inputs[0]);
        let finish = Finish {
            at: self.map(step.output) + step.among.unwrap_or(0),
            stride: value.shape.channels,
            channels: step.computed.channels,
            residual: step.residual().map(|value| self.map(value)),
            relu: value.rectified.then_some(value.ceiling),
            accumulate: false,
            rule: None,
        };
        let (count, channels) = (step.computed.len(), step.computed.channels);
        let scratch = self.out.scratch.start;
        match step.op {
            Layer::Input => {}
            Layer::Convolution(_) | Layer::Depthwise(_) => self.convolution(index, &finish)?,
            Layer::Relu | Layer::ClippedRelu { .. } | Layer::Add => {
                self.out.forward.push(moved(&finish, Some(x), channels, 1.0, count));
            }
            Layer::Concat => {
                let mut first = 0;
                for &input in &step.inputs {
                    let shape = schedule.shape(input);
                    let to = Finish { at: finish.at + first, channels: shape.channels, ..finish };
                    let op = moved(&to, Some(self.map(input)), shape.channels, 1.0, shape.len());
                    self.out.forward.push(op);
                    first += shape.channels;
                }
            }
            Layer::Upsample | Layer::Spread => {
                let what = u32::from(step.op == Layer::Spread);
                let width = step.computed.width as u32;
                let parameters = [x as u32, width, count as u32, channels as u32, what, 0, 0, 0];
                self.out.forward.push(Op::each(Kernel::Resize, &finish, &parameters, count));
            }
            Layer::Pool(pool) => {
                let switches = self.switches[step.output].map_or(NONE, |at| at as u32);
                let parameters = [
                    x as u32,
                    input.width as u32,
                    step.computed.width as u32,
                    count as u32,
                    channels as u32,
                    pool.window as u32,
                    pool.stride as u32,
                    Self::averages(pool.pooling),
                    switches,
                    0,
                    0,
                    0,
                ];
                let op = Op::each(Kernel::Pool, &finish, &parameters, count.div_ceil(4));
                self.out.forward.push(op);
            }
            Layer::InstanceNorm { epsilon } => self.norm(index, epsilon, &finish)?,
            Layer::Mean => {
                self.out.forward.push(sums((x, x), [None; 2], input, scratch));
                let op = combine(Combine::Mean, input, scratch, finish.at, (0, 0.0), None);
                self.out.forward.push(op);
            }
            Layer::Squash { low, high } => {
                let (low, span) = (low.to_bits(), (high - low).to_bits());
                let parameters = [x as u32, NONE, count as u32, channels as u32, low, span, 0, 0];
                self.out.forward.push(Op::each(Kernel::Squash, &finish, &parameters, count));
            }
            Layer::Noise { stream, .. } => {
                self.out.noise.push((self.out.forward.len(), stream));
                self.out.forward.push(Op::each(Kernel::Noise, &finish, &[0, count as u32, 0, 0], count));
            }
        }
        Ok(())
    }
}
