//! L-BFGS as PyTorch runs it without a line search.

use super::{Ended, Memory, MemoryView, Optimiser, Outcome, Problem, Run, history::History, memory::Layout};
use crate::vector::{axpy, combine, dot, map, norm1};

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
    fn resume(
        &mut self,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome {
        let n = x.len();
        let memory = memory.filter(|memory| self.fits(memory, n));
        let mut run = Run::new(problem, budget, memory);
        let mut history = History::new(self.history, n, self.memory);
        let (mut gradient, mut previous) = (vec![0.0; n], vec![0.0; n]);
        let mut direction = vec![0.0; n];
        let mut step = 0.0;
        let mut spare = None;
        // The last point with a finite loss: PyTorch would go on with undefined values for ever.
        let mut safe = Vec::new();
        if let Some(memory) = memory {
            let (numbers, vectors) = (&memory.numbers, &memory.vectors);
            step = numbers[0];
            history.restore(&numbers[1..], &vectors[4..]);
            x.copy_from_slice(&vectors[0]);
            previous.copy_from_slice(&vectors[1]);
            direction.copy_from_slice(&vectors[2]);
            if run.evaluations > 0 {
                safe.clone_from(&vectors[3]);
            }
        }
        while !run.over() {
            let numbers: Vec<f64> = std::iter::once(step).chain(history.numbers()).collect();
            let before = MemoryView::new(NAME, &run, &numbers, &[]);
            let loss = run.evaluate(x, &mut gradient);
            if !loss.is_finite() || !norm1(&gradient).is_finite() {
                let first = safe.is_empty();
                if !first {
                    x.copy_from_slice(&safe);
                }
                run.report(loss, x, None);
                return run.outcome(if first { Ended::NotFinite } else { Ended::Converged });
            }
            // Of before the evaluation, which is made again: what follows from it does not exist yet.
            let last = if safe.is_empty() { &*x } else { &safe };
            let vectors: Vec<&[f32]> =
                [&*x, &previous, &direction, last].into_iter().chain(history.vectors()).collect();
            run.report(loss, x, Some(before.with(&vectors)));
            let size = norm1(&gradient);
            if size == 0.0 {
                return run.outcome(Ended::Converged);
            }
            if run.over() {
                break;
            }
            safe.clear();
            safe.extend_from_slice(x);
            if run.evaluations == 1 {
                map(&gradient, &mut direction, |g| -g);
                step = (1.0 / size).min(1.0) * self.rate;
            } else {
                let (mut s, mut y) = spare.take().unwrap_or_else(|| (vec![0.0; n], vec![0.0; n]));
                combine(&gradient, &previous, &mut y, |new, old| new - old);
                let taken = step as f32;
                map(&direction, &mut s, |d| d * taken);
                let ys = dot(&y, &s);
                spare = if ys > 1e-10 {
                    let yy = dot(&y, &y);
                    history.push(s, y, ys, yy)
                } else {
                    Some((s, y))
                };
                map(&gradient, &mut direction, |g| -g);
                history.multiply(&mut direction);
                step = self.rate;
            }
            previous.copy_from_slice(&gradient);
            axpy(step, &direction, x);
        }
        run.outcome(Ended::Budget)
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        let pairs = History::capacity(self.history, length, self.memory);
        Layout { optimiser: NAME, numbers: 1, vectors: 4, pairs }.fits(memory, length)
    }
}

/// Its name in memories.
const NAME: &str = "lbfgs-torch";
