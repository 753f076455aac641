//! L-BFGS as PyTorch runs it without a line search.

use super::{
    Ended, Memory, Optimiser, Outcome, Problem, Run,
    history::History,
    memory::{Layout, Recollection},
};
use impasto_net::engine::{
    Space, Vector,
    space::{Each, Sum},
};

/// L-BFGS with fixed steps, as `torch.optim.LBFGS` without a line search.
///
/// The first step is the gradient times `min(1, 1/|g|₁)` times the rate, later ones the quasi-Newton direction times
/// the rate. A pair is remembered if `y · s > 1e-10`, and the initial inverse Hessian is `y·s / y·y`. Nothing keeps the
/// loss from growing: use [`Lbfgs`](super::Lbfgs) unless results must be compared with PyTorch's.
///
/// Departures: PyTorch's early stops (changes below 1e-9, gradients below 1e-7) are left out except at a gradient of
/// zero, as neural-style disables them; the last point is returned even if an earlier one was better, as PyTorch's is,
/// unless it is not finite; the history is cut so that it never takes more than `memory` bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LbfgsTorch {
    /// Factor of every step. Default: 1.
    pub rate: f64,
    /// Curvature pairs remembered. Default: 100.
    pub history: usize,
    /// Upper limit of the history's memory in bytes. Default: 384 MiB.
    pub memory: usize,
}

impl Default for LbfgsTorch {
    fn default() -> Self {
        LbfgsTorch { rate: 1.0, history: 100, memory: 384 << 20 }
    }
}

impl Optimiser for LbfgsTorch {
    fn resume_in(
        &mut self,
        space: &mut dyn Space,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome {
        let n = x.len();
        let memory = memory.filter(|memory| self.fits(memory, n));
        let mut run = Run::new(space, problem, budget, memory);
        let mut history = History::new(self.history, n, self.memory);
        let gradient = run.space.vector();
        let mut step = 0.0;
        let mut spare = None;
        // The last point with a finite loss: PyTorch would go on with undefined values for ever.
        let [iterate, previous, direction, safe] = match memory {
            Some(memory) => {
                step = memory.numbers[0];
                history.restore(&mut run, &memory.numbers[1..], &memory.vectors[4..]);
                [0, 1, 2, 3].map(|number| run.vector(&memory.vectors[number]))
            }
            None => [run.vector(x), run.space.vector(), run.space.vector(), run.space.vector()],
        };
        let mut is_safe = run.evaluations > 0;
        while !run.over() {
            let numbers: Vec<f64> = std::iter::once(step).chain(history.numbers()).collect();
            let before = Recollection::new(NAME, &run, &numbers, &[]);
            let (s, y) = spare.take().unwrap_or_else(|| (run.space.vector(), run.space.vector()));
            run.space.each(Each::Scaled(step as f32), &[direction], s);
            let change = [gradient, previous];
            let sums = [
                Sum::Absolute(gradient),
                Sum::Change { of: change, by: s },
                Sum::Differences(change, change),
            ];
            let (loss, [size, ys, yy]) = run.evaluate(iterate, gradient, sums);
            if !loss.is_finite() || !size.is_finite() {
                let last = if is_safe { safe } else { iterate };
                run.report(loss, last, None);
                return run.end(last, x, if is_safe { Ended::Converged } else { Ended::NotFinite });
            }
            // Of before the evaluation, which is made again: what follows from it does not exist yet.
            let last = if is_safe { safe } else { iterate };
            let vectors: Vec<Vector> =
                [iterate, previous, direction, last].into_iter().chain(history.vectors()).collect();
            run.report(loss, iterate, Some(before.with(&vectors)));
            if size == 0.0 {
                return run.end(iterate, x, Ended::Converged);
            }
            if run.over() {
                break;
            }
            run.space.copy(iterate, safe);
            is_safe = true;
            if run.evaluations == 1 {
                run.space.each(Each::Scaled(-1.0), &[gradient], direction);
                step = (1.0 / size).min(1.0) * self.rate;
                spare = Some((s, y));
            } else {
                run.space.each(Each::Difference, &[gradient, previous], y);
                spare = if ys > 1e-10 { history.push(s, y, ys, yy) } else { Some((s, y)) };
                run.space.each(Each::Scaled(-1.0), &[gradient], direction);
                history.multiply(run.space, direction);
                step = self.rate;
            }
            run.space.copy(gradient, previous);
            let sum = Each::Sum { factor: step as f32, bounds: None };
            run.space.each(sum, &[iterate, direction], iterate);
        }
        run.end(iterate, x, Ended::Budget)
    }

    fn vectors(&self, length: usize) -> usize {
        5 + 2 * (1 + History::capacity(self.history, length, self.memory))
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        let pairs = History::capacity(self.history, length, self.memory);
        Layout { optimiser: NAME, numbers: 1, vectors: 4, pairs }.fits(memory, length)
    }
}

/// Its name in memories.
const NAME: &str = "lbfgs-torch";
