//! A plan: a network at a size, every buffer decided once.
//!
//! [`Plan`] is what callers hold: it runs where its model lives, on this machine's processor ([`HostPlan`]) or on another
//! device (`elsewhere`). Planning turns the layers that the taps depend on into steps (`schedule`), gives every map and cotangent a place
//! in one arena such that only those alive at the same time are apart (`layout`, `arena`), and arranges the weights for the
//! device (`parameters`). `forward` and `backward` then walk the steps. With frozen weights the way back needs one bit a
//! ReLU, two bits a pooled value, the maps that norms read and those at the taps; all other maps share memory with what
//! comes later. Training also keeps what convolutions read, and adds up the derivatives by all parameters (`gradients`).

mod arena;
mod backward;
mod elsewhere;
mod forward;
mod fuse;
mod gradients;
pub mod host;
pub mod layout;
mod memory;
mod parameters;
mod picture;
mod recompute;
pub mod schedule;

use crate::{
    Map, NetError,
    cpu::Cpu,
    device::Shape,
    engine::{Answer, Question, Space, Terms, Vector},
    model::Model,
    network::Op,
    statistics::{Affine, Moments, Positions, Target, add_affine},
};
use elsewhere::Elsewhere;
use host::HostPlan;
pub use memory::Memory;
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

/// What is added to the cotangent of the map x at a tap.
#[derive(Clone, Copy)]
pub enum Seed<'a> {
    /// An affine image of every position of x; times its share, where positions count by weights
    /// ([`Positions::add_affine`]).
    Affine(&'a Affine, Option<&'a Positions>),
    /// factor · (x − target).
    Difference {
        /// The target, of x's shape.
        target: &'a Target,
        /// The factor.
        factor: f32,
    },
    /// What this function adds, which is given x and its cotangent.
    Here(&'a (dyn Fn(Map<'_>, &mut [f32]) + Sync)),
}

impl Seed<'_> {
    /// Adds it to `cotangent`, laid out as `map`, here.
    pub fn add(&self, map: Map<'_>, cotangent: &mut [f32]) {
        match *self {
            Seed::Affine(affine, None) => add_affine(map, affine, cotangent),
            Seed::Affine(affine, Some(positions)) => positions.add_affine(map, affine, cotangent),
            Seed::Difference { target, factor } => target.add_difference(map, factor, cotangent),
            Seed::Here(add) => add(map, cotangent),
        }
    }
}

/// A network at a size, with all the memory that running it needs, where its model lives ([`Model::on`]).
///
/// Maps of plans on other devices than this machine's processor are copied here when they are looked at
/// ([`Plan::tap`]); [`Plan::ask`] and [`Plan::backward_from`] need no copy. Should such a device fail, the plan goes on on
/// the processor from where it stands ([`Placement::failure`](crate::engine::Placement::failure) tells).
pub struct Plan {
    runner: Runner,
}

enum Runner {
    Here(Box<HostPlan<Cpu>>),
    Elsewhere(Box<Elsewhere>),
}

impl Plan {
    /// Plans `model` where it lives for pictures of `height × width` pixels, giving access to the maps of the layers named in
    /// `taps`.
    ///
    /// # Errors
    /// [`NetError::UnknownLayer`]; [`NetError::TooSmall`] if a needed layer would have no positions;
    /// [`NetError::Unequal`]; [`NetError::Engine`] if the device where the model lives cannot plan it.
    pub fn new(
        model: &Arc<Model>,
        height: usize,
        width: usize,
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        Self::planned(Cpu::default(), model, (height, width), taps, purpose)
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

    /// [`Plan::new`] that loses no more digits than plain sums ([`Cpu::precise`]); `size` is height and width.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn precise(
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        Self::planned(Cpu::precise(), model, size, taps, purpose)
    }

