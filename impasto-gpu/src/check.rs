//! Whether a device computes what it should: a small network on it and on the processor.

use crate::Gpu;
use impasto_net::{
    Map, Model, NetError, Plan, Purpose, ReluRule,
    engine::Placement,
    network::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

/// Relative error of maps and gradients that is taken for rounding.
const TOLERANCE: f64 = 1e-4;

/// Runs a small network there and back on `gpu` and on the processor; gives the largest relative error.
///
/// # Errors
/// A sentence that says what went wrong, if the two differ by more than rounding or the device fails.
pub fn check(gpu: &Gpu) -> Result<f64, String> {
    let model = model().map_err(|error| error.to_string())?;
    let placement = Placement::new(Arc::new(gpu.clone()), false, Box::new(|_| {}));
    let run = |model: &Arc<Model>| -> Result<[Vec<f32>; 2], NetError> {
        let (height, width) = (19, 22);
        let rgb: Vec<f32> = (0..3 * height * width).map(|i| ((i * i + i / 5) % 97) as f32 / 96.0).collect();
        let mut plan = Plan::precise(model, (height, width), &["last".to_owned()], Purpose::Gradient)?;
        plan.forward(&rgb);
        let map = plan.tap(0).data.to_vec();
        let mut gradient = vec![0.0; rgb.len()];
        let mut seed = |_: usize, map: Map<'_>, cotangent: &mut [f32]| {
            cotangent.iter_mut().zip(map.data).for_each(|(g, x)| *g += x);
        };
        plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
        Ok([map, gradient])
    };
    let here = run(&model.on(None)).map_err(|error| error.to_string())?;
    let there = run(&model.on(Some(placement.clone()))).map_err(|error| match error {
        NetError::Engine { source, .. } => source.to_string(),
        other => other.to_string(),
    })?;
    if let Some(failure) = placement.failure() {
        return Err(failure.to_string());
    }
    let error = here.iter().zip(&there).map(|(here, there)| distance(there, here)).fold(0.0, f64::max);
    if error.is_finite() && error <= TOLERANCE {
        Ok(error)
    } else {
        Err(format!("its results are off by {error:.1e}, relative to the processor's"))
    }
}

/// Euclidean distance relative to what is expected.
fn distance(found: &[f32], expected: &[f32]) -> f64 {
    let (mut difference, mut size) = (0.0, 0.0);
    for (found, expected) in found.iter().zip(expected) {
        difference += (f64::from(*found) - f64::from(*expected)).powi(2);
        size += f64::from(*expected).powi(2);
    }
    (difference / size).sqrt()
}

/// A convolution, a norm, a pool and a strided convolution, with weights that look random.
fn model() -> Result<Arc<Model>, NetError> {
    let mut network = Network::new("check", InputConvention::CAFFE);
    let first = network.push("first", Op::Convolution(Convolution::same(18, 3, Padding::Replicate)), &[0]);
    let norm = network.push("norm", Op::InstanceNorm { epsilon: 1e-5 }, &[first]);
    let pool = Pool { pooling: Pooling::Average, window: 2, stride: 2 };
    let pool = network.push("pool", Op::Pool(pool), &[norm]);
    let strided = Convolution { stride: 2, ..Convolution::same(70, 3, Padding::Zero) };
    network.push("last", Op::Convolution(strided), &[pool]);
    let mut arrays = BTreeMap::new();
    let shapes: [(&str, &[usize]); 6] = [
        ("first.weight", &[18, 3, 3, 3]),
        ("first.bias", &[18]),
        ("norm.weight", &[18]),
        ("norm.bias", &[18]),
        ("last.weight", &[70, 18, 3, 3]),
        ("last.bias", &[70]),
    ];
    for (number, (name, shape)) in shapes.into_iter().enumerate() {
        let count = shape.iter().product();
        let value = |i: usize| ((i * 37 + number * 11) % 101) as f32 / 100.0 - 0.45;
        let array = Array { shape: shape.to_vec(), data: (0..count).map(value).collect() };
        arrays.insert(name.to_owned(), array);
    }
    Model::new(network, Weights::new(arrays, BTreeMap::new()), None)
}
