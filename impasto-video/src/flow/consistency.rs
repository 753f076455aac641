//! Where motion cannot be trusted, and pictures moved along it.

use super::Flow;
use impasto_image::Picture;
use multiversion::multiversion;
use rayon::prelude::*;

impl Flow {
    /// Where this motion cannot be trusted, by that of the other direction: `true` for pixels that are hidden in the other
    /// frame, lie at the border of a motion or leave the picture.
    ///
    /// The rules are those of Ruder, Dosovitskiy & Brox, "Artistic Style Transfer for Videos", 2016, with w the motion and ŵ
    /// the other one: hidden where |w(p) + ŵ(p + w)|² ≥ 0.01 (|w|² + |ŵ|²) + 0.5, a border where
    /// |∇u|² + |∇v|² > 0.01 |w|² + 0.002.
    ///
    /// # Panics
    /// If the fields have different sizes.
    pub fn unreliable(&self, back: &Flow) -> Vec<bool> {
        assert_eq!((self.width, self.height), (back.width, back.height), "fields of one size");
        let (width, height) = (self.width, self.height);
        let mut bad = vec![false; width * height];
        bad.par_chunks_mut(width).enumerate().for_each(|(y, bad)| unreliable_row(self, back, y, bad));
        bad
    }

    /// `picture`, to which this motion leads, as it looks from where the motion begins, interleaved RGB in [0, 1]: every
    /// pixel is read where its vector points, between pixels by cubic convolution (Keys 1981), which keeps strokes sharp
    /// when a picture is moved again and again; beyond the border the nearest pixel.
    ///
    /// # Panics
    /// If the picture has another size.
    pub fn warp(&self, picture: &Picture) -> Vec<f32> {
        let (width, height) = (self.width, self.height);
        assert_eq!((width, height), (picture.width(), picture.height()), "a picture of the field's size");
        let mut warped = vec![0.0; 3 * width * height];
        let rows = warped.par_chunks_mut(3 * width).zip(self.vectors.par_chunks(width)).enumerate();
        rows.for_each(|(y, (row, vectors))| warp_row(picture.rgb(), [width, height], y, vectors, row));
        warped
    }
}

/// Where row `y` of `flow` cannot be trusted.
#[multiversion(targets("x86_64+avx2"))]
fn unreliable_row(flow: &Flow, back: &Flow, y: usize, bad: &mut [bool]) {
    let (width, height) = (flow.width, flow.height);
    let row = &flow.vectors[y * width..][..width];
    let below = &flow.vectors[(y + 1).min(height - 1) * width..][..width];
    for x in 0..width {
        let (w, right, below) = (row[x], row[(x + 1).min(width - 1)], below[x]);
        let (to_x, to_y) = (x as f32 + w[0], y as f32 + w[1]);
        let inside = to_x >= 0.0 && to_x <= (width - 1) as f32 && to_y >= 0.0 && to_y <= (height - 1) as f32;
        let b = back.at(to_x, to_y);
        let hidden = square([w[0] + b[0], w[1] + b[1]]) >= 0.01 * (square(w) + square(b)) + 0.5;
        let slope = square([right[0] - w[0], right[1] - w[1]]) + square([below[0] - w[0], below[1] - w[1]]);
        bad[x] = !inside || hidden || slope > 0.01 * square(w) + 0.002;
    }
}

#[inline(always)]
fn square([u, v]: [f32; 2]) -> f32 {
    u * u + v * v
}

/// Row `y` of a picture of a size (width, height) as it looks from where the row's motion begins.
#[multiversion(targets("x86_64+avx2"))]
fn warp_row(rgb: &[f32], [width, height]: [usize; 2], y: usize, vectors: &[[f32; 2]], row: &mut [f32]) {
    let (most_x, most_y) = ((width - 1) as f32, (height - 1) as f32);
    for (x, (pixel, &[u, v])) in row.as_chunks_mut::<3>().0.iter_mut().zip(vectors).enumerate() {
        let (to_x, to_y) = ((x as f32 + u).clamp(0.0, most_x), (y as f32 + v).clamp(0.0, most_y));
        let (left, top) = (to_x as i32 as usize, to_y as i32 as usize);
        let (across, down) = (cubic(to_x - left as f32), cubic(to_y - top as f32));
        // Four pixels of a row, summed over four rows.
        let mut columns = [0.0; 12];
        if left >= 1 && left + 2 < width {
            for (j, down) in down.into_iter().enumerate() {
                let line = (top + j).saturating_sub(1).min(height - 1) * width;
                let values = &rgb[3 * (line + left - 1)..][..12];
                for i in 0..12 {
                    columns[i] += down * values[i];
                }
            }
        } else {
            for (j, down) in down.into_iter().enumerate() {
                let line = (top + j).saturating_sub(1).min(height - 1) * width;
                for i in 0..4 {
                    let at = 3 * (line + (left + i).saturating_sub(1).min(width - 1));
                    for c in 0..3 {
                        columns[3 * i + c] += down * rgb[at + c];
                    }
                }
            }
        }
        for c in 0..3 {
            let sum = across[0] * columns[c]
                + across[1] * columns[3 + c]
                + across[2] * columns[6 + c]
                + across[3] * columns[9 + c];
            pixel[c] = sum.clamp(0.0, 1.0);
        }
    }
}

/// Weights of the four pixels around a place that is `t` of a pixel behind the second.
#[inline(always)]
fn cubic(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}
