//! What the pictures want of the motion, and how strongly its neighbours hold it.

use super::compare::Compared;
use super::lines::{Lines, STAY};
use super::{SOFT, lines_of_task, planes, planes_mut, repeat_ends, stride};
use multiversion::multiversion;
use rayon::prelude::*;

/// Weight of equal grey values.
const GREY: f32 = 5.0;

/// Weight of equal derivatives, which shadows leave alone.
const SLOPE: f32 = 10.0;

/// Weight of smoothness.
const SMOOTH: f32 = 20.0;

/// Added to squared derivatives where data terms are divided by them, in grey values squared.
const FLAT: f32 = 0.1;

/// Planes of the wishes.
const PLANES: usize = 7;

/// A linear system for every pixel, of whose unknown neighbours pull.
pub(super) struct Wishes {
    width: usize,
    /// Line by line seven planes: the symmetric matrix [xx, xy, yy] over its determinant, the right side [x, y] without what
    /// neighbours add, and the weights of the neighbour to the right and of the one below, 0 where there is none.
    data: Vec<f32>,
    /// How strongly pixels hold to their neighbours.
    stiff: Vec<f32>,
    /// Weights of neighbours above the first line.
    nothing: Vec<f32>,
}

impl Wishes {
    /// Room for those of a field.
    pub(super) fn new(width: usize, height: usize) -> Wishes {
        let stride = stride(width);
        let [data, stiff, nothing] =
            [PLANES * stride * height, stride * height, stride].map(|n| vec![0.0; n]);
        Wishes { width, data, stiff, nothing }
    }

    /// Line `y`.
    pub(super) fn line(&self, y: usize) -> &[f32] {
        let length = PLANES * stride(self.width);
        &self.data[y * length..][..length]
    }

    /// The weights of line `y`'s neighbours above.
    pub(super) fn above(&self, y: usize) -> &[f32] {
        match y {
            0 => &self.nothing,
            _ => &self.line(y - 1)[(PLANES - 1) * stride(self.width)..],
        }
    }

    /// Computes them for the motion `lines`.
    pub(super) fn compute(&mut self, compared: &Compared, lines: &Lines) {
        let (stride, height, task) = (stride(self.width), compared.height, lines_of_task(self.width));
        self.stiff.par_chunks_exact_mut(stride).enumerate().with_min_len(task).for_each(|(y, stiff)| {
            stiffness(lines.line(y), lines.line((y + 1).min(height - 1)), stiff);
        });
        let stiff = |y: usize| &self.stiff[y * stride..][..stride];
        self.data.par_chunks_exact_mut(PLANES * stride).enumerate().with_min_len(task).for_each(
            |(y, out)| {
                let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
                wish(
                    [above, y, below].map(|y| compared.line(y)),
                    [above, y, below].map(stiff),
                    [y > 0, y + 1 < height],
                    lines.line(y),
                    out,
                );
            },
        );
    }
}

/// How strongly a line's pixels hold to their neighbours: less where motion changes already.
#[multiversion(targets("x86_64+avx2"))]
fn stiffness(line: &[f32], below: &[f32], stiff: &mut [f32]) {
    let stride = stiff.len();
    let n = stride - 2;
    let ([u, v], [below_u, below_v]) = (planes::<2>(line, stride), planes::<2>(below, stride));
    let (u, v, right_u, right_v) = (&u[1..][..n], &v[1..][..n], &u[2..][..n], &v[2..][..n]);
    let (below_u, below_v) = (&below_u[1..][..n], &below_v[1..][..n]);
    let out = &mut stiff[1..][..n];
    for x in 0..n {
        let [a, b] = [right_u[x] - u[x], right_v[x] - v[x]];
        let [c, d] = [below_u[x] - u[x], below_v[x] - v[x]];
        out[x] = SMOOTH / (a * a + c * c + b * b + d * d + SOFT).sqrt();
    }
    repeat_ends(stiff);
}

