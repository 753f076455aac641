//! Where patches went: dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016).
//!
//! Departures: a patch begins with the best of its neighbours' guesses, not its own only; flat patches are held by a small
//! weight; a pixel's motion is averaged over its patches by their error at that pixel, as in the paper.

use super::{
    Flow,
    plane::{BORDER, Level, Plane},
};
use multiversion::multiversion;
use rayon::prelude::*;

/// Side of a patch in pixels.
const SIDE: usize = 8;

/// Distance of neighbouring patches in pixels.
const STEP: usize = 4;

/// Steps towards the best match.
const STEPS: usize = 10;

/// Added to the squared derivatives of a patch, in grey values squared: patches without structure stay where they are.
const HOLD: f32 = 32.0;

/// Patches that are worth a task of their own.
const TASK: usize = 256;

type Patch = [[f32; SIDE]; SIDE];

/// Where patches begin to look: the motion that smaller pictures have shown.
pub(super) struct Guess<'a> {
    coarse: Option<&'a Flow>,
    width: usize,
    height: usize,
}

impl<'a> Guess<'a> {
    /// That of `coarse` in pictures of a size; nothing moves if there is none.
    pub(super) fn new(coarse: Option<&'a Flow>, width: usize, height: usize) -> Self {
        Guess { coarse, width, height }
    }

    /// The vector of a pixel.
    #[inline(always)]
    fn pixel(&self, x: usize, y: usize) -> [f32; 2] {
        self.coarse.map_or([0.0; 2], |coarse| coarse.pixel_of([self.width, self.height], x, y))
    }
}

/// The motion of every pixel of `from`, from a guess for pictures of its size.
pub(super) fn search(from: &Level, to: &Plane, guess: &Guess<'_>) -> Flow {
    let (width, height) = (from.plane.width, from.plane.height);
    let lefts = places(width);
    let tops = places(height);
    let task = TASK.div_ceil(lefts.len());
    let found: Vec<Vec<[f32; 2]>> = tops
        .par_iter()
        .with_min_len(task)
        .map(|&top| lefts.iter().map(|&left| follow(from, to, guess, [left, top])).collect())
        .collect();
    let mut flow = Flow::still(width, height);
    let rows = flow.vectors.par_chunks_mut(width).enumerate().with_min_len(STEP * task);
    rows.for_each_init(
        || vec![0.0; 3 * width.max(SIDE)],
        |sums, (y, row)| {
            sums.fill(0.0);
            for (vectors, &top) in found.iter().zip(&tops) {
                if (top..top + SIDE).contains(&y) {
                    vote(&from.plane, to, y, &lefts, vectors, sums);
                }
            }
            let (weights, sums) = sums.split_at(width.max(SIDE));
            let (across, down) = sums.split_at(width.max(SIDE));
            for (((vector, weight), u), v) in row.iter_mut().zip(weights).zip(across).zip(down) {
                *vector = [u / weight, v / weight];
            }
        },
    );
    flow
}

/// First pixels of the patches along an axis of `n` pixels; together they cover it.
fn places(n: usize) -> Vec<usize> {
    let last = n.saturating_sub(SIDE);
    (0..last).step_by(STEP).chain([last]).collect()
}

/// Adds to row `y` of the result what patches that begin in the columns `lefts` say of it: to the sums of weights, and of weighted
/// steps to the right and down.
#[multiversion(targets("x86_64+avx2"))]
fn vote(from: &Plane, to: &Plane, y: usize, lefts: &[usize], vectors: &[[f32; 2]], sums: &mut [f32]) {
    let (weights, sums) = sums.split_at_mut(sums.len() / 3);
    let (across, down) = sums.split_at_mut(weights.len());
    let source = &from.row(y as isize)[BORDER..];
    for (&[u, v], &left) in vectors.iter().zip(lefts) {
        let window = Window::new(to, left as f32 + u, y as f32 + v, 1);
        let moved = window.line(0);
        let source = &source[left..][..SIDE];
        let weights = &mut weights[left..][..SIDE];
        let (across, down) = (&mut across[left..][..SIDE], &mut down[left..][..SIDE]);
        for i in 0..SIDE {
            let weight = 1.0 / (moved[i] - source[i]).abs().max(1.0);
            weights[i] += weight;
            across[i] += weight * u;
            down[i] += weight * v;
        }
    }
}

/// Pixels of a plane from a place between pixels on.
struct Window<'a> {
    values: &'a [f32],
    stride: usize,
    weights: [f32; 4],
}

