//! What an optimiser knows besides its result, so that it can go on another day.

use super::{Run, history::History};
use impasto_net::engine::{Space, Vector};
use serde::{Deserialize, Serialize};

/// Everything that a minimisation needs to go on exactly as if it had never stopped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// `adam`, `lbfgs` or `lbfgs-torch`.
    pub optimiser: String,
    /// Evaluations made; they count towards the budget. Those of a line search that was not over do not, and are made again.
    pub evaluations: usize,
    /// Smallest value seen in them, if any was finite.
    pub best: Option<f64>,
    /// Losses, steps and factors, in the optimiser's own order.
    pub numbers: Vec<f64>,
    /// Vectors of the variable's length, in the optimiser's own order; not part of the serialised form.
    #[serde(skip)]
    pub vectors: Vec<Vec<f32>>,
}

/// What an optimiser would put into a [`Memory`].
#[derive(Clone, Copy)]
pub(super) struct Recollection<'a> {
    optimiser: &'static str,
    evaluations: usize,
    best: f64,
    numbers: &'a [f64],
    vectors: &'a [Vector],
}

impl<'a> Recollection<'a> {
    /// What `run` and its optimiser know now.
    pub(super) fn new(
        optimiser: &'static str,
        run: &Run<'_>,
        numbers: &'a [f64],
        vectors: &'a [Vector],
    ) -> Self {
        Recollection { optimiser, evaluations: run.evaluations, best: run.best, numbers, vectors }
    }

    /// The same with these vectors.
    pub(super) fn with<'b>(self, vectors: &'b [Vector]) -> Recollection<'b>
    where
        'a: 'b,
    {
        Recollection { vectors, ..self }
    }
}

/// A [`Memory`] that is still the optimiser's own; nothing is copied until [`to_memory`](Self::to_memory).
#[derive(Clone, Copy)]
pub struct MemoryView<'a> {
    /// `adam`, `lbfgs` or `lbfgs-torch`.
    pub optimiser: &'static str,
    memory: Recollection<'a>,
    space: &'a dyn Space,
}

impl<'a> MemoryView<'a> {
    pub(super) fn new(memory: Recollection<'a>, space: &'a dyn Space) -> Self {
        MemoryView { optimiser: memory.optimiser, memory, space }
    }

    /// A copy that outlives the minimisation.
    pub fn to_memory(&self) -> Memory {
        let Recollection { optimiser, evaluations, best, numbers, vectors } = self.memory;
        Memory {
            optimiser: optimiser.into(),
            evaluations,
            best: best.is_finite().then_some(best),
            numbers: numbers.to_vec(),
            vectors: vectors.iter().map(|&vector| self.space.read(vector).into_owned()).collect(),
        }
    }
}

/// How many numbers and vectors an optimiser keeps beside those of its history.
pub(super) struct Layout {
    pub(super) optimiser: &'static str,
    pub(super) numbers: usize,
    pub(super) vectors: usize,
    /// Curvature pairs that the history can hold.
    pub(super) pairs: usize,
}

impl Layout {
    /// Whether `memory` is of this layout, for variables of `length` values.
    pub(super) fn fits(&self, memory: &Memory, length: usize) -> bool {
        let pairs = memory.vectors.len().saturating_sub(self.vectors) / 2;
        memory.optimiser == self.optimiser
            && pairs <= self.pairs
            && memory.vectors.len() == self.vectors + 2 * pairs
            && memory.numbers.len() == self.numbers + History::numbers_of(self.pairs, pairs)
            && memory.numbers.iter().all(|number| number.is_finite())
            && memory.vectors.iter().all(|vector| vector.len() == length)
    }
}
