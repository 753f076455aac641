//! The picture under the optimiser's hands.

use super::tether::Tether;
use crate::{
    Evaluation,
    objective::Goal,
    optimiser::{Ended, Memory, Optimiser, Outcome, Problem, State, evaluate_here},
    vector,
};
use impasto_net::{
    Plan,
    engine::{Space, Terms, Vector},
};
use std::{cell::OnceCell, ops::ControlFlow};

/// Evaluations after which the result is kept here, while a device has it.
const KEEP: usize = 16;

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
    /// The goal for a device, once one has asked; none if devices cannot evaluate it as a whole.
    terms: OnceCell<Option<Terms>>,
    /// Where a device stood some evaluations ago, should it be lost: how many had been made, and the result.
    kept: Option<(usize, Vec<f32>)>,
    /// Evaluations made on a device that was lost.
    made: usize,
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
        let (terms, kept) = (OnceCell::new(), None);
        let evaluation = Evaluation::default();
        Canvas { goal, plan, size, tether, rgb, evaluation, report, terms, kept, made: 0 }
    }

    /// Lowers the goal from `x`, or from where `memory` was taken, with at most `budget` evaluations, where the plan runs; the
    /// result is in `x`. From a device that is lost meanwhile it goes on here, from the result that was kept last.
    pub(crate) fn lower(
        &mut self,
        optimiser: &mut dyn Optimiser,
        x: &mut Vec<f32>,
        memory: Option<&Memory>,
        budget: usize,
    ) -> Outcome {
        let Some(mut space) = self.plan.space(x.len(), optimiser.vectors(x.len())) else {
            return optimiser.resume(x, memory, budget, self);
        };
        let outcome = optimiser.resume_in(&mut *space, x, memory, budget, self);
        if outcome.reason != Ended::Lost {
            return outcome;
        }
        let mut memory = memory;
        if let Some((made, result)) = self.kept.take() {
            (*x, self.made, memory) = (result, made, None);
        }
        let outcome = optimiser.resume(x, memory, budget - self.made, self);
        Outcome { evaluations: outcome.evaluations + self.made, ..outcome }
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

    fn evaluate_in(&mut self, space: &mut dyn Space, x: Vector, gradient: Vector) -> f64 {
        if !space.is_elsewhere() {
            return evaluate_here(self, space, x, gradient);
        }
        let terms = self.terms.get_or_init(|| self.goal.terms(self.size, self.tether.map(Tether::term)));
        let told = terms.as_ref().and_then(|terms| self.plan.evaluate_in(terms, space, [x, gradient]));
        match told {
            None => evaluate_here(self, space, x, gradient),
            Some(values) if values.is_empty() => {
                space.lose();
                f64::NAN
            }
            Some(values) => {
                self.evaluation = self.goal.told(&values);
                self.evaluation.total
            }
        }
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        if state.is_elsewhere() && state.evaluation.is_multiple_of(KEEP) {
            self.kept = Some((state.evaluation, state.result().into_owned()));
        }
        let state = state.after(self.made);
        (self.report)(&Report { state: &state, evaluation: &self.evaluation })
    }
}
