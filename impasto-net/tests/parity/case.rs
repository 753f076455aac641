//! One network at one size with taps: every device of this suite ([`crate::devices`]) against the plain implementation.

pub use crate::chain::*;

use crate::{
    devices::{self, Device},
    distance::assert_close,
    naive::{self, Run},
    slack::Slack,
};
use impasto_net::{Map, Model, Plan, Purpose, ReluRule, network::Network, weights::Weights};
use std::sync::Arc;

pub const RULES: [ReluRule; 3] = [ReluRule::Gradient, ReluRule::Guided, ReluRule::Deconv];

/// Relative L2 error of a map.
const MAP_TOLERANCE: f64 = 1e-5;
/// Largest error of a map's value, relative to the map's largest.
const VALUE_TOLERANCE: f64 = 2e-5;
/// Smallest margin of ReLUs and maxima at which gradients are compared: twice what their inputs may err.
const MARGIN: f64 = 4e-5;
/// Relative L2 error of a gradient.
const GRADIENT_TOLERANCE: f64 = 1e-5;
/// Pictures tried in search of that margin.
const PICTURES: u64 = 40;

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
        let mut shown = self.picture(false);
        assert!(shown.smooth, "no picture keeps clear of kinks: {self}");
        self.check_maps(&shown);
        self.check_gradients(&mut shown, &RULES);
    }

    /// As [`Case::check`], and derivatives by parameters, for networks that may amplify rounding; only maps where every
    /// picture tried has a value on a kink.
    pub fn check_where_smooth(&self) {
        let mut shown = self.picture(true);
        self.check_maps(&shown);
        if shown.smooth {
            self.check_gradients(&mut shown, &RULES);
            self.check_training(&mut shown);
        }
    }

    /// Compares maps and gradients under one rule, in as few passes as show both.
    pub fn check_briefly(&self) {
        let mut shown = self.picture(false);
        assert!(shown.smooth, "no picture keeps clear of kinks: {self}");
        self.check_gradients(&mut shown, &[ReluRule::Guided]);
    }

    /// As [`Case::check_briefly`], maps and a training plan's derivatives.
    pub fn check_training_briefly(&self) {
        let mut shown = self.picture(true);
        assert!(shown.smooth, "no picture keeps clear of kinks: {self}");
        self.check_maps(&shown);
        self.check_training(&mut shown);
    }

    /// A picture on which no ReLU's or maximum's decision is a matter of rounding, if there is one, with its maps; and with
    /// an allowance for what rounding does elsewhere if `lenient`.
    fn picture(&self, lenient: bool) -> Shown {
        let mut seed = 0;
        loop {
            let rgb = noise_of(1000 + seed, self.size.0 * self.size.1 * 3);
            let run = naive::forward(&self.network, &self.weights, self.size, &rgb);
            let slack = match lenient {
                true => Slack::of(&self.network, &self.weights, self.size, &rgb),
                false => Slack::default(),
            };
            let smooth = run.margin >= MARGIN.max(2.0 * slack.of_values(&run));
            seed += 1;
            if smooth || seed == PICTURES {
                return Shown { rgb, run, slack, smooth };
            }
        }
    }

    /// Indices of the tapped layers.
    fn tapped(&self) -> Vec<usize> {
        self.taps.iter().map(|tap| self.network.find(tap).unwrap()).collect()
    }

    fn plans(&self, purpose: Purpose) -> Vec<(Device, Plan)> {
        let model: Arc<Model> = Model::new(self.network.clone(), self.weights.clone(), None).unwrap();
        devices::plans(&model, self.size, &self.taps, purpose)
    }

    fn check_maps(&self, Shown { rgb, run, slack, .. }: &Shown) {
        for purpose in [Purpose::Forward, Purpose::Gradient] {
            for (device, mut plan) in self.plans(purpose) {
                // What an earlier picture leaves in memory must not show.
                plan.forward(&vec![f32::NAN; rgb.len()]);
                plan.forward(rgb);
                for (tap, layer) in self.tapped().into_iter().enumerate() {
                    let (found, expected) = (plan.tap(tap), &run.maps[layer]);
                    let shape = (expected.height, expected.width, expected.channels);
                    assert_eq!((found.height, found.width, found.channels), shape, "{self}");
                    let context = || format!("{device:?}, {purpose:?}, tap {tap}; {self}");
                    let (wide, _) = slack.of_map(layer, expected);
                    assert_close(found.data, &expected.data, MAP_TOLERANCE, wide, context);
                    self.assert_near(found, layer, run, slack, context);
                }
            }
        }
    }

    /// For every tap, its layer and a cotangent.
    fn seeds(&self, run: &Run) -> Vec<(usize, Vec<f32>)> {
        let seed =
            |(tap, layer): (usize, usize)| (layer, noise_of(77 + tap as u64, run.maps[layer].data.len()));
        self.tapped().into_iter().enumerate().map(seed).collect()
    }

    fn check_gradients(&self, Shown { rgb, run, slack, .. }: &mut Shown, rules: &[ReluRule]) {
        let seeds = self.seeds(run);
        let wide = widened(&seeds);
        let mut plans: Vec<(Device, Plan)> = self.plans(Purpose::Gradient);
        for &rule in rules {
            let expected = match slack.is_none() {
                true => {
                    let picture = naive::backward(&self.network, &self.weights, run, rule, &wide);
                    naive::Derivatives { picture, parameters: Default::default() }
                }
                false => self.derivatives(run, rule, &wide),
            };
            let network = (&self.network, &self.weights);
            let allowed = slack.of_derivatives(network, rule, &wide, &expected);
            let allowed = allowed.get("").copied().unwrap_or(0.0);
            for (device, plan) in &mut plans {
                let mut found = vec![f32::NAN; rgb.len()];
                plan.forward(&vec![f32::NAN; rgb.len()]);
                plan.backward(rule, &mut |_, _, cotangent| cotangent.fill(f32::NAN), &mut found);
                plan.forward(rgb);
                let mut called = vec![0; seeds.len()];
                let mut seed = |tap: usize, map: Map<'_>, cotangent: &mut [f32]| {
                    called[tap] += 1;
                    self.assert_near(map, seeds[tap].0, run, slack, || {
                        format!("{device:?}, seed {tap}; {self}")
                    });
                    cotangent.iter_mut().zip(&seeds[tap].1).for_each(|(g, s)| *g += s);
                };
                plan.backward(rule, &mut seed, &mut found);
                assert!(called.iter().all(|&n| n == 1), "seeds called {called:?} times; {self}");
                let context = || format!("{device:?}, {rule:?}; {self}");
                assert_close(&found, &expected.picture, GRADIENT_TOLERANCE, allowed, context);
            }
        }
    }

    fn derivatives(&self, run: &Run, rule: ReluRule, seeds: &[(usize, Vec<f64>)]) -> naive::Derivatives {
        naive::derivatives(&self.network, &self.weights, run, rule, seeds, &mut naive::Shaking::none())
    }

    /// Compares a training plan's derivatives by picture and parameters.
    fn check_training(&self, Shown { rgb, run, slack, .. }: &mut Shown) {
        let seeds = self.seeds(run);
        let wide = widened(&seeds);
        let expected = self.derivatives(run, ReluRule::Gradient, &wide);
        let network = (&self.network, &self.weights);
        let allowed = slack.of_derivatives(network, ReluRule::Gradient, &wide, &expected);
        for (device, mut plan) in self.plans(Purpose::Training) {
            let mut found = vec![f32::NAN; rgb.len()];
            plan.forward(&vec![f32::NAN; rgb.len()]);
            plan.backward(ReluRule::Gradient, &mut |_, _, cotangent| cotangent.fill(f32::NAN), &mut found);
            plan.clear_parameter_gradients();
            plan.forward(rgb);
            let mut seed = |tap: usize, _: Map<'_>, cotangent: &mut [f32]| {
                cotangent.iter_mut().zip(&seeds[tap].1).for_each(|(g, s)| *g += s);
            };
            plan.backward(ReluRule::Gradient, &mut seed, &mut found);
            let context = |name: &str| format!("{device:?}, by {name:?}; {self}");
            assert_close(&found, &expected.picture, GRADIENT_TOLERANCE, allowed[""], || context("picture"));
            for (name, found) in plan.parameter_gradients() {
                let (expected, allowed) = (&expected.parameters[name], allowed[name]);
                assert_close(found, expected, GRADIENT_TOLERANCE, allowed, || context(name));
            }
        }
    }

    /// Asserts that every value of a layer's map is within [`VALUE_TOLERANCE`] or the slack.
    fn assert_near(
        &self,
        found: Map<'_>,
        layer: usize,
        run: &Run,
        slack: &Slack,
        context: impl Fn() -> String,
    ) {
        let expected = &run.maps[layer];
        let bound = (VALUE_TOLERANCE * expected.largest()).max(slack.of_map(layer, expected).1);
        for (found, expected) in found.data.iter().zip(&expected.data) {
            let near = (*found as f64 - expected).abs() <= bound;
            assert!(near, "{found} instead of {expected}: {}", context());
        }
    }
}

/// A picture to compare on.
struct Shown {
    rgb: Vec<f32>,
    run: Run,
    slack: Slack,
    /// Whether it keeps clear of kinks, so that derivatives can be compared.
    smooth: bool,
}

fn widened(seeds: &[(usize, Vec<f32>)]) -> Vec<(usize, Vec<f64>)> {
    seeds.iter().map(|(layer, seed)| (*layer, seed.iter().map(|&s| s as f64).collect())).collect()
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "taps {:?} of {:?} at {:?}", self.taps, self.network.layers, self.size)
    }
}
