//! A plan: a network at a size, every buffer decided once.
//!
//! Planning turns the layers that the taps depend on into steps (`schedule`), gives every map and cotangent a place
//! in one arena such that only those alive at the same time are apart (`arena`), and arranges the weights for the
//! device (`parameters`). `forward` and `backward` then walk the steps. With frozen weights the way back needs one bit a
//! ReLU, two bits a pooled value, the maps that norms read and those at the taps; all other maps share memory with what
//! comes later. Training also keeps what convolutions read, and adds up the derivatives by all parameters (`gradients`).

mod arena;
mod backward;
mod forward;
mod fuse;
mod gradients;
mod memory;
mod parameters;
mod picture;
mod recompute;
mod schedule;

use crate::{
    Map, NetError,
    aligned::Aligned,
    cpu::Cpu,
    device::{Device, Shape},
    model::Model,
    network::{InputConvention, Op, Pool, Pooling},
};
use arena::Arena;
use gradients::Gradients;
pub use memory::Memory;
use parameters::Parameters;
use recompute::Recomputed;
use schedule::{Schedule, Step, Value};
use std::sync::Arc;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Only `forward` will be called: nothing is kept for the way back.
    Forward,
    /// `backward` will be called too.
    Gradient,
    /// `backward` will be called and the derivatives by the network's parameters are wanted too.
    Training,
}

impl Purpose {
    /// Whether there is a way back.
    fn goes_back(self) -> bool {
        self != Purpose::Forward
    }

    /// Whether the way back through `op` reads the map that the way there read.
    fn keeps_input(self, op: Op) -> bool {
        match op {
            Op::InstanceNorm { .. } | Op::Squash { .. } => self.goes_back(),
            Op::Convolution(_) | Op::Depthwise(_) => self == Purpose::Training,
            _ => false,
        }
    }
}

/// What a plan does with maps that the way back reads and that are cheap to compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Keeps them.
    #[default]
    Keep,
    /// Computes the map of a tapped convolution of the picture again when the way back reads it: about half the memory of
    /// a style transfer's plan for one part in two hundred of its work. Results are the same to the bit.
    Recompute,
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
    purpose: Purpose,
    input: InputConvention,
    schedule: Schedule,
    arena: Arena,
    /// One a step.
    parameters: Vec<Parameters<D::Filter>>,
    gradients: Gradients,
    /// For every value: one bit a value, set where a ReLU let it pass.
    masks: Vec<Vec<u8>>,
    /// For every value: where in its window each maximum was.
    switches: Vec<Vec<u8>>,
    workspace: Aligned,
    /// Maps that are not kept, and room for a band of one.
    recomputed: Vec<Recomputed<D::Filter>>,
    band: Aligned,
    /// Of the noise.
    seed: u64,
}

impl Plan<Cpu> {
    /// Plans `model` on this machine's processor for pictures of `height × width` pixels, giving access to the maps
    /// of the layers named in `taps`.
    ///
    /// # Errors
    /// [`NetError::UnknownLayer`]; [`NetError::TooSmall`] if a needed layer would have no positions;
    /// [`NetError::Unequal`].
    pub fn new(
        model: &Arc<Model>,
        height: usize,
        width: usize,
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        Self::on(Cpu::default(), model, (height, width), taps, purpose)
    }

