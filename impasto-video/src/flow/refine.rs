//! Motion made smooth where the pictures do not tell it: the variational refinement of Brox et al., "High Accuracy Optical
//! Flow Estimation Based on a Theory for Warping", ECCV 2004, with the normalised data terms of Zimmer et al. (IJCV 2011).
//!
//! Departure: lines of even and of odd numbers are relaxed by turns, all columns of a line at once, so that the order of
//! evaluation, and with it the result, does not depend on the number of threads.

mod compare;
mod lines;
mod wishes;

use super::{Flow, plane::Level};
use compare::compare;
use lines::Lines;
use wishes::Wishes;

/// Times that the robust weights are computed anew.
const ROUNDS: usize = 3;

/// Relaxations of all lines between.
const SWEEPS: usize = 6;

/// Squared error below which a difference counts by its square.
const SOFT: f32 = 1e-3 * 1e-3;

/// Pixels that are worth a task of their own.
const TASK: usize = 1 << 13;

/// Refines `flow`, the motion of every pixel of `from`.
pub(super) fn refine(from: &Level, to: &Level, flow: &mut Flow) {
    let compared = compare(from, to, flow);
    let mut lines = Lines::of(flow);
    let mut wishes = Wishes::new(flow.width, flow.height);
    for _ in 0..ROUNDS {
        wishes.compute(&compared, &lines);
        for sweep in 0..2 * SWEEPS {
            lines.relax(&wishes, sweep % 2);
        }
    }
    lines.write(flow);
}

/// Columns of a plane of the refinement, which has one more at each end: column x is at x + 1.
fn stride(width: usize) -> usize {
    width + 2
}

/// Lines that are a task.
fn lines_of_task(width: usize) -> usize {
    TASK.div_ceil(width)
}

/// The planes that lie one after the other in what is kept of a line.
#[inline(always)]
fn planes<const N: usize>(line: &[f32], stride: usize) -> [&[f32]; N] {
    let mut planes: [&[f32]; N] = [&[]; N];
    for (plane, part) in planes.iter_mut().zip(line.chunks_exact(stride)) {
        *plane = part;
    }
    planes
}

/// The same, to be written.
#[inline(always)]
fn planes_mut<const N: usize>(line: &mut [f32], stride: usize) -> [&mut [f32]; N] {
    let mut planes: [&mut [f32]; N] = std::array::from_fn(|_| &mut [] as &mut [f32]);
    for (plane, part) in planes.iter_mut().zip(line.chunks_exact_mut(stride)) {
        *plane = part;
    }
    planes
}

/// Repeats the first and last column of a plane's line at its ends.
#[inline(always)]
fn repeat_ends(line: &mut [f32]) {
    let last = line.len() - 1;
    line[0] = line[1];
    line[last] = line[last - 1];
}
