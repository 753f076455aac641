//! Optimal transport on a line: from one distribution's quantiles to another's.

use super::super::map::CHUNK;
use rayon::prelude::*;

/// Bins of a histogram; values between their centres are interpolated.
const BINS: usize = 1024;

/// Values nearer together than this are one.
const LEAST_RANGE: f32 = 1e-5;

/// How far each value on an axis moves.
pub(super) struct Axis {
    first: f32,
    width: f32,
    /// The shift of the values of each bin.
    shifts: Vec<f32>,
}

impl Axis {
    /// The shifts that bring the distribution of `own` to that of `wanted`, both weighted.
    ///
    /// A bin's values move to the mean of those of `wanted` within the same quantiles, so the mean becomes the wanted one
    /// whatever the bins.
    pub(super) fn between(
        own: &[f32],
        own_weights: Option<&[f32]>,
        wanted: &[f32],
        wanted_weights: Option<&[f32]>,
    ) -> Axis {
        let own = Histogram::of(own, own_weights);
        let wanted = Histogram::of(wanted, wanted_weights);
        let mut below = 0.0;
        let mut shifts = vec![0.0; BINS];
        let mut reader = Quantiles::new(&wanted);
        let mut last: Option<usize> = None;
        for bin in (0..BINS).filter(|&bin| own.shares[bin] > 0.0) {
            let centre = own.first + own.width * (bin as f64 + 0.5);
            below += own.shares[bin];
            shifts[bin] = (reader.mean_up_to(below) - centre) as f32;
            // Empty bins belong in equal steps to those beside them.
            let from = last.map_or(shifts[bin], |last| shifts[last]);
            let first = last.map_or(0, |last| last + 1);
            let steps = (bin + 1 - first) as f32;
            for empty in first..bin {
                shifts[empty] = from + (shifts[bin] - from) * (empty + 1 - first) as f32 / steps;
            }
            last = Some(bin);
        }
        if let Some(last) = last {
            let shift = shifts[last];
            shifts[last..].fill(shift);
        }
        Axis { first: own.first as f32, width: own.width as f32, shifts }
    }

    /// How far `value` moves: between bins' centres in proportion.
    pub(super) fn at(&self, value: f32) -> f32 {
        let place = ((value - self.first) / self.width - 0.5).clamp(0.0, (BINS - 1) as f32);
        let bin = (place as usize).min(BINS - 2);
        let part = place - bin as f32;
        self.shifts[bin] + part * (self.shifts[bin + 1] - self.shifts[bin])
    }
}

/// Shares of all weight in bins of equal width.
struct Histogram {
    first: f64,
    width: f64,
    shares: Vec<f64>,
}

impl Histogram {
    fn of(values: &[f32], weights: Option<&[f32]>) -> Histogram {
        let weight = |i: usize| weights.map_or(1.0, |weights| weights[i].max(0.0));
        let (mut first, mut last) = (f32::INFINITY, f32::NEG_INFINITY);
        for (i, &value) in values.iter().enumerate() {
            if weight(i) > 0.0 {
                (first, last) = (first.min(value), last.max(value));
            }
        }
        // A single value lies in a middle, not on an edge.
        if last - first < LEAST_RANGE {
            (first, last) = (first - LEAST_RANGE, last + LEAST_RANGE);
        }
        let width = (last - first) / BINS as f32;
        let parts: Vec<Vec<f64>> = values
            .par_chunks(16 * CHUNK)
            .enumerate()
            .map(|(chunk, values)| {
                let mut shares = vec![0.0; BINS];
                for (i, value) in values.iter().enumerate() {
                    let bin = (((value - first) / width) as usize).min(BINS - 1);
                    shares[bin] += f64::from(weight(16 * CHUNK * chunk + i));
                }
                shares
            })
            .collect();
        let mut shares = vec![0.0; BINS];
        for part in &parts {
            shares.iter_mut().zip(part).for_each(|(share, part)| *share += part);
        }
        let all: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= all);
        Histogram { first: f64::from(first), width: f64::from(width), shares }
    }
}

/// A histogram read from its lowest value up.
struct Quantiles<'a> {
    of: &'a Histogram,
    bin: usize,
    /// Share of the bin already read, and of all.
    read: f64,
    below: f64,
}

impl<'a> Quantiles<'a> {
    fn new(of: &'a Histogram) -> Self {
        Quantiles { of, bin: 0, read: 0.0, below: 0.0 }
    }

    /// The mean of the values from where the last call ended up to the quantile `up_to`; where that is nothing, the value
    /// there.
    fn mean_up_to(&mut self, up_to: f64) -> f64 {
        let Histogram { first, width, shares } = self.of;
        let (mut sum, mut share) = (0.0, 0.0);
        loop {
            let left = shares[self.bin] - self.read;
            let take = (up_to - self.below).clamp(0.0, left.max(0.0));
            if take > 0.0 {
                let middle = (self.read + 0.5 * take) / shares[self.bin];
                sum += take * (first + width * (self.bin as f64 + middle));
                share += take;
                self.read += take;
                self.below += take;
            }
            if take < left || self.bin + 1 == BINS {
                break;
            }
            self.bin += 1;
            self.read = 0.0;
        }
        if share > 0.0 {
            return sum / share;
        }
        let inside = if shares[self.bin] > 0.0 { self.read / shares[self.bin] } else { 0.5 };
        first + width * (self.bin as f64 + inside)
    }
}
