//! Style: channel statistics of feature maps close to another picture's.

use super::layers::{LayerWeight, write_list};
use impasto_net::{
    Map,
    statistics::{Affine, Moments, moments},
};
use serde::{Deserialize, Serialize};

/// The style term: the error of channel statistics against those of the style picture, which may have another size
/// because every statistic is divided by its own number of positions (Gatys, Ecker & Bethge 2015).
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Layers compared, with weights relative to `weight`.
    pub layers: Vec<LayerWeight>,
    /// Factor of the whole term.
    pub weight: f64,
    /// What is compared.
    pub statistic: Statistic,
    /// How it is compared.
    pub error: StyleError,
    /// Divides Gram matrices by the number of channels too, as neural-style does; other statistics ignore it.
    pub by_channels: bool,
}

/// A statistic of a map's channels over its positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// Gram matrix, E\[x xᵀ\] (Gatys et al. 2015).
    Gram,
    /// Covariance matrix, E\[(x − μ)(x − μ)ᵀ\], and means μ, each with its own error.
    #[default]
    Covariance,
    /// Means μ (fast-neural-style's `mean` targets).
    Mean,
    /// Variances and means, each with its own error (after Li et al. 2017, who take standard deviations).
    MeanVariance,
}

/// How a statistic is compared with the target's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StyleError {
    /// Mean over the statistic's entries of the squared difference.
    Mean,
    /// The same divided by the mean square of the target's entries: all layers count alike, whatever their scale.
    #[default]
    Relative,
}

impl Style {
    /// The term in a few words.
    pub fn describe(&self) -> String {
        let error = match self.error {
            StyleError::Mean => "mean squared",
            StyleError::Relative => "relative squared",
        };
        let statistic = match self.statistic {
            Statistic::Gram if self.by_channels => "Gram matrices per channel",
            Statistic::Gram => "Gram matrices",
            Statistic::Covariance => "covariances and means",
            Statistic::Mean => "means",
            Statistic::MeanVariance => "variances and means",
        };
        format!("{} × {error} error of the style's {statistic} at {}", self.weight, write_list(&self.layers))
    }
}

impl Statistic {
    /// Whether the full matrix of second moments is needed.
    fn is_full(self) -> bool {
        matches!(self, Statistic::Gram | Statistic::Covariance)
    }
}

/// Statistics to be matched at one layer.
#[derive(Clone, Debug)]
pub struct StyleTarget {
    statistic: Statistic,
    /// Mean, or empty.
    first: Vec<f64>,
    /// Matrix or variances, or empty.
    second: Vec<f64>,
    /// Factors of the summed squared differences of `first` and `second`.
    factors: [f64; 2],
}

impl StyleTarget {
    /// Measures the map of the style picture; `weight` is the weight of the layer's whole error.
    pub fn new(map: Map<'_>, style: &Style, weight: f64) -> Self {
        let moments = moments(map, style.statistic.is_full());
        let (first, second) = arrange(&moments, style.statistic);
        // Rounding leaves no better covariance of a flat picture than this fraction of its energy.
        let floor = 1e-10 * moments.square.iter().map(|s| s * s).sum::<f64>() / map.channels.max(1) as f64;
        let factor = |target: &[f64]| {
            let entries = target.len().max(1) as f64;
            match style.error {
                StyleError::Mean => weight / entries,
                StyleError::Relative => {
                    let energy: f64 = target.iter().map(|t| t * t).sum();
                    let energy = energy.max(floor);
                    // A target of zeros has no scale of its own.
                    weight / if energy > 0.0 { energy } else { entries }
                }
            }
        };
        let mut factors = [factor(&first), factor(&second)];
        if style.by_channels && style.statistic == Statistic::Gram && style.error == StyleError::Mean {
            let channels = map.channels.max(1) as f64;
            factors[1] /= channels * channels;
        }
        StyleTarget { statistic: style.statistic, first, second, factors }
    }

    /// The weighted error of `map`, which has the target's channels, and how its gradient depends on the map.
    pub fn evaluate(&self, map: Map<'_>) -> (f64, Affine) {
        let moments = moments(map, self.statistic.is_full());
        let (first, second) = arrange(&moments, self.statistic);
        let (first_value, mut by_mean) = compare(&first, &self.first, self.factors[0]);
        let (second_value, by_second) = compare(&second, &self.second, self.factors[1]);
        let channels = map.channels;
        let centred = matches!(self.statistic, Statistic::Covariance | Statistic::MeanVariance);
        by_mean.resize(channels, 0.0);
        if centred {
            // Second moments about the mean fall by μμᵀ, whose derivative goes to the mean.
            for (i, value) in by_mean.iter_mut().enumerate() {
                *value -= 2.0
                    * if self.statistic.is_full() {
                        let row = &by_second[i * channels..][..channels];
                        row.iter().zip(&moments.mean).map(|(a, m)| a * m).sum::<f64>()
                    } else {
                        by_second[i] * moments.mean[i]
                    };
            }
        }
        let positions = map.positions().max(1) as f64;
        let spread =
            |values: &[f64], factor: f64| values.iter().map(|v| (v * factor / positions) as f32).collect();
        let mut affine = Affine::default();
        if self.statistic.is_full() {
            affine.matrix = spread(&by_second, 2.0);
        } else if !by_second.is_empty() {
            affine.diagonal = spread(&by_second, 2.0);
        }
        if self.statistic != Statistic::Gram {
            affine.offset = spread(&by_mean, 1.0);
        }
        (first_value + second_value, affine)
    }
}

/// The parts of `moments` that a statistic compares: means and second moments, each possibly empty.
fn arrange(moments: &Moments, statistic: Statistic) -> (Vec<f64>, Vec<f64>) {
    let mean = &moments.mean;
    match statistic {
        Statistic::Gram => (Vec::new(), moments.second.clone()),
        Statistic::Mean => (mean.clone(), Vec::new()),
        Statistic::MeanVariance => {
            (mean.clone(), moments.square.iter().zip(mean).map(|(s, m)| s - m * m).collect())
        }
        Statistic::Covariance => {
            let mut matrix = moments.second.clone();
            for (row, mi) in matrix.chunks_exact_mut(mean.len().max(1)).zip(mean) {
                for (value, mj) in row.iter_mut().zip(mean) {
                    *value -= mi * mj;
                }
            }
            (mean.clone(), matrix)
        }
    }
}

/// `factor` × the summed squared difference, and its derivative by `values`.
fn compare(values: &[f64], target: &[f64], factor: f64) -> (f64, Vec<f64>) {
    let difference: Vec<f64> = values.iter().zip(target).map(|(v, t)| v - t).collect();
    let value = factor * difference.iter().map(|d| d * d).sum::<f64>();
    (value, difference.into_iter().map(|d| 2.0 * factor * d).collect())
}
