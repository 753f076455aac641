//! A plan: a network at a size, every buffer decided once.
//!
//! Planning turns the layers that the taps depend on into steps (`schedule`), gives every map and cotangent a place
//! in one arena such that only those alive at the same time are apart (`arena`), and arranges the weights for the
//! device. `forward` and `backward` then walk the steps. With frozen weights the way back needs one bit a ReLU, two
//! bits a pooled value and the maps at the taps; all other maps share memory with what comes later.

mod arena;
mod memory;
mod schedule;

use crate::{
    Map, NetError,
    cpu::Cpu,
    device::{Activation, ConvolutionAt, Cotangent, Device, Shape},
    model::Model,
    network::{InputConvention, Op},
};
use arena::Arena;
pub use memory::Memory;
use schedule::{Schedule, Step, Value};
use std::sync::Arc;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Only `forward` will be called: nothing is kept for the way back.
    Forward,
    /// `backward` will be called too.
    Gradient,
}

/// How the backward signal passes a ReLU; `x` is the ReLU's input, `g` the signal arriving from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReluRule {
    /// The true derivative: `g` where `x > 0` (Simonyan et al. 2013).
    Gradient,
    /// `g` where `x > 0` and `g > 0` (Springenberg et al. 2014).
    Guided,
    /// `g` where `g > 0` (Zeiler & Fergus 2013).
    Deconv,
}

/// A network at a size, with all the memory that running it needs.
pub struct Plan<D: Device = Cpu> {
    device: D,
    input: InputConvention,
    schedule: Schedule,
    arena: Arena,
    /// For every step that is a convolution, its weights.
    filters: Vec<Option<Filters<D::Filter>>>,
    /// For every value: one bit a value, set where a ReLU let it pass.
    masks: Vec<Vec<u8>>,
    /// For every value: where in its window each maximum was.
    switches: Vec<Vec<u8>>,
    workspace: Vec<f32>,
    filter_bytes: usize,
}

/// A convolution's weights arranged for the way there and, where wanted, back.
struct Filters<F> {
    there: F,
    back: Option<F>,
}

impl Plan<Cpu> {
    /// Plans `model` on this machine's processor for pictures of `height × width` pixels, giving access to the maps
    /// of the layers named in `taps`.
    ///
    /// # Errors
    /// [`NetError::UnknownLayer`]; [`NetError::TooSmall`] if a needed layer would have no positions.
    pub fn new(
        model: &Arc<Model>,
        height: usize,
        width: usize,
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        Self::on(Cpu::default(), model, (height, width), taps, purpose)
    }
}

