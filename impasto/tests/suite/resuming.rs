//! Paintings and minimisations that were stopped and go on.

use impasto::{
    Checkpoint, Error, Network, Painting, Recipe, Region, Request, Size,
    optimiser::{Adam, Lbfgs, LbfgsTorch, Memory, Optimiser, Problem, State},
    paint,
    recipe::OptimizerKind,
};
use impasto_image::Picture;
use std::ops::ControlFlow;

/// Rosenbrock's function of ten variables, stopped after an evaluation.
struct Valley {
    stop_after: usize,
    losses: Vec<f64>,
    memory: Option<Memory>,
}

impl Problem for Valley {
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        gradient.fill(0.0);
        let mut loss = 0.0;
        for i in 0..x.len() - 1 {
            let (a, b) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
            loss += f64::from(100.0 * a * a + b * b);
            gradient[i] += -400.0 * a * x[i] - 2.0 * b;
            gradient[i + 1] += 200.0 * a;
        }
        loss
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        self.losses.resize(state.evaluation - 1, f64::NAN);
        self.losses.push(state.loss);
        if state.evaluation != self.stop_after {
            return ControlFlow::Continue(());
        }
        self.memory = state.memory.map(|memory| memory.to_memory());
        ControlFlow::Break(())
    }
}

#[test]
fn a_minimisation_with_its_memory_goes_on_as_if_it_had_never_stopped() {
    const BUDGET: usize = 40;
    let boxed = Lbfgs { bounds: Some([-0.5, 0.9]), history: 4, ..Lbfgs::default() };
    let torch = LbfgsTorch { rate: 0.1, history: 5, ..LbfgsTorch::default() };
    let mut optimisers: [Box<dyn Optimiser>; 4] =
        [Box::new(Lbfgs::default()), Box::new(boxed), Box::new(torch), Box::new(Adam::default())];
    for (number, optimiser) in optimisers.iter_mut().enumerate() {
        let start: Vec<f32> = (0..10).map(|i| if i % 2 == 0 { 0.2 } else { 0.7 }).collect();
        let mut whole = Valley { stop_after: usize::MAX, losses: Vec::new(), memory: None };
        let mut wanted = start.clone();
        let outcome = optimiser.minimise(&mut wanted, BUDGET, &mut whole);
        for stop_after in 1..=outcome.evaluations {
            let mut x = start.clone();
            let mut first = Valley { stop_after, losses: Vec::new(), memory: None };
            optimiser.minimise(&mut x, BUDGET, &mut first);
            let memory = first.memory.expect("a memory");
            assert!(optimiser.fits(&memory, 10) && !optimiser.fits(&memory, 11));
            let mut second = Valley { stop_after: usize::MAX, losses: first.losses, memory: None };
            let again = optimiser.resume(&mut x, Some(&memory), BUDGET, &mut second);
            assert_eq!(second.losses, whole.losses, "optimiser {number}, stopped after {stop_after}");
            assert_eq!((x, again), (wanted.clone(), outcome), "optimiser {number} after {stop_after}");
        }
    }
}

#[test]
fn a_memory_of_something_else_is_ignored() {
    let mut valley = Valley { stop_after: 9, losses: Vec::new(), memory: None };
    Lbfgs::default().minimise(&mut [0.3; 10], 20, &mut valley);
    let memory = valley.memory.expect("a memory");
    let broken: [fn(&mut Memory); 5] = [
        |memory| memory.optimiser = "adam".into(),
        |memory| memory.vectors.truncate(3),
        |memory| memory.vectors[1].truncate(3),
        |memory| memory.numbers.truncate(1),
        |memory| memory.numbers[0] = f64::NAN,
    ];
    for spoil in broken {
        let mut memory = memory.clone();
        spoil(&mut memory);
        for optimiser in
            [&mut Lbfgs::default() as &mut dyn Optimiser, &mut LbfgsTorch::default(), &mut Adam::default()]
        {
            let mut valley = Valley { stop_after: usize::MAX, losses: Vec::new(), memory: None };
            let outcome = optimiser.resume(&mut [0.3; 10], Some(&memory), 5, &mut valley);
            assert_eq!((outcome.evaluations, valley.losses.len()), (5, 5));
        }
    }
}

fn pictures() -> (Picture, Picture) {
    let make = |width: usize, height: usize, colour: fn(f32, f32) -> [f32; 3]| {
        let rgb = (0..width * height).flat_map(|i| colour((i % width) as f32, (i / width) as f32)).collect();
        Picture::new(width, height, rgb).expect("a picture")
    };
    let disc =
        make(
            64,
            48,
            |x, y| if (x - 30.0).hypot(y - 24.0) < 14.0 { [0.9, 0.3, 0.2] } else { [0.2, 0.4, 0.6] },
        );
    let waves = make(50, 60, |x, y| [((x + y) * 0.7).sin() * 0.4 + 0.5, 0.5, 0.3]);
    (disc, waves)
}

fn recipe(kind: OptimizerKind) -> Recipe {
    let mut recipe = Recipe { iterations: 12, ..Recipe::default() };
    recipe.scales.first = 44;
    recipe.style.layers = impasto::LayerWeight::parse_list("relu1_1,relu2_1").expect("layers");
    recipe.content.layers = impasto::LayerWeight::parse_list("relu2_2").expect("layers");
    recipe.optimizer.kind = kind;
    recipe
}

