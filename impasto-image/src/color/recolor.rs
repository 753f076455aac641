//! Pictures moved softly towards a palette.

use super::map::map;
use super::oklab::{self, Lab};
use super::palette::{Palette, cells};
use crate::picture::Picture;

/// How wide the borders between palette colours' shares are, as a part of the squared distance between neighbours.
const SOFTNESS: f64 = 0.25;

/// How much every palette colour insists on an equal share of the picture: 0 leaves each pixel to the nearest colour, 1
/// would paint as much in each. Between them a palette darker than the picture still has its lightest colour in the
/// picture's lights, and a picture of one hue still takes on several.
const BALANCE: f64 = 0.65;

/// How much of a pixel's own deviation from those that share its palette colour is kept, for lightness and for a and b.
const KEPT: [f32; 3] = [0.6, 0.1, 0.1];

/// Rounds of balancing shares.
const ROUNDS: usize = 100;

/// Most that palette colours are told apart by: at a smaller distance they count as neighbours.
const LEAST_DISTANCE: f64 = 0.02;

/// `picture` in the colours of a palette and those between them: gradients stay gradients.
///
/// The picture's colours are transported to the palette's by optimal transport with an entropic term and a relaxed
/// demand on shares (Cuturi 2013, "Sinkhorn distances"; Chizat et al. 2018, "Scaling algorithms for unbalanced optimal
/// transport problems"), in Oklab. Its potentials give every colour smooth weights of the palette's; it moves to their
/// weighted mean, and keeps a part of what tells it from the mean of the colours that moved with it. A picture that is
/// transparent throughout stays.
pub fn recolor(picture: &Picture, palette: &Palette, strength: f32) -> Picture {
    let Some(transport) = Transport::new(picture, palette) else { return picture.clone() };
    map(picture, strength, |_, lab| transport.at(lab))
}

/// A smooth function of colour.
struct Transport {
    palette: Vec<Lab>,
    /// Means of the picture's colours that move to each.
    means: Vec<Lab>,
    /// Logarithms of the factors that balance shares.
    potentials: Vec<f64>,
    softness: f64,
}

impl Transport {
    fn new(picture: &Picture, palette: &Palette) -> Option<Self> {
        let cells = cells(picture);
        let all: f64 = cells.iter().map(|cell| cell.weight).sum();
        if cells.is_empty() {
            return None;
        }
        let palette = palette.lab();
        let count = palette.len();
        let mut transport = Transport {
            softness: SOFTNESS * spacing2(&palette),
            means: palette.clone(),
            potentials: vec![0.0; count],
            palette,
        };
        let mut shares = vec![0.0; count];
        for round in 0..=ROUNDS {
            let mut masses = vec![0.0; count];
            let mut sums = vec![[0.0; 3]; count];
            for cell in &cells {
                transport.share(cell.color, &mut shares);
                for ((share, mass), sum) in shares.iter().zip(&mut masses).zip(&mut sums) {
                    let weight = share * cell.weight / all;
                    *mass += weight;
                    sum.iter_mut().zip(cell.color).for_each(|(sum, v)| *sum += weight * f64::from(v));
                }
            }
            if round == ROUNDS {
                let means = sums.iter().zip(&masses).zip(&transport.palette);
                transport.means = means
                    .map(
                        |((sum, &mass), color)| {
                            if mass > 1e-12 { sum.map(|v| (v / mass) as f32) } else { *color }
                        },
                    )
                    .collect();
            } else {
                let equal = (count as f64).recip();
                for (potential, mass) in transport.potentials.iter_mut().zip(&masses) {
                    *potential = BALANCE * (*potential + (equal / mass.max(1e-30)).ln());
                }
            }
        }
        Some(transport)
    }

    /// The palette colours' shares of a colour; they sum to 1.
    fn share(&self, lab: Lab, shares: &mut [f64]) {
        let mut most = f64::NEG_INFINITY;
        for ((share, color), potential) in shares.iter_mut().zip(&self.palette).zip(&self.potentials) {
            *share = potential - f64::from(oklab::distance2(lab, *color)) / self.softness;
            most = most.max(*share);
        }
        let mut sum = 0.0;
        for share in shares.iter_mut() {
            *share = (*share - most).exp();
            sum += *share;
        }
        shares.iter_mut().for_each(|share| *share /= sum);
    }

