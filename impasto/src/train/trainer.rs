//! The loop that trains, one iteration at a time.

use super::{
    Feed, Optimizer, Settings, Task, adam::Moments, degrade, lattice, lesson::Teacher, muon, spikes,
};
use crate::{Error, Evaluation, Term};
use impasto_image::Picture;
use impasto_net::{Generator, Map, Model, Plan, Purpose, ReluRule, Seed};
use std::{collections::BTreeMap, sync::Arc};

/// A generator that is learning.
pub struct Trainer {
    settings: Settings,
    pub(super) generator: Generator,
    pub(super) moments: BTreeMap<String, Moments>,
    /// Loss of every iteration made.
    pub(super) losses: Vec<f32>,
    plan: Plan,
    teacher: Teacher,
    /// What every style's loss is divided by, so that all count alike whatever the recipe's errors are measured in.
    units: Vec<f64>,
    /// Derivatives by the parameters, one entry for every row that the iteration's pictures depend on.
    gradients: BTreeMap<(String, usize), Vec<f32>>,
    /// Arrays of filters that learn by Muon, with their numbers of outputs.
    filters: BTreeMap<String, usize>,
    /// Arrays of kernels that must not show an enlargement's grid.
    behind_enlargements: Vec<String>,
}

/// What a generator is shown, interleaved RGB.
#[derive(Clone)]
struct Exercise {
    /// What goes in.
    input: Vec<f32>,
    /// What it is compared with; nothing for textures.
    wanted: Vec<f32>,
}

/// What an iteration did.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Number of the iteration, counted from 1.
    pub iteration: usize,
    /// Mean loss of its pictures before the step.
    pub loss: f64,
    /// Every picture's style with its terms.
    pub terms: Vec<(usize, Vec<Term>)>,
}

impl Trainer {
    /// The network that judges, as the recipe varies it.
    ///
    /// # Errors
    /// Those of loading it.
    pub fn judge(settings: &Settings, network: &crate::Network) -> Result<Arc<Model>, Error> {
        network.load(settings.recipe.variant())
    }

    /// Begins a training of `generator`, which has the settings' architecture and as many styles; `model` is the network whose
    /// eyes judge, `pictures` are the styles' own in the order of [`Settings::styles`]; none for the photograph as it is and
    /// for enlarging.
    ///
    /// # Errors
    /// [`Error::OtherGenerator`]; those of planning and of measuring styles.
    pub fn new(
        settings: Settings,
        generator: Generator,
        model: &Arc<Model>,
        pictures: &[Option<Picture>],
    ) -> Result<Trainer, Error> {
        if *generator.architecture() != settings.architecture
            || generator.styles().len() != settings.styles.len()
        {
            return Err(Error::OtherGenerator);
        }
        let input = settings.crop / settings.architecture.factor();
        let painter = generator.model(&generator.alone(0))?;
        let network = painter.network();
        let mut taps = vec![network.last().to_owned()];
        if settings.task == Task::Paint {
            let norms = network.layers.iter().filter(|layer| layer.is_norm());
            taps.extend(norms.map(|norm| network.layers[norm.inputs[0]].name.clone()));
        }
        let plan = Plan::new(&painter, input, input, &taps, Purpose::Training)?;
        let filters = match settings.optimizer {
            Optimizer::Adam => BTreeMap::new(),
            Optimizer::Muon => muon::filters(network),
        };
        let behind_enlargements = match settings.task {
            Task::Paint => lattice::behind_enlargements(network),
            // Details that tell the places of a pair apart are wanted there.
            Task::Texture | Task::Enlarge { .. } => Vec::new(),
        };
        let out = plan.tap_shape(0);
        let mut teacher = Teacher::new(&settings, model, (out.height, out.width), pictures)?;
        let units = (0..settings.styles.len()).map(|style| teacher.unit(style)).collect();
        let moments = generator.arrays().iter().map(|(name, array)| {
            let rows = if generator.by_style(name) { settings.styles.len() } else { 1 };
            (name.clone(), Moments::new(array.data.len(), rows))
        });
        let moments = moments.collect();
        Ok(Trainer {
            settings,
            generator,
            moments,
            losses: Vec::new(),
            plan,
            teacher,
            units,
            gradients: BTreeMap::new(),
            filters,
            behind_enlargements,
        })
    }

    /// What is learnt.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The generator as it is now.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// Iterations made so far.
    pub fn iteration(&self) -> usize {
        self.losses.len()
    }

    /// Loss of every iteration made.
    pub fn losses(&self) -> &[f32] {
        &self.losses
    }

    /// Sets the number of iterations that the schedule is laid out for.
    pub fn set_iterations(&mut self, iterations: usize) {
        self.settings.schedule.iterations = iterations;
    }

