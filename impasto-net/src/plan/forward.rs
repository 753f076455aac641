//! The way there: steps in order.

use super::{Plan, parameters::Parameters};
use crate::{
    device::{Activation, Device, Norm, PoolNotes, Relu},
    network::Op,
};

impl<D: Device> Plan<D> {
    /// Runs the network on a picture: `height · width · 3` interleaved RGB values, nominally in [0, 1], any finite
    /// value allowed.
    ///
    /// # Panics
    /// If `rgb` is of another length.
    pub fn forward(&mut self, rgb: &[f32]) {
        self.input.apply(rgb, self.arena.map_mut(0));
        for (step, parameters) in self.schedule.steps.iter().zip(&mut self.parameters) {
            let mask = &mut self.masks[step.output];
            let relu = match self.schedule.values[step.output].rectified {
                true if mask.is_empty() => Relu::Forget,
                true => Relu::Note(mask),
                false => Relu::Absent,
            };
            let shape = self.schedule.shape(step.inputs[0]);
            let (x, residual, y) = self.arena.maps(step.inputs[0], step.residual(), step.output);
            if let (true, Parameters::Convolution { there, .. }) = (step.pool, &*parameters) {
                let switches = &mut self.switches[step.output];
                let notes = match relu {
                    Relu::Note(mask) => Some(PoolNotes { mask, switches }),
                    _ => None,
                };
                self.device.convolve_pooled(there, x.unwrap_or_default(), y, notes, &mut self.workspace);
                continue;
            }
            let after = Activation { residual, relu };
            if let (Op::InstanceNorm { epsilon }, Parameters::Norm { scale, shift, statistics }) =
                (step.op, &mut *parameters)
            {
                let norm = Norm { shape, epsilon, scale, shift };
                self.device.instance_norm(norm, x, statistics, y, after);
                continue;
            }
            let Some(x) = x else { unreachable!("only norms write over their input") };
            match step.op {
                Op::Input | Op::InstanceNorm { .. } => {}
                Op::Convolution(_) => {
                    let Parameters::Convolution { there, .. } = parameters else { continue };
                    self.device.convolve(there, x, y, after, &mut self.workspace);
                }
                Op::Relu | Op::Add => self.device.activate(shape.map(x), y, after),
                Op::Upsample => self.device.upsample(shape.map(x), y),
                Op::Pool(pool) => {
                    let switches = &mut self.switches[step.output];
                    let switches = (!switches.is_empty()).then_some(&mut switches[..]);
                    self.device.pool(pool, shape.map(x), y, switches);
                }
                Op::Concat => {
                    let channels = self.schedule.shape(step.output).channels;
                    let mut first = 0;
                    for &input in &step.inputs {
                        let shape = self.schedule.shape(input);
                        let (x, _, y) = self.arena.maps(input, None, step.output);
                        self.device.place_planes(shape.map(x.unwrap_or_default()), y, channels, first);
                        first += shape.channels;
                    }
                }
                Op::Mean => self.device.mean(shape.map(x), y),
            }
        }
    }
}
