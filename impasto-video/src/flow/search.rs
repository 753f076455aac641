//! Where patches went: dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016).
//!
//! Departures: a patch begins with the best of its neighbours' guesses, not its own only; flat patches are held by a small
//! weight; a pixel's motion is averaged over its patches by their error at that pixel, as in the paper.

use super::{
    Flow,
    plane::{BORDER, Level, Plane},
};
use rayon::prelude::*;

/// Side of a patch in pixels.
const SIDE: usize = 8;

/// Distance of neighbouring patches in pixels.
const STEP: usize = 4;

/// Steps towards the best match.
const STEPS: usize = 10;

/// Added to the squared derivatives of a patch, in grey values squared: patches without structure stay where they are.
const HOLD: f32 = 32.0;

type Patch = [[f32; SIDE]; SIDE];

/// The motion of every pixel of `from`, from a guess of the same size.
pub(super) fn search(from: &Level, to: &Plane, guess: &Flow) -> Flow {
    let (width, height) = (from.plane.width, from.plane.height);
    let lefts = places(width);
    let tops = places(height);
    let found: Vec<Vec<[f32; 2]>> = tops
        .par_iter()
        .map(|&top| lefts.iter().map(|&left| follow(from, to, guess, [left, top])).collect())
        .collect();
    let mut flow = Flow::still(width, height);
    flow.vectors.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let mut weights = vec![0.0f32; width];
        row.fill([0.0; 2]);
        let source = from.plane.row(y as isize);
        for (vectors, &top) in found.iter().zip(&tops) {
            if !(top..top + SIDE).contains(&y) {
                continue;
            }
            for (&[u, v], &left) in vectors.iter().zip(&lefts) {
                let moved = line(to, left as f32 + u, y as f32 + v);
                for (i, moved) in moved.iter().enumerate().take(width.saturating_sub(left)) {
                    let weight = 1.0 / (moved - source[BORDER + left + i]).abs().max(1.0);
                    weights[left + i] += weight;
                    row[left + i][0] += weight * u;
                    row[left + i][1] += weight * v;
                }
            }
        }
        for (vector, weight) in row.iter_mut().zip(weights) {
            *vector = vector.map(|sum| sum / weight);
        }
    });
    flow
}

/// First pixels of the patches along an axis of `n` pixels; together they cover it.
fn places(n: usize) -> Vec<usize> {
    let last = n.saturating_sub(SIDE);
    (0..last).step_by(STEP).chain([last]).collect()
}

/// Eight values of a plane from (x, y) on, between pixels.
fn line(plane: &Plane, x: f32, y: f32) -> [f32; SIDE] {
    let reach = BORDER as f32;
    let x = x.clamp(-reach, plane.width as f32 + reach - SIDE as f32 - 2.0);
    let y = y.clamp(-reach, plane.height as f32 + reach - 2.0);
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let column = (left as isize + BORDER as isize) as usize;
    let a = &plane.row(top as isize)[column..column + SIDE + 1];
    let b = &plane.row(top as isize + 1)[column..column + SIDE + 1];
    let [w00, w01] = [(1.0 - across) * (1.0 - down), across * (1.0 - down)];
    let [w10, w11] = [(1.0 - across) * down, across * down];
    std::array::from_fn(|i| w00 * a[i] + w01 * a[i + 1] + w10 * b[i] + w11 * b[i + 1])
}

/// The patch whose first pixel is (x, y), less its mean.
fn patch(plane: &Plane, x: f32, y: f32) -> Patch {
    let mut patch: Patch = std::array::from_fn(|j| line(plane, x, y + j as f32));
    let mean = patch.iter().flatten().sum::<f32>() / (SIDE * SIDE) as f32;
    patch.iter_mut().flatten().for_each(|value| *value -= mean);
    patch
}

fn product(a: &Patch, b: &Patch) -> f32 {
    let mut sums = [0.0; SIDE];
    for (a, b) in a.iter().zip(b) {
        for i in 0..SIDE {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum()
}

fn less(a: &Patch, b: &Patch) -> Patch {
    std::array::from_fn(|j| std::array::from_fn(|i| a[j][i] - b[j][i]))
}

/// The motion of the patch whose first pixel is (left, top).
fn follow(from: &Level, to: &Plane, guess: &Flow, [left, top]: [usize; 2]) -> [f32; 2] {
    let (x, y) = (left as f32, top as f32);
    let template = patch(&from.plane, x, y);
    let differs = |[u, v]: [f32; 2]| {
        let difference = less(&patch(to, x + u, y + v), &template);
        (product(&difference, &difference), difference)
    };
    let middle = |at: usize, by: isize, n: usize| {
        at.saturating_add(SIDE / 2).saturating_add_signed(by * STEP as isize).min(n - 1)
    };
    let mut best = [0.0; 2];
    let mut error = f32::INFINITY;
    for (across, down) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)] {
        let at = middle(top, down, guess.height) * guess.width + middle(left, across, guess.width);
        let candidate = guess.vectors[at];
        let found = differs(candidate).0;
        if found < error {
            (best, error) = (candidate, found);
        }
    }
    let [across, down] = [0, 1].map(|axis| patch(&from.slopes[axis], x, y));
    let (xx, xy, yy) =
        (product(&across, &across) + HOLD, product(&across, &down), product(&down, &down) + HOLD);
    let determinant = xx * yy - xy * xy;
    let start = best;
    let mut vector = start;
    for _ in 0..STEPS {
        let (found, difference) = differs(vector);
        if found < error {
            (best, error) = (vector, found);
        }
        let (bx, by) = (product(&across, &difference), product(&down, &difference));
        let step = [(yy * bx - xy * by) / determinant, (xx * by - xy * bx) / determinant];
        vector = [vector[0] - step[0], vector[1] - step[1]];
        // A patch that runs away has found nothing.
        let away = [vector[0] - start[0], vector[1] - start[1]];
        if away[0].abs().max(away[1].abs()) > SIDE as f32 {
            break;
        }
        if step[0].abs().max(step[1].abs()) < 0.02 {
            if differs(vector).0 < error {
                best = vector;
            }
            break;
        }
    }
    best
}
