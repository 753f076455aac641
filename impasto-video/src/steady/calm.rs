//! Frames without their noise.

use super::mean::local_mean;
use crate::Result;
use impasto_image::Picture;
use multiversion::multiversion;
use rayon::prelude::*;

/// Difference of two frames' local colours, in [0, 1], at which half as much of the one before is kept: noise is below.
const NOISE: f32 = 0.06;

/// Side of the square over which colours are local.
const SIDE: usize = 3;

/// `frame` drawn towards what it was `before`, by `most` of the way at most, times what `trust` says of every pixel, and less
/// where the two differ by more than noise.
pub(super) fn calmed(frame: Picture, mut before: Vec<f32>, trust: &[f32], most: f32) -> Result<Picture> {
    let (width, height) = (frame.width(), frame.height());
    let mut rgb = frame.into_rgb();
    before.par_chunks_mut(3 * width).zip(rgb.par_chunks(3 * width)).for_each(|(a, b)| subtract(a, b));
    let difference = before;
    let mut local = Vec::new();
    local_mean(&difference, (width, height), SIDE, &mut local);
    let rows = rgb.par_chunks_mut(3 * width).zip(difference.par_chunks(3 * width));
    let rows = rows.zip(local.par_chunks(3 * width)).zip(trust.par_chunks(width));
    rows.for_each(|(((row, difference), local), trust)| {
        draw(row.as_chunks_mut().0, [difference, local].map(|row| row.as_chunks().0), trust, most);
    });
    Ok(Picture::new(width, height, rgb)?)
}

#[multiversion(targets("x86_64+avx2"))]
fn subtract(from: &mut [f32], values: &[f32]) {
    for (from, value) in from.iter_mut().zip(values) {
        *from -= value;
    }
}

/// Adds a share of the difference to a row, by the difference itself and its local mean.
#[multiversion(targets("x86_64+avx2"))]
fn draw(row: &mut [[f32; 3]], [difference, local]: [&[[f32; 3]]; 2], trust: &[f32], most: f32) {
    let n = row.len();
    let (difference, local, trust) = (&difference[..n], &local[..n], &trust[..n]);
    for x in 0..n {
        let [r, g, b] = local[x];
        let share = most * trust[x] / (1.0 + (r * r + g * g + b * b) / (NOISE * NOISE));
        for c in 0..3 {
            row[x][c] += share * difference[x][c];
        }
    }
}

/// Trust in pixels, which fades out around what is `bad`.
pub(super) fn faded(bad: &[bool], width: usize, height: usize) -> Vec<f32> {
    let mut trust = vec![0.0; width * height];
    trust.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let row = |y: usize| &bad[y * width..][..width];
        let none = &[][..];
        let above = if y > 0 { row(y - 1) } else { none };
        let below = if y + 1 < height { row(y + 1) } else { none };
        for (x, out) in out.iter_mut().enumerate().filter(|(x, _)| !row(y)[*x]) {
            let near = x.saturating_sub(1)..(x + 2).min(width);
            let good =
                |row: &[bool]| row.get(near.clone()).unwrap_or(none).iter().filter(|bad| !**bad).count();
            *out = (good(above) + good(row(y)) + good(below)) as f32 / 9.0;
        }
    });
    trust
}
