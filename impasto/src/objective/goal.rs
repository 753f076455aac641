//! An objective together with its targets.

use super::{
    Evaluation, Objective, Temporal, TotalVariation,
    content::{ContentMaps, ContentTarget},
    guidance::{Reach, guidance},
    style::StyleTarget,
};
use crate::Error;
use impasto_image::{Mask, Picture};
use impasto_net::{
    Model, Plan, Purpose, ReluRule, Seed,
    engine::{Answer, Question, Terms, terms::Tethering},
    statistics::{Affine, Moments, Positions},
};
use std::sync::Arc;

/// An objective with the targets measured from pictures, ready to be evaluated on the maps of a plan.
pub struct Goal {
    taps: Vec<String>,
    content: Vec<(String, usize, ContentTarget)>,
    style: Vec<StyleTerm>,
    total_variation: Option<TotalVariation>,
    temporal: Option<Temporal>,
}

/// A style picture at the size at which its statistics are taken.
#[derive(Clone, Copy)]
pub struct StyleSample<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// The part of it that counts, of the picture's size; none for all of it.
    pub mask: Option<&'a Mask>,
    /// Share among the pictures of a region, which need not sum to 1.
    pub weight: f64,
}

/// Every style term's name with what each plane adds to it.
pub type ByPlane = Vec<(String, Vec<f64>)>;

/// The style of a region at one layer.
struct StyleTerm {
    name: String,
    tap: usize,
    target: StyleTarget,
    /// Where the style is to be; none for everywhere.
    positions: Option<Positions>,
}

impl Goal {
    /// A goal without any target yet; [`Plan`]s it is evaluated on have the taps of [`Objective::taps`], in that order.
    pub fn new(objective: &Objective) -> Self {
        Goal {
            taps: objective.taps(),
            content: Vec::new(),
            style: Vec::new(),
            total_variation: objective.total_variation.filter(|tv| tv.weight != 0.0),
            temporal: None,
        }
    }

    /// Takes the content targets from `content`, using a plan of its size with the objective's taps.
    pub fn measure_content(&mut self, objective: &Objective, plan: &mut Plan, content: &Picture) {
        let Some(term) = &objective.content else { return };
        plan.forward(content.rgb());
        let measured = term.layers.iter().filter_map(|layer| {
            let map = plan.tap(self.tap(&layer.name)?);
            Some((layer.name.clone(), ContentTarget::new(map, term.error, term.weight * layer.weight)))
        });
        let measured = ContentMaps(measured.collect());
        self.set_content(&measured);
    }

    /// Takes content targets that were measured before.
    pub fn set_content(&mut self, measured: &ContentMaps) {
        let single = measured.0.len() == 1;
        let target = |(layer, target): &(String, ContentTarget)| {
            let name = if single { "content".into() } else { format!("content.{layer}") };
            Some((name, self.tap(layer)?, target.clone()))
        };
        self.content = measured.0.iter().filter_map(target).collect();
    }

    /// Gives the content term, whose targets were measured, another weight.
    pub fn weigh_content(&mut self, objective: &Objective, weight: f64) {
        for (layer, (_, _, target)) in objective.content_layers().iter().zip(&mut self.content) {
            target.weigh(weight * layer.weight);
        }
    }

