//! Training: derivatives by parameters, steps of parameters, what a training plan keeps.

use crate::{
    case::{Case, Chain, noise_of, norm, same, weights_for},
    naive,
};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Op, Padding, transform},
    weights::Weights,
};
use std::collections::BTreeMap;

fn chain() -> Chain {
    let mut chain = Chain::new();
    for op in [same(5, 3), norm(), Op::Relu, Op::Upsample, same(4, 3), norm()] {
        chain.then(op);
    }
    chain
}

/// The plain implementation's derivatives against finite differences of its own maps.
#[test]
fn plain_derivatives_are_those_of_plain_maps() {
    let (network, size) = (chain().network, (4, 5));
    let weights = weights_for(&network, 4);
    let rgb = noise_of(5, size.0 * size.1 * 3);
    let last = network.layers.len() - 1;
    let run = naive::forward(&network, &weights, size, &rgb);
    let cotangent: Vec<f64> = noise_of(7, run.maps[last].data.len()).iter().map(|&v| v as f64).collect();
    let value = |weights: &Weights, rgb: &[f32]| -> f64 {
        let run = naive::forward(&network, weights, size, rgb);
        run.maps[last].data.iter().zip(&cotangent).map(|(y, g)| y * g).sum()
    };
    let seeds = [(last, cotangent.clone())];
    let mut still = naive::Shaking::none();
    let exact = naive::derivatives(&network, &weights, &run, ReluRule::Gradient, &seeds, &mut still);
    let check = |name: &str, exact: &[f64], at: &[f32], value: &dyn Fn(&[f32]) -> f64| {
        let size = exact.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
        for i in (0..at.len()).step_by(3) {
            // The step that f32 really takes.
            let moved = |by: f32| {
                let mut at = at.to_vec();
                at[i] += by;
                (at[i] as f64, value(&at))
            };
            let ((up, high), (down, low)) = (moved(1e-3), moved(-1e-3));
            let slope = (high - low) / (up - down);
            assert!((slope - exact[i]).abs() < 1e-4 * size + 1e-9, "{name} {i}: {slope}, {}", exact[i]);
        }
    };
    check("picture", &exact.picture, &rgb, &|rgb| value(&weights, rgb));
    for (name, exact) in
        exact.parameters.iter().filter(|(name, _)| !["1.bias", "5.bias"].contains(&&name[..]))
    {
        check(name, exact, &weights.get(name).unwrap().data, &|data| {
            value(&changed(&weights, name, data), &rgb)
        });
    }
}

/// `weights` with other values for `name`.
fn changed(weights: &Weights, name: &str, data: &[f32]) -> Weights {
    let array = |name: &str| (name.to_owned(), weights.get(name).unwrap().clone());
    let mut arrays: BTreeMap<_, _> = weights.names().map(array).collect();
    arrays.get_mut(name).unwrap().data = data.to_vec();
    Weights::new(arrays, BTreeMap::new())
}

fn backward(plan: &mut Plan, rgb: &[f32]) -> Vec<f32> {
    let mut gradient = vec![0.0; rgb.len()];
    plan.forward(rgb);
    let mut seed =
        |_: usize, map: Map<'_>, g: &mut [f32]| g.iter_mut().zip(map.data).for_each(|(g, y)| *g += y);
    plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
    gradient
}

fn parameter_gradients(plan: &Plan) -> BTreeMap<String, Vec<f32>> {
    plan.parameter_gradients().map(|(name, values)| (name.to_owned(), values.to_vec())).collect()
}

#[test]
fn derivatives_add_up_until_cleared() {
    let network = chain().network;
    let model = Model::new(network.clone(), weights_for(&network, 4), None).unwrap();
    let mut plan = Plan::new(&model, 6, 5, &["6".into()], Purpose::Training).unwrap();
    let rgb = noise_of(1, 90);
    backward(&mut plan, &rgb);
    let once = parameter_gradients(&plan);
    backward(&mut plan, &rgb);
    for (name, twice) in parameter_gradients(&plan) {
        assert!(
            twice.iter().zip(&once[&name]).all(|(t, o)| (t - 2.0 * o).abs() <= 1e-4 * o.abs() + 1e-4),
            "{name}"
        );
    }
    plan.clear_parameter_gradients();
    assert!(parameter_gradients(&plan).values().flatten().all(|&g| g == 0.0));
}

/// Two layers with one name for their parameters: their derivatives are added.
#[test]
fn shared_parameters_share_derivatives() {
    let mut chain = Chain::new();
    for _ in 0..2 {
        let conv = chain.then(same(3, 3));
        chain.network.layers[conv].parameters = "shared".into();
        chain.then(Op::Relu);
    }
    Case::new(&chain.network, (6, 7), &[4]).check_where_smooth();
    let model = Model::new(chain.network.clone(), weights_for(&chain.network, 4), None).unwrap();
    let plan = Plan::new(&model, 6, 7, &["4".into()], Purpose::Training).unwrap();
    assert_eq!(parameter_gradients(&plan).keys().collect::<Vec<_>>(), ["shared.bias", "shared.weight"]);
}

/// A plan given other parameters is as one made with them.
#[test]
fn parameters_can_be_exchanged() {
    let network = transform::transform([16, 5, 16], 1, transform::Joining::default(), Padding::Reflect);
    let model = |seed| Model::new(network.clone(), weights_for(&network, seed), None).unwrap();
    let taps = [transform::OUTPUT.to_owned()];
    let rgb = noise_of(1, 12 * 14 * 3);
    let fresh = |seed| Plan::new(&model(seed), 12, 14, &taps, Purpose::Training).unwrap();
    let (mut one, mut two) = (fresh(1), fresh(2));
    backward(&mut one, &rgb);
    one.clear_parameter_gradients();
    one.set_parameters(&model(2)).unwrap();
    assert_eq!(backward(&mut one, &rgb), backward(&mut two, &rgb));
    assert_eq!(one.tap(0).data, two.tap(0).data);
    assert_eq!(parameter_gradients(&one), parameter_gradients(&two));
}

#[test]
#[should_panic(expected = "another network")]
fn parameters_of_another_network_are_refused() {
    let network = chain().network;
    let model = Model::new(network.clone(), weights_for(&network, 4), None).unwrap();
    let mut plan = Plan::new(&model, 6, 5, &["6".into()], Purpose::Forward).unwrap();
    let mut other = Chain::new();
    other.then(same(5, 1));
    let other = Model::new(other.network.clone(), weights_for(&other.network, 4), None).unwrap();
    let _ = plan.set_parameters(&other);
}

/// Where a norm writes over its input, a forward plan holds one map less; gradient plans keep what norms read, training
/// plans what convolutions read too. (Plans of a few megabytes share less, so that threads find their own parts of maps.)
#[test]
fn each_purpose_holds_what_it_needs() {
    let network = transform::transform([8, 8, 8], 3, transform::Joining::default(), Padding::Reflect);
    let model = Model::new(network.clone(), weights_for(&network, 4), None).unwrap();
    let memory = |purpose| Plan::new(&model, 640, 640, &["r3".into()], purpose).unwrap().memory().of_size();
    let map = 640 * 640 * 8 * 4;
    let forward = memory(Purpose::Forward);
    // The first convolution's map, a quarter of it that is being written, and little else.
    assert!(forward < map * 3 / 2, "{forward}");
    assert!(forward < memory(Purpose::Gradient));
    assert!(memory(Purpose::Gradient) < memory(Purpose::Training));
}
