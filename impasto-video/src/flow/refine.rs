//! Motion made smooth where the pictures do not tell it: the variational refinement of Brox et al., "High Accuracy Optical
//! Flow Estimation Based on a Theory for Warping", ECCV 2004, with the normalised data terms of Zimmer et al. (IJCV 2011).
//!
//! Departure: lines of even and of odd numbers are relaxed by turns, all columns of a line at once, so that the order of
//! evaluation, and with it the result, does not depend on the number of threads.

use super::{
    Flow,
    plane::{Level, Plane},
};
use rayon::prelude::*;

/// Weight of equal grey values.
const GREY: f32 = 5.0;

/// Weight of equal derivatives, which shadows leave alone.
const SLOPE: f32 = 10.0;

/// Weight of smoothness.
const SMOOTH: f32 = 20.0;

/// Times that the robust weights are computed anew.
const ROUNDS: usize = 3;

/// Relaxations of all lines between.
const SWEEPS: usize = 6;

/// How far a line goes to what its neighbours want; columns that are relaxed at once must go less than all the way.
const RELAX: f32 = 0.9;

/// Squared error below which a difference counts by its square.
const SOFT: f32 = 1e-3 * 1e-3;

/// Added to squared derivatives where data terms are divided by them, in grey values squared.
const FLAT: f32 = 0.1;

/// What the pictures want of a pixel: the symmetric matrix [xx, xy, yy] and the right side [x, y].
type Wish = [f32; 5];

/// Refines `flow`, the motion of every pixel of `from`.
pub(super) fn refine(from: &Level, to: &Level, flow: &mut Flow) {
    let (width, height) = (flow.width, flow.height);
    let warped = |plane: &Plane| {
        Plane::new(width, height, |x, y| {
            let [u, v] = flow.vectors[y * width + x];
            plane.at(x as f32 + u, y as f32 + v)
        })
    };
    let moved = [warped(&to.slopes[0]), warped(&to.slopes[1])];
    let to = warped(&to.plane);
    let first = |axis: usize| {
        Plane::new(width, height, |x, y| 0.5 * (moved[axis].pixel(x, y) + from.slopes[axis].pixel(x, y)))
    };
    let slopes = [first(0), first(1)];
    let [[xx, xy], [_, yy]] = [slopes[0].derivatives(), slopes[1].derivatives()];
    let before = flow.vectors.clone();
    for _ in 0..ROUNDS {
        let current = &flow.vectors;
        let mut wishes = vec![[0.0; 5]; width * height];
        wishes.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, wish) in row.iter_mut().enumerate() {
                let at = y * width + x;
                let (old, new) = (before[at], current[at]);
                let step = [new[0] - old[0], new[1] - old[1]];
                let [gx, gy] = [slopes[0].pixel(x, y), slopes[1].pixel(x, y)];
                let grey = to.pixel(x, y) - from.plane.pixel(x, y);
                add(wish, [gx, gy], grey, step, old, GREY);
                let (a, b, c) = (xx.pixel(x, y), xy.pixel(x, y), yy.pixel(x, y));
                let [across, down] =
                    [0, 1].map(|axis| moved[axis].pixel(x, y) - from.slopes[axis].pixel(x, y));
                let square = (across + a * step[0] + b * step[1]).powi(2) / (a * a + b * b + FLAT)
                    + (down + b * step[0] + c * step[1]).powi(2) / (b * b + c * c + FLAT);
                let robust = SLOPE / (square + SOFT).sqrt();
                push(wish, [a, b], across, old, robust);
                push(wish, [b, c], down, old, robust);
            }
        });
        let stiff = stiffness(current, width);
        for sweep in 0..2 * SWEEPS {
            relax(&mut flow.vectors, &wishes, &stiff, width, sweep % 2);
        }
    }
}

/// Adds a robust wish that `difference + slope · (w − old)` be zero for the motion w, now old + `step`.
fn add(wish: &mut Wish, slope: [f32; 2], difference: f32, step: [f32; 2], old: [f32; 2], weight: f32) {
    let error = difference + slope[0] * step[0] + slope[1] * step[1];
    let norm = slope[0] * slope[0] + slope[1] * slope[1] + FLAT;
    push(wish, slope, difference, old, weight / (error * error / norm + SOFT).sqrt());
}

/// Adds such a wish with its weight, divided by the slope's square.
fn push(wish: &mut Wish, [a, b]: [f32; 2], difference: f32, old: [f32; 2], weight: f32) {
    let weight = weight / (a * a + b * b + FLAT);
    let right = a * old[0] + b * old[1] - difference;
    wish[0] += weight * a * a;
    wish[1] += weight * a * b;
    wish[2] += weight * b * b;
    wish[3] += weight * a * right;
    wish[4] += weight * b * right;
}

/// How strongly a pixel holds to its neighbours: less where motion changes already.
fn stiffness(vectors: &[[f32; 2]], width: usize) -> Vec<f32> {
    let height = vectors.len() / width;
    let mut stiff = vec![0.0; vectors.len()];
    stiff.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let below = (y + 1).min(height - 1);
        for (x, stiff) in row.iter_mut().enumerate() {
            let here = vectors[y * width + x];
            let right = vectors[y * width + (x + 1).min(width - 1)];
            let down = vectors[below * width + x];
            let square: f32 =
                (0..2).map(|i| (right[i] - here[i]).powi(2) + (down[i] - here[i]).powi(2)).sum();
            *stiff = SMOOTH / (square + SOFT).sqrt();
        }
    });
    stiff
}

/// Relaxes the lines whose number has the given parity.
fn relax(vectors: &mut [[f32; 2]], wishes: &[Wish], stiff: &[f32], width: usize, parity: usize) {
    let height = vectors.len() / width;
    let lines: Vec<usize> = (parity..height).step_by(2).collect();
    let old = &*vectors;
    let fresh: Vec<Vec<[f32; 2]>> = lines
        .par_iter()
        .map(|&y| {
            let at = |x: usize, y: usize| y * width + x;
            let pixel = |x: usize| {
                let here = at(x, y);
                // A pixel without neighbours stays.
                let (mut hold, mut pull) = (1e-3, old[here].map(|value| 1e-3 * value));
                let mut neighbour = |other: usize| {
                    let weight = 0.5 * (stiff[here] + stiff[other]);
                    hold += weight;
                    pull[0] += weight * old[other][0];
                    pull[1] += weight * old[other][1];
                };
                if x > 0 {
                    neighbour(here - 1);
                }
                if x + 1 < width {
                    neighbour(here + 1);
                }
                if y > 0 {
                    neighbour(here - width);
                }
                if y + 1 < height {
                    neighbour(here + width);
                }
                let [xx, xy, yy, bx, by] = wishes[here];
                let (xx, yy, bx, by) = (xx + hold, yy + hold, bx + pull[0], by + pull[1]);
                let determinant = xx * yy - xy * xy;
                let wanted = [(yy * bx - xy * by) / determinant, (xx * by - xy * bx) / determinant];
                [0, 1].map(|i| old[here][i] + RELAX * (wanted[i] - old[here][i]))
            };
            (0..width).map(pixel).collect()
        })
        .collect();
    for (y, line) in lines.into_iter().zip(fresh) {
        vectors[y * width..][..width].copy_from_slice(&line);
    }
}
