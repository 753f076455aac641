//! VGG-19 made smooth: without ReLUs and maxima no kink hides an error of the image gradient.

use crate::{case::Case, distance::relative_error, naive};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    cpu::{Cpu, Isa},
    network::{InputConvention, Network, Op, Pooling, Variant, vgg},
    weights::{self, Weights},
};
use std::path::Path;

const STYLE: [&str; 5] = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"];

fn vgg19_weights() -> Weights {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    weights::from_folder(&models, "vgg19").unwrap()
}

/// VGG-19 with average pooling and without its ReLUs, up to the deepest style layer.
fn smooth_vgg19() -> Network {
    let variant = Variant { pooling: Pooling::Average, ..Variant::default() };
    let full = vgg::vgg19(InputConvention::CAFFE, variant);
    let mut network = Network::new("smooth", full.input);
    for layer in &full.layers[1..] {
        if layer.op != Op::Relu {
            let last = network.layers.len() - 1;
            network.push(&layer.name, layer.op, &[last]);
        }
        if layer.name == "conv5_1" {
            break;
        }
    }
    network
}

/// The gradient of the sum of the style layers' mean squares is exact to rounding.
#[test]
fn image_gradient_of_smooth_vgg19_is_exact() {
    let network = smooth_vgg19();
    let weights = vgg19_weights();
    let size = (32, 48);
    let taps = STYLE.map(str::to_owned).to_vec();
    let case = Case { network, weights, size, taps };
    let rgb: Vec<f32> = (0..size.0 * size.1 * 3)
        .map(|i| {
            let (row, column, c) = (i / 3 / size.1, i / 3 % size.1, i % 3);
            0.5 + 0.3 * (row as f32 * 0.4 + c as f32).sin() * (column as f32 * 0.23).cos()
                + 0.1 * (i % 7) as f32 / 7.0
        })
        .collect();
    let run = naive::forward(&case.network, &case.weights, size, &rgb);
    assert_eq!(run.margin, f64::INFINITY);
    // Each term is divided by the map's energy, so that all layers count alike.
    let share = |energy: f64| 2.0 / energy;
    let energy = |map: &[f64]| map.iter().map(|x| x * x).sum::<f64>();
    let tapped: Vec<usize> = STYLE.iter().map(|name| case.network.find(name).unwrap()).collect();
    let factors: Vec<f64> = tapped.iter().map(|&layer| share(energy(&run.maps[layer].data))).collect();
    let seeds: Vec<(usize, Vec<f64>)> = tapped
        .iter()
        .zip(&factors)
        .map(|(&layer, factor)| (layer, run.maps[layer].data.iter().map(|x| factor * x).collect()))
        .collect();
    let expected = naive::backward(&case.network, &case.weights, &run, ReluRule::Gradient, &seeds);

    let model = Model::new(case.network.clone(), case.weights.clone(), None).unwrap();
    for (isa, precise) in Isa::available().into_iter().flat_map(|isa| [(isa, false), (isa, true)]) {
        // What is precise loses no more than plain sums in f32 do.
        let (most, most_back) = if precise { (1e-6, 1e-6) } else { (2e-5, 1e-5) };
        let mut plan = Plan::on(Cpu { isa, precise }, &model, size, &case.taps, Purpose::Gradient).unwrap();
        plan.forward(&rgb);
        for (tap, &layer) in tapped.iter().enumerate() {
            let error = relative_error(plan.tap(tap).data, &run.maps[layer].data);
            println!("{isa:?} precise {precise} {}: {error:.1e}", case.taps[tap]);
            assert!(error < most, "{isa:?} {}: {error:.1e}", case.taps[tap]);
        }
        let mut found = vec![0.0; rgb.len()];
        let mut seed = |tap: usize, map: Map<'_>, cotangent: &mut [f32]| {
            let factor = factors[tap] as f32;
            cotangent.iter_mut().zip(map.data).for_each(|(g, x)| *g += factor * x);
        };
        plan.backward(ReluRule::Gradient, &mut seed, &mut found);
        let error = relative_error(&found, &expected);
        println!("{isa:?} precise {precise} gradient: {error:.1e}");
        assert!(error < most_back, "{isa:?}: {error:.1e}");
    }
}

/// The plain implementation's own gradient against finite differences of its own maps.
#[test]
fn plain_gradient_is_the_derivative_of_plain_maps() {
    let network = smooth_vgg19();
    let network =
        Network { layers: network.layers[..network.require("conv2_1").unwrap() + 1].to_vec(), ..network };
    let weights = vgg19_weights();
    let (size, last) = ((6, 5), network.layers.len() - 1);
    let rgb: Vec<f32> = crate::case::noise_of(5, size.0 * size.1 * 3);
    // Steps of a power of two are exact in f32, and the network is affine in the picture.
    let step = 0.25f32;
    let direction: Vec<f32> = crate::case::noise_of(6, rgb.len()).iter().map(|d| d.signum() * step).collect();
    let moved = |sign: f32| -> Vec<f32> { rgb.iter().zip(&direction).map(|(x, d)| x + sign * d).collect() };
    let run = naive::forward(&network, &weights, size, &rgb);
    let up = naive::forward(&network, &weights, size, &moved(1.0));
    let down = naive::forward(&network, &weights, size, &moved(-1.0));
    let cotangent: Vec<f64> =
        crate::case::noise_of(7, run.maps[last].data.len()).iter().map(|&v| v as f64).collect();
    let along: f64 = (0..cotangent.len())
        .map(|i| cotangent[i] * (up.maps[last].data[i] - down.maps[last].data[i]) / 2.0)
        .sum();
    let seeds = [(last, cotangent)];
    let gradient = naive::backward(&network, &weights, &run, ReluRule::Gradient, &seeds);
    let steps =
        moved(1.0).iter().zip(moved(-1.0)).map(|(u, d)| (*u as f64 - d as f64) / 2.0).collect::<Vec<_>>();
    let product: f64 = gradient.iter().zip(&steps).map(|(g, d)| g * d).sum();
    assert!((product - along).abs() < 1e-9 * along.abs(), "{product} and {along}");
}
