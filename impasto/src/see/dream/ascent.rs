//! A step uphill.

use super::{Objective, jitter::roll};
use crate::Error;
use impasto_net::{Map, Model, Plan, Purpose, ReluRule};
use std::sync::Arc;

/// Gradient ascent at one size.
pub struct Ascent {
    plan: Plan,
    size: (usize, usize),
    /// The picture, shifted, and the way up from there.
    rolled: Vec<f32>,
    gradient: Vec<f32>,
}

impl Ascent {
    /// For pictures of `size` (height, width) and the layer called `layer`.
    ///
    /// # Errors
    /// Those of planning.
    pub fn new(model: &Arc<Model>, layer: &str, size: (usize, usize)) -> Result<Ascent, Error> {
        let plan = Plan::new(model, size.0, size.1, &[layer.to_owned()], Purpose::Gradient)?;
        let zeros = vec![0.0; 3 * size.0 * size.1];
        Ok(Ascent { plan, size, rolled: zeros.clone(), gradient: zeros })
    }

    /// Rows and columns of the pictures.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Planes of the layer.
    pub fn planes(&self) -> usize {
        self.plan.tap_shape(0).channels
    }

    /// The objective of interleaved RGB values, and its derivative by them.
    ///
    /// # Panics
    /// If there are more or fewer than 3 · height · width values.
    pub fn gradient(&mut self, rgb: &[f32], objective: &Objective, plane: Option<usize>) -> (f64, Vec<f32>) {
        self.rolled.copy_from_slice(rgb);
        let value = self.look(objective, plane);
        (value, self.gradient.clone())
    }

    /// The objective where the shifted picture is, and the way up from there.
    fn look(&mut self, objective: &Objective, plane: Option<usize>) -> f64 {
        self.plan.forward(&self.rolled);
        let mut value = 0.0;
        let mut seed = |_: usize, map: Map<'_>, cotangent: &mut [f32]| {
            value = objective.evaluate(plane, map, cotangent);
        };
        self.plan.backward(ReluRule::Gradient, &mut seed, &mut self.gradient);
        value
    }

    /// Moves interleaved RGB values up the gradient of `objective`, seen from `shift`, by `step` times the gradient over
    /// its mean absolute value; the result is clipped to [0, 1]. `plane` is the one that the objective is about, if any.
    ///
    /// Gives the objective before the step, and whether there was a gradient to follow.
    ///
    /// # Panics
    /// If there are more or fewer than 3 · height · width values.
    pub fn step(
        &mut self,
        rgb: &mut [f32],
        objective: &Objective,
        plane: Option<usize>,
        shift: (isize, isize),
        step: f32,
    ) -> (f64, bool) {
        roll(rgb, &mut self.rolled, self.size, shift);
        let value = self.look(objective, plane);
        let sum: f64 = self.gradient.iter().map(|g| f64::from(g.abs())).sum();
        let mean = (sum / self.gradient.len() as f64) as f32;
        if mean == 0.0 || !mean.is_finite() {
            return (value, false);
        }
        for (value, gradient) in self.rolled.iter_mut().zip(&self.gradient) {
            *value = (*value + step * (gradient / mean)).clamp(0.0, 1.0);
        }
        roll(&self.rolled, rgb, self.size, (-shift.0, -shift.1));
        (value, true)
    }
}
