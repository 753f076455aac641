//! Optimisers: they lower a function of a long vector, one evaluation of value and gradient at a time.
//!
//! The variable of a painting is its RGB values × 255, the scale at which the networks see them. A budget counts
//! evaluations of the function, as neural-style counts iterations.

mod adam;
mod history;
mod lbfgs;
mod lbfgs_torch;
mod line_search;
mod memory;

pub use adam::Adam;
pub use lbfgs::Lbfgs;
pub use lbfgs_torch::LbfgsTorch;
pub use memory::{Memory, MemoryView};

use std::ops::ControlFlow;

/// The function to be lowered.
pub trait Problem {
    /// The value at `x`; `gradient`, of the same length, receives the derivative.
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64;

    /// Hears of every evaluation after it was made; `Break` ends the minimisation.
    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        let _ = state;
        ControlFlow::Continue(())
    }
}

/// Where a minimisation stands after an evaluation.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// Evaluations made so far, at least 1.
    pub evaluation: usize,
    /// Value of this evaluation.
    pub loss: f64,
    /// Value at the best point evaluated so far.
    pub best: f64,
    /// What the minimisation would return if it were stopped now.
    pub result: &'a [f32],
    /// What would let it go on from here another day; none where a value is not finite.
    pub memory: Option<MemoryView<'a>>,
}

/// How a minimisation ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Evaluations made.
    pub evaluations: usize,
    /// Smallest finite value seen, infinite if none was.
    pub best: f64,
    /// Why it ended.
    pub reason: Ended,
}

/// Why a minimisation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The budget of evaluations is spent.
    Budget,
    /// No step lowers the value any more.
    Converged,
    /// [`Problem::report`] asked for it.
    Stopped,
    /// The very first value or gradient is infinite or undefined.
    NotFinite,
}

/// A way of lowering a function.
pub trait Optimiser {
    /// Lowers `problem` from `x` with at most `budget` evaluations and leaves the result in `x`.
    fn minimise(&mut self, x: &mut [f32], budget: usize, problem: &mut dyn Problem) -> Outcome {
        self.resume(x, None, budget, problem)
    }

    /// Goes on where `memory` was taken, of the same problem: `x` is the result then, and all that follows is as if it had
    /// never stopped. The memory's evaluations count towards `budget`. One that does not [`fit`](Self::fits) is ignored.
    fn resume(
        &mut self,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome;

    /// Whether `memory` is one of this optimiser, for a variable of `length` values.
    fn fits(&self, memory: &Memory, length: usize) -> bool;
}

/// Counts evaluations and passes reports on; shared by all optimisers.
struct Run<'p> {
    problem: &'p mut dyn Problem,
    budget: usize,
    evaluations: usize,
    best: f64,
    stopped: bool,
}

impl<'p> Run<'p> {
    fn new(problem: &'p mut dyn Problem, budget: usize, memory: Option<&Memory>) -> Self {
        let evaluations = memory.map_or(0, |memory| memory.evaluations);
        let best = memory.and_then(|memory| memory.best).unwrap_or(f64::INFINITY);
        Run { problem, budget, evaluations, best, stopped: false }
    }

    /// Whether no further evaluation may be made.
    fn over(&self) -> bool {
        self.stopped || self.evaluations >= self.budget
    }

    /// Evaluates without reporting.
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        let loss = self.problem.evaluate(x, gradient);
        self.evaluations += 1;
        if loss < self.best {
            self.best = loss;
        }
        loss
    }

    fn report(&mut self, loss: f64, result: &[f32], memory: Option<MemoryView<'_>>) {
        let state = State { evaluation: self.evaluations, loss, best: self.best, result, memory };
        self.stopped |= self.problem.report(&state).is_break();
    }

    fn outcome(&self, otherwise: Ended) -> Outcome {
        let reason = match () {
            () if self.stopped => Ended::Stopped,
            () if otherwise == Ended::NotFinite => otherwise,
            () if self.evaluations >= self.budget => Ended::Budget,
            () => otherwise,
        };
        Outcome { evaluations: self.evaluations, best: self.best, reason }
    }
}
