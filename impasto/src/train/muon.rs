//! Muon for the filters of a generator.

use super::adam::{BETAS, Moments};
use crate::vector::sum_of_squares;
use impasto_net::network::{Layer, Network, Op};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The polynomial a·s + b·s³ + c·s⁵, which brings singular values of (0, 1] near 1 when applied five times.
const COEFFICIENTS: [f32; 3] = [3.4445, -4.775, 2.0315];
const TIMES: usize = 5;

/// Root mean square of a step at a rate of 1, about that of Adam's.
const REACH: f32 = 0.2;

/// Arrays of the filters of convolutions but those that read the picture or make it, with their numbers of outputs.
pub(super) fn filters(network: &Network) -> BTreeMap<String, usize> {
    let convolution = |layer: &Layer| match layer.op {
        Op::Convolution(conv) if layer.inputs != [0] => {
            Some((format!("{}.weight", layer.parameters), conv.outputs))
        }
        _ => None,
    };
    let mut filters: Vec<_> = network.layers.iter().filter_map(convolution).collect();
    filters.pop();
    filters.into_iter().collect()
}

impl Moments {
    /// One step of row `row` of `values`, filters of `outputs` outputs, along `gradient`, which is as long as the row: the
    /// momentum as a matrix of outputs by what they read, with all its singular values brought near 1, so that rare
    /// directions are learnt as fast as frequent ones (Jordan et al., "Muon", 2024).
    ///
    /// Departures: momentum decays by 0.9, as Adam's here; steps are as long as Adam's whatever the filters' shape (Liu et al.
    /// 2025, "Muon is Scalable for LLM Training"), without weight decay, as the norms behind undo the filters' size.
    pub(super) fn orthogonal_step(
        &mut self,
        row: usize,
        values: &mut [f32],
        gradient: &[f32],
        rate: f64,
        outputs: usize,
    ) {
        let span = row * gradient.len()..(row + 1) * gradient.len();
        self.steps[row] += 1;
        let beta = BETAS[0] as f32;
        let blend = |momentum: f32, g: f32| beta * momentum + (1.0 - beta) * g;
        let ahead = |(momentum, &g): (&mut f32, &f32)| {
            *momentum = blend(*momentum, g);
            blend(*momentum, g)
        };
        let mut direction: Vec<f32> = self.first[span.clone()].iter_mut().zip(gradient).map(ahead).collect();
        let inputs = gradient.len() / outputs;
        orthogonalise(&mut direction, inputs);
        let size = rate as f32 * REACH * (outputs.max(inputs) as f32).sqrt();
        values[span].iter_mut().zip(&direction).for_each(|(value, direction)| *value -= size * direction);
    }
}

/// Brings the singular values of a matrix with rows of `columns` values near 1 (between 0.7 and 1.2), those far below its
/// norm excepted, by an iteration of Newton-Schulz's kind. A matrix of zeros stays.
fn orthogonalise(matrix: &mut Vec<f32>, columns: usize) {
    let norm = sum_of_squares(matrix).sqrt() as f32;
    if norm == 0.0 {
        return;
    }
    matrix.iter_mut().for_each(|value| *value /= norm);
    let rows = matrix.len() / columns;
    let [a, b, c] = COEFFICIENTS;
    let mut next = vec![0.0; matrix.len()];
    for _ in 0..TIMES {
        let row = |i: usize| &matrix[i * columns..][..columns];
        let gram = square(rows, |i, j| dot(row(i), row(j)));
        let line = |i: usize| &gram[i * rows..][..rows];
        let polynomial = square(rows, |i, j| b * gram[i * rows + j] + c * dot(line(i), line(j)));
        next.par_chunks_mut(columns).enumerate().for_each(|(i, out)| {
            out.iter_mut().zip(row(i)).for_each(|(out, value)| *out = a * value);
            for (j, share) in polynomial[i * rows..][..rows].iter().enumerate() {
                out.iter_mut().zip(row(j)).for_each(|(out, value)| *out += share * value);
            }
        });
        std::mem::swap(matrix, &mut next);
    }
}

fn square(side: usize, value: impl Fn(usize, usize) -> f32 + Sync) -> Vec<f32> {
    let mut values = vec![0.0; side * side];
    values.par_chunks_mut(side).enumerate().for_each(|(i, row)| {
        row.iter_mut().enumerate().for_each(|(j, out)| *out = value(i, j));
    });
    values
}

/// A scalar product, in sixteen sums side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for (a, b) in a.iter().zip(b) {
        for k in 0..16 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_directions_become_as_long() {
        // Rows of very different lengths that are nearly orthogonal.
        let columns = 37;
        let mut matrix: Vec<f32> =
            (0..4 * columns).map(|i| ((i * i * 7919 + i * 31) % 101) as f32 - 50.0).collect();
        for (row, factor) in [1.0, 0.3, 0.1, 0.05].into_iter().enumerate() {
            matrix[row * columns..][..columns].iter_mut().for_each(|value| *value *= factor);
        }
        orthogonalise(&mut matrix, columns);
        for row in matrix.chunks_exact(columns) {
            let length = dot(row, row).sqrt();
            assert!((0.6..1.3).contains(&length), "{length}");
        }
        let mut zeros = vec![0.0; 12];
        orthogonalise(&mut zeros, 4);
        assert_eq!(zeros, [0.0; 12]);
    }

    #[test]
    fn steps_have_the_reach_and_rows_are_apart() {
        let mut moments = Moments::new(2 * 64, 2);
        let mut values = vec![0.0; 2 * 64];
        let gradient: Vec<f32> = (0..64).map(|i| ((i * 37 + i * i) % 23) as f32 - 11.0).collect();
        moments.orthogonal_step(1, &mut values, &gradient, 0.1, 4);
        assert_eq!(values[..64], [0.0; 64]);
        let mean_square = dot(&values[64..], &values[64..]) / 64.0;
        // Four of sixteen directions are taken, each of about length 1.
        assert!((mean_square.sqrt() / (0.1 * REACH) - 1.0).abs() < 0.4, "{mean_square}");
        assert_eq!(moments.steps, [0, 1]);
    }
}
