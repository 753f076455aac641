//! Maps and back-projections against values computed with PyTorch in float64 from the same weights.

use crate::expected::{interleaved, reference, relative_error};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Pooling, Variant},
    weights::Weights,
};
use std::sync::Arc;

struct Case {
    plan: Plan,
    rgb: Vec<f32>,
    taps: Vec<String>,
}

fn case(model: &Arc<Model>, file: &Weights, taps: &[&str], purpose: Purpose) -> Case {
    let image = file.get("image").unwrap();
    let taps: Vec<String> = taps.iter().map(|t| t.to_string()).collect();
    let mut plan = Plan::new(model, image.shape[1], image.shape[2], &taps, purpose).unwrap();
    let rgb = interleaved(image);
    plan.forward(&rgb);
    Case { plan, rgb, taps }
}

fn check_maps(case: &Case, file: &Weights, prefix: &str, tolerance: f64) {
    for (i, tap) in case.taps.iter().enumerate() {
        let expected = file.get(&format!("{prefix}{tap}")).unwrap();
        let error = relative_error(case.plan.tap(i).data, &interleaved(expected));
        println!("{prefix}{tap}: {error:.2e}");
        assert!(error < tolerance, "{prefix}{tap}: {error:.2e}");
    }
}

#[test]
fn vgg19_maps() {
    let file = reference("vgg19_features.safetensors");
    let taps =
        ["conv1_1", "relu1_1", "relu2_1", "relu3_1", "relu4_1", "conv4_2", "relu4_2", "relu5_1", "pool5"];
    let model = Model::named("vgg19", Variant::default(), None).unwrap();
    for purpose in [Purpose::Forward, Purpose::Gradient] {
        check_maps(&case(&model, &file, &taps, purpose), &file, "", 2e-5);
    }
    let average = Variant { pooling: Pooling::Average, ..Variant::default() };
    let model = Model::named("vgg19", average, None).unwrap();
    let case = case(&model, &file, &["conv4_2", "relu5_1", "pool5"], Purpose::Forward);
    check_maps(&case, &file, "avg.", 2e-5);
}

/// d (value of `tap` chosen by `seed`) / d image.
fn back(case: &mut Case, rule: ReluRule, seed: &(dyn Fn(Map<'_>, &mut [f32]) + Sync)) -> Vec<f32> {
    case.plan.forward(&case.rgb);
    let mut gradient = vec![0.0; case.rgb.len()];
    case.plan.backward(rule, &mut |_, map, g| seed(map, g), &mut gradient);
    gradient
}

const RULES: [(&str, ReluRule); 3] =
    [("gradient", ReluRule::Gradient), ("guided", ReluRule::Guided), ("deconv", ReluRule::Deconv)];

#[test]
fn squeezenet_scores_and_their_gradients() {
    let file = reference("squeezenet.safetensors");
    let model = Model::named("squeezenet", Variant::default(), None).unwrap();
    let maps = case(&model, &file, &["conv1", "fire9", "logits"], Purpose::Forward);
    for (i, name) in ["conv1", "fire9", "logits"].into_iter().enumerate() {
        let expected = file.get(name).unwrap();
        let error = relative_error(maps.plan.tap(i).data, &interleaved(expected));
        println!("{name}: {error:.2e}");
        assert!(error < 2e-5, "{name}: {error:.2e}");
    }
    let mut scores = case(&model, &file, &["logits"], Purpose::Gradient);
    for (name, rule) in RULES {
        let found = back(&mut scores, rule, &|_, g| g[285] += 1.0);
        let error = relative_error(&found, &interleaved(file.get(&format!("class.{name}")).unwrap()));
        println!("class.{name}: {error:.2e}");
        assert!(error < 1e-2, "class.{name}: {error:.2e}");
    }
}

#[test]
fn vgg19_back_projections() {
    let file = reference("vgg19_backprojection.safetensors");
    let model = Model::named("vgg19", Variant::default(), None).unwrap();
    for (layer, plane, row, column) in [("relu2_2", 112, 46, 43), ("relu4_2", 126, 11, 9)] {
        let mut case = case(&model, &file, &[layer], Purpose::Gradient);
        for (name, rule) in RULES {
            let top = back(&mut case, rule, &|map, g| {
                g[(row * map.width + column) * map.channels + plane] += 1.0;
            });
            let sum = back(&mut case, rule, &|map, g| {
                g.chunks_exact_mut(map.channels).for_each(|g| g[plane] += 1.0);
            });
            for (kind, found) in [("top", top), ("sum", sum)] {
                let Some(expected) = file.get(&format!("{layer}.{kind}.{name}")) else { continue };
                let error = relative_error(&found, &interleaved(expected));
                println!("{layer}.{kind}.{name}: {error:.2e}");
                assert!(error < 1e-2, "{layer}.{kind}.{name}: {error:.2e}");
            }
        }
    }
}
