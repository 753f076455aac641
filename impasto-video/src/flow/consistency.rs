//! Where motion cannot be trusted, and pictures moved along it.

use super::Flow;
use impasto_image::Picture;
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
        bad.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, bad) in row.iter_mut().enumerate() {
                let w @ [u, v] = self.vectors[y * width + x];
                let (to_x, to_y) = (x as f32 + u, y as f32 + v);
                let inside =
                    (0.0..=(width - 1) as f32).contains(&to_x) && (0.0..=(height - 1) as f32).contains(&to_y);
                let b = back.at(to_x, to_y);
                let square = |[u, v]: [f32; 2]| u * u + v * v;
                let hidden = square([u + b[0], v + b[1]]) >= 0.01 * (square(w) + square(b)) + 0.5;
                let right = self.vectors[y * width + (x + 1).min(width - 1)];
                let below = self.vectors[(y + 1).min(height - 1) * width + x];
                let slope = square([right[0] - u, right[1] - v]) + square([below[0] - u, below[1] - v]);
                *bad = !inside || hidden || slope > 0.01 * square(w) + 0.002;
            }
        });
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
        let rgb = picture.rgb();
        let mut warped = vec![0.0; 3 * width * height];
        warped.par_chunks_mut(3 * width).enumerate().for_each(|(y, row)| {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let [u, v] = self.vectors[y * width + x];
                let to_x = (x as f32 + u).clamp(0.0, (width - 1) as f32);
                let to_y = (y as f32 + v).clamp(0.0, (height - 1) as f32);
                let (left, top) = (to_x as usize, to_y as usize);
                let (across, down) = (cubic(to_x - left as f32), cubic(to_y - top as f32));
                let mut sum = [0.0; 3];
                for (j, down) in down.into_iter().enumerate() {
                    let line = (top + j).saturating_sub(1).min(height - 1) * width;
                    for (i, across) in across.into_iter().enumerate() {
                        let at = 3 * (line + (left + i).saturating_sub(1).min(width - 1));
                        let weight = across * down;
                        sum = std::array::from_fn(|c| sum[c] + weight * rgb[at + c]);
                    }
                }
                pixel.copy_from_slice(&sum.map(|value| value.clamp(0.0, 1.0)));
            }
        });
        warped
    }
}

/// Weights of the four pixels around a place that is `t` of a pixel behind the second.
fn cubic(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}