/// The wishes of a line with the motion `line`, of what was compared and the stiffness above it, in it and below it; `exists`
/// tells whether there are lines above and below.
#[multiversion(targets("x86_64+avx2"))]
fn wish(compared: [&[f32]; 3], stiff: [&[f32]; 3], exists: [bool; 2], line: &[f32], out: &mut [f32]) {
    let stride = line.len() / 2;
    let n = stride - 2;
    let [slope_x, slope_y, grey, across, down, old_u, old_v] = planes(compared[1], stride);
    let ([above_x, above_y], [below_x, below_y]) =
        (planes::<2>(compared[0], stride), planes::<2>(compared[2], stride));
    let [u, v] = planes(line, stride);
    let (before_x, after_x) = (&slope_x[..n], &slope_x[2..][..n]);
    let (slope_x, slope_y, grey) = (&slope_x[1..][..n], &slope_y[1..][..n], &grey[1..][..n]);
    let (across, down, old_u, old_v) =
        (&across[1..][..n], &down[1..][..n], &old_u[1..][..n], &old_v[1..][..n]);
    let (above_x, above_y, below_x, below_y) =
        (&above_x[1..][..n], &above_y[1..][..n], &below_x[1..][..n], &below_y[1..][..n]);
    let (u, v) = (&u[1..][..n], &v[1..][..n]);
    let (stiff_above, stiff_below) = (&stiff[0][1..][..n], &stiff[2][1..][..n]);
    let (stiff, stiff_right) = (&stiff[1][1..][..n], &stiff[1][2..][..n]);
    let [half_above, half_below] = [if exists[0] { 0.5 } else { 0.0 }, if exists[1] { 0.5f32 } else { 0.0 }];
    let [to_xx, to_xy, to_yy, to_x, to_y, to_right, to_below] = planes_mut(out, stride);
    {
        let (to_right, to_below) = (&mut to_right[1..][..n], &mut to_below[1..][..n]);
        for x in 0..n {
            to_right[x] = 0.5 * (stiff[x] + stiff_right[x]);
            to_below[x] = half_below * (stiff[x] + stiff_below[x]);
        }
        to_right[n - 1] = 0.0;
    }
    to_right[0] = 0.0;
    let (to_left, to_right, to_below) = (&to_right[..n], &to_right[1..][..n], &to_below[1..][..n]);
    let (to_xx, to_xy, to_yy) = (&mut to_xx[1..][..n], &mut to_xy[1..][..n], &mut to_yy[1..][..n]);
    let (to_x, to_y) = (&mut to_x[1..][..n], &mut to_y[1..][..n]);
    for x in 0..n {
        let (old, step) = ([old_u[x], old_v[x]], [u[x] - old_u[x], v[x] - old_v[x]]);
        let mut wish = [0.0; 5];
        let slope = [slope_x[x], slope_y[x]];
        let error = grey[x] + slope[0] * step[0] + slope[1] * step[1];
        let norm = slope[0] * slope[0] + slope[1] * slope[1] + FLAT;
        push(&mut wish, slope, grey[x], old, GREY / ((error * error / norm + SOFT).sqrt() * norm));
        // Second derivatives.
        let a = 0.5 * (after_x[x] - before_x[x]);
        let b = 0.5 * (below_x[x] - above_x[x]);
        let c = 0.5 * (below_y[x] - above_y[x]);
        let error_x = across[x] + a * step[0] + b * step[1];
        let error_y = down[x] + b * step[0] + c * step[1];
        let (norm_x, norm_y) = (a * a + b * b + FLAT, b * b + c * c + FLAT);
        let robust = SLOPE / (error_x * error_x / norm_x + error_y * error_y / norm_y + SOFT).sqrt();
        push(&mut wish, [a, b], across[x], old, robust / norm_x);
        push(&mut wish, [b, c], down[x], old, robust / norm_y);
        let to_above = half_above * (stiff[x] + stiff_above[x]);
        let hold = STAY + to_left[x] + to_right[x] + to_above + to_below[x];
        let [xx, xy, yy, right_x, right_y] = wish;
        let (xx, yy) = (xx + hold, yy + hold);
        let share = 1.0 / (xx * yy - xy * xy);
        to_xx[x] = xx * share;
        to_xy[x] = xy * share;
        to_yy[x] = yy * share;
        to_x[x] = right_x;
        to_y[x] = right_y;
    }
}

/// Adds a wish that `difference + slope · (w − old)` be zero for the motion w.
#[inline(always)]
fn push(wish: &mut [f32; 5], [a, b]: [f32; 2], difference: f32, old: [f32; 2], weight: f32) {
    let right = a * old[0] + b * old[1] - difference;
    wish[0] += weight * a * a;
    wish[1] += weight * a * b;
    wish[2] += weight * b * b;
    wish[3] += weight * a * right;
    wish[4] += weight * b * right;
}