    /// [`Plan::new`] on a processor, wherever the model lives; `size` is height and width.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn on(
        device: Cpu,
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
        device: Cpu,
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
        keeping: Keeping,
    ) -> Result<Self, NetError> {
        Ok(Plan::here(HostPlan::with(device, model, size, taps, purpose, keeping)?))
    }

    fn planned(
        device: Cpu,
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
    ) -> Result<Self, NetError> {
        match Elsewhere::new(model, size, taps, purpose, device.precise)? {
            Some(plan) => Ok(Plan { runner: Runner::Elsewhere(Box::new(plan)) }),
            None => Self::on(device, model, size, taps, purpose),
        }
    }

    fn here(plan: HostPlan<Cpu>) -> Self {
        Plan { runner: Runner::Here(Box::new(plan)) }
    }

    /// Puts a plan on the processor in the place of one whose device failed.
    fn settle(&mut self) {
        if let Runner::Elsewhere(plan) = &self.runner
            && plan.is_broken()
        {
            *self = Plan::here(plan.rescued());
        }
    }

    /// Takes the parameters of `model`, which must be of the network that was planned, instead of those the plan has: a
    /// step of training.
    ///
    /// # Errors
    /// Those of decoding a model that is built into the program.
    ///
    /// # Panics
    /// If the model's network has other layers.
    pub fn set_parameters(&mut self, model: &Arc<Model>) -> Result<(), NetError> {
        self.settle();
        match &mut self.runner {
            Runner::Here(plan) => return plan.set_parameters(model),
            Runner::Elsewhere(plan) => plan.set_parameters(model),
        }
        self.settle();
        Ok(())
    }

    /// Chooses the noise of [`Op::Noise`] layers from the next [`Plan::forward`] on; 0 at first.
    pub fn set_seed(&mut self, seed: u64) {
        match &mut self.runner {
            Runner::Here(plan) => plan.set_seed(seed),
            Runner::Elsewhere(plan) => plan.seed = seed,
        }
    }

    /// For [`Purpose::Training`], the derivatives by the parameters that the taps depend on, added up by every
    /// [`Plan::backward`] since [`Plan::clear_parameter_gradients`]; named and laid out as the parameters.
    pub fn parameter_gradients(&self) -> impl Iterator<Item = (&str, &[f32])> {
        match &self.runner {
            Runner::Here(plan) => plan.gradients.iter(),
            Runner::Elsewhere(plan) => plan.gradients.iter(),
        }
    }

    /// Sets the derivatives by the parameters to zero.
    pub fn clear_parameter_gradients(&mut self) {
        match &mut self.runner {
            Runner::Here(plan) => plan.gradients.clear(),
            Runner::Elsewhere(plan) => plan.gradients.clear(),
        }
    }

    /// Number of taps.
    pub fn taps(&self) -> usize {
        match &self.runner {
            Runner::Here(plan) => plan.schedule.taps.len(),
            Runner::Elsewhere(plan) => plan.schedule.taps.len(),
        }
    }

    /// Size of the map of tap number `index`.
    pub fn tap_shape(&self, index: usize) -> Shape {
        match &self.runner {
            Runner::Here(plan) => plan.tap_shape(index),
            Runner::Elsewhere(plan) => plan.schedule.shape(plan.schedule.taps[index]),
        }
    }

    /// Bytes of this machine's memory that the plan holds, by what they are for; of a plan elsewhere, copies of its maps
    /// only.
    pub fn memory(&self) -> Memory {
        match &self.runner {
            Runner::Here(plan) => plan.memory(),
            Runner::Elsewhere(plan) => Memory { maps: plan.memory().0, ..Memory::default() },
        }
    }

    /// Bytes of another device's memory that the plan holds; none if it runs on the processor.
    pub fn device_memory(&self) -> Option<Memory> {
        match &self.runner {
            Runner::Here(_) => None,
            Runner::Elsewhere(plan) => Some(plan.memory().1),
        }
    }

    /// The map of tap number `index` (in the order of `taps` in [`Plan::new`]), between [`Plan::forward`] and
    /// [`Plan::backward`].
    ///
    /// # Panics
    /// If it is one of those that a plan with [`Keeping::Recompute`] does not keep: [`Plan::forward_showing`] shows them.
    pub fn tap(&self, index: usize) -> Map<'_> {
        match &self.runner {
            Runner::Here(plan) => plan.tap(index),
            Runner::Elsewhere(plan) => plan.tap(index),
        }
    }

    /// Runs the network on a picture: `height · width · 3` interleaved RGB values, nominally in [0, 1], any finite
    /// value allowed.
    ///
    /// # Panics
    /// If `rgb` is of another length.
    pub fn forward(&mut self, rgb: &[f32]) {
        self.settle();
        match &mut self.runner {
            Runner::Here(plan) => plan.forward(rgb),
            Runner::Elsewhere(plan) => {
                assert_eq!(rgb.len(), plan.schedule.shape(0).len(), "the picture is of another size");
                plan.forward(rgb, false);
            }
        }
        self.settle();
    }

    /// [`Plan::forward`], calling `show` with every tap's number and map as soon as it is there: the only sight of maps
    /// that are not kept.
    ///
    /// # Panics
    /// As [`Plan::forward`].
    pub fn forward_showing(&mut self, rgb: &[f32], show: &mut forward::Show<'_>) {
        self.settle();
        if let Runner::Here(plan) = &mut self.runner {
            return plan.forward_showing(rgb, show);
        }
        self.forward(rgb);
        (0..self.taps()).for_each(|tap| show(tap, self.tap(tap)));
    }

    /// [`Plan::forward`] on a map that `fill` writes as the network reads it, in place.
    pub(crate) fn forward_from(&mut self, fill: &mut (dyn FnMut(&mut [f32]) + Send)) {
        self.settle();
        match &mut self.runner {
            Runner::Here(plan) => plan.forward_from(fill),
            Runner::Elsewhere(plan) => {
                let mut map = vec![0.0; plan.schedule.shape(0).len()];
                fill(&mut map);
                plan.forward(&map, true);
            }
        }
        self.settle();
    }

    /// Answers questions about the maps at taps, in order, between [`Plan::forward`] and [`Plan::backward`]: what objectives
    /// need of maps without looking at them.
    ///
    /// # Panics
    /// As [`Plan::tap`]; if a target is of another shape than the map.
    pub fn ask(&mut self, questions: &[Question<'_>]) -> Vec<Answer> {
        self.settle();
        if let Runner::Elsewhere(plan) = &mut self.runner
            && let Some(answers) = plan.ask(questions)
        {
            return answers;
        }
        self.settle();
        let answer = |question: &Question<'_>| match *question {
            Question::Moments { value, full, positions: None } => {
                Answer::Moments(crate::statistics::moments(self.tap(value), full))
            }
            Question::Moments { value, full, positions: Some(positions) } => {
                Answer::Moments(positions.moments(self.tap(value), full))
            }
            Question::Distance { value, target } => Answer::Distance(target.distance(self.tap(value))),
        };
        questions.iter().map(answer).collect()
    }

    /// The statistics of the map at tap number `tap`, as [`Plan::ask`] gives them.
    ///
    /// # Panics
    /// As [`Plan::tap`].
    pub fn moments(&mut self, tap: usize, full: bool, positions: Option<&Positions>) -> Moments {
        let answer = self.ask(&[Question::Moments { value: tap, full, positions }]).pop();
        answer.and_then(Answer::moments).unwrap_or_default()
    }

    /// Room for `count` vectors of `len` values where the plan runs; none if that is the processor, or if there is none.
    pub fn space(&mut self, len: usize, count: usize) -> Option<Box<dyn Space>> {
        self.settle();
        match &self.runner {
            Runner::Here(_) => None,
            Runner::Elsewhere(plan) => plan.space(len, count),
        }
    }

    /// The values of `terms` at the picture that is 1/255 of the first vector of `at`; the second receives the derivative of
    /// their sum by it. None where the plan does not run in `space`. A device that fails gives no values, and the space is
    /// lost with it.
    pub fn evaluate_in(&mut self, terms: &Terms, space: &mut dyn Space, at: [Vector; 2]) -> Option<Vec<f64>> {
        self.settle();
        match &mut self.runner {
            Runner::Here(_) => None,
            Runner::Elsewhere(plan) => plan.evaluate(terms, space, at),
        }
    }

    /// Vector-Jacobian product: `seed(tap, map, cotangent)` is called once for every tap, deepest first, and adds the
    /// cotangent of that map to `cotangent` (zero on entry, laid out as the map); `gradient_rgb` receives
    /// d / d picture in the units of [`Plan::forward`]'s input. A plan for training also adds the derivatives by its
    /// parameters to [`Plan::parameter_gradients`].
    ///
    /// Networks without norms may be gone back through several times after one way there; from the second time on, `seed`
    /// must not read the map.
    ///
    /// # Panics
    /// If the plan was made for [`Purpose::Forward`] or `gradient_rgb` is not as long as the picture.
    pub fn backward(
        &mut self,
        rule: ReluRule,
        seed: &mut (dyn FnMut(usize, Map<'_>, &mut [f32]) + Send),
        gradient_rgb: &mut [f32],
    ) {
        self.settle();
        if let Runner::Here(plan) = &mut self.runner {
            return plan.backward(rule, seed, gradient_rgb);
        }
        self.backward_by_rows(rule, &mut |tap, _, map, cotangent| seed(tap, map, cotangent), gradient_rgb);
    }

    /// [`Plan::backward`] for plans that do not keep all maps: `seed(tap, rows, map, cotangent)` is called for all rows of
    /// a tap at once or, where the map is computed again, for one band after another.
    ///
    /// # Panics
    /// As [`Plan::backward`].
    pub fn backward_by_rows(
        &mut self,
        rule: ReluRule,
        seed: &mut backward::Seeding<'_>,
        gradient_rgb: &mut [f32],
    ) {
        self.settle();
        match &mut self.runner {
            Runner::Here(plan) => plan.backward_by_rows(rule, seed, gradient_rgb),
            Runner::Elsewhere(plan) => {
                if let Some(plan) = plan.backward_from_here(rule, seed, gradient_rgb) {
                    *self = Plan::here(plan);
                }
            }
        }
    }

    /// [`Plan::backward`] with descriptions of what is added to the cotangents at taps, in this order at each of them:
    /// devices compute those from the map where it is.
    ///
    /// # Panics
    /// As [`Plan::backward`]; if a target is of another shape than the map.
    pub fn backward_from(&mut self, rule: ReluRule, seeds: &[(usize, Seed<'_>)], gradient_rgb: &mut [f32]) {
        self.settle();
        if let Runner::Elsewhere(plan) = &mut self.runner
            && plan.backward(rule, seeds, gradient_rgb)
        {
            return;
        }
        self.settle();
        let mut seed = |tap: usize, map: Map<'_>, cotangent: &mut [f32]| {
            for (_, seed) in seeds.iter().filter(|(of, _)| *of == tap) {
                seed.add(map, cotangent);
            }
        };
        self.backward(rule, &mut seed, gradient_rgb);
    }
}
