//! What two pictures differ in where motion leads from one to the other.

use super::{Flow, planes_mut, repeat_ends, stride};
use crate::flow::plane::{BORDER, Level};
use multiversion::multiversion;
use rayon::prelude::*;

/// Planes of a [`Compared`].
const PLANES: usize = 7;

/// What two pictures differ in.
pub(super) struct Compared {
    pub(super) height: usize,
    stride: usize,
    /// Line by line seven planes: the mean slopes along x and y of both pictures, how much the second exceeds the first in
    /// value, in the slope along x and along y, and the motion to the right and down.
    data: Vec<f32>,
}

impl Compared {
    /// Line `y`.
    pub(super) fn line(&self, y: usize) -> &[f32] {
        let length = PLANES * self.stride;
        &self.data[y * length..][..length]
    }
}

/// Compares `from` with `to`, to which `flow` leads.
pub(super) fn compare(from: &Level, to: &Level, flow: &Flow) -> Compared {
    let stride = stride(flow.width);
    let mut data = vec![0.0; PLANES * stride * flow.height];
    let lines = data.par_chunks_mut(PLANES * stride).zip(flow.vectors.par_chunks(flow.width));
    lines.enumerate().for_each(|(y, (line, vectors))| compare_line(from, to, y, vectors, line));
    Compared { height: flow.height, stride, data }
}

#[multiversion(targets("x86_64+avx2"))]
fn compare_line(from: &Level, to: &Level, y: usize, vectors: &[[f32; 2]], line: &mut [f32]) {
    let width = vectors.len();
    let mut planes = planes_mut::<PLANES>(line, stride(width));
    let [slope_x, slope_y, grey, across, down, u, v] = &mut planes;
    let [own, own_x, own_y] = [&from.plane, &from.slopes[0], &from.slopes[1]]
        .map(|plane| &plane.row(y as isize)[BORDER..][..width]);
    for (x, &[to_right, to_below]) in vectors.iter().enumerate() {
        let place = to.plane.place(x as f32 + to_right, y as f32 + to_below);
        let [moved_x, moved_y] = [place.of(&to.slopes[0]), place.of(&to.slopes[1])];
        slope_x[x + 1] = 0.5 * (moved_x + own_x[x]);
        slope_y[x + 1] = 0.5 * (moved_y + own_y[x]);
        grey[x + 1] = place.of(&to.plane) - own[x];
        across[x + 1] = moved_x - own_x[x];
        down[x + 1] = moved_y - own_y[x];
        u[x + 1] = to_right;
        v[x + 1] = to_below;
    }
    for plane in &mut planes {
        repeat_ends(plane);
    }
}
