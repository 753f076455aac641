//! Colours with another picture's mean and covariance.

use super::map::map;
use super::statistics::Statistics;
use super::symmetric::{self, Matrix, product};
use crate::picture::Picture;

/// Least standard deviation along any axis of the own colours, in Oklab; below it there is nothing but rounding.
const LEAST_SPREAD: f64 = 1e-4;

/// Most that any axis is stretched. Photographs and paintings need up to 5 of each other; a flat picture stretched
/// further would show its noise.
const MOST_GAIN: f64 = 10.0;

/// `picture` with the mean and covariance of the colours of `target`.
///
/// Every colour x becomes A (x − m) + n, where m and n are the means. Of the many matrices A that bring one covariance to
/// the other (Gatys, Bethge, Hertzmann & Shechtman 2016, "Preserving color in neural artistic style transfer", name
/// two), this is the symmetric one, the Monge–Kantorovich map: it moves colours least in the mean of squares, so it never
/// swaps hues, as Σt^½ Σs^-½ may (Pitié & Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for
/// example-based colour transfer"). In Oklab that least is least to the eye.
///
/// Statistics are met exactly unless colours leave sRGB or an axis would be stretched more than tenfold; where either
/// picture is transparent throughout, nothing changes.
pub fn match_moments(picture: &Picture, target: &Picture, strength: f32) -> Picture {
    let (Some(own), Some(wanted)) = (Statistics::of(picture), Statistics::of(target)) else {
        return picture.clone();
    };
    let matrix = transport(&own.covariance, &wanted.covariance).map(|row| row.map(|v| v as f32));
    let (from, to) = (own.mean.map(|v| v as f32), wanted.mean.map(|v| v as f32));
    map(picture, strength, |_, x| {
        let x: [f32; 3] = std::array::from_fn(|c| x[c] - from[c]);
        std::array::from_fn(|c| to[c] + matrix[c][0] * x[0] + matrix[c][1] * x[1] + matrix[c][2] * x[2])
    })
}

/// The symmetric A with A S A = T: S^-½ (S^½ T S^½)^½ S^-½.
fn transport(own: &Matrix, wanted: &Matrix) -> Matrix {
    let least = LEAST_SPREAD * LEAST_SPREAD;
    let root = symmetric::apply(own, |v| v.max(least).sqrt());
    let inverse = symmetric::apply(own, |v| v.max(least).sqrt().recip());
    let middle = symmetric::apply(&product(&root, &product(wanted, &root)), |v| v.max(0.0).sqrt());
    symmetric::apply(&product(&inverse, &product(&middle, &inverse)), |v| v.clamp(0.0, MOST_GAIN))
}

#[cfg(test)]
mod tests {
    use super::super::oklab;
    use super::super::testing::{distance, flat, painting, photo};
    use super::*;

    #[test]
    fn statistics_are_the_target_s() {
        let (picture, target) = (painting(50, 40), photo(31, 57));
        let matched = match_moments(&picture, &target, 1.0);
        assert!(distance(&matched, &target) < 1e-4, "{}", distance(&matched, &target));
        let half = match_moments(&picture, &target, 0.5);
        let [all, some, none] = [&matched, &half, &picture].map(|p| distance(p, &target));
        assert!(all < some && some < none, "{all} {some} {none}");
        assert_eq!(match_moments(&picture, &target, 0.0), picture);
        // A picture matched to itself stays.
        let same = match_moments(&picture, &picture, 1.0);
        assert!(same.rgb().iter().zip(picture.rgb()).all(|(x, y)| (x - y).abs() < 1e-4));
    }

    #[test]
    fn flat_pictures_take_the_mean_and_others_become_flat() {
        let target = photo(31, 57);
        let mean = Statistics::of(&target).expect("pixels").mean.map(|v| v as f32);
        for (width, height) in [(1, 1), (7, 5)] {
            let matched = match_moments(&flat(width, height, [0.1, 0.8, 0.3]), &target, 1.0);
            for lab in oklab::colors(&matched) {
                assert!(oklab::distance2(lab, mean).sqrt() < 1e-3, "{lab:?} {mean:?}");
            }
        }
        let one = flat(1, 1, [0.1, 0.8, 0.3]);
        let matched = match_moments(&target, &one, 1.0);
        assert!(matched.rgb().chunks_exact(3).all(|c| (c[1] - 0.8).abs() < 1e-3), "not flat");
    }

    #[test]
    fn alpha_stays_and_weighs() {
        let picture = painting(20, 20).with_alpha((0..400).map(|i| (i % 5) as f32 / 4.0).collect());
        let picture = picture.expect("alpha");
        let target = photo(20, 20);
        let matched = match_moments(&picture, &target, 1.0);
        assert_eq!(matched.alpha(), picture.alpha());
        assert!(distance(&matched, &target) < 1e-4);
        let hidden = target.with_alpha(vec![0.0; 400]).expect("alpha");
        assert_eq!(match_moments(&picture, &hidden, 1.0), picture);
    }
}
