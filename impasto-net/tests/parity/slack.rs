//! How far f32 may be from the definitions where a computation amplifies rounding: norms of nearly flat planes, and
//! derivatives that are sums of terms which cancel. It is found by shaking all values of the definitions a few times.

use crate::naive::{self, Field, Run, Shaking};
use impasto_net::{ReluRule, network::Network, weights::Weights};
use std::collections::BTreeMap;

/// Times that everything is computed shaken.
const RUNS: u64 = 5;
/// Errors that are accepted, in units of the largest seen: kernels add up many rounded terms, and Winograd's algorithm
/// rounds ten times as coarsely.
const FACTOR: f64 = 100.0;

/// Shaken runs of a network on a picture; none where no allowance is made.
#[derive(Default)]
pub struct Slack {
    runs: Vec<(Run, Shaking)>,
}

impl Slack {
    pub fn of(network: &Network, weights: &Weights, size: (usize, usize), rgb: &[f32]) -> Slack {
        let run = |seed| {
            let mut shaking = Shaking::seeded(seed);
            (naive::shaken_forward(network, weights, size, rgb, &mut shaking), shaking)
        };
        Slack { runs: (1..=RUNS).map(run).collect() }
    }

    /// Whether no allowance is made.
    pub fn is_none(&self) -> bool {
        self.runs.is_empty()
    }

    /// Accepted L2 error of a layer's map and accepted error of its values.
    pub fn of_map(&self, layer: usize, exact: &Field) -> (f64, f64) {
        let of_run = |(run, _): &(Run, Shaking)| {
            let differences = run.maps[layer].data.iter().zip(&exact.data).map(|(s, e)| (s - e).abs());
            differences.fold((0.0, 0.0), |(sum, largest): (f64, f64), d| (sum + d * d, largest.max(d)))
        };
        let widest =
            self.runs.iter().map(of_run).fold((0.0, 0.0), |(a, b): (f64, f64), (c, d)| (a.max(c), b.max(d)));
        (FACTOR * widest.0.sqrt(), FACTOR * widest.1)
    }

    /// Largest accepted error of any map's values, relative to the map's largest.
    pub fn of_values(&self, exact: &Run) -> f64 {
        let of_map = |(layer, map): (usize, &Field)| self.of_map(layer, map).1 / map.largest();
        exact.maps.iter().enumerate().map(of_map).filter(|e| e.is_finite()).fold(0.0, f64::max)
    }

    /// Accepted L2 errors of derivatives: by the picture under its empty name, by parameters under theirs.
    pub fn of_derivatives(
        &mut self,
        (network, weights): (&Network, &Weights),
        rule: ReluRule,
        seeds: &[(usize, Vec<f64>)],
        exact: &naive::Derivatives,
    ) -> BTreeMap<String, f64> {
        let mut widest: BTreeMap<String, f64> = BTreeMap::new();
        for (run, shaking) in &mut self.runs {
            let shaken = naive::derivatives(network, weights, run, rule, seeds, shaking);
            let parameters =
                shaken.parameters.iter().map(|(name, s)| (name.clone(), s, &exact.parameters[name]));
            for (name, s, e) in parameters.chain([(String::new(), &shaken.picture, &exact.picture)]) {
                let error = FACTOR * s.iter().zip(e).map(|(s, e)| (s - e).powi(2)).sum::<f64>().sqrt();
                let entry = widest.entry(name).or_default();
                *entry = entry.max(error);
            }
        }
        widest
    }
}
