//! Steps of training on graphics processors.

use crate::{
    case::{noise_of, weights_for},
    devices::placed,
};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Padding, transform},
};
use std::sync::Arc;

/// A picture's gradient, and all derivatives by parameters.
fn backward(plan: &mut Plan, rgb: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut gradient = vec![0.0; rgb.len()];
    plan.forward(rgb);
    let mut seed =
        |_: usize, map: Map<'_>, g: &mut [f32]| g.iter_mut().zip(map.data).for_each(|(g, y)| *g += y);
    plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
    (gradient, plan.parameter_gradients().flat_map(|(_, values)| values.to_vec()).collect())
}

#[test]
fn a_plan_given_other_parameters_is_as_one_made_with_them() {
    // Wide enough for Winograd's algorithm, and to few planes as well.
    let network = transform::transform([16, 20, 40], 1, transform::Joining::default(), Padding::Reflect);
    let model = |seed| Model::new(network.clone(), weights_for(&network, seed), None).unwrap();
    let rgb = noise_of(1, 24 * 28 * 3);
    let plan = |model: &Arc<Model>| Plan::of_last(model, 24, 28, Purpose::Training).unwrap();
    for (first, second) in placed(&model(1)).iter().zip(placed(&model(2))) {
        let (mut one, mut two) = (plan(first), plan(&second));
        assert!(one.device_memory().is_some());
        backward(&mut one, &rgb);
        one.clear_parameter_gradients();
        one.set_parameters(&second).unwrap();
        let (given, made) = (backward(&mut one, &rgb), backward(&mut two, &rgb));
        assert!(given == made);
        let (gradient, twice) = backward(&mut one, &rgb);
        assert!(gradient == made.0);
        // Derivatives add up until they are cleared.
        assert!(twice.iter().zip(&made.1).all(|(twice, once)| *twice == 2.0 * once));
    }
}
