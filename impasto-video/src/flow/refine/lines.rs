//! The motion while it is relaxed.

use super::wishes::Wishes;
use super::{Flow, lines_of_task, planes, planes_mut, repeat_ends, stride};
use multiversion::multiversion;
use rayon::prelude::*;

/// How far a line goes to what its neighbours want; columns that are relaxed at once must go less than all the way.
const RELAX: f32 = 0.9;

/// How strongly a pixel holds to where it is, so that one without neighbours stays.
pub(super) const STAY: f32 = 1e-3;

/// A field of vectors, lines of even and of odd number apart, so that one kind is written while the other is read.
pub(super) struct Lines {
    width: usize,
    height: usize,
    /// Line by line the steps to the right, then those down.
    kinds: [Vec<f32>; 2],
}

impl Lines {
    /// The vectors of `flow`.
    pub(super) fn of(flow: &Flow) -> Lines {
        let (width, height, stride) = (flow.width, flow.height, stride(flow.width));
        let mut kinds = [height.div_ceil(2), height / 2].map(|lines| vec![0.0; 2 * stride * lines]);
        for (y, vectors) in flow.vectors.chunks_exact(width).enumerate() {
            let [u, v] = planes_mut(&mut kinds[y % 2][2 * stride * (y / 2)..][..2 * stride], stride);
            for (x, vector) in vectors.iter().enumerate() {
                [u[x + 1], v[x + 1]] = *vector;
            }
            repeat_ends(u);
            repeat_ends(v);
        }
        Lines { width, height, kinds }
    }

    /// Writes the vectors to `flow`.
    pub(super) fn write(&self, flow: &mut Flow) {
        for (y, vectors) in flow.vectors.chunks_exact_mut(self.width).enumerate() {
            let [u, v] = planes(self.line(y), stride(self.width));
            for ((vector, &u), &v) in vectors.iter_mut().zip(&u[1..]).zip(&v[1..]) {
                *vector = [u, v];
            }
        }
    }

    /// Line `y`.
    pub(super) fn line(&self, y: usize) -> &[f32] {
        line(&self.kinds[y % 2], y / 2, stride(self.width))
    }

    /// Relaxes the lines whose number has the given parity.
    pub(super) fn relax(&mut self, wishes: &Wishes, parity: usize) {
        let (stride, height) = (stride(self.width), self.height);
        let [even, odd] = &mut self.kinds;
        let (own, other) = if parity == 0 { (even, &*odd) } else { (odd, &*even) };
        let nothing = vec![0.0; 2 * stride];
        // Where there is no line above or below, its weight is zero.
        let other = |exists: bool, y: usize| if exists { line(other, y / 2, stride) } else { &nothing };
        own.par_chunks_exact_mut(2 * stride)
            .enumerate()
            .with_min_len(lines_of_task(self.width))
            .for_each_init(
                || vec![0.0; 2 * stride],
                |old, (number, line)| {
                    let y = 2 * number + parity;
                    let above = other(y > 0, y.saturating_sub(1));
                    let below = other(y + 1 < height, y + 1);
                    old.copy_from_slice(line);
                    relax_line(line, [above, old, below], wishes.line(y), wishes.above(y));
                },
            );
    }
}

fn line(kind: &[f32], number: usize, stride: usize) -> &[f32] {
    &kind[2 * stride * number..][..2 * stride]
}

/// Moves a line to where its wishes and neighbours pull it: what it and those above and below were, its own wishes and the
/// weights of the line above.
#[multiversion(targets("x86_64+avx2"))]
fn relax_line(line: &mut [f32], old: [&[f32]; 3], wishes: &[f32], weights_above: &[f32]) {
    let stride = line.len() / 2;
    let n = stride - 2;
    let [new_u, new_v] = planes_mut(line, stride);
    let [above_u, above_v] = planes(old[0], stride);
    let [old_u, old_v] = planes(old[1], stride);
    let [below_u, below_v] = planes(old[2], stride);
    let [xx, xy, yy, x_side, y_side, right, below] = planes(wishes, stride);
    let (to_left, to_right) = (&right[..n], &right[1..][..n]);
    let (to_above, to_below) = (&weights_above[1..][..n], &below[1..][..n]);
    let [xx, xy, yy, x_side, y_side] =
        [&xx[1..][..n], &xy[1..][..n], &yy[1..][..n], &x_side[1..][..n], &y_side[1..][..n]];
    let (left_u, here_u, right_u) = (&old_u[..n], &old_u[1..][..n], &old_u[2..][..n]);
    let (left_v, here_v, right_v) = (&old_v[..n], &old_v[1..][..n], &old_v[2..][..n]);
    let [above_u, above_v] = [&above_u[1..][..n], &above_v[1..][..n]];
    let [below_u, below_v] = [&below_u[1..][..n], &below_v[1..][..n]];
    let (out_u, out_v) = (&mut new_u[1..][..n], &mut new_v[1..][..n]);
    for x in 0..n {
        let pull_u = STAY * here_u[x]
            + to_left[x] * left_u[x]
            + to_right[x] * right_u[x]
            + to_above[x] * above_u[x]
            + to_below[x] * below_u[x];
        let pull_v = STAY * here_v[x]
            + to_left[x] * left_v[x]
            + to_right[x] * right_v[x]
            + to_above[x] * above_v[x]
            + to_below[x] * below_v[x];
        let (a, b) = (x_side[x] + pull_u, y_side[x] + pull_v);
        let wanted_u = yy[x] * a - xy[x] * b;
        let wanted_v = xx[x] * b - xy[x] * a;
        out_u[x] = here_u[x] + RELAX * (wanted_u - here_u[x]);
        out_v[x] = here_v[x] + RELAX * (wanted_v - here_v[x]);
    }
    repeat_ends(new_u);
    repeat_ends(new_v);
}
