//! A plan that runs in this machine's memory.

use super::{
    Keeping, Memory, Purpose,
    arena::Arena,
    gradients::Gradients,
    layout::Layout,
    parameters,
    parameters::Parameters,
    recompute,
    recompute::Recomputed,
    schedule::{Schedule, Step, Value},
};
use crate::{
    Map, NetError,
    aligned::Aligned,
    cpu::Cpu,
    device::{Device, Shape},
    model::Model,
    network::{InputConvention, Op, Pool, Pooling},
};
use std::sync::Arc;

/// A network at a size, with all the memory that running it on a [`Device`] needs.
pub struct HostPlan<D: Device = Cpu> {
    pub(super) device: D,
    pub(super) purpose: Purpose,
    pub(super) input: InputConvention,
    pub(super) schedule: Schedule,
    pub(super) arena: Arena,
    /// One a step.
    pub(super) parameters: Vec<Parameters<D::Filter>>,
    pub(super) gradients: Gradients,
    /// For every value: one bit a value, set where a ReLU let it pass.
    pub(super) masks: Vec<Vec<u8>>,
    /// For every value: where in its window each maximum was.
    pub(super) switches: Vec<Vec<u8>>,
    pub(super) workspace: Aligned,
    /// Maps that are not kept, and room for a band of one.
    pub(super) recomputed: Vec<Recomputed<D::Filter>>,
    pub(super) band: Aligned,
    /// Of the noise.
    pub(super) seed: u64,
}

impl<D: Device> HostPlan<D> {
    /// Plans `model` on `device` for pictures of `size` (height, width), as [`Plan::with`](super::Plan::with).
    ///
    /// # Errors
    /// As [`Plan::new`](super::Plan::new).
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
        let arena = Arena::new(Layout::new(&schedule, purpose, &again));
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
        Ok(HostPlan {
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
        self.schedule.check_network(model.network());
        let again: Vec<usize> = self.recomputed.iter().map(|recomputed| recomputed.value).collect();
        self.recomputed = recompute::arrange(&self.device, model, &self.schedule, &again)?;
        self.parameters = parameters::arrange(&self.device, model, &self.schedule, self.purpose)?;
        Ok(())
    }

    /// Chooses the noise of [`Op::Noise`] layers from the next [`HostPlan::forward`] on; 0 at first.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
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

    /// The map of tap number `index` (in the order of `taps` in [`Plan::new`](super::Plan::new)), between [`HostPlan::forward`] and
    /// [`HostPlan::backward`].
    ///
    /// # Panics
    /// If it is one of those that a plan with [`Keeping::Recompute`] does not keep: [`HostPlan::forward_showing`] shows them.
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
