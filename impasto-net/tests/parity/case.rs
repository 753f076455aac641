//! One network at one size with taps: every instruction set against the plain implementation.

use crate::naive::{self, Field, Run};
use impasto_net::{
    Model, Plan, Purpose, ReluRule,
    cpu::{Cpu, Isa},
    network::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

/// A convention in which every part shows: order, scale, mean and deviation.
pub const INPUT: InputConvention =
    InputConvention { bgr: true, scale: 2.0, mean: [0.8, 1.0, 1.1], std: [0.5, 0.8, 1.25] };

pub const RULES: [ReluRule; 3] = [ReluRule::Gradient, ReluRule::Guided, ReluRule::Deconv];

/// Relative L2 error of a map.
const MAP_TOLERANCE: f64 = 5e-6;
/// Largest error of a map's value, relative to the map's largest.
const VALUE_TOLERANCE: f64 = 2e-5;
/// Smallest margin of ReLUs and maxima at which gradients are compared: twice what their inputs may err.
const MARGIN: f64 = 4e-5;
/// Relative L2 error of a gradient.
const GRADIENT_TOLERANCE: f64 = 5e-6;
/// Pictures tried in search of that margin.
const PICTURES: u64 = 40;

/// Numbers in −1..1 that depend on `seed` only (SplitMix64).
pub fn noise(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// `len` numbers in −1..1.
pub fn noise_of(seed: u64, len: usize) -> Vec<f32> {
    let mut noise = noise(seed);
    (0..len).map(|_| noise()).collect()
}

/// Weights that keep values near one from layer to layer, and biases that are never zero.
pub fn weights_for(network: &Network, seed: u64) -> Weights {
    let channels = network.channels();
    let mut noise = noise(seed);
    let mut arrays = BTreeMap::new();
    for layer in &network.layers {
        if let Op::Convolution(conv) = layer.op {
            let shape = vec![conv.outputs, channels[layer.inputs[0]], conv.kernel, conv.kernel];
            let fan_in: usize = shape[1..].iter().product();
            let scale = (4.0 / fan_in as f32).sqrt();
            let data = (0..shape.iter().product()).map(|_| noise() * scale).collect();
            arrays.insert(format!("{}.weight", layer.parameters), Array { shape, data });
            let data = (0..conv.outputs).map(|_| (noise() + 1.01) * 0.1).collect();
            arrays.insert(format!("{}.bias", layer.parameters), Array { shape: vec![conv.outputs], data });
        }
    }
    Weights::new(arrays, BTreeMap::new())
}

/// Appends layers one after another, each named after its number: `1`, `2` and so on; 0 is the picture.
pub struct Chain {
    pub network: Network,
}

impl Chain {
    pub fn new() -> Chain {
        Chain { network: Network::new("test", INPUT) }
    }

    /// The last layer's index.
    pub fn last(&self) -> usize {
        self.network.layers.len() - 1
    }

    /// Appends a layer that reads `inputs`.
    pub fn from(&mut self, inputs: &[usize], op: Op) -> usize {
        let name = (self.last() + 1).to_string();
        self.network.push(&name, op, inputs)
    }

    /// Appends a layer that reads the last one.
    pub fn then(&mut self, op: Op) -> usize {
        self.from(&[self.last()], op)
    }
}

/// A convolution that keeps the size.
pub fn same(outputs: usize, kernel: usize) -> Op {
    Op::Convolution(Convolution::same(outputs, kernel, Padding::Zero))
}

pub fn max(window: usize, stride: usize) -> Op {
    Op::Pool(Pool { pooling: Pooling::Max, window, stride })
}

pub fn average(window: usize, stride: usize) -> Op {
    Op::Pool(Pool { pooling: Pooling::Average, window, stride })
}

/// A network ready to be compared.
pub struct Case {
    pub network: Network,
    pub weights: Weights,
    /// Height and width.
    pub size: (usize, usize),
    /// Names of layers.
    pub taps: Vec<String>,
}

impl Case {
    /// With random weights.
    pub fn new(network: &Network, size: (usize, usize), taps: &[usize]) -> Case {
        let name = |&tap: &usize| network.layers[tap].name.clone();
        let seed = (size.0 * 100 + size.1 + network.layers.len()) as u64;
        let weights = weights_for(network, seed);
        Case { network: network.clone(), weights, size, taps: taps.iter().map(name).collect() }
    }

    /// Compares maps and, under every ReLU rule, gradients.
    pub fn check(&self) {
        let (rgb, run) = self.picture();
        assert!(run.margin >= MARGIN, "no picture keeps clear of kinks: {self}");
        self.check_maps(&rgb, &run);
        self.check_gradients(&rgb, &run, &RULES);
    }

    /// As [`Case::check`], but only maps where every picture tried has a value on a kink.
    pub fn check_where_smooth(&self) {
        let (rgb, run) = self.picture();
        self.check_maps(&rgb, &run);
        if run.margin >= MARGIN {
            self.check_gradients(&rgb, &run, &RULES);
        }
    }

    /// Compares maps and gradients under one rule, in as few passes as show both.
    pub fn check_briefly(&self) {
        let (rgb, run) = self.picture();
        assert!(run.margin >= MARGIN, "no picture keeps clear of kinks: {self}");
        self.check_gradients(&rgb, &run, &[ReluRule::Guided]);
    }

    /// A picture on which no ReLU's or maximum's decision is a matter of rounding, if there is one, with its maps.
    fn picture(&self) -> (Vec<f32>, Run) {
        let mut seed = 0;
        loop {
            let rgb = noise_of(1000 + seed, self.size.0 * self.size.1 * 3);
            let run = naive::forward(&self.network, &self.weights, self.size, &rgb);
            seed += 1;
            if run.margin >= MARGIN || seed == PICTURES {
                return (rgb, run);
            }
        }
    }

    /// Indices of the tapped layers.
    fn tapped(&self) -> Vec<usize> {
        self.taps.iter().map(|tap| self.network.find(tap).unwrap()).collect()
    }

    fn plans(&self, purpose: Purpose) -> impl Iterator<Item = (Isa, Plan)> {
        let model = Model::new(self.network.clone(), self.weights.clone(), None).unwrap();
        Isa::available().into_iter().map(move |isa| {
            let model: &Arc<Model> = &model;
            (isa, Plan::on(Cpu { isa }, model, self.size, &self.taps, purpose).unwrap())
        })
    }

    pub fn check_maps(&self, rgb: &[f32], run: &Run) {
        for purpose in [Purpose::Forward, Purpose::Gradient] {
            for (isa, mut plan) in self.plans(purpose) {
                // What an earlier picture leaves in memory must not show.
                plan.forward(&vec![f32::NAN; rgb.len()]);
                plan.forward(rgb);
                for (tap, layer) in self.tapped().into_iter().enumerate() {
                    let (found, expected) = (plan.tap(tap), &run.maps[layer]);
                    let shape = (expected.height, expected.width, expected.channels);
                    assert_eq!((found.height, found.width, found.channels), shape, "{self}");
                    let error = relative_error(found.data, &expected.data);
                    assert!(error < MAP_TOLERANCE, "{isa:?}, tap {tap}: {error:.1e}; {self}");
                    assert_near(found.data, expected, || format!("{isa:?}, tap {tap}; {self}"));
                }
            }
        }
    }

    pub fn check_gradients(&self, rgb: &[f32], run: &Run, rules: &[ReluRule]) {
        let seeds: Vec<(usize, Vec<f32>)> = self
            .tapped()
            .into_iter()
            .enumerate()
            .map(|(tap, layer)| (layer, noise_of(77 + tap as u64, run.maps[layer].data.len())))
            .collect();
        let wide: Vec<(usize, Vec<f64>)> =
            seeds.iter().map(|(layer, seed)| (*layer, seed.iter().map(|&s| s as f64).collect())).collect();
        let mut plans: Vec<(Isa, Plan)> = self.plans(Purpose::Gradient).collect();
        for &rule in rules {
            let expected = naive::backward(&self.network, &self.weights, run, rule, &wide);
            for (isa, plan) in &mut plans {
                let mut found = vec![f32::NAN; rgb.len()];
                plan.forward(&vec![f32::NAN; rgb.len()]);
                plan.backward(rule, &mut |_, _, cotangent| cotangent.fill(f32::NAN), &mut found);
                plan.forward(rgb);
                let mut called = vec![0; seeds.len()];
                let mut seed = |tap: usize, map: impasto_net::Map<'_>, cotangent: &mut [f32]| {
                    called[tap] += 1;
                    let expected = &run.maps[seeds[tap].0];
                    assert_near(map.data, expected, || format!("{isa:?}, seed of tap {tap}; {self}"));
                    cotangent.iter_mut().zip(&seeds[tap].1).for_each(|(g, s)| *g += s);
                };
                plan.backward(rule, &mut seed, &mut found);
                assert!(called.iter().all(|&n| n == 1), "seeds called {called:?} times; {self}");
                let error = relative_error(&found, &expected);
                assert!(error < GRADIENT_TOLERANCE, "{isa:?}, {rule:?}: {error:.1e}; {self}");
            }
        }
    }
}

/// Asserts that every value is within [`VALUE_TOLERANCE`].
fn assert_near(found: &[f32], expected: &Field, context: impl Fn() -> String) {
    let bound = VALUE_TOLERANCE * expected.largest();
    for (found, expected) in found.iter().zip(&expected.data) {
        let near = (*found as f64 - expected).abs() <= bound;
        assert!(near, "{found} instead of {expected}: {}", context());
    }
}

/// ‖found − expected‖ / ‖expected‖; infinite where something is not finite or should be all zeros and is not.
pub fn relative_error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let difference: f64 = found.iter().zip(expected).map(|(f, e)| (*f as f64 - e).powi(2)).sum();
    let norm: f64 = expected.iter().map(|e| e * e).sum();
    match (difference / norm).sqrt() {
        _ if difference == 0.0 => 0.0,
        error if error.is_finite() => error,
        _ => f64::INFINITY,
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "taps {:?} of {:?} at {:?}", self.taps, self.network.layers, self.size)
    }
}
