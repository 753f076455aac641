//! What keeps single values of a map from outgrowing all others.

use impasto_net::{Map, statistics};

/// Pictures of a style from one look at the maps to the next (lazy regularisation, Karras et al. 2020, "Analyzing and
/// Improving the Image Quality of StyleGAN").
pub(super) const EVERY: u64 = 16;

/// Deviations from a plane's mean that cost nothing.
const BOUND: f32 = 5.0;

/// Weight of the mean square of what is beyond, where it is looked at.
const WEIGHT: f32 = 0.02 * EVERY as f32;

/// Adds the derivative of the cost of values beyond the bound to `cotangent`. In front of an instance norm a generator can
/// hide one huge value in a plane, which makes everything else in it small and leaves flat places in the painting (the same
/// paper's droplets). The planes' means and deviations are taken as they are.
pub(super) fn calm(map: Map<'_>, cotangent: &mut [f32]) {
    let planes = map.channels;
    let count = map.positions() as f32;
    let moments = statistics::moments(map, false);
    let mean: Vec<f32> = moments.mean.iter().map(|&mean| mean as f32).collect();
    let variance = moments.square.iter().zip(&moments.mean).map(|(square, mean)| square - mean * mean);
    let deviation: Vec<f32> = variance.map(|variance| variance.max(1e-8).sqrt() as f32).collect();
    for (values, cotangents) in map.data.chunks_exact(planes).zip(cotangent.chunks_exact_mut(planes)) {
        for (plane, (value, cotangent)) in values.iter().zip(cotangents).enumerate() {
            let off = (value - mean[plane]) / deviation[plane];
            let beyond = off.abs() - BOUND;
            if beyond > 0.0 {
                *cotangent += 2.0 * WEIGHT / count * beyond * off.signum() / deviation[plane];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spikes_cost() {
        let mut data: Vec<f32> = (0..2 * 100).map(|i| ((i * 7) % 13) as f32).collect();
        data[2 * 40] = 400.0;
        let map = Map { height: 10, width: 10, channels: 2, data: &data };
        let mut cotangent = vec![0.0; data.len()];
        calm(map, &mut cotangent);
        assert!(cotangent[2 * 40] > 0.0);
        cotangent[2 * 40] = 0.0;
        assert!(cotangent.iter().all(|&value| value == 0.0));
    }
}
