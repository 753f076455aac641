//! Adam for the parameters of a generator.

use crate::vector::CHUNK;
use rayon::prelude::*;

/// Shares of the first and the second moment that stay from one step to the next.
pub(super) const BETAS: [f64; 2] = [0.9, 0.99];

/// Added to the root of the second moment; the losses are relative, their gradients far below 1.
const EPSILON: f32 = 1e-12;

/// What Adam (Kingma & Ba 2014) remembers of an array of parameters, one row for every part that learns at its own times.
///
/// Departures: the second moment's decay is 0.99, and ε is 1e-12. A row without a gradient in an iteration keeps still.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moments {
    /// First moments, laid out as the array.
    pub(super) first: Vec<f32>,
    /// Second moments.
    pub(super) second: Vec<f32>,
    /// Steps that each row has made.
    pub(super) steps: Vec<u32>,
}

impl Moments {
    /// Of an array of `len` values in `rows` rows.
    pub(super) fn new(len: usize, rows: usize) -> Self {
        Moments { first: vec![0.0; len], second: vec![0.0; len], steps: vec![0; rows] }
    }

    /// One step of row `row` of `values` along `gradient`, which is as long as the row.
    pub(super) fn step(&mut self, row: usize, values: &mut [f32], gradient: &[f32], rate: f64) {
        let span = row * gradient.len()..(row + 1) * gradient.len();
        self.steps[row] += 1;
        let t = self.steps[row] as i32;
        let size = (rate / (1.0 - BETAS[0].powi(t))) as f32;
        let correct = (1.0 / (1.0 - BETAS[1].powi(t))) as f32;
        let [b1, b2] = BETAS.map(|beta| beta as f32);
        let moments = self.first[span.clone()].par_chunks_mut(CHUNK);
        let moments = moments.zip(self.second[span.clone()].par_chunks_mut(CHUNK));
        let values = values[span].par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
        values.zip(moments).for_each(|((x, g), (m, v))| {
            for i in 0..x.len() {
                m[i] = b1 * m[i] + (1.0 - b1) * g[i];
                v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
                x[i] -= size * m[i] / ((v[i] * correct).sqrt() + EPSILON);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_are_as_long_as_the_rate_and_rows_are_apart() {
        let mut values = vec![1.0f32; 4];
        let mut moments = Moments::new(4, 2);
        moments.step(1, &mut values, &[3.0, -1e-3], 0.1);
        assert_eq!(&values[..2], [1.0, 1.0]);
        assert!((values[2] - 0.9).abs() < 1e-6 && (values[3] - 1.1).abs() < 1e-6, "{values:?}");
        assert_eq!(moments.steps, [0, 1]);
    }
}
