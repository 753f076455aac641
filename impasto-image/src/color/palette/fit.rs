//! How well a palette fits a picture.

use super::super::oklab;
use super::Palette;
use crate::picture::Picture;

/// How a picture's colours lie about a palette's.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Share of the picture that is nearest to every colour of the palette; they sum to 1.
    pub shares: Vec<f64>,
    /// Mean distance of the picture's colours to the nearest of the palette, in Oklab with a and b counted twice.
    pub distance: f64,
}

impl Palette {
    /// How the colours of `picture` lie about these; none if it is transparent throughout.
    pub fn fit(&self, picture: &Picture) -> Option<Fit> {
        let lab = self.lab();
        let mut shares = vec![0.0; lab.len()];
        let (mut distance, mut total) = (0.0, 0.0);
        for (i, color) in oklab::colors(picture).into_iter().enumerate() {
            let weight = picture.alpha().map_or(1.0, |alpha| f64::from(alpha[i]));
            let nearest = Palette::nearest(color, &lab);
            shares[nearest] += weight;
            distance += weight * f64::from(oklab::distance2(color, lab[nearest])).sqrt();
            total += weight;
        }
        shares.iter_mut().for_each(|share| *share /= total);
        (total > 0.0).then_some(Fit { shares, distance: distance / total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_distance_are_those_of_visible_pixels() {
        let palette: Palette = "black,white".parse().expect("colours");
        let picture = Picture::from_rgb8(4, 1, &[0, 0, 0, 255, 255, 255, 255, 255, 255, 10, 200, 10]);
        let picture = picture.and_then(|p| p.with_alpha(vec![1.0, 1.0, 0.0, 0.0])).expect("a picture");
        let fit = palette.fit(&picture).expect("a fit");
        assert_eq!(fit.shares, [0.5, 0.5]);
        assert!(fit.distance < 1e-6);
        let fit = palette.fit(&picture.clone().without_alpha()).expect("a fit");
        assert!(fit.distance > 0.05);
        assert_eq!(palette.fit(&picture.with_alpha(vec![0.0; 4]).expect("alpha")), None);
    }
}
