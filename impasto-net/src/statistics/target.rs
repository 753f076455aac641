//! Maps that others are compared with.

use crate::{Map, jobs};
use rayon::prelude::*;
use std::sync::Arc;

/// Values to a job; part of a sum's result, so never derived from the machine.
const CHUNK: usize = 1 << 14;

/// A map to be matched, kept for as long as it is wanted; devices keep copies, which they know by its number. Clones share
/// memory and number.
#[derive(Clone, Debug)]
pub struct Target {
    values: Arc<[f32]>,
    number: u64,
}

impl Target {
    /// Copies the values of a map.
    pub fn new(map: Map<'_>) -> Self {
        Target { values: map.data.into(), number: super::fresh_number() }
    }

    /// The values, laid out as the map was.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// A number that no other target, and no [`Positions`](super::Positions), of this process has.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Sum of the squared differences to `map`, added up in f64 in an order that depends on the size only.
    ///
    /// # Panics
    /// If the map has another number of values.
    pub fn distance(&self, map: Map<'_>) -> f64 {
        assert_eq!(map.data.len(), self.values.len(), "a target of another shape");
        let partial: Vec<f64> = map
            .data
            .par_chunks(CHUNK)
            .zip(self.values.par_chunks(CHUNK))
            .map(|(a, b)| {
                // Eight accumulators, so that the compiler can use vector registers without reordering sums.
                let mut lanes = [0.0f64; 8];
                let square = |a: f32, b: f32| (f64::from(a) - f64::from(b)).powi(2);
                let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
                for (a, b) in a.iter().zip(b) {
                    for lane in 0..8 {
                        lanes[lane] += square(a[lane], b[lane]);
                    }
                }
                for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
                    lanes[lane] += square(*a, *b);
                }
                lanes.iter().sum::<f64>()
            })
            .collect();
        partial.iter().sum()
    }

    /// Adds `factor · (map − target)` to `gradient`, laid out as the map.
    ///
    /// # Panics
    /// If the map has another number of values.
    pub fn add_difference(&self, map: Map<'_>, factor: f32, gradient: &mut [f32]) {
        assert_eq!([map.data.len(), gradient.len()], [self.values.len(); 2], "a target of another shape");
        jobs::each_chunk(gradient, CHUNK, |chunk, gradient| {
            let (map, target) = (&map.data[chunk * CHUNK..], &self.values[chunk * CHUNK..]);
            for (g, (x, t)) in gradient.iter_mut().zip(map.iter().zip(target)) {
                *g += factor * (x - t);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_their_derivatives() {
        let data: Vec<f32> = (0..40_003).map(|i| (i % 17) as f32 - 5.0).collect();
        let map = |data| Map { height: 1, width: 40_003, channels: 1, data };
        let target = Target::new(map(&data));
        assert_eq!(target.distance(map(&data)), 0.0);
        let other: Vec<f32> = data.iter().map(|v| v + 2.0).collect();
        assert_eq!(target.distance(map(&other)), 4.0 * 40_003.0);
        let mut gradient = vec![1.0; data.len()];
        target.add_difference(map(&other), 0.5, &mut gradient);
        assert!(gradient.iter().all(|&g| g == 2.0));
        assert_ne!(target.number(), Target::new(map(&data)).number());
        assert_eq!(target.number(), target.clone().number());
    }
}
