//! Losses, gradients and optimisation curves of the presets against values that PyTorch and SciPy computed in float64
//! from the same weights.

use impasto::{
    Evaluation, Network, Objective, Recipe, Region, Request,
    measure::loss,
    objective::{Goal, StyleSample},
    optimiser::{Lbfgs, LbfgsTorch, Optimiser, Problem, State},
};
use impasto_image::Picture;
use impasto_net::{Plan, Purpose};
use safetensors::SafeTensors;
use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

fn data(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A tensor [3, height, width] as interleaved values.
fn interleaved(tensors: &SafeTensors<'_>, name: &str) -> (usize, usize, Vec<f32>) {
    let view = tensors.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let &[channels, height, width] = view.shape() else { panic!("{name}: {:?}", view.shape()) };
    let plane: Vec<f32> =
        view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let positions = height * width;
    let values = (0..positions).flat_map(|p| (0..channels).map(move |c| (c, p)));
    (width, height, values.map(|(c, p)| plane[c * positions + p]).collect())
}

fn picture(tensors: &SafeTensors<'_>, name: &str) -> Picture {
    let (width, height, rgb) = interleaved(tensors, name);
    Picture::new(width, height, rgb).expect("a picture")
}

fn relative_distance(ours: &[f32], theirs: &[f32]) -> f64 {
    let (mut error, mut size) = (0.0, 0.0);
    for (a, b) in ours.iter().zip(theirs) {
        error += (f64::from(*a) - f64::from(*b)).powi(2);
        size += f64::from(*b).powi(2);
    }
    (error / size).sqrt()
}

#[test]
fn losses_and_gradients_agree_with_pytorch() {
    let bytes = data("losses.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
    let expected: BTreeMap<String, BTreeMap<String, f64>> =
        serde_json::from_slice(&data("losses.json")).expect("losses");
    let [content, style, image] = ["content", "style", "image"].map(|name| picture(&tensors, name));
    for (name, terms) in &expected {
        let recipe = Recipe::named(name).expect("a preset");
        let network = Network::default();
        let regions = Region::everywhere(&style);
        let request = Request { content: Some(&content), regions, ..Request::new(&recipe, &network) };
        let measured = loss(&image, &request).expect("a loss");
        let mut ours: BTreeMap<String, f64> =
            measured.evaluation.terms.iter().map(|term| (term.name.clone(), term.value)).collect();
        ours.insert("total".into(), measured.evaluation.total);
        assert_eq!(ours.keys().collect::<Vec<_>>(), terms.keys().collect::<Vec<_>>(), "{name}");
        let mut worst: f64 = 0.0;
        for (term, theirs) in terms {
            let error = (ours[term] / theirs - 1.0).abs();
            assert!(error < 1e-4, "{name}: {term} is {} instead of {theirs}", ours[term]);
            worst = worst.max(error);
        }
        let (_, _, gradient) = interleaved(&tensors, &format!("gradient.{name}"));
        let error = relative_distance(&measured.gradient, &gradient);
        println!("{name}: losses within {worst:.1e}, gradient within {error:.1e}");
        assert!(error < 1e-2, "{name}: the gradient is off by {error:e}");
    }
}

/// An objective as a function of RGB values × 255, its values recorded.
struct Curve {
    goal: Goal,
    plan: Plan,
    size: (usize, usize),
    losses: Vec<f64>,
    bests: Vec<f64>,
}

impl Problem for Curve {
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        let rgb: Vec<f32> = x.iter().map(|x| x / 255.0).collect();
        let Evaluation { total, .. } = self.goal.evaluate(&mut self.plan, self.size, &rgb, gradient);
        gradient.iter_mut().for_each(|g| *g /= 255.0);
        self.losses.push(total);
        total
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        self.bests.push(state.best);
        ControlFlow::Continue(())
    }
}

fn curve(preset: &str) -> (Curve, Picture) {
    let bytes = data("losses.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
    let [content, style] = ["content", "style"].map(|name| picture(&tensors, name));
    let recipe = Recipe::named(preset).expect("a preset");
    let objective: Objective = recipe.objective();
    let model = Network::default().load(recipe.variant()).expect("the network");
    let mut goal = Goal::new(&objective);
    let sample = StyleSample { picture: &style, mask: None, weight: 1.0 };
    goal.add_style(&objective, &model, &[sample], None, "style").expect("the style");
    let size = (content.height(), content.width());
    let mut plan = Plan::new(&model, size.0, size.1, &objective.taps(), Purpose::Gradient).expect("a plan");
    goal.measure_content(&objective, &mut plan, &content);
    (Curve { goal, plan, size, losses: Vec::new(), bests: Vec::new() }, content)
}

fn expected_curve(name: &str) -> Vec<f64> {
    let curves: serde_json::Value = serde_json::from_slice(&data("lbfgs_curves.json")).expect("curves");
    serde_json::from_value(curves[name]["loss"].clone()).expect("a curve")
}

#[test]
fn the_torch_behaviour_follows_pytorch_on_a_painting() {
    let expected = expected_curve("neural-style.torch-lbfgs");
    let (mut problem, content) = curve("neural-style");
    let mut x: Vec<f32> = content.rgb().iter().map(|v| v * 255.0).collect();
    LbfgsTorch::default().minimise(&mut x, expected.len(), &mut problem);
    for (i, (ours, theirs)) in problem.losses.iter().zip(&expected).enumerate() {
        println!("{:2} {ours:.6e} {theirs:.6e} {:.4}", i + 1, ours / theirs);
    }
    let error = |i: usize| (problem.losses[i] / expected[i] - 1.0).abs();
    for i in 0..6 {
        assert!(error(i) < 1e-3, "evaluation {}: off by {}", i + 1, error(i));
    }
    for i in [29, 59] {
        assert!(error(i) < 0.1, "evaluation {}: off by {}", i + 1, error(i));
    }
}

#[test]
fn the_line_search_is_no_worse_than_scipy_on_a_painting() {
    let expected = expected_curve("gatys.scipy-lbfgs");
    let (mut problem, _) = curve("gatys");
    let bytes = data("lbfgs_start.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
    let (_, _, start) = interleaved(&tensors, "start");
    let mean = [103.939, 116.779, 123.68];
    let mut x: Vec<f32> = start.chunks_exact(3).flat_map(|bgr| [2, 1, 0].map(|c| bgr[c] + mean[c])).collect();
    Lbfgs::default().minimise(&mut x, expected.len(), &mut problem);
    assert!((problem.losses[0] / expected[0] - 1.0).abs() < 1e-4, "the starts differ");
    for i in [9, 19, 39, 59, 79] {
        println!(
            "{:2} {:.4e} {:.4e} {:.4}",
            i + 1,
            problem.losses[i],
            expected[i],
            problem.bests[i] / expected[i]
        );
    }
    for i in [39, 79] {
        assert!(problem.losses[i] <= 1.1 * expected[i], "evaluation {}: {}", i + 1, problem.losses[i]);
    }
}
