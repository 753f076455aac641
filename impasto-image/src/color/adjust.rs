//! Brightness, contrast and saturation.

use super::map::map;
use super::statistics::Statistics;
use crate::picture::Picture;

/// `picture` with every lightness's distance from the mean lightness times `factor` (0 and up): 1 changes nothing, 0 leaves
/// one lightness. a and b stay where sRGB has them; a picture that is transparent throughout stays.
pub fn contrast(picture: &Picture, factor: f32) -> Picture {
    let Some(statistics) = Statistics::of(picture) else { return picture.clone() };
    let mean = statistics.mean[0] as f32;
    if factor == 1.0 {
        return picture.clone();
    }
    map(picture, 1.0, |_, [l, a, b]| [mean + factor * (l - mean), a, b])
}

/// `picture` with every chroma times `factor` (0 and up): 1 changes nothing, 0 leaves greys of the same lightness.
pub fn saturation(picture: &Picture, factor: f32) -> Picture {
    if factor == 1.0 {
        return picture.clone();
    }
    map(picture, 1.0, |_, [l, a, b]| [l, factor * a, factor * b])
}

/// `picture` with `offset` (−1 to 1) added to every lightness. Chroma shrinks towards black and white as far as sRGB
/// demands.
pub fn brightness(picture: &Picture, offset: f32) -> Picture {
    if offset == 0.0 {
        return picture.clone();
    }
    map(picture, 1.0, |_, [l, a, b]| [l + offset, a, b])
}

#[cfg(test)]
mod tests {
    use super::super::oklab;
    use super::super::testing::painting;
    use super::*;

    #[test]
    fn statistics_change_as_asked() {
        let picture = painting(40, 30);
        let of = |picture: &Picture| Statistics::of(picture).expect("pixels");
        let own = of(&picture);
        let flat = of(&contrast(&picture, 0.5));
        assert!((flat.mean[0] - own.mean[0]).abs() < 1e-3);
        assert!((flat.covariance[0][0] / own.covariance[0][0] - 0.25).abs() < 0.02);
        let pale = of(&saturation(&picture, 0.5));
        for c in 1..3 {
            assert!((pale.mean[c] - 0.5 * own.mean[c]).abs() < 1e-3);
            assert!((pale.covariance[c][c] / own.covariance[c][c] - 0.25).abs() < 0.02);
        }
        assert!((of(&brightness(&picture, 0.05)).mean[0] - own.mean[0] - 0.05).abs() < 0.01);
        for lab in oklab::colors(&saturation(&picture, 0.0)) {
            assert!(lab[1].hypot(lab[2]) < 1e-4);
        }
    }

    #[test]
    fn nothing_asked_changes_nothing_and_extremes_are_colours() {
        let picture = painting(20, 10);
        assert_eq!(contrast(&picture, 1.0), picture);
        assert_eq!(saturation(&picture, 1.0), picture);
        assert_eq!(brightness(&picture, 0.0), picture);
        for wild in [contrast(&picture, 1e6), saturation(&picture, 1e6), brightness(&picture, -1.0)] {
            assert!(wild.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
