//! VGG-19, SqueezeNet and a generator on graphics processors against values that PyTorch computed in float64 from the same
//! weights: those of the processor's tests, at ten times their tolerances.

use crate::common::{gpus, placement};
use crate::expected::{interleaved, reference, relative_error};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    engine::Placement,
    network::{Convolution, InputConvention, Network, Op, Padding, Variant},
    weights::{Array, Weights},
};
use std::sync::{Arc, Mutex};

/// Every device's name with a plan of `model` that has run on the file's picture.
fn plans(model: &Arc<Model>, file: &Weights, taps: &[&str], purpose: Purpose) -> Vec<(&'static str, Plan)> {
    let image = file.get("image").unwrap();
    let taps: Vec<String> = taps.iter().map(|tap| tap.to_string()).collect();
    let plan = |(name, gpu): &'static (String, impasto_gpu::Gpu)| {
        let model = model.on(Some(placement(gpu)));
        let mut plan = Plan::new(&model, image.shape[1], image.shape[2], &taps, purpose).unwrap();
        plan.forward(&interleaved(image));
        (&name[..], plan)
    };
    gpus().iter().map(plan).collect()
}

fn check(found: &[f32], file: &Weights, name: &str, tolerance: f64, device: &str) {
    let error = relative_error(found, &interleaved(file.get(name).unwrap()));
    println!("{device}, {name}: {error:.2e}");
    assert!(error < tolerance, "{device}, {name}: {error:.2e}");
}

#[test]
fn vgg19_maps() {
    let file = reference("vgg19_features.safetensors");
    let taps =
        ["conv1_1", "relu1_1", "relu2_1", "relu3_1", "relu4_1", "conv4_2", "relu4_2", "relu5_1", "pool5"];
    let model = Model::named("vgg19", Variant::default(), None).unwrap();
    for (device, plan) in plans(&model, &file, &taps, Purpose::Gradient) {
        for (number, tap) in taps.iter().enumerate() {
            check(plan.tap(number).data, &file, tap, 2e-4, device);
        }
    }
}

#[test]
fn vgg19_back_projections() {
    let file = reference("vgg19_backprojection.safetensors");
    let model = Model::named("vgg19", Variant::default(), None).unwrap();
    let (layer, plane, row, column) = ("relu2_2", 112, 46, 43);
    for (device, mut plan) in plans(&model, &file, &[layer], Purpose::Gradient) {
        for (rule, relu) in
            [("gradient", ReluRule::Gradient), ("guided", ReluRule::Guided), ("deconv", ReluRule::Deconv)]
        {
            let name = format!("{layer}.top.{rule}");
            let mut gradient = vec![0.0; file.get("image").unwrap().data.len()];
            let mut seed = |_: usize, map: Map<'_>, g: &mut [f32]| {
                g[(row * map.width + column) * map.channels + plane] += 1.0;
            };
            plan.backward(relu, &mut seed, &mut gradient);
            if file.get(&name).is_some() {
                check(&gradient, &file, &name, 1e-1, device);
            }
        }
    }
}

#[test]
fn squeezenet_scores() {
    let file = reference("squeezenet.safetensors");
    let model = Model::named("squeezenet", Variant::default(), None).unwrap();
    let taps = ["conv1", "fire9", "logits"];
    for (device, plan) in plans(&model, &file, &taps, Purpose::Forward) {
        for (number, tap) in taps.iter().enumerate() {
            check(plan.tap(number).data, &file, tap, 2e-4, device);
        }
    }
}

#[test]
fn the_self_check_passes() {
    for (name, gpu) in gpus() {
        let error = impasto_gpu::check::check(gpu).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(error < 1e-5, "{name}: {error:.1e}");
    }
}

/// What a device leaves to the processor is done there.
#[test]
fn training_depthwise_convolutions_goes_on_with_the_processor() {
    for (_, gpu) in gpus() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let note = heard.clone();
        let hear = Box::new(move |text: &str| note.lock().unwrap().push(text.to_owned()));
        let placement = Placement::new(Arc::new(gpu.clone()), false, hear);
        let mut network = Network::new("planes", InputConvention::UNCHANGED);
        network.push("last", Op::Depthwise(Convolution::same(3, 3, Padding::Reflect)), &[0]);
        let array =
            |shape: &[usize]| Array { shape: shape.to_vec(), data: vec![0.5; shape.iter().product()] };
        let arrays =
            [("last.weight".to_owned(), array(&[3, 1, 3, 3])), ("last.bias".to_owned(), array(&[3]))];
        let weights = Weights::new(arrays.into(), Default::default());
        let model = Model::new(network, weights, None).unwrap().on(Some(placement));
        let plan = Plan::of_last(&model, 8, 8, Purpose::Training).unwrap();
        assert!(plan.device_memory().is_none() && plan.parameter_gradients().count() > 0);
        assert_eq!(heard.lock().unwrap().len(), 1);
    }
}
