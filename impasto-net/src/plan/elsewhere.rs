//! A plan on another device, and what takes its place if that fails.

use super::{
    Keeping, Purpose, ReluRule, Seed, gradients::Gradients, host::HostPlan, layout::Layout,
    schedule::Schedule,
};
use crate::{
    Map, NetError,
    cpu::Cpu,
    engine::{Answer, EngineError, Executor, Input, Job, Placement, Question, Space, Start, Terms, Vector},
    model::Model,
};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A plan on an engine.
pub struct Elsewhere {
    placement: Placement,
    executor: Box<dyn Executor>,
    pub(super) schedule: Schedule,
    model: Arc<Model>,
    size: (usize, usize),
    taps: Vec<String>,
    purpose: Purpose,
    precise: bool,
    pub(super) seed: u64,
    /// What the last forward pass ran on, and whether that was in the network's convention.
    input: (Vec<f32>, bool),
    /// For every tap, its map once somebody has looked at it.
    mirrors: Vec<OnceLock<Vec<f32>>>,
    /// Sums of derivatives by parameters, for training.
    pub(super) gradients: Gradients,
    /// Why the executor can no longer be used.
    broken: Mutex<Option<EngineError>>,
}

impl Elsewhere {
    /// Plans where `model` lives; none if the processor is to do it instead.
    pub fn new(
        model: &Arc<Model>,
        size: (usize, usize),
        taps: &[String],
        purpose: Purpose,
        precise: bool,
    ) -> Result<Option<Self>, NetError> {
        let Some(placement) = model.placement().filter(|placement| !placement.is_out()) else {
            return Ok(None);
        };
        let forward = purpose == Purpose::Forward;
        let schedule = Schedule::new(model.network(), size, taps, &|_, _| false, forward)?;
        let layout = Layout::new(&schedule, purpose, &[]);
        let job = Job { model, schedule: &schedule, layout: &layout, purpose, precise };
        match placement.engine().plan(&job) {
            Ok(executor) => Ok(Some(Elsewhere {
                placement: placement.clone(),
                executor,
                gradients: match purpose {
                    Purpose::Training => Gradients::new(model.network(), &schedule),
                    Purpose::Forward | Purpose::Gradient => Gradients::default(),
                },
                mirrors: schedule.taps.iter().map(|_| OnceLock::new()).collect(),
                schedule,
                model: model.clone(),
                size,
                taps: taps.to_vec(),
                purpose,
                precise,
                seed: 0,
                input: (Vec::new(), false),
                broken: Mutex::default(),
            })),
            Err(error) if placement.forgives(&error) => Ok(None),
            Err(source) => Err(NetError::Engine { device: placement.engine().name().to_owned(), source }),
        }
    }

    /// Takes the parameters of `model`.
    ///
    /// # Panics
    /// If its network has other layers.
    pub fn set_parameters(&mut self, model: &Arc<Model>) {
        self.schedule.check_network(model.network());
        self.model = model.clone();
        if let Err(error) = self.executor.set_parameters(model) {
            self.fail(error);
        }
    }

