//! The way back, last step first: the order in which cotangents begin and are completed is the processor's
//! (`impasto_net::plan::host`).

use super::{Back, Lowering, moved};
use crate::{
    kernel::Kernel,
    record::{Finish, Op},
};
use impasto_net::{engine::EngineError, network::Op as Layer};

impl Lowering<'_> {
    /// All steps.
    pub(super) fn backward(&mut self) -> Result<(), EngineError> {
        let schedule = self.job.schedule;
        for index in (0..schedule.steps.len()).rev() {
            let output = schedule.steps[index].output;
            let value = &schedule.values[output];
            if value.consumers.is_empty() {
                self.out.backward.push(Back::Begin(output));
                if value.rectified {
                    let finish = Finish {
                        accumulate: true,
                        rule: self.masks[output],
                        ..Finish::plain(self.cotangent(output), value.shape.channels)
                    };
                    self.zero(&finish, value.shape.len());
                }
            }
            let ops = self.filter_gradient(index);
            self.out.backward.extend(ops.into_iter().map(Back::Run));
            let inputs = &schedule.steps[index].inputs;
            let mut first_plane = 0;
            for (place, &input) in inputs.iter().enumerate() {
                let value = &schedule.values[input];
                // A step may read one value twice: its cotangent is begun and completed once all the same.
                let begins = value.consumers.last() == Some(&index) && !inputs[..place].contains(&input);
                let completes =
                    value.consumers.first() == Some(&index) && !inputs[place + 1..].contains(&input);
                if begins && value.tapped {
                    self.out.backward.push(Back::Begin(input));
                }
                let finish = Finish {
                    accumulate: !begins || value.tapped,
                    rule: self.masks[input].filter(|_| completes),
                    ..Finish::plain(self.cotangent(input), value.shape.channels)
                };
                self.pull(index, place, first_plane, &finish)?;
                first_plane += value.shape.channels;
            }
        }
        if schedule.steps.is_empty() {
            self.out.backward.push(Back::Begin(0));
        }
        Ok(())
    }

    /// Adds zero: what remains is accumulation and the ReLU's rule.
    fn zero(&mut self, finish: &Finish, count: usize) {
        self.out.backward.push(Back::Run(moved(finish, None, 0, 0.0, count)));
    }

    /// The vector-Jacobian product of step `index` to the value it reads in place `place`.
    fn pull(
        &mut self,
        index: usize,
        place: usize,
        first_plane: usize,
        finish: &Finish,
    ) -> Result<(), EngineError> {
        let schedule = self.job.schedule;
        let step = &schedule.steps[index];
        let input = step.inputs[place];
        let (shape, out) = (schedule.shape(input), schedule.shape(step.output));
        let dy = self.cotangent(step.output);
        let count = shape.len();
        let moved = |from, stride, factor| vec![moved(finish, Some(from), stride, factor, count)];
        let residual = step.sum && place + 1 == step.inputs.len();
        let ops = match step.op {
            _ if residual => moved(dy, out.channels, 1.0),
            Layer::Input => Vec::new(),
            Layer::Convolution(_) | Layer::Depthwise(_) => self.convolution_back(index, finish)?,
            Layer::InstanceNorm { .. } => self.norm_back(index, finish)?,
            Layer::Upsample | Layer::Spread => {
                let what = if step.op == Layer::Upsample { 2 } else { 3 };
                let (width, channels) = (shape.width as u32, shape.channels as u32);
                let parameters = [dy as u32, width, count as u32, channels, what, 0, 0, 0];
                vec![Op::each(Kernel::Resize, finish, &parameters, count)]
            }
            Layer::Pool(pool) => {
                let parameters = [
                    dy as u32,
                    out.height as u32,
                    out.width as u32,
                    shape.width as u32,
                    count as u32,
                    shape.channels as u32,
                    pool.window as u32,
                    pool.stride as u32,
                    Self::averages(pool.pooling),
                    self.switches[step.output].unwrap_or(0) as u32,
                    0,
                    0,
                ];
                vec![Op::each(Kernel::PoolBack, finish, &parameters, count)]
            }
            Layer::Relu | Layer::ClippedRelu { .. } | Layer::Add | Layer::Concat => {
                moved(dy + first_plane, out.channels, 1.0)
            }
            Layer::Mean => moved(dy, 0, 1.0 / shape.positions() as f32),
            Layer::Squash { low, high } => {
                let (x, channels) = (self.map(input) as u32, shape.channels as u32);
                let (low, span) = (low.to_bits(), (high - low).to_bits());
                let parameters = [x, dy as u32, count as u32, channels, low, span, 0, 0];
                vec![Op::each(Kernel::Squash, finish, &parameters, count)]
            }
            Layer::Noise { .. } => {
                self.zero(finish, count);
                Vec::new()
            }
        };
        self.out.backward.extend(ops.into_iter().map(Back::Run));
        Ok(())
    }
}