    /// [`Plan::new`] with one tap, the last layer: where a generator has its picture.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn of_last(
        model: &Arc<Model>,
        height: usize,
        width: usize,
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        Self::new(model, height, width, &[model.network().last().to_owned()], purpose)
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
        Self::with(device, model, size, taps, purpose, Keeping::Keep)
    }

    /// [`Plan::on`] with a choice of what is kept for the way back.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn with(
        device: D,
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
        keeping: Keeping,
    ) -> Result<Self, NetError> {
        let network = model.network();
        // Derivatives by a convolution's parameters need the cotangent of its whole result.
        let pools = |step: &Step, input: Shape| {
            let plain = !step.upsampled && purpose != Purpose::Training;
            matches!(step.op, Op::Convolution(conv) if plain && device.pools(conv, input, step.computed))
        };
        let schedule = Schedule::new(network, size, taps, &pools, purpose == Purpose::Forward)?;
        let again = recompute::values(&schedule, purpose, keeping);
        let arena = Arena::new(&schedule, purpose, &again);
        let recomputed = recompute::arrange(&device, model, &schedule, &again)?;
        let parameters = parameters::arrange(&device, model, &schedule, purpose)?;
        let bands = || recomputed.iter().flat_map(|recomputed| &recomputed.bands);
        let band = bands().map(|band| band.shape.len()).max().unwrap_or(0);
        let filters = parameters.iter().flat_map(Parameters::filters).chain(bands().map(|band| &band.filter));
        let wanted = |filter| match purpose {
            Purpose::Training => device.workspace_len(filter).max(device.parameters_workspace_len(filter)),
            Purpose::Forward | Purpose::Gradient => device.workspace_len(filter),
        };
        let workspace = filters.map(wanted).max().unwrap_or(0);
        let kept = |wanted: bool, len: usize| vec![0; if wanted { len } else { 0 }];
        let back = purpose.goes_back();
        let values = &schedule.values;
        let masks = values.iter().map(|v| kept(back && v.rectified, v.shape.mask_len())).collect();
        let mut switches = vec![Vec::new(); values.len()];
        for step in &schedule.steps {
            let Value { shape, pooled, .. } = values[step.output];
            let pool = match step.op {
                Op::Pool(pool) => pool,
                _ => Pool { pooling: Pooling::Max, window: 2, stride: 2 },
            };
            switches[step.output] = kept(back && pooled, shape.switch_len(pool));
        }
        let gradients = match purpose {
            Purpose::Training => Gradients::new(network, &schedule),
            Purpose::Forward | Purpose::Gradient => Gradients::default(),
        };
        let (input, workspace, band) = (network.input, Aligned::zeros(workspace), Aligned::zeros(band));
        Ok(Plan {
            device,
            purpose,
            input,
            schedule,
            arena,
            parameters,
            gradients,
            masks,
            switches,
            workspace,
            recomputed,
            band,
            seed: 0,
        })
    }

    /// Takes the parameters of `model`, which must be of the network that was planned, instead of those the plan has: a
    /// step of training.
    ///
    /// # Errors
    /// Those of decoding a model that is built into the program.
    ///
    /// # Panics
    /// If the model's network has other layers.
    pub fn set_parameters(&mut self, model: &Model) -> Result<(), NetError> {
        let layers = &model.network().layers;
        let same = |step: &Step| layers.get(step.layer).is_some_and(|layer| layer.op == step.op);
        assert!(self.schedule.steps.iter().all(same), "the plan was made for another network");
        let again: Vec<usize> = self.recomputed.iter().map(|recomputed| recomputed.value).collect();
        self.recomputed = recompute::arrange(&self.device, model, &self.schedule, &again)?;
        self.parameters = parameters::arrange(&self.device, model, &self.schedule, self.purpose)?;
        Ok(())
    }

    /// Chooses the noise of [`Op::Noise`] layers from the next [`Plan::forward`] on; 0 at first.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// For [`Purpose::Training`], the derivatives by the parameters that the taps depend on, added up by every
    /// [`Plan::backward`] since [`Plan::clear_parameter_gradients`]; named and laid out as the parameters.
    pub fn parameter_gradients(&self) -> impl Iterator<Item = (&str, &[f32])> {
        self.gradients.iter()
    }

    /// Sets the derivatives by the parameters to zero.
    pub fn clear_parameter_gradients(&mut self) {
        self.gradients.clear();
    }

    /// Size of the map of tap number `index`.
    pub fn tap_shape(&self, index: usize) -> Shape {
        self.schedule.shape(self.schedule.taps[index])
    }

    /// Bytes of memory that the plan holds, by what they are for.
    pub fn memory(&self) -> Memory {
        let bytes = |vectors: &[Vec<u8>]| vectors.iter().map(Vec::len).sum();
        let filters = self.parameters.iter().flat_map(Parameters::filters);
        Memory {
            maps: 4 * self.arena.len(),
            masks: bytes(&self.masks),
            switches: bytes(&self.switches),
            workspace: 4 * (self.workspace.len() + self.band.len()),
            filters: filters.map(|filter| self.device.filter_bytes(filter)).sum(),
            gradients: 4 * self.gradients.iter().map(|(_, values)| values.len()).sum::<usize>(),
        }
    }

    /// The map of tap number `index` (in the order of `taps` in [`Plan::new`]), between [`Plan::forward`] and
    /// [`Plan::backward`].
    ///
    /// # Panics
    /// If it is one of those that a plan with [`Keeping::Recompute`] does not keep: [`Plan::forward_showing`] shows them.
    pub fn tap(&self, index: usize) -> Map<'_> {
        let value = self.schedule.taps[index];
        assert!(!self.recomputes(value), "the map of tap {index} is not kept");
        self.schedule.shape(value).map(self.arena.map(value))
    }

    /// Whether a value's map is computed again on the way back.
    fn recomputes(&self, value: usize) -> bool {
        self.recomputed.iter().any(|recomputed| recomputed.value == value)
    }
}
