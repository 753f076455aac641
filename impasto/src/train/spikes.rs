//! What keeps a generator from hiding in a spot what its norms are to ignore.
//!
//! Instance norms divide a plane by its deviation. A network can use that: in a smooth spot, where it costs the objective
//! little, it raises a plane to many times its usual height, and everything else in the plane becomes small. Painted, the spot
//! is a flat blob (Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020, who found the same in
//! generators of faces and took the norms away; here heights are made to cost something, so that the norms can stay).

use impasto_net::{
    Map,
    network::{Network, Op},
};

/// Multiple of its plane's root of the mean square above which a value is a spike.
const HEIGHT: f32 = 6.0;

/// The layers whose values are watched: sums and ReLUs from the first residual block on. Before it, peaks are the
/// photograph's own highlights.
pub(super) fn layers(network: &Network) -> Vec<String> {
    let first = network.layers.iter().position(|layer| layer.op == Op::Add);
    let begin = first.map_or(network.layers.len(), |first| network.layers[first].inputs[0]);
    let watched = network.layers.iter().skip(begin + 1);
    let watched = watched.filter(|layer| matches!(layer.op, Op::Add | Op::Relu));
    watched.map(|layer| layer.name.clone()).collect()
}

/// `weight` times the mean square of what values exceed [`HEIGHT`] by, in units of their plane's root of the mean square,
/// which counts as given. Its derivative is added to `cotangent`.
pub(super) fn add(map: Map<'_>, weight: f64, cotangent: &mut [f32]) -> f64 {
    let mut squares = vec![0.0f32; map.channels];
    for pixel in map.data.chunks_exact(map.channels) {
        squares.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value * value);
    }
    let usual: Vec<f32> = squares.iter().map(|sum| (sum / map.positions() as f32).sqrt().max(1e-6)).collect();
    let share = weight / map.data.len() as f64;
    let mut sum = 0.0;
    for (pixel, out) in map.data.chunks_exact(map.channels).zip(cotangent.chunks_exact_mut(map.channels)) {
        for ((value, usual), out) in pixel.iter().zip(&usual).zip(out) {
            let above = value.abs() / usual - HEIGHT;
            if above > 0.0 {
                sum += f64::from(above * above);
                *out += 2.0 * share as f32 * above * value.signum() / usual;
            }
        }
    }
    share * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use impasto_net::network::{Padding, transform::transform};

    #[test]
    fn only_spikes_cost_and_are_pushed_down() {
        let mut data = vec![1.0; 2 * 100];
        let map =
            |data: &[f32], out: &mut [f32]| add(Map { height: 10, width: 10, channels: 2, data }, 3.0, out);
        let mut slope = vec![0.0; 200];
        assert_eq!((map(&data, &mut slope), &slope), (0.0, &vec![0.0; 200]));
        data[40] = -30.0;
        let cost = map(&data, &mut slope);
        // The plane's root of the mean square is √9.99.
        let above = 30.0 / 9.99f64.sqrt() - 6.0;
        assert!((cost - 3.0 * above * above / 200.0).abs() < 1e-4, "{cost}");
        assert!(slope[40] < 0.0 && slope.iter().filter(|&&s| s != 0.0).count() == 1);
    }

    #[test]
    fn watches_the_trunk_and_what_follows() {
        let names = layers(&transform([2, 2, 2], 2, Padding::Reflect));
        assert_eq!(names, ["r1.a.relu", "r1", "r2.a.relu", "r2", "u1.relu", "u2.relu"]);
    }
}