/// A painting that stops after `last` evaluations, the losses it reported, and where it stood.
fn painted(request: &Request<'_>, last: usize, exact: bool) -> (Painting, Vec<f64>, Option<Checkpoint>) {
    let (mut losses, mut checkpoint) = (Vec::new(), None);
    let painting = paint(request, &mut |progress| {
        losses.resize(progress.evaluation - 1, f64::NAN);
        losses.push(progress.loss);
        if progress.evaluation != last {
            return ControlFlow::Continue(());
        }
        checkpoint = Some(progress.checkpoint(exact));
        ControlFlow::Break(())
    });
    (painting.expect("a painting"), losses, checkpoint)
}

#[test]
fn a_painting_with_its_memory_goes_on_as_if_it_had_never_stopped() {
    let (pictures, network) = (pictures(), Network::default());
    for (kind, exact) in
        [(OptimizerKind::Lbfgs, true), (OptimizerKind::LbfgsTorch, true), (OptimizerKind::Adam, false)]
    {
        let recipe = recipe(kind);
        let request = Request {
            content: Some(&pictures.0),
            regions: Region::everywhere(&pictures.1),
            ..Request::new(&recipe, &network)
        };
        let (whole, losses, _) = painted(&request, usize::MAX, false);
        for last in [1, 4, 7, 8, 11] {
            let (_, mut first, checkpoint) = painted(&request, last, exact);
            let checkpoint = checkpoint.expect("a checkpoint");
            assert!(checkpoint.is_exact());
            let request = Request { resume: Some(&checkpoint), ..request.clone() };
            let (painting, second, _) = painted(&request, usize::MAX, false);
            let made_again = second.iter().position(|loss| !loss.is_nan()).expect("a loss");
            first.truncate(made_again);
            first.extend(&second[made_again..]);
            assert_eq!(first, losses, "{kind:?} after {last}");
            assert!(painting.picture == whole.picture, "{kind:?} after {last}");
            assert_eq!(painting.evaluation, whole.evaluation);
        }
    }
}

#[test]
fn without_its_memory_a_painting_goes_on_from_its_picture() {
    let (pictures, network, recipe) = (pictures(), Network::default(), recipe(OptimizerKind::Lbfgs));
    let request = Request {
        content: Some(&pictures.0),
        regions: Region::everywhere(&pictures.1),
        ..Request::new(&recipe, &network)
    };
    let (whole, losses, _) = painted(&request, usize::MAX, false);
    // The first scale has seven evaluations: at its end there is nothing to remember.
    let (_, _, checkpoint) = painted(&request, 7, false);
    let checkpoint = checkpoint.expect("a checkpoint");
    assert!(checkpoint.memory.is_none() && checkpoint.is_exact());
    let (painting, second, _) =
        painted(&Request { resume: Some(&checkpoint), ..request.clone() }, usize::MAX, false);
    assert!(painting.picture == whole.picture && second[7..] == losses[7..]);

    let (stopped, _, checkpoint) = painted(&request, 10, false);
    let checkpoint = checkpoint.expect("a checkpoint");
    assert!(!checkpoint.is_exact());
    let (painting, second, _) =
        painted(&Request { resume: Some(&checkpoint), ..request.clone() }, usize::MAX, false);
    assert_eq!((second.len(), painting.evaluations), (12, 12));
    assert!((second[10] / stopped.evaluation.total - 1.0).abs() < 1e-6, "it starts where it stopped");
    assert!(painting.evaluation.total < stopped.evaluation.total);
}

#[test]
fn another_objective_budget_or_size_may_follow() {
    let (pictures, network, plain) = (pictures(), Network::default(), recipe(OptimizerKind::Lbfgs));
    let request = Request {
        content: Some(&pictures.0),
        regions: Region::everywhere(&pictures.1),
        ..Request::new(&plain, &network)
    };
    let (_, _, checkpoint) = painted(&request, 9, true);
    let checkpoint = checkpoint.expect("a checkpoint").for_another_objective();
    assert!(checkpoint.memory.is_none());
    let resumed = |recipe: &Recipe, size, checkpoint: &Checkpoint| {
        let request = Request { resume: Some(checkpoint), recipe, size, ..request.clone() };
        let (painting, _, last) = painted(&request, recipe.iterations, false);
        (painting.picture.width(), painting.evaluations, last.expect("the end"))
    };
    let mut other = plain.clone();
    other.content.weight = 9.0;
    assert_eq!(resumed(&other, Size::Own, &checkpoint).1, 12);
    other.iterations = 15;
    let (_, _, end) = resumed(&other, Size::Own, &checkpoint);
    assert_eq!((end.course.len(), end.course[0].evaluations, end.before), (1, 8, 7));
    other.iterations = 18;
    let (width, made, end) = resumed(&other, Size::LongSide(128), &end);
    assert_eq!((width, made, end.course.len()), (128, 18, 2));
    assert_eq!(resumed(&Recipe { iterations: 19, ..other.clone() }, Size::LongSide(50), &end).0, 50);

    let refused = |checkpoint: &Checkpoint| {
        let request = Request { resume: Some(checkpoint), recipe: &other, ..request.clone() };
        paint(&request, &mut |_| ControlFlow::Continue(())).expect_err("an error")
    };
    assert!(matches!(refused(&end), Error::NothingLeft { made: 18, iterations: 18 }));
    let spoilt = Checkpoint { scale: 7, ..checkpoint.clone() };
    assert!(matches!(refused(&spoilt), Error::Checkpoint { .. }));
    let spoilt = Checkpoint { values: vec![0.0; 5], ..checkpoint };
    assert!(matches!(refused(&spoilt), Error::Checkpoint { .. }));
}
