//! The memory of a limited-memory BFGS method.

use super::Run;
use impasto_net::engine::{Space, Vector, space::Pair};
use std::collections::VecDeque;

/// Recent curvature pairs; [`Space::multiply`] has the product of the inverse Hessian they imply with a vector.
pub(super) struct History {
    pairs: VecDeque<Pair>,
    capacity: usize,
    /// Scale of the initial inverse Hessian, `y·s / y·y` of the latest pair.
    scale: f64,
}

impl History {
    /// At most `pairs` pairs, fewer if vectors of `length` values would otherwise take more than `bytes`; at least three.
    pub(super) fn new(pairs: usize, length: usize, bytes: usize) -> Self {
        History { pairs: VecDeque::new(), capacity: Self::capacity(pairs, length, bytes), scale: 1.0 }
    }

    /// Pairs that a history of these limits can hold.
    pub(super) fn capacity(pairs: usize, length: usize, bytes: usize) -> usize {
        let pair = length.max(1) * 2 * size_of::<f32>();
        pairs.min((bytes / pair).max(3))
    }

    /// Numbers of a memory with so many pairs; none for an optimiser whose history has no room for any.
    pub(super) fn numbers_of(capacity: usize, pairs: usize) -> usize {
        if capacity == 0 { 0 } else { 1 + pairs }
    }

    /// What a memory must hold besides [`vectors`](Self::vectors).
    pub(super) fn numbers(&self) -> impl Iterator<Item = f64> {
        std::iter::once(self.scale).chain(self.pairs.iter().map(|pair| pair.rho))
    }

    /// Steps and changes of gradient by turns, oldest pair first.
    pub(super) fn vectors(&self) -> impl Iterator<Item = Vector> {
        self.pairs.iter().flat_map(|pair| [pair.s, pair.y])
    }

    /// Takes over what [`numbers`](Self::numbers) and [`vectors`](Self::vectors) gave.
    pub(super) fn restore(&mut self, run: &mut Run<'_>, numbers: &[f64], vectors: &[Vec<f32>]) {
        if let Some((&scale, rhos)) = numbers.split_first() {
            self.scale = scale;
            let pairs = vectors.as_chunks::<2>().0.iter().zip(rhos);
            self.pairs =
                pairs.map(|([s, y], &rho)| Pair { s: run.vector(s), y: run.vector(y), rho }).collect();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Forgets everything. Gives the vectors back.
    pub(super) fn clear(&mut self) -> Vec<(Vector, Vector)> {
        self.scale = 1.0;
        self.pairs.drain(..).map(|pair| (pair.s, pair.y)).collect()
    }

    /// Remembers a pair with `ys = y · s > 0` and `yy = y · y > 0`, forgetting the oldest when full. Returns the
    /// vectors of a forgotten pair for reuse.
    pub(super) fn push(&mut self, s: Vector, y: Vector, ys: f64, yy: f64) -> Option<(Vector, Vector)> {
        let forgotten = if self.pairs.len() == self.capacity { self.pairs.pop_front() } else { None };
        self.pairs.push_back(Pair { s, y, rho: 1.0 / ys });
        self.scale = ys / yy;
        forgotten.map(|pair| (pair.s, pair.y))
    }

    /// Replaces `v` by the inverse Hessian's product with it.
    pub(super) fn multiply(&mut self, space: &mut dyn Space, v: Vector) {
        space.multiply(self.pairs.make_contiguous(), self.scale, v);
    }
}