impl<'a> Window<'a> {
    /// From (x, y) on, as high as `lines`, and as wide as a patch.
    #[inline(always)]
    fn new(plane: &'a Plane, x: f32, y: f32, lines: usize) -> Self {
        let reach = BORDER as f32;
        let x = x.clamp(-reach, plane.width as f32 + reach - SIDE as f32 - 2.0);
        let y = y.clamp(-reach, plane.height as f32 + reach - lines as f32 - 2.0);
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let (values, stride) = plane.from(left as i32, top as i32);
        let weights =
            [(1.0 - across) * (1.0 - down), across * (1.0 - down), (1.0 - across) * down, across * down];
        Window { values, stride, weights }
    }

    /// The values of a line.
    #[inline(always)]
    fn line(&self, number: usize) -> [f32; SIDE] {
        let a = &self.values[number * self.stride..][..SIDE + 1];
        let b = &self.values[(number + 1) * self.stride..][..SIDE + 1];
        let [w00, w01, w10, w11] = self.weights;
        let mut line = [0.0; SIDE];
        for i in 0..SIDE {
            line[i] = w00 * a[i] + w01 * a[i + 1] + w10 * b[i] + w11 * b[i + 1];
        }
        line
    }
}

/// The patch whose first pixel is (x, y), less its mean.
#[inline(always)]
fn patch(plane: &Plane, x: f32, y: f32) -> Patch {
    let window = Window::new(plane, x, y, SIDE);
    let mut patch = [[0.0; SIDE]; SIDE];
    let mut sums = [0.0; SIDE];
    for (j, line) in patch.iter_mut().enumerate() {
        *line = window.line(j);
        for i in 0..SIDE {
            sums[i] += line[i];
        }
    }
    let mean = total(sums) / (SIDE * SIDE) as f32;
    for line in &mut patch {
        for value in line {
            *value -= mean;
        }
    }
    patch
}

#[inline(always)]
fn product(a: &Patch, b: &Patch) -> f32 {
    let mut sums = [0.0; SIDE];
    for j in 0..SIDE {
        for i in 0..SIDE {
            sums[i] += a[j][i] * b[j][i];
        }
    }
    total(sums)
}

/// The sum, in an order that fits vectors.
#[inline(always)]
fn total(s: [f32; SIDE]) -> f32 {
    let half = [s[0] + s[4], s[1] + s[5], s[2] + s[6], s[3] + s[7]];
    (half[0] + half[2]) + (half[1] + half[3])
}

/// What the patch of `to` at (x, y) differs in from `template`.
#[inline(always)]
fn differs(to: &Plane, template: &Patch, x: f32, y: f32) -> Patch {
    let mut patch = patch(to, x, y);
    for j in 0..SIDE {
        for i in 0..SIDE {
            patch[j][i] -= template[j][i];
        }
    }
    patch
}

/// The motion of the patch whose first pixel is (left, top).
#[multiversion(targets("x86_64+avx2"))]
fn follow(from: &Level, to: &Plane, guess: &Guess<'_>, [left, top]: [usize; 2]) -> [f32; 2] {
    let (x, y) = (left as f32, top as f32);
    let template = patch(&from.plane, x, y);
    let mut best = [0.0; 2];
    let mut error = f32::INFINITY;
    for (across, down) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)] {
        let candidate = guess.pixel(middle(left, across, guess.width), middle(top, down, guess.height));
        let difference = differs(to, &template, x + candidate[0], y + candidate[1]);
        let found = product(&difference, &difference);
        if found < error {
            (best, error) = (candidate, found);
        }
    }
    let (across, down) = (patch(&from.slopes[0], x, y), patch(&from.slopes[1], x, y));
    let (xx, xy, yy) =
        (product(&across, &across) + HOLD, product(&across, &down), product(&down, &down) + HOLD);
    let determinant = xx * yy - xy * xy;
    let start = best;
    let mut vector = start;
    let mut last = false;
    for _ in 0..STEPS {
        let difference = differs(to, &template, x + vector[0], y + vector[1]);
        let found = product(&difference, &difference);
        if found < error {
            (best, error) = (vector, found);
        }
        if last {
            break;
        }
        let (bx, by) = (product(&across, &difference), product(&down, &difference));
        let step = [(yy * bx - xy * by) / determinant, (xx * by - xy * bx) / determinant];
        vector = [vector[0] - step[0], vector[1] - step[1]];
        // A patch that runs away has found nothing.
        let away = [vector[0] - start[0], vector[1] - start[1]];
        if away[0].abs().max(away[1].abs()) > SIDE as f32 {
            break;
        }
        // After a step that small a last look is enough.
        last = step[0].abs().max(step[1].abs()) < 0.02;
    }
    best
}

/// The middle of a patch `by` patches from the one at `at`, along an axis of `n` pixels.
#[inline(always)]
fn middle(at: usize, by: isize, n: usize) -> usize {
    at.saturating_add(SIDE / 2).saturating_add_signed(by * STEP as isize).min(n - 1)
}
