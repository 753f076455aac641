//! The picture under the optimiser's hands.

use super::tether::Tether;
use crate::{
    Evaluation,
    objective::Goal,
    optimiser::{Problem, State},
    vector,
};
use impasto_net::Plan;
use std::ops::ControlFlow;

/// What [`Canvas`] tells after an evaluation.
pub(crate) struct Report<'a> {
    /// Where the optimiser stands.
    pub(crate) state: &'a State<'a>,
    /// The terms of the latest evaluation.
    pub(super) evaluation: &'a Evaluation,
}

/// A goal as a function of RGB values × 255.
pub(crate) struct Canvas<'a, F> {
    goal: &'a Goal,
    plan: &'a mut Plan,
    size: (usize, usize),
    tether: Option<&'a Tether>,
    rgb: Vec<f32>,
    evaluation: Evaluation,
    report: F,
}

impl<'a, F: FnMut(&Report<'_>) -> ControlFlow<()>> Canvas<'a, F> {
    /// A canvas of `size` = (height, width); `report` hears of every evaluation.
    pub(crate) fn new(
        goal: &'a Goal,
        plan: &'a mut Plan,
        size: (usize, usize),
        tether: Option<&'a Tether>,
        report: F,
    ) -> Self {
        let rgb = vec![0.0; size.0 * size.1 * 3];
        Canvas { goal, plan, size, tether, rgb, evaluation: Evaluation::default(), report }
    }

    /// The goal at RGB values in [0, 1].
    pub(super) fn value(&mut self, rgb: &[f32]) -> Evaluation {
        self.goal.value(self.plan, self.size, rgb)
    }
}

impl<F: FnMut(&Report<'_>) -> ControlFlow<()>> Problem for Canvas<'_, F> {
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        vector::map(x, &mut self.rgb, |x| x / 255.0);
        if let Some(tether) = self.tether {
            tether.pull(&mut self.rgb);
        }
        self.evaluation = self.goal.evaluate(self.plan, self.size, &self.rgb, gradient);
        vector::apply(gradient, |g| g / 255.0);
        if let Some(tether) = self.tether {
            tether.pull_back(gradient);
        }
        self.evaluation.total
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        (self.report)(&Report { state, evaluation: &self.evaluation })
    }
}
