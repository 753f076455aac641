//! A generator's picture and the derivatives by its parameters against values computed with PyTorch in float64.

use crate::expected::interleaved;
use impasto_net::{
    Model, Plan, Purpose, ReluRule,
    network::{Padding, transform},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

/// Parameters by the names of the network's layers, and the other arrays of the file.
fn reference() -> (Arc<Model>, Weights) {
    let file = crate::expected::reference("generator.safetensors");
    let parameter = |name: &str| Some((name.strip_prefix("weights.")?.to_owned(), file.get(name)?.clone()));
    let parameters: BTreeMap<String, Array> = file.names().filter_map(parameter).collect();
    let network = transform::transform([8, 16, 32], 5, transform::Joining::default(), Padding::Reflect);
    (Model::new(network, Weights::new(parameters, BTreeMap::new()), None).unwrap(), file)
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

fn distance(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    norm(found.iter().zip(expected).map(|(f, e)| *f as f64 - *e as f64))
}

/// A plan on every device, run on `input`.
fn plans(model: &Arc<Model>, input: &Array, purpose: Purpose) -> Vec<Plan> {
    let plan = |model: Arc<Model>| {
        let mut plan = Plan::of_last(&model, input.shape[1], input.shape[2], purpose).unwrap();
        plan.forward(&interleaved(input));
        plan
    };
    crate::devices::placed(model).into_iter().map(plan).collect()
}

#[test]
fn picture() {
    let (model, file) = reference();
    let expected = interleaved(file.get("output").unwrap());
    let scale = norm(expected.iter().map(|&v| v as f64));
    for purpose in [Purpose::Forward, Purpose::Gradient, Purpose::Training] {
        for plan in plans(&model, file.get("input").unwrap(), purpose) {
            let error = distance(plan.tap(0).data, &expected) / scale;
            println!("{purpose:?}: {error:.2e}");
            assert!(error < 2e-5, "{purpose:?}: {error:.2e}");
        }
    }
}

#[test]
fn derivatives_by_parameters() {
    let (model, file) = reference();
    let input = file.get("input").unwrap();
    let direction = interleaved(file.get("direction").unwrap());
    let expected = |name: &str| &file.get(&format!("gradient.{name}")).unwrap().data;
    let scale = |name: &str| norm(expected(name).iter().map(|&v| v as f64));
    for mut plan in plans(&model, input, Purpose::Training) {
        let mut gradient = vec![0.0; input.data.len()];
        let mut seed = |_: usize, _: impasto_net::Map<'_>, cotangent: &mut [f32]| {
            cotangent.iter_mut().zip(&direction).for_each(|(g, r)| *g += r);
        };
        plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
        let mut seen = 0;
        for (name, found) in plan.parameter_gradients() {
            seen += 1;
            let error = distance(found, expected(name));
            // Most constants added to a plane are taken away by the next norm: only rounding is left of such derivatives, so
            // a bias is measured by its layer's weight where that is larger.
            let scale = match name.strip_suffix(".bias") {
                Some(layer) => scale(name).max(scale(&format!("{layer}.weight"))),
                None => scale(name),
            };
            println!("{name}: {:.2e}", error / scale);
            assert!(error < 1e-2 * scale, "{name}: {:.2e}", error / scale);
        }
        assert_eq!(seen, file.names().filter(|name| name.starts_with("gradient.")).count());
    }
}
