//! Statistics of a part of a map: positions count by weights.

use super::{Affine, Moments, add_affine, moments};
use crate::Map;
use rayon::prelude::*;

/// Positions copied at a time; fixed, so that the thread count changes nothing.
const BLOCK: usize = 1 << 14;

/// Positions of a map that count, each with its weight; devices keep copies, which they know by its number. Clones share the
/// number.
#[derive(Clone, Debug)]
pub struct Positions {
    /// Position (row-major) and weight, above 0, of those that count.
    counted: Vec<(u32, f32)>,
    /// Sum of the weights.
    total: f64,
    /// Number of positions of the map.
    of: usize,
    number: u64,
}

impl Positions {
    /// Positions with these weights, row-major, each finite; those not above 0 do not count.
    pub fn new(weights: &[f32]) -> Self {
        let counted: Vec<(u32, f32)> =
            (0..).zip(weights.iter().copied()).filter(|(_, weight)| *weight > 0.0).collect();
        let total = counted.iter().map(|(_, weight)| f64::from(*weight)).sum();
        Positions { counted, total, of: weights.len(), number: super::fresh_number() }
    }

    /// Sum of the weights.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// A number that no others, and no [`Target`](super::Target), of this process have.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Every position's weight as a share of the mean weight of all; zeros where nothing counts.
    pub fn shares(&self) -> Vec<f32> {
        let scale = self.scale();
        let mut shares = vec![0.0; self.of];
        self.counted.iter().for_each(|(at, weight)| shares[*at as usize] = weight * scale);
        shares
    }

    /// What makes a weight a share of the mean weight.
    fn scale(&self) -> f32 {
        if self.total > 0.0 { (self.of as f64 / self.total) as f32 } else { 0.0 }
    }

    /// Weighted first and raw second moments, Σ w x / Σ w and Σ w x xᵀ / Σ w; zeros where nothing counts.
    ///
    /// # Panics
    /// If the map has another number of positions.
    pub fn moments(&self, map: Map<'_>, full: bool) -> Moments {
        assert_eq!(map.positions(), self.of, "weights for another map");
        let c = map.channels;
        let mut sum = Moments {
            mean: vec![0.0; c],
            second: vec![0.0; if full { c * c } else { 0 }],
            square: vec![0.0; c],
        };
        if self.total <= 0.0 {
            return sum;
        }
        let mut rows = Vec::new();
        for block in self.counted.chunks(BLOCK) {
            // Rows times the root of their weight have the weighted products as their products.
            gather(map, block, f32::sqrt, &mut rows);
            let part = moments(Map { height: 1, width: block.len(), channels: c, data: &rows }, full);
            let share = block.len() as f64 / self.total;
            add(&mut sum.second, &part.second, share);
            add(&mut sum.square, &part.square, share);
            gather(map, block, |weight| weight, &mut rows);
            let means = Map { height: 1, width: block.len(), channels: c, data: &rows };
            add(&mut sum.mean, &moments(means, false).mean, share);
        }
        sum
    }

    /// Adds `w · (matrix · x + diagonal ∘ x + offset)` to `gradient` at every position, `w` being the position's weight as
    /// a share of the mean weight of all: an [`Affine`] made for the mean over all positions serves the weighted mean.
    ///
    /// # Panics
    /// If the map has another number of positions.
    pub fn add_affine(&self, map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
        assert_eq!(map.positions(), self.of, "weights for another map");
        let c = map.channels;
        let scale = self.scale();
        let (mut rows, mut image) = (Vec::new(), Vec::new());
        for block in self.counted.chunks(BLOCK) {
            gather(map, block, |_| 1.0, &mut rows);
            image.clear();
            image.resize(rows.len(), 0.0);
            add_affine(Map { height: 1, width: block.len(), channels: c, data: &rows }, affine, &mut image);
            for ((at, weight), image) in block.iter().zip(image.chunks_exact(c)) {
                let factor = weight * scale;
                let gradient = &mut gradient[*at as usize * c..][..c];
                gradient.iter_mut().zip(image).for_each(|(g, i)| *g += factor * i);
            }
        }
    }
}

/// Copies the rows of `block`, each times `factor` of its weight.
fn gather(map: Map<'_>, block: &[(u32, f32)], factor: impl Fn(f32) -> f32 + Sync, rows: &mut Vec<f32>) {
    let c = map.channels;
    rows.resize(block.len() * c, 0.0);
    rows.par_chunks_mut(c * 256).zip(block.par_chunks(256)).for_each(|(rows, block)| {
        for (row, (at, weight)) in rows.chunks_exact_mut(c).zip(block) {
            let factor = factor(*weight);
            let source = &map.data[*at as usize * c..][..c];
            row.iter_mut().zip(source).for_each(|(r, s)| *r = factor * s);
        }
    });
}

fn add(sum: &mut [f64], part: &[f64], share: f64) {
    sum.iter_mut().zip(part).for_each(|(s, p)| *s += share * p);
}
