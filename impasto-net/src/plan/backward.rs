//! The way back: vector-Jacobian products of the steps, last first.

use super::{
    HostPlan, ReluRule,
    parameters::Parameters,
    recompute::{Band, Recomputed},
    schedule::{Step, Value},
};
use crate::{
    Map,
    device::{Activation, Cotangent, Device, Norm, Relu, Shape},
    jobs,
    network::Op,
};
use std::ops::Range;

/// Values that a thread sets to zero at a time.
const SHARE: usize = 1 << 16;

/// What [`HostPlan::backward_by_rows`] calls: a tap's number, some of its rows, their map, and their cotangent to add to.
pub type Seeding<'a> = dyn FnMut(usize, Range<usize>, Map<'_>, &mut [f32]) + Send + 'a;

impl<D: Device> HostPlan<D> {
    /// Vector-Jacobian product: `seed(tap, map, cotangent)` is called once for every tap, deepest first, and adds the
    /// cotangent of that map to `cotangent` (zero on entry, laid out as the map); `gradient_rgb` receives
    /// d / d picture in the units of [`HostPlan::forward`]'s input. A plan for training also adds the derivatives by its
    /// parameters to those of [`Plan::parameter_gradients`](super::Plan::parameter_gradients).
    ///
    /// Networks without norms may be gone back through several times after one way there; from the second time on, `seed`
    /// must not read the map.
    ///
    /// # Panics
    /// If the plan was made for [`Purpose::Forward`](super::Purpose::Forward) or `gradient_rgb` is not as long as the
    /// picture.
    pub fn backward(
        &mut self,
        rule: ReluRule,
        seed: &mut (dyn FnMut(usize, Map<'_>, &mut [f32]) + Send),
        gradient_rgb: &mut [f32],
    ) {
        assert!(self.recomputed.is_empty(), "the plan shows maps by rows: call backward_by_rows");
        self.backward_by_rows(rule, &mut |tap, _, map, cotangent| seed(tap, map, cotangent), gradient_rgb);
    }

    /// [`HostPlan::backward`] for plans that do not keep all maps: `seed(tap, rows, map, cotangent)` is called for all rows of
    /// a tap at once or, where the map is computed again, for one band after another.
    ///
    /// # Panics
    /// As [`HostPlan::backward`].
    pub fn backward_by_rows(&mut self, rule: ReluRule, seed: &mut Seeding<'_>, gradient_rgb: &mut [f32]) {
        assert!(self.arena.has_cotangents(), "the plan was made for the forward pass only");
        // As on the way there.
        rayon::scope(|_| self.steps_back(rule, seed, gradient_rgb));
    }

    /// [`HostPlan::backward`] where the cotangents of tapped values begin with given ones.
    pub(super) fn backward_with(
        &mut self,
        rule: ReluRule,
        starts: &[(usize, Vec<f32>)],
        gradient_rgb: &mut [f32],
    ) {
        let taps = self.schedule.taps.clone();
        let mut seed = |tap: usize, _: Map<'_>, cotangent: &mut [f32]| {
            // A value that is tapped twice begins once.
            if taps[..tap].contains(&taps[tap]) {
                return;
            }
            for (_, start) in starts.iter().filter(|(value, _)| *value == taps[tap]) {
                cotangent.iter_mut().zip(start).for_each(|(cotangent, start)| *cotangent += start);
            }
        };
        self.backward(rule, &mut seed, gradient_rgb);
    }

    /// Runs all steps backward.
    fn steps_back(&mut self, rule: ReluRule, seed: &mut Seeding<'_>, gradient_rgb: &mut [f32]) {
        for index in (0..self.schedule.steps.len()).rev() {
            let output = self.schedule.steps[index].output;
            if self.schedule.values[output].consumers.is_empty() {
                self.seed_value(output, seed);
                if self.schedule.values[output].rectified {
                    let shape = self.schedule.shape(output);
                    self.device.relu_vjp(shape, self.arena.cotangent_mut(output), rule, &self.masks[output]);
                }
            }
            self.pull_filter(index);
            let mut first_plane = 0;
            for place in 0..self.schedule.steps[index].inputs.len() {
                let inputs = &self.schedule.steps[index].inputs;
                let input = inputs[place];
                let consumers = &self.schedule.values[input].consumers;
                // A step may read one value twice: its cotangent is begun and completed once all the same.
                let begins = consumers.last() == Some(&index) && !inputs[..place].contains(&input);
                let completes = consumers.first() == Some(&index) && !inputs[place + 1..].contains(&input);
                if begins {
                    self.seed_value(input, seed);
                }
                self.pull(index, place, first_plane, (begins, completes), rule);
                first_plane += self.schedule.shape(input).channels;
            }
        }
        if self.schedule.steps.is_empty() {
            self.arena.cotangent_mut(0).fill(0.0);
            self.seed_value(0, seed);
        }
        self.input.apply_vjp(self.arena.cotangent(0), gradient_rgb);
    }

    /// Starts the cotangent of a tapped value with what the caller seeds.
    fn seed_value(&mut self, value: usize, seed: &mut Seeding<'_>) {
        if let Some(index) = self.recomputed.iter().position(|recomputed| recomputed.value == value) {
            return self.seed_bands(index, seed);
        }
        let mut zero = true;
        for (tap, &tapped) in self.schedule.taps.iter().enumerate() {
            if tapped == value {
                let (map, cotangent) = self.arena.map_and_cotangent(value, value);
                if std::mem::take(&mut zero) {
                    jobs::each_chunk(cotangent, SHARE, |_, share| share.fill(0.0));
                }
                let map = self.schedule.shape(value).map(map);
                seed(tap, 0..map.height, map, cotangent);
            }
        }
    }

    /// As [`HostPlan::seed_value`] for a map that is computed again.
    fn seed_bands(&mut self, index: usize, seed: &mut Seeding<'_>) {
        let Recomputed { value, bands } = &self.recomputed[index];
        let shape = self.schedule.shape(*value);
        let line = shape.width * shape.channels;
        let picture_line = 3 * self.schedule.shape(0).width;
        for Band { rows, crop, shape: cropped, filter } in bands {
            let (picture, cotangent) = self.arena.map_and_cotangent(0, *value);
            let x = &picture[crop.start * picture_line..crop.end * picture_line];
            let Value { rectified, ceiling, .. } = self.schedule.values[*value];
            let relu = if rectified { Relu::Forget } else { Relu::Absent };
            let y = &mut self.band[..cropped.len()];
            self.device.convolve(
                filter,
                x,
                y,
                Activation { relu, ceiling: Some(ceiling), ..Activation::default() },
                &mut self.workspace,
            );
            let data = &y[(rows.start - crop.start) * line..][..rows.len() * line];
            let map = Shape { height: rows.len(), ..shape }.map(data);
            let cotangent = &mut cotangent[rows.start * line..rows.end * line];
            cotangent.fill(0.0);
            for (tap, _) in self.schedule.taps.iter().enumerate().filter(|(_, tapped)| *tapped == value) {
                seed(tap, rows.clone(), map, cotangent);
            }
        }
    }

    /// Adds the derivatives by the parameters of step `index`, if it is a convolution and they are wanted.
    fn pull_filter(&mut self, index: usize) {
        let Step { inputs, output, .. } = &self.schedule.steps[index];
        if let Parameters::Convolution { there, .. } = &self.parameters[index]
            && let Some(gradient) = self.gradients.of_step(index)
        {
            let (x, dy) = (self.arena.map(inputs[0]), self.arena.cotangent(*output));
            self.device.convolve_parameters_vjp(there, x, dy, gradient, &mut self.workspace);
        }
    }

    /// Adds step `index`'s vector-Jacobian product to the cotangent of the value it reads in place `place`. `begins` tells
    /// that nothing but seeds is there yet, `completes` that nothing will be added, so that the value's ReLU can be passed.
    fn pull(
        &mut self,
        index: usize,
        place: usize,
        first_plane: usize,
        (begins, completes): (bool, bool),
        rule: ReluRule,
    ) {
        let Step { op, ref inputs, sum, pool, output, .. } = self.schedule.steps[index];
        let (input, residual) = (inputs[place], sum && place + 1 == inputs.len());
        let value = &self.schedule.values[input];
        let relu = (value.rectified && completes).then(|| (rule, &self.masks[input][..]));
        let after = Cotangent { accumulate: !begins || value.tapped, relu };
        let (shape, out_shape) = (value.shape, self.schedule.shape(output));
        let kept = place == 0 && self.purpose.keeps_input(op);
        let (x, dy, dx) = self.arena.cotangents(output, input, kept);
        match op {
            _ if residual => self.device.planes_vjp(out_shape.map(dy), 0, shape, dx, after),
            Op::Input => {}
            Op::Convolution(_) | Op::Depthwise(_) => {
                let Parameters::Convolution { back: Some(back), .. } = &self.parameters[index] else {
                    return;
                };
                if pool {
                    let dy = (dy, &self.switches[output][..]);
                    return self.device.convolve_pooled_vjp(back, dy, dx, after, &mut self.workspace);
                }
                self.device.convolve_vjp(back, dy, dx, after, &mut self.workspace);
            }
            Op::InstanceNorm { epsilon } => {
                let Parameters::Norm { scale, shift, statistics } = &self.parameters[index] else { return };
                let norm = Norm { shape, epsilon, scale, shift };
                let gradient = self.gradients.of_step(index);
                let x = x.unwrap_or_default();
                self.device.instance_norm_vjp(norm, x, statistics, dy, gradient, dx, after);
            }
            Op::Upsample => self.device.upsample_vjp(out_shape.map(dy), dx, after),
            Op::Spread => self.device.spread_vjp(out_shape.map(dy), dx, after),
            Op::Pool(pool) => {
                let switches = &self.switches[output];
                self.device.pool_vjp(pool, out_shape.map(dy), switches, shape, dx, after);
            }
            Op::Relu | Op::ClippedRelu { .. } | Op::Add | Op::Concat => {
                self.device.planes_vjp(out_shape.map(dy), first_plane, shape, dx, after);
            }
            Op::Mean => self.device.mean_vjp(dy, shape, dx, after),
            Op::Squash { low, high } => {
                self.device.squash_vjp([low, high], x.unwrap_or_default(), dy, shape, dx, after);
            }
            Op::Noise { .. } if after.accumulate => {
                if let Some((rule, mask)) = after.relu {
                    self.device.relu_vjp(shape, dx, rule, mask);
                }
            }
            Op::Noise { .. } => jobs::each_chunk(dx, SHARE, |_, share| share.fill(0.0)),
        }
    }
}
