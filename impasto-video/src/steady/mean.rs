//! Means over squares.

use multiversion::multiversion;
use rayon::prelude::*;

/// Rows over which sums follow each other: a number of its own, so that that of threads changes nothing.
const STRETCH: usize = 32;

/// Writes to `mean` the mean of every interleaved triple of `values`, of a picture of a size (width, height), over a square of
/// an odd `side` around it, as far as it lies in the picture.
pub(super) fn local_mean(values: &[f32], (width, height): (usize, usize), side: usize, mean: &mut Vec<f32>) {
    mean.resize(values.len(), 0.0);
    mean.par_chunks_mut(3 * width * STRETCH).enumerate().for_each_init(
        || vec![0.0; 3 * width],
        |sums, (number, out)| stretch(values, [width, height], side / 2, number * STRETCH, sums, out),
    );
}

/// The means of rows from `top` on, `reach` pixels around. Sums follow the window: what comes in is added, what goes out taken
/// away; `sums` is room for a row of those along columns.
#[multiversion(targets("x86_64+avx2"))]
fn stretch(
    values: &[f32],
    [width, height]: [usize; 2],
    reach: usize,
    top: usize,
    sums: &mut [f32],
    out: &mut [f32],
) {
    let row = |y: usize| &values[3 * width * y..][..3 * width];
    sums.fill(0.0);
    let mut begin = top.saturating_sub(reach);
    let mut end = begin;
    for (number, out) in out.chunks_exact_mut(3 * width).enumerate() {
        let y = top + number;
        while end < (y + reach + 1).min(height) {
            for (sum, value) in sums.iter_mut().zip(row(end)) {
                *sum += value;
            }
            end += 1;
        }
        while begin < y.saturating_sub(reach) {
            for (sum, value) in sums.iter_mut().zip(row(begin)) {
                *sum -= value;
            }
            begin += 1;
        }
        along(sums, reach, 1.0 / (end - begin) as f32, out);
    }
}

/// The means along a row, times `share`.
#[inline(always)]
fn along(row: &[f32], reach: usize, share: f32, out: &mut [f32]) {
    let (row, out) = (row.as_chunks::<3>().0, out.as_chunks_mut::<3>().0);
    let width = row.len();
    let mut sum = [0.0f32; 3];
    for triple in &row[..reach.min(width)] {
        for c in 0..3 {
            sum[c] += triple[c];
        }
    }
    for x in 0..width {
        if x + reach < width {
            for c in 0..3 {
                sum[c] += row[x + reach][c];
            }
        }
        if x > reach {
            for c in 0..3 {
                sum[c] -= row[x - reach - 1][c];
            }
        }
        let count = (x + reach + 1).min(width) - x.saturating_sub(reach);
        let share = share / count as f32;
        for c in 0..3 {
            out[x][c] = sum[c] * share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_those_of_every_square() {
        for (width, height, side) in [(1, 1, 3), (4, 70, 15), (37, 33, 5), (9, 3, 9)] {
            let values: Vec<f32> = (0..3 * width * height).map(|at| (at * 37 % 101) as f32 / 101.0).collect();
            let mut mean = Vec::new();
            local_mean(&values, (width, height), side, &mut mean);
            for at in 0..width * height {
                let (x, y) = (at % width, at / width);
                let around = |at: usize, n: usize| at.saturating_sub(side / 2)..(at + side / 2 + 1).min(n);
                for c in 0..3 {
                    let square = around(y, height).flat_map(|v| around(x, width).map(move |u| v * width + u));
                    let square: Vec<f32> = square.map(|at| values[3 * at + c]).collect();
                    let wanted = square.iter().sum::<f32>() / square.len() as f32;
                    assert!((mean[3 * at + c] - wanted).abs() < 1e-5, "{x} {y} {c}");
                }
            }
        }
    }
}
