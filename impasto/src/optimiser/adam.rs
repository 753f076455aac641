//! Adam with an averaged iterate.

use super::{
    Ended, Memory, Optimiser, Outcome, Problem, Run,
    memory::{Layout, Recollection},
};
use impasto_net::engine::{Space, space::AdamStep};

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
    fn resume_in(
        &mut self,
        space: &mut dyn Space,
        x: &mut [f32],
        memory: Option<&Memory>,
        budget: usize,
        problem: &mut dyn Problem,
    ) -> Outcome {
        let memory = memory.filter(|memory| self.fits(memory, x.len()));
        let mut run = Run::new(space, problem, budget, memory);
        let result = run.vector(x);
        let gradient = run.space.vector();
        let [iterate, first, second, sum] = match memory.map(|memory| memory.vectors.as_slice()) {
            Some([iterate, m, v, s]) => [iterate, m, v, s].map(|values| run.vector(values)),
            _ => [run.vector(x), run.space.vector(), run.space.vector(), run.space.vector()],
        };
        while !run.over() {
            let (loss, []) = run.evaluate(iterate, gradient, []);
            if !loss.is_finite() {
                run.report(loss, result, None);
                let start = run.evaluations == 1;
                return run.end(result, x, if start { Ended::NotFinite } else { Ended::Converged });
            }
            let t = run.evaluations as i32;
            let step = AdamStep {
                betas: self.betas.map(|b| b as f32),
                step: (self.rate * 255.0 / (1.0 - self.betas[0].powi(t))) as f32,
                correct_square: (1.0 / (1.0 - self.betas[1].powi(t))) as f32,
                bounds: self.bounds.unwrap_or([f32::NEG_INFINITY, f32::INFINITY]),
                decay: self.average as f32,
                correct_average: (1.0 / (1.0 - self.average.powi(t))) as f32,
            };
            run.space.adam(&step, [iterate, first, second, sum, result], gradient);
            let vectors = [iterate, first, second, sum];
            let memory = Recollection::new("adam", &run, &[], &vectors);
            run.report(loss, result, Some(memory));
        }
        run.end(result, x, Ended::Budget)
    }

    fn vectors(&self, _length: usize) -> usize {
        6
    }

    fn fits(&self, memory: &Memory, length: usize) -> bool {
        Layout { optimiser: "adam", numbers: 0, vectors: 4, pairs: 0 }.fits(memory, length)
    }
}