    /// Adds the style of a region: the mean statistics of `samples` are wanted where `region`, a mask of the picture's size,
    /// says, or everywhere. `term` is the beginning of the terms' names.
    ///
    /// A region's error is weighted with its share of the picture, so that style and content pull at every pixel as they
    /// would without regions. Layers at which nothing of the region or no plane is left are passed over.
    ///
    /// # Errors
    /// If the network cannot be planned for a sample, or a plane of the style's selection does not exist.
    pub fn add_style(
        &mut self,
        objective: &Objective,
        model: &Arc<Model>,
        samples: &[StyleSample<'_>],
        region: Option<(&Mask, Reach)>,
        term: &str,
    ) -> Result<(), Error> {
        let Some(style) = &objective.style else { return Ok(()) };
        let names: Vec<String> = style.layers.iter().map(|layer| layer.name.clone()).collect();
        let indices =
            names.iter().map(|name| model.network().require(name)).collect::<Result<Vec<_>, _>>()?;
        let channels = model.network().channels();
        let planes: Vec<(&str, usize)> =
            names.iter().zip(&indices).map(|(name, &index)| (name.as_str(), channels[index])).collect();
        style.planes.check(&planes)?;
        let total: f64 = samples.iter().map(|sample| sample.weight).sum();
        let mut moments: Vec<Vec<_>> = names.iter().map(|_| Vec::new()).collect();
        for sample in samples {
            let (height, width) = (sample.picture.height(), sample.picture.width());
            let mut plan = Plan::new(model, height, width, &names, Purpose::Forward)?;
            plan.forward(sample.picture.rgb());
            for (layer, moments) in moments.iter_mut().enumerate() {
                let positions = sample
                    .mask
                    .map(|mask| guidance(model, indices[layer], mask, Reach::Inside))
                    .transpose()?;
                let found = plan.moments(layer, style.statistic.is_full(), positions.as_ref());
                moments.push((found, sample.weight / total));
            }
        }
        let share = region.map_or(1.0, |(mask, _)| mask.share());
        for ((layer, moments), &index) in style.layers.iter().zip(moments).zip(&indices) {
            let (name, count) = (layer.name.as_str(), channels[index]);
            let Some(tap) = self.tap(name) else { continue };
            let kept = style.planes.of(name, count);
            let positions = region.map(|(mask, reach)| guidance(model, index, mask, reach)).transpose()?;
            let nothing = kept.as_ref().is_some_and(|kept| !kept.contains(&true))
                || positions.as_ref().is_some_and(|positions| positions.total() <= 0.0);
            if nothing {
                continue;
            }
            let target = StyleTarget::new(&moments, style, share * style.weight * layer.weight, kept);
            self.style.push(StyleTerm { name: format!("{term}.{name}"), tap, target, positions });
        }
        Ok(())
    }

    /// Adds the temporal term, which must be of the size of the pictures evaluated, or replaces it.
    pub fn set_temporal(&mut self, term: Temporal) {
        self.temporal = Some(term);
    }

    fn tap(&self, layer: &str) -> Option<usize> {
        self.taps.iter().position(|name| name == layer)
    }

    /// Evaluates a picture of `height * width * 3` interleaved RGB values in [0, 1] on a plan of that size;
    /// `gradient` receives the derivative by those values.
    pub fn evaluate(
        &self,
        plan: &mut Plan,
        (height, width): (usize, usize),
        rgb: &[f32],
        gradient: &mut [f32],
    ) -> Evaluation {
        plan.forward(rgb);
        let (mut evaluation, slopes) = self.measure(plan);
        self.go_back(plan, &slopes, gradient);
        self.add_pixel_terms(&mut evaluation, (height, width), rgb, gradient);
        evaluation
    }

    /// Evaluates without a gradient.
    pub fn value(&self, plan: &mut Plan, (height, width): (usize, usize), rgb: &[f32]) -> Evaluation {
        plan.forward(rgb);
        let (mut evaluation, _) = self.measure(plan);
        if self.total_variation.is_some() || self.temporal.is_some() {
            self.add_pixel_terms(&mut evaluation, (height, width), rgb, &mut vec![0.0; rgb.len()]);
        }
        evaluation
    }

    /// The goal as devices evaluate it as a whole, for pictures of this size; none if it has terms that they do not know.
    pub(crate) fn terms(&self, (height, width): (usize, usize), tether: Option<Tethering>) -> Option<Terms> {
        if self.temporal.is_some() {
            return None;
        }
        let contents = self.content.iter().map(|(_, tap, target)| target.term(*tap));
        let styles = self.style.iter().map(|term| term.target.term(term.tap, term.positions.as_ref()));
        let variation = self.total_variation.as_ref().map(|variation| variation.term(height, width));
        Some(Terms::new(contents.collect(), styles.collect(), variation, tether))
    }

    /// The evaluation with these values of terms, or of the first of them: contents, styles, total variation.
    pub(crate) fn told(&self, values: &[f64]) -> Evaluation {
        let mut evaluation = Evaluation::default();
        let contents = self.content.iter().map(|(name, ..)| name.as_str());
        let styles = self.style.iter().map(|term| term.name.as_str());
        let variation = self.total_variation.iter().map(|_| "tv");
        for (name, value) in contents.chain(styles).chain(variation).zip(values) {
            evaluation.push(name, *value);
        }
        evaluation
    }

    /// Adds the terms that read pixels.
    fn add_pixel_terms(
        &self,
        evaluation: &mut Evaluation,
        (height, width): (usize, usize),
        rgb: &[f32],
        gradient: &mut [f32],
    ) {
        if let Some(tv) = &self.total_variation {
            evaluation.push("tv", tv.add(height, width, rgb, gradient));
        }
        if let Some(temporal) = &self.temporal {
            evaluation.push("temporal", temporal.add(rgb, gradient));
        }
    }

    /// The planes' parts of the style terms at a picture.
    pub fn style_by_plane(&self, plan: &mut Plan, rgb: &[f32]) -> ByPlane {
        plan.forward(rgb);
        let moments = self.moments(plan);
        let by_plane =
            |(term, moments): (&StyleTerm, Moments)| (term.name.clone(), term.target.by_plane(&moments));
        self.style.iter().zip(moments).map(by_plane).collect()
    }

    /// The terms that read maps, and the slopes that [`go_back`](Self::go_back) needs.
    fn measure(&self, plan: &mut Plan) -> (Evaluation, Vec<Affine>) {
        // One question after another costs a device more than all at once.
        let mut questions: Vec<Question<'_>> =
            self.content.iter().map(|(_, tap, target)| target.question(*tap)).collect();
        questions.extend(self.style.iter().map(StyleTerm::question));
        let mut answers = plan.ask(&questions).into_iter();
        let mut values = Vec::with_capacity(self.content.len() + self.style.len());
        for (_, _, target) in &self.content {
            let distance = answers.next().and_then(Answer::distance).unwrap_or(f64::NAN);
            values.push(target.value_at(distance));
        }
        let mut slopes = Vec::with_capacity(self.style.len());
        for term in &self.style {
            let moments = answers.next().and_then(Answer::moments).unwrap_or_default();
            let shape = plan.tap_shape(term.tap);
            let (value, slope) = term.target.evaluate(&moments, shape.positions());
            values.push(value);
            slopes.push(slope);
        }
        (self.told(&values), slopes)
    }

    /// The moments that every style term compares.
    fn moments(&self, plan: &mut Plan) -> Vec<Moments> {
        let questions: Vec<Question<'_>> = self.style.iter().map(StyleTerm::question).collect();
        plan.ask(&questions).into_iter().filter_map(Answer::moments).collect()
    }

    /// The derivative of the terms that read maps.
    fn go_back(&self, plan: &mut Plan, slopes: &[Affine], gradient: &mut [f32]) {
        let mut seeds: Vec<(usize, Seed<'_>)> =
            self.content.iter().map(|(_, tap, target)| (*tap, target.seed())).collect();
        for (term, slope) in self.style.iter().zip(slopes) {
            seeds.push((term.tap, Seed::Affine(slope, term.positions.as_ref())));
        }
        plan.backward_from(ReluRule::Gradient, &seeds, gradient);
    }
}

impl StyleTerm {
    /// What is to be asked of the plan.
    fn question(&self) -> Question<'_> {
        let positions = self.positions.as_ref();
        Question::Moments { value: self.tap, full: self.target.is_full(), positions }
    }
}
