//! An objective together with its targets.

use super::{Objective, TotalVariation, content::ContentTarget, style::StyleTarget};
use crate::Error;
use impasto_image::Picture;
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    statistics::{Affine, add_affine},
};
use serde::Serialize;
use std::sync::Arc;

/// A weighted term of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// `content` (`content.LAYER` if there are several), `style.LAYER` or `tv`.
    pub name: String,
    /// Value, weights included.
    pub value: f64,
}

/// The value of an objective at a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// Sum of the terms.
    pub total: f64,
    /// The terms, in order: content, style, total variation.
    pub terms: Vec<Term>,
}

/// An objective with the targets measured from pictures, ready to be evaluated on the maps of a plan.
pub struct Goal {
    taps: Vec<String>,
    content: Vec<(String, usize, ContentTarget)>,
    style: Vec<(String, usize, StyleTarget)>,
    total_variation: Option<TotalVariation>,
}

impl Goal {
    /// A goal without any target yet; [`Plan`]s it is evaluated on have the taps of [`Objective::taps`], in that order.
    pub fn new(objective: &Objective) -> Self {
        Goal {
            taps: objective.taps(),
            content: Vec::new(),
            style: Vec::new(),
            total_variation: objective.total_variation.filter(|tv| tv.weight != 0.0),
        }
    }

    /// Takes the content targets from `content`, using a plan of its size with the objective's taps.
    pub fn measure_content(&mut self, objective: &Objective, plan: &mut Plan, content: &Picture) {
        let Some(term) = &objective.content else { return };
        plan.forward(content.rgb());
        self.content.clear();
        for layer in &term.layers {
            let Some(tap) = self.tap(&layer.name) else { continue };
            let target = ContentTarget::new(plan.tap(tap), term.error, term.weight * layer.weight);
            let single = term.layers.len() == 1;
            let name = if single { "content".into() } else { format!("content.{}", layer.name) };
            self.content.push((name, tap, target));
        }
    }

    /// Takes the style targets from `style` at its own size, planning `model` for it.
    pub fn measure_style(
        &mut self,
        objective: &Objective,
        model: &Arc<Model>,
        style: &Picture,
    ) -> Result<(), Error> {
        let Some(term) = &objective.style else { return Ok(()) };
        let names: Vec<String> = term.layers.iter().map(|layer| layer.name.clone()).collect();
        let mut plan = Plan::new(model, style.height(), style.width(), &names, Purpose::Forward)?;
        plan.forward(style.rgb());
        self.style.clear();
        for (index, layer) in term.layers.iter().enumerate() {
            let Some(tap) = self.tap(&layer.name) else { continue };
            let target = StyleTarget::new(plan.tap(index), term, term.weight * layer.weight);
            self.style.push((format!("style.{}", layer.name), tap, target));
        }
        Ok(())
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
        let (mut evaluation, slopes) = self.measure(|tap| plan.tap(tap));
        plan.backward(ReluRule::Gradient, &mut |tap, map, out| self.seed(&slopes, tap, map, out), gradient);
        if let Some(tv) = &self.total_variation {
            evaluation.push("tv", tv.add(height, width, rgb, gradient));
        }
        evaluation
    }

    /// Evaluates without a gradient.
    pub fn value(&self, plan: &mut Plan, (height, width): (usize, usize), rgb: &[f32]) -> Evaluation {
        plan.forward(rgb);
        let (mut evaluation, _) = self.measure(|tap| plan.tap(tap));
        if let Some(tv) = &self.total_variation {
            evaluation.push("tv", tv.add(height, width, rgb, &mut vec![0.0; rgb.len()]));
        }
        evaluation
    }

    /// The terms that read maps, and the slopes that [`seed`](Self::seed) needs.
    fn measure<'m>(&self, map: impl Fn(usize) -> Map<'m>) -> (Evaluation, Vec<Affine>) {
        let mut evaluation = Evaluation::default();
        for (name, tap, target) in &self.content {
            evaluation.push(name, target.value(map(*tap)));
        }
        let mut slopes = Vec::with_capacity(self.style.len());
        for (name, tap, target) in &self.style {
            let (value, slope) = target.evaluate(map(*tap));
            evaluation.push(name, value);
            slopes.push(slope);
        }
        (evaluation, slopes)
    }

    /// Adds the derivative by the map of `tap`.
    fn seed(&self, slopes: &[Affine], tap: usize, map: Map<'_>, gradient: &mut [f32]) {
        for (_, _, target) in self.content.iter().filter(|(_, t, _)| *t == tap) {
            target.add_gradient(map, gradient);
        }
        for ((_, t, _), slope) in self.style.iter().zip(slopes) {
            if *t == tap {
                add_affine(map, slope, gradient);
            }
        }
    }
}

impl Evaluation {
    fn push(&mut self, name: &str, value: f64) {
        self.terms.push(Term { name: name.into(), value });
        self.total += value;
    }
}