    /// One iteration. Where it fails, nothing has changed.
    ///
    /// # Errors
    /// Those of [`Feed::next_crop`]; [`Error::Diverged`] if the loss or a derivative is not finite.
    pub fn step(&mut self, feed: Option<&mut Feed>) -> Result<Step, Error> {
        let iteration = self.losses.len();
        let crops = self.crops(feed)?;
        self.gradients.clear();
        let share = 1.0 / self.settings.batch as f32;
        let (mut loss, mut terms) = (0.0, Vec::new());
        // The style that the plan is set to, by the parameters of this iteration.
        let mut set = None;
        for item in 0..self.settings.batch {
            let crop = self.settings.crop_of(iteration, item);
            let exercise = &crops[crop - self.settings.crop_of(iteration, 0)];
            let style = self.settings.style_of(iteration, item);
            if set != Some(style) {
                let model = self.generator.model(&self.generator.alone(style))?;
                self.plan.set_parameters(&model)?;
                set = Some(style);
            }
            let evaluation = self.picture(style, item, (crop, exercise));
            loss += evaluation.total * f64::from(share);
            terms.push((style, evaluation.terms));
        }
        let finite = |values: &Vec<f32>| values.iter().all(|value| value.is_finite());
        if !loss.is_finite() || !self.gradients.values().all(finite) {
            return Err(Error::Diverged { iteration: iteration + 1, loss });
        }
        let rate = self.settings.schedule.rate_at(iteration);
        for (name, values) in self.generator.arrays_mut() {
            let Some(moments) = self.moments.get_mut(name) else { continue };
            for row in 0..moments.steps.len() {
                if let Some(gradient) = self.gradients.get_mut(&(name.to_owned(), row)) {
                    gradient.iter_mut().for_each(|g| *g *= share);
                    match self.filters.get(name) {
                        Some(&outputs) => moments.orthogonal_step(row, values, gradient, rate, outputs),
                        None => moments.step(row, values, gradient, rate),
                    }
                }
            }
            if self.behind_enlargements.iter().any(|kernels| kernels == name) {
                values.as_chunks_mut().0.iter_mut().for_each(lattice::keep_ramps);
            }
        }
        self.losses.push(loss as f32);
        Ok(Step { iteration: iteration + 1, loss, terms })
    }

    /// The iteration's pictures: what goes in and what is wanted.
    fn crops(&self, feed: Option<&mut Feed>) -> Result<Vec<Exercise>, Error> {
        let side = self.settings.crop;
        let Some(feed) = feed else {
            let blank = Exercise { input: vec![0.0; 3 * side * side], wanted: Vec::new() };
            return Ok(vec![blank; self.settings.crops()]);
        };
        let pair = |crop: Picture| {
            Ok(match self.settings.task {
                Task::Enlarge { .. } => {
                    let small = degrade(&crop, self.settings.architecture.factor())?;
                    Exercise { input: small.into_rgb(), wanted: crop.into_rgb() }
                }
                Task::Paint | Task::Texture => {
                    Exercise { input: crop.rgb().to_vec(), wanted: crop.into_rgb() }
                }
            })
        };
        (0..self.settings.crops()).map(|_| pair(feed.next_crop()?)).collect()
    }

    /// Paints one picture in the style that the plan is set to and adds the derivatives of its loss.
    fn picture(&mut self, style: usize, item: usize, (crop, exercise): (usize, &Exercise)) -> Evaluation {
        let Exercise { input, wanted } = exercise;
        self.plan.clear_parameter_gradients();
        let number = (self.losses.len() * self.settings.batch + item) as u64;
        self.plan.set_seed(self.settings.seed.wrapping_add(number));
        self.plan.forward(input);
        let painted = self.plan.tap(0).data;
        let mut slope = vec![0.0; painted.len()];
        let mut evaluation = self.teacher.judge(style, (crop, wanted), painted, &mut slope);
        let part = 1.0 / self.units[style];
        evaluation.scale(part);
        slope.iter_mut().for_each(|slope| *slope *= part as f32);
        let mut by_input = vec![0.0; input.len()];
        let loss = |_: Map<'_>, cotangent: &mut [f32]| {
            cotangent.iter_mut().zip(&slope).for_each(|(out, slope)| *out += slope);
        };
        let mut seeds = vec![(0, Seed::Here(&loss))];
        // All styles in turn, then none for a while.
        let round = number / self.settings.styles.len() as u64;
        if round.is_multiple_of(spikes::EVERY) {
            seeds.extend((1..self.plan.taps()).map(|tap| (tap, Seed::Here(&spikes::calm))));
        }
        self.plan.backward_from(ReluRule::Gradient, &seeds, &mut by_input);
        for (name, values) in self.plan.parameter_gradients() {
            let row = if self.generator.by_style(name) { style } else { 0 };
            let sum = self.gradients.entry((name.to_owned(), row)).or_insert_with(|| vec![0.0; values.len()]);
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        evaluation
    }
}
