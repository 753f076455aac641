//! Losses that compare pixels, for what no network judges.

use crate::Evaluation;

/// Weight of the squared error beside the correlation in [`likeness`]: enough to keep the overall colour sensible.
const COLOR: f64 = 0.1;

/// The mean squared error of pixels.
pub(super) fn squared(wanted: &[f32], painted: &[f32], gradient: &mut [f32]) -> Evaluation {
    let mut evaluation = Evaluation::default();
    evaluation.push("pixels", add_squared(wanted, painted, 1.0, gradient));
    evaluation
}

/// How far interleaved RGB `painted` is from the structure of `wanted`: 1 − the correlation of every channel, on average,
/// and a little of the squared error. A generator's instance norms forget a picture's overall brightness and contrast; the
/// squared error alone would be mostly what can never be learnt.
pub(super) fn likeness(wanted: &[f32], painted: &[f32], gradient: &mut [f32]) -> Evaluation {
    let count = (wanted.len() / 3) as f64;
    let mut correlation = 0.0;
    for channel in 0..3 {
        let of = |rgb: &[f32], at: usize| f64::from(rgb[3 * at + channel]);
        let moments = |rgb: &[f32]| {
            let mean = (0..wanted.len() / 3).map(|at| of(rgb, at)).sum::<f64>() / count;
            let square = (0..wanted.len() / 3).map(|at| (of(rgb, at) - mean).powi(2)).sum::<f64>();
            // A plane without contrast correlates with nothing.
            (mean, (square / count).sqrt().max(1e-4))
        };
        let ((mean_w, deviation_w), (mean_p, deviation_p)) = (moments(wanted), moments(painted));
        let z =
            |at: usize| ((of(wanted, at) - mean_w) / deviation_w, (of(painted, at) - mean_p) / deviation_p);
        let r = (0..wanted.len() / 3).map(z).map(|(w, p)| w * p).sum::<f64>() / count;
        correlation += r / 3.0;
        for at in 0..wanted.len() / 3 {
            let (w, p) = z(at);
            gradient[3 * at + channel] = ((r * p - w) / (3.0 * count * deviation_p)) as f32;
        }
    }
    let mut evaluation = Evaluation::default();
    evaluation.push("likeness", 1.0 - correlation);
    evaluation.push("pixels", add_squared(wanted, painted, COLOR, gradient));
    evaluation
}

/// Adds `weight` times the mean squared error's derivative to `gradient` and returns `weight` times the error.
fn add_squared(wanted: &[f32], painted: &[f32], weight: f64, gradient: &mut [f32]) -> f64 {
    let weight = weight / wanted.len() as f64;
    let mut sum = 0.0;
    for ((g, p), w) in gradient.iter_mut().zip(painted).zip(wanted) {
        let difference = f64::from(p - w);
        sum += difference * difference;
        *g += (2.0 * weight * difference) as f32;
    }
    weight * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(phase: f32) -> Vec<f32> {
        (0..48).map(|i| 0.5 + 0.3 * (i as f32 * 0.7 + phase).sin() * (i as f32 * 0.13).cos()).collect()
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        for loss in [squared, likeness] {
            let (wanted, painted) = (waves(0.0), waves(1.0));
            let mut gradient = vec![0.0; 48];
            loss(&wanted, &painted, &mut gradient);
            for at in [0, 7, 23, 47] {
                let total = |step: f32| {
                    let mut moved = painted.clone();
                    moved[at] += step;
                    loss(&wanted, &moved, &mut [0.0; 48]).total
                };
                let difference = (total(1e-2) - total(-1e-2)) / 2e-2;
                assert!((difference - f64::from(gradient[at])).abs() < 2e-4, "{difference} {}", gradient[at]);
            }
        }
    }

    #[test]
    fn likeness_forgives_brightness_and_contrast() {
        let wanted = waves(0.0);
        let paler: Vec<f32> = wanted.iter().map(|value| 0.4 + 0.5 * value).collect();
        let evaluation = likeness(&wanted, &paler, &mut [0.0; 48]);
        assert!(evaluation.terms[0].value.abs() < 1e-6, "{evaluation:?}");
    }
}
