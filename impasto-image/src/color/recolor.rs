//! Pictures moved softly towards a palette: by optimal transport, or each colour to the nearest.

use super::map::map;
use super::oklab::{self, Lab};
use super::palette::{Palette, cells};
use crate::picture::Picture;

/// How colours move to a palette's.
struct Manner {
    /// How wide the borders between palette colours' shares are, as a part of the squared distance between neighbours.
    softness: f64,
    /// How much every palette colour insists on an equal share of the picture: 0 leaves each pixel to the nearest colour, 1
    /// would paint as much in each.
    balance: f64,
    /// How much of a pixel's own deviation from those that share its palette colour is kept, for lightness and for a and b.
    kept: [f32; 3],
}

/// For palettes that are none of the picture's: one darker than the picture still has its lightest colour in the picture's
/// lights, and a picture of one hue still takes on several.
const TRANSPORTED: Manner = Manner { softness: 0.5, balance: 0.65, kept: [0.6, 0.1, 0.1] };

/// For palettes that the picture is near to. Borders are narrow, or most colours would be mixtures; they are just so wide
/// that gradients do not break into bands, and enough lightness is kept that single strokes can be seen.
const DRAWN: Manner = Manner { softness: 0.15, balance: 0.0, kept: [0.3, 0.1, 0.1] };

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
    moved(picture, palette, strength, &TRANSPORTED)
}

/// `picture` with every colour drawn to those of a palette that are nearest to it; none takes another's place.
///
/// Like [`recolor`] a smooth function of colour, but without a demand on shares, and nearer to the palette: for a picture
/// whose colours are about the palette's already. A picture that is transparent throughout stays.
pub fn draw_to(picture: &Picture, palette: &Palette, strength: f32) -> Picture {
    moved(picture, palette, strength, &DRAWN)
}

fn moved(picture: &Picture, palette: &Palette, strength: f32, manner: &Manner) -> Picture {
    let Some(transport) = Transport::new(picture, palette, manner) else { return picture.clone() };
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
    kept: [f32; 3],
}

impl Transport {
    fn new(picture: &Picture, palette: &Palette, manner: &Manner) -> Option<Self> {
        let cells = cells(picture);
        let all: f64 = cells.iter().map(|cell| cell.weight).sum();
        if cells.is_empty() {
            return None;
        }
        let palette = palette.lab();
        let count = palette.len();
        let mut transport = Transport {
            softness: manner.softness * spacing2(&palette),
            means: palette.clone(),
            potentials: vec![0.0; count],
            kept: manner.kept,
            palette,
        };
        let mut shares = vec![0.0; count];
        // Without a demand there is nothing to balance.
        let rounds = if manner.balance > 0.0 { ROUNDS } else { 0 };
        for round in 0..=rounds {
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
            if round == rounds {
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
                    *potential = manner.balance * (*potential + (equal / mass.max(1e-30)).ln());
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
                moved[c] += *share as f32 * (color[c] + self.kept[c] * (lab[c] - mean[c]));
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
    fn what_is_drawn_to_the_picture_s_own_colours_is_much_nearer_and_keeps_its_shares() {
        let picture = painting(50, 40).with_alpha(vec![0.5; 2000]).expect("alpha");
        let palette = Palette::reduced(&picture, 8).expect("a palette");
        let [none, half, full] = [0.0, 0.5, 1.0].map(|strength| draw_to(&picture, &palette, strength));
        assert_eq!(none, picture);
        let [a, b, c] = [&none, &half, &full].map(|p| distance(p, &palette));
        assert!(a > b && b > c && c < 0.5 * a, "{a} {b} {c}");
        assert_eq!(full.alpha(), picture.alpha());
        let [before, after] = [&picture, &full].map(|p| palette.fit(p).expect("a fit").shares);
        let changed = before.iter().zip(&after).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert!(changed < 0.05, "{before:?} {after:?}");
        // Colours of the palette stay what they are, as far as their borders are narrow.
        let own = super::super::reduce(&picture, &palette, super::super::Dither::None);
        assert!(distance(&draw_to(&own, &palette, 1.0), &palette) < 0.01);
    }

    #[test]
    fn gradients_stay_gradients() {
        let rgb = (0..1024).flat_map(|i| [i as f32 / 1023.0, 0.5, 1.0 - i as f32 / 1023.0]).collect();
        let picture = Picture::new(1024, 1, rgb).expect("a picture");
        for moved in [recolor(&picture, &palette(), 1.0), draw_to(&picture, &palette(), 1.0)] {
            let lab = oklab::colors(&moved);
            let steps = lab.windows(2).map(|pair| oklab::distance2(pair[0], pair[1]).sqrt());
            let most = steps.fold(0.0, f32::max);
            assert!(most < 0.02, "a step of {most}");
        }
    }

    #[test]
    fn flat_and_transparent_pictures_are_pictures_too() {
        for rgb in [[0.0; 3], [1.0; 3], [0.1, 0.2, 0.3], [0.9, 0.4, 0.2], [0.1, 0.8, 0.9]] {
            let one = recolor(&flat(1, 1, rgb), &palette(), 1.0);
            assert!(distance(&one, &palette()) < 0.15, "{rgb:?} became {:?}", one.rgb());
        }
        let navy: Palette = "navy".parse().expect("a colour");
        assert!(distance(&recolor(&flat(4, 3, [0.9, 0.4, 0.2]), &navy, 1.0), &navy) < 1e-3);
        let hidden = photo(4, 4).with_alpha(vec![0.0; 16]).expect("alpha");
        assert_eq!(recolor(&hidden, &navy, 1.0), hidden);
        assert_eq!(draw_to(&hidden, &navy, 1.0), hidden);
    }
}
