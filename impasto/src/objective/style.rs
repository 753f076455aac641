//! Style: channel statistics of feature maps close to another picture's.

use super::{
    layers::{LayerWeight, write_list},
    planes::Selection,
};
use impasto_net::{
    Map,
    engine::terms::{Second, StyleTerm},
    statistics::{Affine, Moments, Positions, moments},
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
    /// Planes that are compared.
    pub planes: Selection,
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
    pub(super) fn is_full(self) -> bool {
        matches!(self, Statistic::Gram | Statistic::Covariance)
    }

    /// The moments that the statistic is made of, of all positions of a map or of some.
    pub fn moments(self, map: Map<'_>, positions: Option<&Positions>) -> Moments {
        match positions {
            None => moments(map, self.is_full()),
            Some(positions) => positions.moments(map, self.is_full()),
        }
    }
}

/// Statistics to be matched at one layer.
#[derive(Clone, Debug)]
pub struct StyleTarget {
    statistic: Statistic,
    /// Planes compared; none means all.
    kept: Option<Vec<bool>>,
    /// Mean, or empty.
    first: Vec<f64>,
    /// Matrix or variances, or empty.
    second: Vec<f64>,
    /// Factors of the summed squared differences of `first` and `second`.
    factors: [f64; 2],
}

impl StyleTarget {
    /// A target from the [moments](Statistic::moments) of one or more style pictures at a layer, each with its share of
    /// the whole; `weight` is the weight of the layer's whole error, and only planes that are `kept` are compared (none
    /// means all).
    ///
    /// The statistics of several pictures are averaged: up to a constant, the error against the average is the averaged
    /// error against each.
    pub fn new(pictures: &[(Moments, f64)], style: &Style, weight: f64, kept: Option<Vec<bool>>) -> Self {
        let statistic = style.statistic;
        let (mut first, mut second, mut power) = (Vec::new(), Vec::new(), 0.0);
        let channels = pictures.first().map_or(1, |(moments, _)| moments.mean.len()).max(1);
        for (moments, share) in pictures {
            let (a, b) = arrange(moments, statistic, kept.as_deref());
            first.resize(a.len(), 0.0);
            second.resize(b.len(), 0.0);
            first.iter_mut().zip(a).for_each(|(sum, a)| *sum += share * a);
            second.iter_mut().zip(b).for_each(|(sum, b)| *sum += share * b);
            power += share * moments.square.iter().map(|s| s * s).sum::<f64>();
        }
        // Rounding leaves no better covariance of a flat picture than this fraction of its energy.
        let floor = 1e-10 * power / channels as f64;
        let count = kept.as_ref().map_or(channels, |kept| kept.iter().filter(|kept| **kept).count());
        let factor = |target: &[f64]| {
            let entries = if target.len() > channels { count * count } else { count }.max(1) as f64;
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
        if style.by_channels && statistic == Statistic::Gram && style.error == StyleError::Mean {
            factors[1] /= (channels * channels) as f64;
        }
        StyleTarget { statistic, kept, first, second, factors }
    }

    /// The [moments](Statistic::moments) that [`evaluate`](Self::evaluate) needs.
    pub fn moments(&self, map: Map<'_>, positions: Option<&Positions>) -> Moments {
        self.statistic.moments(map, positions)
    }

    /// Whether the full matrix of second moments is compared.
    pub(super) fn is_full(&self) -> bool {
        self.statistic.is_full()
    }

    /// The weighted error of moments of the target's channels over so many positions, and how its gradient depends on the
    /// map.
    pub fn evaluate(&self, moments: &Moments, positions: usize) -> (f64, Affine) {
        let channels = moments.mean.len();
        let (first, second) = arrange(moments, self.statistic, self.kept.as_deref());
        let (first_value, mut by_mean) = compare(&first, &self.first, self.factors[0]);
        let (second_value, by_second) = compare(&second, &self.second, self.factors[1]);
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
        let positions = positions.max(1) as f64;
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

    /// The term as devices evaluate it, of the map at tap `tap`, where those positions count.
    pub(super) fn term(&self, tap: usize, positions: Option<&Positions>) -> StyleTerm {
        let numbers = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        StyleTerm {
            tap,
            positions: positions.cloned(),
            means: self.statistic != Statistic::Gram,
            second: match self.statistic {
                Statistic::Gram | Statistic::Covariance => Second::Products,
                Statistic::MeanVariance => Second::Squares,
                Statistic::Mean => Second::None,
            },
            centred: matches!(self.statistic, Statistic::Covariance | Statistic::MeanVariance),
            first_target: numbers(&self.first),
            second_target: numbers(&self.second),
            kept: self.kept.clone().unwrap_or_default(),
            factors: self.factors.map(|factor| factor as f32),
        }
    }

    /// Every plane's part of the weighted error: that of its mean and of its row of the matrix. Planes that are not kept
    /// have 0.
    pub fn by_plane(&self, moments: &Moments) -> Vec<f64> {
        let (first, second) = arrange(moments, self.statistic, self.kept.as_deref());
        let squares = |values: &[f64], target: &[f64], factor: f64| -> Vec<f64> {
            values.iter().zip(target).map(|(v, t)| factor * (v - t) * (v - t)).collect()
        };
        let first = squares(&first, &self.first, self.factors[0]);
        let second = squares(&second, &self.second, self.factors[1]);
        let channels = moments.mean.len();
        let width = second.len() / channels.max(1);
        (0..channels)
            .map(|i| {
                let row: f64 = second[i * width..][..width].iter().sum();
                first.get(i).copied().unwrap_or(0.0) + row
            })
            .collect()
    }
}

/// The parts of `moments` that a statistic compares: means and second moments, each possibly empty; zeros where planes are
/// not kept.
fn arrange(moments: &Moments, statistic: Statistic, kept: Option<&[bool]>) -> (Vec<f64>, Vec<f64>) {
    let mean = &moments.mean;
    let channels = mean.len().max(1);
    let (mut first, mut second) = match statistic {
        Statistic::Gram => (Vec::new(), moments.second.clone()),
        Statistic::Mean => (mean.clone(), Vec::new()),
        Statistic::MeanVariance => {
            (mean.clone(), moments.square.iter().zip(mean).map(|(s, m)| s - m * m).collect())
        }
        Statistic::Covariance => (mean.clone(), moments.covariance()),
    };
    if let Some(kept) = kept {
        let clear = |values: &mut [f64]| {
            values.iter_mut().zip(kept).filter(|(_, kept)| !**kept).for_each(|(v, _)| *v = 0.0);
        };
        clear(&mut first);
        if statistic.is_full() {
            for (row, kept) in second.chunks_exact_mut(channels).zip(kept) {
                if *kept { clear(row) } else { row.fill(0.0) }
            }
        } else {
            clear(&mut second);
        }
    }
    (first, second)
}

/// `factor` × the summed squared difference, and its derivative by `values`.
fn compare(values: &[f64], target: &[f64], factor: f64) -> (f64, Vec<f64>) {
    let difference: Vec<f64> = values.iter().zip(target).map(|(v, t)| v - t).collect();
    let value = factor * difference.iter().map(|d| d * d).sum::<f64>();
    (value, difference.into_iter().map(|d| 2.0 * factor * d).collect())
}