    fn at(&self, lab: Lab) -> Lab {
        let mut shares = [0.0; super::palette::MOST];
        let shares = &mut shares[..self.palette.len()];
        self.share(lab, shares);
        let mut moved = [0.0; 3];
        for ((share, color), mean) in shares.iter().zip(&self.palette).zip(&self.means) {
            for c in 0..3 {
                moved[c] += *share as f32 * (color[c] + KEPT[c] * (lab[c] - mean[c]));
            }
        }
        moved
    }
}

/// The mean of squared distances of each colour to its nearest other.
fn spacing2(colors: &[Lab]) -> f64 {
    let nearest = |i: usize| {
        let others = colors.iter().enumerate().filter(|&(j, _)| j != i);
        others.map(|(_, other)| oklab::distance2(colors[i], *other)).fold(f32::INFINITY, f32::min)
    };
    let sum: f64 = (0..colors.len()).map(|i| f64::from(nearest(i).min(1.0))).sum();
    (sum / colors.len() as f64).max(LEAST_DISTANCE * LEAST_DISTANCE)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{flat, painting, photo};
    use super::*;

    fn palette() -> Palette {
        "#10243e,#2f5d62,#a7c4a0,#f2d492,#d1603d".parse().expect("colours")
    }

    /// The mean distance to the nearest colour of a palette.
    fn distance(picture: &Picture, palette: &Palette) -> f64 {
        let (colors, palette) = (oklab::colors(picture), palette.lab());
        let distances = colors.iter().map(|lab| {
            let nearest = palette[Palette::nearest(*lab, &palette)];
            f64::from(oklab::distance2(*lab, nearest)).sqrt()
        });
        distances.sum::<f64>() / colors.len() as f64
    }

    #[test]
    fn pictures_come_nearer_to_the_palette() {
        let (picture, palette) = (painting(50, 40).with_alpha(vec![0.5; 2000]).expect("alpha"), palette());
        let [none, half, full] = [0.0, 0.5, 1.0].map(|strength| recolor(&picture, &palette, strength));
        assert_eq!(none, picture);
        let [a, b, c] = [&none, &half, &full].map(|p| distance(p, &palette));
        assert!(a > b && b > c && c < 0.6 * a, "{a} {b} {c}");
        assert_eq!(full.alpha(), picture.alpha());
    }

    #[test]
    fn gradients_stay_gradients() {
        let rgb = (0..1024).flat_map(|i| [i as f32 / 1023.0, 0.5, 1.0 - i as f32 / 1023.0]).collect();
        let recoloured = recolor(&Picture::new(1024, 1, rgb).expect("a picture"), &palette(), 1.0);
        let lab = oklab::colors(&recoloured);
        let steps = lab.windows(2).map(|pair| oklab::distance2(pair[0], pair[1]).sqrt());
        let most = steps.fold(0.0, f32::max);
        assert!(most < 0.02, "a step of {most}");
    }

    #[test]
    fn flat_and_transparent_pictures_are_pictures_too() {
        for rgb in [[0.0; 3], [1.0; 3], [0.1, 0.2, 0.3], [0.9, 0.4, 0.2], [0.1, 0.8, 0.9]] {
            let one = recolor(&flat(1, 1, rgb), &palette(), 1.0);
            assert!(distance(&one, &palette()) < 0.1, "{rgb:?} became {:?}", one.rgb());
        }
        let navy: Palette = "navy".parse().expect("a colour");
        assert!(distance(&recolor(&flat(4, 3, [0.9, 0.4, 0.2]), &navy, 1.0), &navy) < 1e-3);
        let hidden = photo(4, 4).with_alpha(vec![0.0; 16]).expect("alpha");
        assert_eq!(recolor(&hidden, &navy, 1.0), hidden);
    }
}