    /// Whether the executor can no longer be used, so that [`Elsewhere::rescued`] must take its place.
    pub fn is_broken(&self) -> bool {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn fail(&self, error: EngineError) {
        self.placement.note_failure(&error);
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// A plan on the processor that stands where this one stands: it has run on the same input.
    pub fn rescued(&self) -> HostPlan<Cpu> {
        let device = if self.precise { Cpu::precise() } else { Cpu::default() };
        let plan = HostPlan::with(device, &self.model, self.size, &self.taps, self.purpose, Keeping::Keep);
        let Ok(mut plan) = plan else { unreachable!("the same was scheduled before") };
        plan.set_seed(self.seed);
        plan.gradients = self.gradients.clone();
        match &self.input {
            (values, _) if values.is_empty() => {}
            (rgb, false) => plan.forward(rgb),
            (map, true) => plan.forward_from(&mut |to| to.copy_from_slice(map)),
        }
        plan
    }

    /// Runs on `rgb`, or on a map in the network's convention if `converted`.
    pub fn forward(&mut self, values: &[f32], converted: bool) {
        self.mirrors.iter_mut().for_each(|mirror| *mirror = OnceLock::new());
        self.input.0.clear();
        self.input.0.extend_from_slice(values);
        self.input.1 = converted;
        let input = if converted { Input::Converted(values) } else { Input::Rgb(values) };
        if let Err(error) = self.executor.forward(input, self.seed) {
            self.fail(error);
        }
    }

    /// Room for optimisers' vectors; none if the device has no such thing, or none left.
    pub fn space(&self, len: usize, count: usize) -> Option<Box<dyn Space>> {
        self.executor.space(len, count).ok()
    }

    /// The terms' values at the vector `x`; `gradient` receives the derivative. None where the device has no such thing; no
    /// numbers if it failed, when the space is lost, too.
    pub fn evaluate(&mut self, terms: &Terms, space: &mut dyn Space, at: [Vector; 2]) -> Option<Vec<f64>> {
        self.mirrors.iter_mut().for_each(|mirror| *mirror = OnceLock::new());
        match self.executor.evaluate(terms, &self.schedule.taps, space, at) {
            Ok(values) => Some(values),
            Err(EngineError::Unsupported(_)) => None,
            Err(error) => {
                self.fail(error);
                Some(Vec::new())
            }
        }
    }

    /// The map of a tap, copied to this machine's memory at the first look.
    pub fn tap(&self, index: usize) -> Map<'_> {
        let value = self.schedule.taps[index];
        let shape = self.schedule.shape(value);
        shape.map(self.mirrors[index].get_or_init(|| {
            let mut map = vec![0.0; shape.len()];
            if self.is_broken() {
                map.copy_from_slice(self.rescued().tap(index).data);
            } else if let Err(error) = self.executor.read(value, &mut map) {
                self.fail(error);
                map.copy_from_slice(self.rescued().tap(index).data);
            }
            map
        }))
    }

    /// Answers; none if the executor failed.
    pub fn ask(&mut self, questions: &[Question<'_>]) -> Option<Vec<Answer>> {
        let taps = &self.schedule.taps;
        let mut questions = questions.to_vec();
        for question in &mut questions {
            let (Question::Moments { value, .. } | Question::Distance { value, .. }) = question;
            *value = taps[*value];
        }
        self.executor.answer(&questions).map_err(|error| self.fail(error)).ok()
    }

    /// Checks what [`Plan::backward`](super::Plan::backward) demands.
    fn check_backward(&self, gradient: &[f32]) {
        assert!(self.purpose.goes_back(), "the plan was made for the forward pass only");
        assert_eq!(gradient.len(), self.schedule.shape(0).len(), "the gradient is of another size");
    }

    /// Goes back; false if the executor failed.
    pub fn backward(&mut self, rule: ReluRule, seeds: &[(usize, Seed<'_>)], gradient: &mut [f32]) -> bool {
        self.check_backward(gradient);
        // What only this machine can compute, deepest first, as on the processor.
        let mut computed: Vec<Option<Vec<f32>>> = seeds.iter().map(|_| None).collect();
        for &value in self.schedule.deepest_first().iter() {
            for (at, (tap, seed)) in seeds.iter().enumerate() {
                if let (Seed::Here(add), true) = (seed, self.schedule.taps[*tap] == value) {
                    let map = self.tap(*tap);
                    let mut cotangent = vec![0.0; map.data.len()];
                    add(map, &mut cotangent);
                    computed[at] = Some(cotangent);
                }
            }
        }
        let mut starts: Vec<(usize, Start<'_>)> = Vec::with_capacity(seeds.len());
        for ((tap, seed), computed) in seeds.iter().zip(&computed) {
            let start = match *seed {
                Seed::Affine(affine, positions) => Start::Affine(affine, positions),
                Seed::Difference { target, factor } => Start::Difference { target, factor },
                Seed::Here(_) => Start::Values(computed.as_deref().unwrap_or_default()),
            };
            starts.push((self.schedule.taps[*tap], start));
        }
        self.run_back(rule, &starts, gradient)
    }

    /// Goes back and adds up derivatives by parameters; false if the executor failed.
    fn run_back(&mut self, rule: ReluRule, starts: &[(usize, Start<'_>)], gradient: &mut [f32]) -> bool {
        let mut done = self.executor.backward(rule, starts, gradient);
        if self.purpose == Purpose::Training && done.is_ok() {
            let sums = &mut self.gradients;
            done = self.executor.parameter_gradients(&mut |step, weight, bias| sums.add(step, weight, bias));
        }
        done.map_err(|error| self.fail(error)).is_ok()
    }

    /// [`Elsewhere::backward`] with what `seed` adds to each tap's cotangent, deepest first; the plan that does it, and goes
    /// on, if the executor failed.
    pub fn backward_from_here(
        &mut self,
        rule: ReluRule,
        seed: &mut super::backward::Seeding<'_>,
        gradient: &mut [f32],
    ) -> Option<HostPlan<Cpu>> {
        self.check_backward(gradient);
        let mut starts = Vec::new();
        for value in self.schedule.deepest_first() {
            let mut cotangent = vec![0.0; self.schedule.shape(value).len()];
            for (tap, _) in self.schedule.taps.iter().enumerate().filter(|(_, tapped)| **tapped == value) {
                let map = self.tap(tap);
                seed(tap, 0..map.height, map, &mut cotangent);
            }
            starts.push((value, cotangent));
        }
        let given: Vec<(usize, Start<'_>)> =
            starts.iter().map(|(value, cotangent)| (*value, Start::Values(cotangent))).collect();
        if !self.is_broken() && self.run_back(rule, &given, gradient) {
            return None;
        }
        // The seeds were asked for and are not asked again.
        let mut plan = self.rescued();
        plan.backward_with(rule, &starts, gradient);
        Some(plan)
    }

    /// Bytes that the plan holds here and there.
    pub fn memory(&self) -> (usize, super::Memory) {
        let mirrors: usize = self.mirrors.iter().filter_map(OnceLock::get).map(Vec::len).sum();
        (4 * (mirrors + self.input.0.len()), self.executor.device_memory())
    }
}
