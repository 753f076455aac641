//! Optimisers against PyTorch's and SciPy's on small functions (data/optimisers.py writes the expected values).

use impasto::optimiser::{Adam, Ended, Lbfgs, LbfgsTorch, Optimiser, Outcome, Problem, State};
use std::{collections::BTreeMap, ops::ControlFlow};

/// A function of f64 values that records every evaluation.
struct Recorded<F> {
    function: F,
    losses: Vec<f64>,
    bests: Vec<f64>,
    stop_after: usize,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Problem for Recorded<F> {
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let mut g = vec![0.0; x.len()];
        let loss = (self.function)(&x, &mut g);
        for (out, g) in gradient.iter_mut().zip(g) {
            *out = g as f32;
        }
        self.losses.push(loss);
        loss
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        self.bests.push(state.best);
        if state.evaluation >= self.stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

struct Ran {
    losses: Vec<f64>,
    bests: Vec<f64>,
    x: Vec<f32>,
    outcome: Outcome,
}

fn run(
    optimiser: &mut dyn Optimiser,
    function: impl FnMut(&[f64], &mut [f64]) -> f64,
    start: Vec<f32>,
    budget: usize,
) -> Ran {
    run_until(optimiser, function, start, budget, usize::MAX)
}

fn run_until(
    optimiser: &mut dyn Optimiser,
    function: impl FnMut(&[f64], &mut [f64]) -> f64,
    mut x: Vec<f32>,
    budget: usize,
    stop_after: usize,
) -> Ran {
    let mut problem = Recorded { function, losses: Vec::new(), bests: Vec::new(), stop_after };
    let outcome = optimiser.minimise(&mut x, budget, &mut problem);
    assert_eq!(problem.losses.len(), outcome.evaluations);
    assert_eq!(problem.bests.len(), outcome.evaluations);
    assert!(outcome.evaluations <= budget);
    Ran { losses: problem.losses, bests: problem.bests, x, outcome }
}

fn rosenbrock(x: &[f64], g: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for i in 0..x.len() - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
        loss += 100.0 * a * a + b * b;
        g[i] += -400.0 * a * x[i] - 2.0 * b;
        g[i + 1] += 200.0 * a;
    }
    loss
}

fn valley(x: &[f64], g: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for (i, (x, g)) in x.iter().zip(g).enumerate() {
        let scale = ((i + 1) * (i + 1)) as f64;
        loss += scale * (x - 1.0) * (x - 1.0) / 2.0 + x.powi(4) / 10.0;
        *g += scale * (x - 1.0) + 0.4 * x.powi(3);
    }
    loss
}

fn start(n: usize) -> Vec<f32> {
    (0..n).map(|i| if i % 2 == 0 { -1.2 } else { 1.0 }).collect()
}

fn expected() -> serde_json::Value {
    serde_json::from_str(include_str!("../data/optimisers.json")).expect("the expected values")
}

#[test]
fn the_torch_behaviour_follows_pytorch() {
    let expected = expected();
    for (name, n) in [("torch.valley", 12), ("torch.rosenbrock", 2)] {
        let curve: Vec<f64> = serde_json::from_value(expected[name].clone()).expect("a curve");
        let mut optimiser = LbfgsTorch::default();
        let ran = if n == 12 {
            run(&mut optimiser, valley, start(n), curve.len())
        } else {
            run(&mut optimiser, rosenbrock, start(n), curve.len())
        };
        for (i, (ours, theirs)) in ran.losses.iter().zip(&curve).enumerate() {
            assert!((ours / theirs - 1.0).abs() < 1e-3, "{name}, evaluation {i}: {ours} instead of {theirs}");
        }
    }
}

#[test]
fn the_line_search_is_no_worse_than_scipy() {
    let expected = expected();
    let mut worst: f64 = 0.0;
    for (name, rosen) in [("scipy.rosenbrock-100", true), ("scipy.valley-100", false)] {
        let at: BTreeMap<String, f64> = serde_json::from_value(expected[name].clone()).expect("values");
        for (evaluations, theirs) in at {
            let budget = evaluations.parse().expect("a number");
            let mut optimiser = Lbfgs::default();
            let ran = if rosen {
                run(&mut optimiser, rosenbrock, start(100), budget)
            } else {
                run(&mut optimiser, valley, start(100), budget)
            };
            println!("{name} after {budget}: {} (SciPy {theirs})", ran.outcome.best);
            worst = worst.max(ran.outcome.best / theirs);
        }
    }
    assert!(worst <= 1.1, "{worst} times SciPy's loss");
}

#[test]
fn the_line_search_reaches_the_minimum_and_returns_the_best_point() {
    let ran = run(&mut Lbfgs::default(), rosenbrock, start(2), 200);
    assert!(ran.outcome.best < 1e-8, "{:?}", ran.outcome);
    assert!(ran.x.iter().all(|x| (x - 1.0).abs() < 1e-3), "{:?}", ran.x);
    let mut g = vec![0.0; 2];
    let x: Vec<f64> = ran.x.iter().map(|&x| f64::from(x)).collect();
    assert_eq!(rosenbrock(&x, &mut g), ran.outcome.best);
    assert!(ran.bests.windows(2).all(|w| w[1] <= w[0]));
}

#[test]
fn undefined_regions_are_never_entered() {
    // Undefined beyond 2, with the minimum just before.
    let wall = |x: &[f64], g: &mut [f64]| {
        let mut loss = 0.0;
        for (x, g) in x.iter().zip(g) {
            loss += -20.0 * x - (2.0 - x).ln();
            *g += -20.0 + 1.0 / (2.0 - x);
        }
        loss
    };
    let ran = run(&mut Lbfgs::default(), wall, vec![0.0; 5], 100);
    assert!(ran.losses.iter().any(|loss| loss.is_nan()), "the wall was never met");
    assert!(ran.x.iter().all(|x| (x - 1.95).abs() < 1e-2), "{:?}", ran.x);
    for optimiser in
        [&mut Lbfgs::default() as &mut dyn Optimiser, &mut LbfgsTorch::default(), &mut Adam::default()]
    {
        let ran = run(optimiser, |_, _| f64::NAN, vec![0.5; 3], 10);
        assert_eq!(ran.outcome.reason, Ended::NotFinite);
        assert_eq!(ran.x, vec![0.5; 3]);
    }
}

#[test]
fn a_box_is_kept_and_its_constrained_minimum_found() {
    // Without the box the minimum lies at (3, −1, 0.5, …), coupled so that the held variables matter to the free ones.
    let coupled = |x: &[f64], g: &mut [f64]| {
        let target = [3.0, -1.0, 0.5, 0.2];
        let sum: f64 = x.iter().zip(target).map(|(x, t)| x - t).sum();
        for ((g, x), t) in g.iter_mut().zip(x).zip(target) {
            *g += 10.0 * (x - t) + sum;
        }
        x.iter().zip(target).map(|(x, t)| 5.0 * (x - t) * (x - t)).sum::<f64>() + sum * sum / 2.0
    };
    let mut inside = true;
    let checked = |x: &[f64], g: &mut [f64]| {
        inside &= x.iter().all(|x| (0.0..=1.0).contains(x));
        coupled(x, g)
    };
    let mut optimiser = Lbfgs { bounds: Some([0.0, 1.0]), ..Lbfgs::default() };
    let ran = run(&mut optimiser, checked, vec![0.9, 0.9, 0.1, 0.9], 100);
    assert!(inside, "a point outside the box was evaluated");
    // x0 = 1 and x1 = 0 are held: the others solve 10 (x − t) + s = 0 with s = −2 + 1 + 2 (x − t).
    let shift = 1.0 / 12.0;
    for (x, expected) in ran.x.iter().zip([1.0, 0.0, 0.5 + shift, 0.2 + shift]) {
        assert!((x - expected).abs() < 1e-4, "{:?}", ran.x);
    }
}

#[test]
fn adam_returns_the_averaged_iterate_inside_its_bounds() {
    let bowl = |x: &[f64], g: &mut [f64]| {
        for (g, x) in g.iter_mut().zip(x) {
            *g += 2.0 * (x - 300.0);
        }
        x.iter().map(|x| (x - 300.0) * (x - 300.0)).sum()
    };
    let ran = run(&mut Adam::default(), bowl, vec![100.0; 4], 1);
    assert!(ran.x.iter().all(|x| (x - 105.1).abs() < 1e-2), "the first step is the rate: {:?}", ran.x);
    let ran = run(&mut Adam::default(), bowl, vec![100.0; 4], 400);
    assert!(ran.x.iter().all(|x| (250.0..=255.0).contains(x)), "{:?}", ran.x);
}

#[test]
fn a_stop_is_obeyed_at_once() {
    for optimiser in
        [&mut Lbfgs::default() as &mut dyn Optimiser, &mut LbfgsTorch::default(), &mut Adam::default()]
    {
        let ran = run_until(optimiser, rosenbrock, start(10), 50, 7);
        assert_eq!((ran.outcome.evaluations, ran.outcome.reason), (7, Ended::Stopped));
    }
}

#[test]
fn a_flat_function_ends_at_once() {
    for optimiser in [&mut Lbfgs::default() as &mut dyn Optimiser, &mut LbfgsTorch::default()] {
        let ran = run(optimiser, |_, _| 1.0, vec![0.5; 3], 10);
        assert_eq!((ran.outcome.evaluations, ran.outcome.reason), (1, Ended::Converged));
    }
}
