//! Colours with another picture's whole distribution.

mod axis;
mod rotation;

use super::map::{CHUNK, map};
use super::moments::match_moments;
use super::oklab::{self, Lab};
use super::statistics::Statistics;
use crate::picture::Picture;
use axis::Axis;
use rayon::prelude::*;
use rotation::rotation;

/// Turns of the axes; the distance falls little after so many.
const TURNS: usize = 20;

/// `picture` with the distribution of colours of `target`.
///
/// Iterative distribution transfer (Pitié, Kokaram & Dahyot 2007, "Automated colour grading using colour distribution
/// transfer"), in Oklab: mean and covariance first ([`match_moments`]), then again and again along three axes, turned each
/// time, every value becomes the target's at the same quantile. The turns are a fixed sequence that covers all rotations
/// evenly, so nothing is random. Equal colours stay equal; where either picture is transparent throughout, nothing
/// changes.
pub fn match_histogram(picture: &Picture, target: &Picture, strength: f32) -> Picture {
    if Statistics::of(picture).is_none() || Statistics::of(target).is_none() {
        return picture.clone();
    }
    let mut moved = oklab::colors(&match_moments(picture, target, 1.0));
    let wanted = oklab::colors(target);
    for turn in 0..TURNS {
        let axes = rotation(turn);
        let shifts = axes.map(|axis| {
            Axis::between(&along(&moved, axis), picture.alpha(), &along(&wanted, axis), target.alpha())
        });
        moved.par_chunks_mut(CHUNK).for_each(|moved| {
            for lab in moved {
                let x = *lab;
                for (axis, shift) in axes.iter().zip(&shifts) {
                    let by = shift.at(dot(x, *axis));
                    *lab = std::array::from_fn(|c| lab[c] + by * axis[c]);
                }
            }
        });
    }
    map(picture, strength, |i, _| moved[i])
}

fn along(colors: &[Lab], axis: [f32; 3]) -> Vec<f32> {
    colors.par_iter().with_min_len(CHUNK).map(|lab| dot(*lab, axis)).collect()
}

fn dot(x: [f32; 3], y: [f32; 3]) -> f32 {
    x[0] * y[0] + x[1] * y[1] + x[2] * y[2]
}

#[cfg(test)]
mod tests {
    use super::super::moments::match_moments;
    use super::super::testing::{flat, painting, photo};
    use super::*;

    /// The mean distance of equal quantiles, over some directions (the sliced Wasserstein-1 distance).
    fn sliced(x: &Picture, y: &Picture) -> f64 {
        let sorted = |p: &Picture, axis| {
            let mut values = along(&oklab::colors(p), axis);
            values.sort_by(f32::total_cmp);
            values
        };
        let axes = (100..120).map(|turn| rotation(turn)[1]);
        let distances = axes.map(|axis| {
            let (x, y) = (sorted(x, axis), sorted(y, axis));
            let at = |v: &[f32], i: usize| f64::from(v[i * v.len() / 500]);
            (0..500).map(|i| (at(&x, i) - at(&y, i)).abs()).sum::<f64>() / 500.0
        });
        distances.sum::<f64>() / 20.0
    }

    #[test]
    fn the_distance_falls_to_next_to_nothing() {
        let (picture, target) = (painting(50, 40), photo(64, 57));
        let matched = match_histogram(&picture, &target, 1.0);
        let moments = match_moments(&picture, &target, 1.0);
        let half = match_histogram(&picture, &target, 0.5);
        let [before, half, moments, after] =
            [&picture, &half, &moments, &matched].map(|p| sliced(p, &target));
        assert!(before > half && half > moments, "{before} {half} {moments}");
        assert!(after < 0.25 * moments && after < 0.003, "{moments} {after}");
        assert_eq!(match_histogram(&picture, &target, 0.0), picture);
    }

    #[test]
    fn flat_and_transparent_pictures_are_pictures_too() {
        let target = photo(31, 57);
        let mean = Statistics::of(&target).expect("pixels").mean.map(|v| v as f32);
        for (width, height) in [(1, 1), (7, 5)] {
            let matched = match_histogram(&flat(width, height, [0.1, 0.8, 0.3]), &target, 1.0);
            for lab in oklab::colors(&matched) {
                assert!(oklab::distance2(lab, mean).sqrt() < 2e-3, "{lab:?} {mean:?}");
            }
        }
        let matched = match_histogram(&target, &flat(1, 1, [0.1, 0.8, 0.3]), 1.0);
        assert!(matched.rgb().chunks_exact(3).all(|c| (c[1] - 0.8).abs() < 2e-3), "not flat");

        // What is transparent in the target does not count, and alpha stays.
        let mut alpha = vec![1.0; 64 * 57];
        let mut spoilt = photo(64, 57);
        for i in (0..alpha.len()).step_by(3) {
            alpha[i] = 0.0;
            spoilt.rgb_mut()[3 * i..3 * i + 3].copy_from_slice(&[1.0, 0.0, 1.0]);
        }
        let spoilt = spoilt.with_alpha(alpha).expect("alpha");
        let picture = painting(50, 40).with_alpha(vec![0.5; 2000]).expect("alpha");
        let matched = match_histogram(&picture, &spoilt, 1.0);
        assert!(sliced(&matched, &photo(64, 57)) < 0.004);
        assert_eq!(matched.alpha(), picture.alpha());
    }

    #[test]
    fn threads_change_nothing() {
        let (picture, target) = (painting(300, 200), photo(150, 301));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| match_histogram(&picture, &target, 0.7))
        };
        assert_eq!(on(1), on(3));
    }
}
