//! What an optimiser knows besides its result, so that it can go on another day.

use super::{Run, history::History};
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

/// A [`Memory`] that is still the optimiser's own; nothing is copied until [`to_memory`](Self::to_memory).
#[derive(Clone, Copy, Debug)]
pub struct MemoryView<'a> {
    /// `adam`, `lbfgs` or `lbfgs-torch`.
    pub optimiser: &'static str,
    evaluations: usize,
    best: f64,
    numbers: &'a [f64],
    vectors: &'a [&'a [f32]],
}

impl<'a> MemoryView<'a> {
    /// What `run` and its optimiser know now.
    pub(super) fn new(
        optimiser: &'static str,
        run: &Run<'_>,
        numbers: &'a [f64],
        vectors: &'a [&'a [f32]],
    ) -> Self {
        MemoryView { optimiser, evaluations: run.evaluations, best: run.best, numbers, vectors }
    }

    /// The same with these vectors.
    pub(super) fn with<'b>(self, vectors: &'b [&'b [f32]]) -> MemoryView<'b>
    where
        'a: 'b,
    {
        MemoryView { vectors, ..self }
    }

    /// A copy that outlives the minimisation.
    pub fn to_memory(&self) -> Memory {
        Memory {
            optimiser: self.optimiser.into(),
            evaluations: self.evaluations,
            best: self.best.is_finite().then_some(self.best),
            numbers: self.numbers.to_vec(),
            vectors: self.vectors.iter().map(|vector| vector.to_vec()).collect(),
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
