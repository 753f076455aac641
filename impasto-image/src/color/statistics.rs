//! Mean and covariance of a picture's colours.

use super::map::CHUNK;
use super::oklab;
use crate::picture::Picture;
use rayon::prelude::*;

/// Mean and covariance of a picture's colours in Oklab, weighted by alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Mean of L, a and b.
    pub mean: [f64; 3],
    /// Their covariances, divided by the sum of weights.
    pub covariance: [[f64; 3]; 3],
}

impl Statistics {
    /// The statistics of a picture; none if it is transparent throughout.
    pub fn of(picture: &Picture) -> Option<Self> {
        let weight = |i: usize| picture.alpha().map_or(1.0, |alpha| f64::from(alpha[i].max(0.0)));
        // Around mid-grey instead of black, where squares are small enough to be subtracted from each other.
        let origin = [0.5, 0.0, 0.0];
        let sums: Vec<[f64; 10]> = picture
            .rgb()
            .par_chunks(3 * CHUNK)
            .enumerate()
            .map(|(chunk, rgb)| {
                let mut sums = [0.0; 10];
                for (i, rgb) in rgb.as_chunks().0.iter().enumerate() {
                    let w = weight(chunk * CHUNK + i);
                    let lab = oklab::from_srgb(*rgb);
                    let x: [f64; 3] = std::array::from_fn(|c| f64::from(lab[c]) - origin[c]);
                    let [l, a, b] = x.map(|v| w * v);
                    let terms = [w, l, a, b, l * x[0], l * x[1], l * x[2], a * x[1], a * x[2], b * x[2]];
                    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
                }
                sums
            })
            .collect();
        let sums = sums.iter().fold([0.0; 10], |sum, part| std::array::from_fn(|i| sum[i] + part[i]));
        if sums[0] <= 0.0 {
            return None;
        }
        let [_, l, a, b, ll, la, lb, aa, ab, bb] = sums.map(|sum| sum / sums[0]);
        let (mean, square) = ([l, a, b], [[ll, la, lb], [la, aa, ab], [lb, ab, bb]]);
        Some(Statistics {
            mean: std::array::from_fn(|c| origin[c] + mean[c]),
            covariance: std::array::from_fn(|i| std::array::from_fn(|j| square[i][j] - mean[i] * mean[j])),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    #[test]
    fn transparent_pixels_do_not_count() {
        let rgb = vec![0.2, 0.4, 0.6, 0.9, 0.1, 0.3, 0.2, 0.4, 0.6, 1.0, 1.0, 1.0];
        let picture = Picture::new(2, 2, rgb).expect("a picture");
        let masked = picture.clone().with_alpha(vec![1.0, 0.0, 0.5, 0.0]).expect("alpha");
        let one = Statistics::of(&flat(1, 1, [0.2, 0.4, 0.6])).expect("a pixel");
        let got = Statistics::of(&masked).expect("pixels");
        for i in 0..3 {
            assert!((got.mean[i] - one.mean[i]).abs() < 1e-9);
            assert!((0..3).all(|j| got.covariance[i][j].abs() < 1e-9));
        }
        assert_ne!(Statistics::of(&picture), Some(got));
        assert_eq!(Statistics::of(&picture.with_alpha(vec![0.0; 4]).expect("alpha")), None);
    }
}
