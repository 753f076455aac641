//! Optimisers: they lower a function of a long vector, one evaluation of value and gradient at a time.
//!
//! The variable of a painting is its RGB values × 255, the scale at which the networks see them. A budget counts
//! evaluations of the function, as neural-style counts iterations.

mod adam;
mod history;
mod host;
mod lbfgs;
mod lbfgs_torch;
mod line_search;
mod memory;

pub use adam::Adam;
pub use lbfgs::Lbfgs;
pub use lbfgs_torch::LbfgsTorch;
pub use memory::{Memory, MemoryView};

use host::Host;
use impasto_net::engine::{Space, Vector, space::Sum};
use memory::Recollection;
use std::{borrow::Cow, fmt, ops::ControlFlow};

/// The function to be lowered.
pub trait Problem {
    /// The value at `x`; `gradient`, of the same length, receives the derivative.
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64;

    /// The same where the vectors are in `space`; without a better way they are brought here and back.
    fn evaluate_in(&mut self, space: &mut dyn Space, x: Vector, gradient: Vector) -> f64 {
        evaluate_here(self, space, x, gradient)
    }

    /// Hears of every evaluation after it was made; `Break` ends the minimisation.
    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        let _ = state;
        ControlFlow::Continue(())
    }
}

/// Evaluates with vectors that are brought here and back.
pub(crate) fn evaluate_here<P: Problem + ?Sized>(
    problem: &mut P,
    space: &mut dyn Space,
    x: Vector,
    gradient: Vector,
) -> f64 {
    let (values, mut slope) = (space.take(x), space.take(gradient));
    let loss = problem.evaluate(&values, &mut slope);
    space.put(x, values);
    space.put(gradient, slope);
    loss
}

/// Where a minimisation stands after an evaluation.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Evaluations made so far, at least 1.
    pub evaluation: usize,
    /// Value of this evaluation.
    pub loss: f64,
    /// Value at the best point evaluated so far.
    pub best: f64,
    space: &'a dyn Space,
    result: Vector,
    /// What would let it go on from here another day; none where a value is not finite.
    pub memory: Option<MemoryView<'a>>,
}

impl State<'_> {
    /// The same with `made` evaluations before.
    pub(crate) fn after(&self, made: usize) -> Self {
        State { evaluation: self.evaluation + made, ..*self }
    }

    /// Whether a device has it all.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.space.is_elsewhere()
    }

    /// What the minimisation would return if it were stopped now.
    pub fn result(&self) -> Cow<'_, [f32]> {
        self.space.read(self.result)
    }
}

impl fmt::Debug for State<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({} of {} after {} evaluations)", self.loss, self.best, self.evaluation)
    }
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
    /// The device with the vectors is gone; the result is what was given.
    Lost,
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
    ) -> Outcome {
        self.resume_in(&mut Host::new(x.len()), x, memory, budget, problem)
    }

    /// [`Optimiser::resume`] with all vectors in `space`, which is of `x`'s length.
    fn resume_in(
        &mut self,
        space: &mut dyn Space,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome;

    /// Vectors that it needs room for, with variables of `length` values.
    fn vectors(&self, length: usize) -> usize;

    /// Whether `memory` is one of this optimiser, for a variable of `length` values.
    fn fits(&self, memory: &Memory, length: usize) -> bool;
}

/// Counts evaluations and passes reports on; shared by all optimisers.
struct Run<'p> {
    space: &'p mut dyn Space,
    problem: &'p mut dyn Problem,
    budget: usize,
    evaluations: usize,
    best: f64,
    stopped: bool,
}

impl<'p> Run<'p> {
    fn new(
        space: &'p mut dyn Space,
        problem: &'p mut dyn Problem,
        budget: usize,
        memory: Option<&Memory>,
    ) -> Self {
        let evaluations = memory.map_or(0, |memory| memory.evaluations);
        let best = memory.and_then(|memory| memory.best).unwrap_or(f64::INFINITY);
        Run { space, problem, budget, evaluations, best, stopped: false }
    }

    /// A vector with these values.
    fn vector(&mut self, values: &[f32]) -> Vector {
        let vector = self.space.vector();
        self.space.put(vector, values.to_vec());
        vector
    }

    /// Whether no further evaluation may be made.
    fn over(&self) -> bool {
        self.stopped || self.evaluations >= self.budget || self.space.is_lost()
    }

    /// Evaluates without reporting: the value, and these sums, told together.
    fn evaluate<const N: usize>(&mut self, x: Vector, gradient: Vector, sums: [Sum; N]) -> (f64, [f64; N]) {
        self.space.expect(&sums);
        let loss = self.problem.evaluate_in(self.space, x, gradient);
        let told = self.space.expected();
        self.evaluations += 1;
        if loss < self.best {
            self.best = loss;
        }
        (loss, std::array::from_fn(|at| told[at]))
    }

    fn report(&mut self, loss: f64, result: Vector, memory: Option<Recollection<'_>>) {
        self.space.settle();
        if self.space.is_lost() {
            return;
        }
        let space = &*self.space;
        let memory = memory.map(|memory| MemoryView::new(memory, space));
        let state = State { evaluation: self.evaluations, loss, best: self.best, space, result, memory };
        self.stopped |= self.problem.report(&state).is_break();
    }

    /// Leaves the result in `x`, unless it is lost.
    fn end(&mut self, result: Vector, x: &mut [f32], otherwise: Ended) -> Outcome {
        let result = self.space.take(result);
        let reason = match () {
            () if self.space.is_lost() => Ended::Lost,
            () if self.stopped => Ended::Stopped,
            () if otherwise == Ended::NotFinite => otherwise,
            () if self.evaluations >= self.budget => Ended::Budget,
            () => otherwise,
        };
        if reason != Ended::Lost {
            x.copy_from_slice(&result);
        }
        Outcome { evaluations: self.evaluations, best: self.best, reason }
    }
}
