//! The way there: steps in order.

use super::{HostPlan, parameters::Parameters};
use crate::{
    Map,
    device::{Activation, Among, Device, Norm, PoolNotes, Relu},
    network::Op,
};

/// What [`HostPlan::forward_showing`] calls: a tap's number and its map.
pub type Show<'a> = dyn FnMut(usize, Map<'_>) + Send + 'a;

impl<D: Device> HostPlan<D> {
    /// Runs the network on a picture: `height · width · 3` interleaved RGB values, nominally in [0, 1], any finite
    /// value allowed.
    ///
    /// # Panics
    /// If `rgb` is of another length.
    pub fn forward(&mut self, rgb: &[f32]) {
        self.forward_showing(rgb, &mut |_, _| {});
    }

    /// [`HostPlan::forward`], calling `show` with every tap's number and map as soon as it is there: the only sight of maps
    /// that are not kept.
    ///
    /// # Panics
    /// As [`HostPlan::forward`].
    pub fn forward_showing(&mut self, rgb: &[f32], show: &mut Show<'_>) {
        // Inside the pool, a step's end and the next one's beginning wake no thread.
        rayon::scope(|_| self.steps(rgb, show));
    }

    /// [`HostPlan::forward`] on a map that `fill` writes as the network reads it, in place.
    pub(crate) fn forward_from(&mut self, fill: &mut (dyn FnMut(&mut [f32]) + Send)) {
        fill(self.arena.map_mut(0));
        rayon::scope(|_| self.all_steps(&mut |_, _| {}));
    }

    /// Takes the picture and runs all steps.
    fn steps(&mut self, rgb: &[f32], show: &mut Show<'_>) {
        self.input.apply(rgb, self.arena.map_mut(0));
        self.all_steps(show);
    }

    /// Runs all steps.
    fn all_steps(&mut self, show: &mut Show<'_>) {
        self.show(0, show);
        for index in 0..self.schedule.steps.len() {
            self.run(index);
            self.show(self.schedule.steps[index].output, show);
        }
    }

    /// Calls `show` for the taps of a value.
    fn show(&self, value: usize, show: &mut Show<'_>) {
        for (tap, _) in self.schedule.taps.iter().enumerate().filter(|(_, tapped)| **tapped == value) {
            show(tap, self.schedule.shape(value).map(self.arena.map(value)));
        }
    }

    /// Runs one step.
    fn run(&mut self, index: usize) {
        let (step, parameters) = (&self.schedule.steps[index], &mut self.parameters[index]);
        let mask = &mut self.masks[step.output];
        let ceiling = self.schedule.values[step.output].ceiling;
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
            return;
        }
        let channels = self.schedule.shape(step.output).channels;
        let among = step.among.map(|first| Among { channels, first });
        let after = Activation { residual, relu, ceiling: Some(ceiling), among };
        if let (Op::InstanceNorm { epsilon }, Parameters::Norm { scale, shift, statistics }) =
            (step.op, &mut *parameters)
        {
            let norm = Norm { shape, epsilon, scale, shift };
            self.device.instance_norm(norm, x, statistics, y, after);
            return;
        }
        let Some(x) = x else { unreachable!("only norms write over their input") };
        match step.op {
            Op::Input | Op::InstanceNorm { .. } => {}
            Op::Convolution(_) | Op::Depthwise(_) => {
                let Parameters::Convolution { there, .. } = parameters else { return };
                self.device.convolve(there, x, y, after, &mut self.workspace);
            }
            Op::Relu | Op::ClippedRelu { .. } | Op::Add => self.device.activate(shape.map(x), y, after),
            Op::Upsample => self.device.upsample(shape.map(x), y),
            Op::Spread => self.device.spread(shape.map(x), y),
            Op::Pool(pool) => {
                let switches = &mut self.switches[step.output];
                let switches = (!switches.is_empty()).then_some(&mut switches[..]);
                self.device.pool(pool, shape.map(x), y, switches);
            }
            Op::Concat => {
                let mut first = 0;
                for &input in &step.inputs {
                    let shape = self.schedule.shape(input);
                    let (x, _, y) = self.arena.maps(input, None, step.output);
                    self.device.place_planes(shape.map(x.unwrap_or_default()), y, channels, first);
                    first += shape.channels;
                }
            }
            Op::Mean => self.device.mean(shape.map(x), y),
            Op::Squash { low, high } => self.device.squash([low, high], x, y),
            Op::Noise { stream, .. } => self.device.noise(self.seed, u64::from(stream), y),
        }
    }
}