impl<D: Device> Plan<D> {
    /// [`Plan::new`] on a device of choice; `size` is height and width.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn on(
        device: D,
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        let network = model.network();
        let schedule = Schedule::new(network, size, taps)?;
        let arena = Arena::new(&schedule, purpose);
        let (mut filters, mut filter_bytes) = (Vec::new(), 0);
        for step in &schedule.steps {
            filters.push(match step.op {
                Op::Convolution(convolution) => {
                    let (input, output) = (schedule.shape(step.inputs[0]), schedule.shape(step.output));
                    let (weight, bias) = model.parameters(step.layer)?;
                    let (weight, bias) = (&weight[..], &bias[..]);
                    let at = ConvolutionAt { convolution, input, output, weight, bias };
                    let back = (purpose == Purpose::Gradient).then(|| device.filter_vjp(at));
                    filter_bytes += device.filter_bytes(at) * if back.is_some() { 2 } else { 1 };
                    Some(Filters { there: device.filter(at), back })
                }
                _ => None,
            });
        }
        let both = filters.iter().flatten().flat_map(|f| [Some(&f.there), f.back.as_ref()]).flatten();
        let workspace = both.map(|filter| device.workspace_len(filter)).max().unwrap_or(0);
        let kept = |wanted: bool, len: usize| vec![0; if wanted { len } else { 0 }];
        let back = purpose == Purpose::Gradient;
        let values = &schedule.values;
        let masks = values.iter().map(|v| kept(back && v.rectified, v.shape.mask_len())).collect();
        let mut switches = vec![Vec::new(); values.len()];
        for step in &schedule.steps {
            if let Op::Pool(pool) = step.op {
                let Value { shape, pooled, .. } = values[step.output];
                switches[step.output] = kept(back && pooled, shape.switch_len(pool));
            }
        }
        let workspace = vec![0.0; workspace];
        Ok(Plan {
            device,
            input: network.input,
            schedule,
            arena,
            filters,
            masks,
            switches,
            workspace,
            filter_bytes,
        })
    }

    /// Size of the map of tap number `index`.
    pub fn tap_shape(&self, index: usize) -> Shape {
        self.schedule.shape(self.schedule.taps[index])
    }

    /// Bytes of memory that the plan holds, by what they are for.
    pub fn memory(&self) -> Memory {
        let bytes = |vectors: &[Vec<u8>]| vectors.iter().map(Vec::len).sum();
        Memory {
            maps: 4 * self.arena.len(),
            masks: bytes(&self.masks),
            switches: bytes(&self.switches),
            workspace: 4 * self.workspace.len(),
            filters: self.filter_bytes,
        }
    }

    /// Runs the network on a picture: `height · width · 3` interleaved RGB values, nominally in [0, 1], any finite
    /// value allowed.
    ///
    /// # Panics
    /// If `rgb` is of another length.
    pub fn forward(&mut self, rgb: &[f32]) {
        self.input.apply(rgb, self.arena.map_mut(0));
        for (step, filters) in self.schedule.steps.iter().zip(&self.filters) {
            let mask = &mut self.masks[step.output];
            let after = match self.schedule.values[step.output].rectified {
                true if mask.is_empty() => Activation::Relu(None),
                true => Activation::Relu(Some(mask)),
                false => Activation::Linear,
            };
            let shape = self.schedule.shape(step.inputs[0]);
            let (x, y) = self.arena.map_pair(step.inputs[0], step.output);
            match step.op {
                Op::Input => {}
                Op::Convolution(_) => {
                    let Some(Filters { there, .. }) = filters else { continue };
                    self.device.convolve(there, x, y, after, &mut self.workspace);
                }
                Op::Relu => self.device.activate(shape.map(x), y, after),
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
                        let (x, y) = self.arena.map_pair(input, step.output);
                        self.device.place_planes(shape.map(x), y, channels, first);
                        first += shape.channels;
                    }
                }
                Op::Mean => self.device.mean(shape.map(x), y),
            }
        }
    }

    /// The map of tap number `index` (in the order of `taps` in [`Plan::new`]), between [`Plan::forward`] and
    /// [`Plan::backward`].
    pub fn tap(&self, index: usize) -> Map<'_> {
        let value = self.schedule.taps[index];
        self.schedule.shape(value).map(self.arena.map(value))
    }

    /// Vector-Jacobian product: `seed(tap, map, cotangent)` is called once for every tap, deepest first, and adds the
    /// cotangent of that map to `cotangent` (zero on entry, laid out as the map); `gradient_rgb` receives
    /// d / d picture in the units of [`Plan::forward`]'s input.
    ///
    /// # Panics
    /// If the plan was not made for [`Purpose::Gradient`] or `gradient_rgb` is not as long as the picture.
    pub fn backward(
        &mut self,
        rule: ReluRule,
        seed: &mut dyn FnMut(usize, Map<'_>, &mut [f32]),
        gradient_rgb: &mut [f32],
    ) {
        assert!(self.arena.has_cotangents(), "the plan was made for the forward pass only");
        for index in (0..self.schedule.steps.len()).rev() {
            let output = self.schedule.steps[index].output;
            if self.schedule.values[output].consumers.is_empty() {
                self.seed_value(output, seed);
                if self.schedule.values[output].rectified {
                    let shape = self.schedule.shape(output);
                    self.device.relu_vjp(shape, self.arena.cotangent_mut(output), rule, &self.masks[output]);
                }
            }
            let inputs = self.schedule.steps[index].inputs.clone();
            let mut first_plane = 0;
            for (place, &input) in inputs.iter().enumerate() {
                let consumers = &self.schedule.values[input].consumers;
                // A concatenation may read one value twice: its cotangent is begun and completed once all the same.
                let begins = consumers.last() == Some(&index) && !inputs[..place].contains(&input);
                let completes = consumers.first() == Some(&index) && !inputs[place + 1..].contains(&input);
                if begins {
                    self.seed_value(input, seed);
                }
                self.pull(index, input, first_plane, (begins, completes), rule);
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
    fn seed_value(&mut self, value: usize, seed: &mut dyn FnMut(usize, Map<'_>, &mut [f32])) {
        let mut zero = true;
        for (tap, &tapped) in self.schedule.taps.iter().enumerate() {
            if tapped == value {
                let (map, cotangent) = self.arena.map_and_cotangent(value);
                if std::mem::take(&mut zero) {
                    cotangent.fill(0.0);
                }
                seed(tap, self.schedule.shape(value).map(map), cotangent);
            }
        }
    }

    /// Adds step `index`'s vector-Jacobian product to the cotangent of its input `input`. `begins` tells that nothing
    /// but seeds is there yet, `completes` that nothing will be added, so that the value's ReLU can be passed.
    fn pull(
        &mut self,
        index: usize,
        input: usize,
        first_plane: usize,
        (begins, completes): (bool, bool),
        rule: ReluRule,
    ) {
        let Step { op, output, .. } = self.schedule.steps[index];
        let value = &self.schedule.values[input];
        let relu = (value.rectified && completes).then(|| (rule, &self.masks[input][..]));
        let after = Cotangent { accumulate: !begins || value.tapped, relu };
        let (shape, out_shape) = (value.shape, self.schedule.shape(output));
        let (dy, dx) = self.arena.cotangent_pair(output, input);
        match op {
            Op::Input => {}
            Op::Convolution(_) => {
                let Some(Filters { back: Some(back), .. }) = &self.filters[index] else { return };
                self.device.convolve_vjp(back, dy, dx, after, &mut self.workspace);
            }
            Op::Pool(pool) => {
                let switches = &self.switches[output];
                self.device.pool_vjp(pool, out_shape.map(dy), switches, shape, dx, after);
            }
            Op::Relu | Op::Concat => {
                self.device.planes_vjp(out_shape.map(dy), first_plane, shape, dx, after);
            }
            Op::Mean => self.device.mean_vjp(dy, shape, dx, after),
        }
    }
}

impl InputConvention {
    /// Converts RGB in [0, 1] to the network's convention, pixel by pixel.
    fn apply(&self, rgb: &[f32], out: &mut [f32]) {
        assert_eq!(rgb.len(), out.len());
        for (out, rgb) in out.chunks_exact_mut(3).zip(rgb.chunks_exact(3)) {
            for c in 0..3 {
                let value = rgb[if self.bgr { 2 - c } else { c }];
                out[c] = (value * self.scale - self.mean[c]) / self.std[c];
            }
        }
    }

    /// Converts a cotangent in the network's convention to one in RGB [0, 1].
    fn apply_vjp(&self, cotangent: &[f32], rgb: &mut [f32]) {
        assert_eq!(rgb.len(), cotangent.len());
        for (rgb, cotangent) in rgb.chunks_exact_mut(3).zip(cotangent.chunks_exact(3)) {
            for c in 0..3 {
                rgb[if self.bgr { 2 - c } else { c }] = cotangent[c] * self.scale / self.std[c];
            }
        }
    }
}
