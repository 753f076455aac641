//! Adam with an averaged iterate.

use super::{Ended, Memory, MemoryView, Optimiser, Outcome, Problem, Run, memory::Layout};
use crate::vector::CHUNK;
use rayon::prelude::*;

/// Adam (Kingma & Ba 2014) whose result is the exponential moving average of its iterates (their section 7.2), as
/// Crowson's style-transfer-pytorch uses it.
///
/// Every iterate is clamped to `bounds`. Departures: the term that keeps the division finite is 1e-15 instead of 1e-8,
/// because relative losses have gradients far below 1e-8; the average starts with the first iterate, not with
/// the start itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Step size in units of a picture's range [0, 1]; the variable is 255 times that. Default: 0.02.
    pub rate: f64,
    /// Decay rates of the first and second moments. Default: 0.9 and 0.99.
    pub betas: [f64; 2],
    /// Decay of the averaged iterate, bias-corrected. Default: 0.99.
    pub average: f64,
    /// Range that every iterate is clamped to. Default: 0 to 255.
    pub bounds: Option<[f32; 2]>,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { rate: 0.02, betas: [0.9, 0.99], average: 0.99, bounds: Some([0.0, 255.0]) }
    }
}

impl Optimiser for Adam {
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
        let mut gradient = vec![0.0f32; n];
        let (mut first, mut second) = (vec![0.0f32; n], vec![0.0f32; n]);
        let mut sum = vec![0.0f32; n];
        let mut result = x.to_vec();
        if let Some([iterate, m, v, s]) = memory.map(|memory| memory.vectors.as_slice()) {
            x.copy_from_slice(iterate);
            first.copy_from_slice(m);
            second.copy_from_slice(v);
            sum.copy_from_slice(s);
        }
        let [low, high] = self.bounds.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]);
        let [b1, b2] = self.betas.map(|b| b as f32);
        let decay = self.average as f32;
        while !run.over() {
            let loss = run.evaluate(x, &mut gradient);
            if !loss.is_finite() {
                run.report(loss, &result, None);
                let start = run.evaluations == 1;
                x.copy_from_slice(&result);
                return run.outcome(if start { Ended::NotFinite } else { Ended::Converged });
            }
            let t = run.evaluations as i32;
            let step = (self.rate * 255.0 / (1.0 - self.betas[0].powi(t))) as f32;
            let correct_second = (1.0 / (1.0 - self.betas[1].powi(t))) as f32;
            let correct_average = (1.0 / (1.0 - self.average.powi(t))) as f32;
            x.par_chunks_mut(CHUNK)
                .zip(gradient.par_chunks(CHUNK))
                .zip(first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)))
                .zip(sum.par_chunks_mut(CHUNK).zip(result.par_chunks_mut(CHUNK)))
                .for_each(|(((x, g), (m, v)), (sum, result))| {
                    for i in 0..x.len() {
                        m[i] = b1 * m[i] + (1.0 - b1) * g[i];
                        v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
                        let size = (v[i] * correct_second).sqrt() + 1e-15;
                        x[i] = (x[i] - step * m[i] / size).clamp(low, high);
                        sum[i] = decay * sum[i] + (1.0 - decay) * x[i];
                        result[i] = sum[i] * correct_average;
                    }
                });
            let vectors = [&*x, &first, &second, &sum];
            let memory = MemoryView::new("adam", &run, &[], &vectors);
            run.report(loss, &result, Some(memory));
        }
        x.copy_from_slice(&result);
        run.outcome(Ended::Budget)
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        Layout { optimiser: "adam", numbers: 0, vectors: 4, pairs: 0 }.fits(memory, length)
    }
}
