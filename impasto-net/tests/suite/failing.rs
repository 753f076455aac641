//! A device that fails in the middle: whatever it was doing, the plan goes on on the processor from where it stands.

use impasto_net::{
    Map, Memory, Model, Plan, Purpose, ReluRule, Seed,
    engine::{Answer, Engine, EngineError, Executor, Input, Job, Placement, Question, Start, Tell},
    network::{Convolution, InputConvention, Network, Op, Padding},
    statistics::{Affine, Target},
    weights::{Array, Weights},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

const SIZE: (usize, usize) = (9, 11);
const TAPS: [&str; 2] = ["relu1", "relu2"];

/// The processor, called a device, which fails at one of the things it is asked and at all after it.
struct Frail {
    left: Arc<AtomicUsize>,
}

struct Running {
    plan: Plan,
    /// Values of the taps.
    values: Vec<usize>,
    left: Arc<AtomicUsize>,
}

fn taps() -> Vec<String> {
    TAPS.map(str::to_owned).to_vec()
}

fn spend(left: &AtomicUsize) -> Result<(), EngineError> {
    let less = |left: usize| left.checked_sub(1);
    let spent = left.try_update(Ordering::SeqCst, Ordering::SeqCst, less);
    spent.map(|_| ()).map_err(|_| EngineError::Failed("the cable is out".into()))
}

impl Engine for Frail {
    fn name(&self) -> &str {
        "a frail device"
    }

    fn plan(&self, job: &Job<'_>) -> Result<Box<dyn Executor>, EngineError> {
        spend(&self.left)?;
        let plan = Plan::new(&job.model.on(None), SIZE.0, SIZE.1, &taps(), job.purpose).expect("a plan");
        Ok(Box::new(Running { plan, values: job.schedule.taps.clone(), left: self.left.clone() }))
    }
}

impl Running {
    fn tap(&self, value: usize) -> usize {
        self.values.iter().position(|&other| other == value).expect("a tapped value")
    }
}

impl Executor for Running {
    fn forward(&mut self, input: Input<'_>, seed: u64) -> Result<(), EngineError> {
        spend(&self.left)?;
        let Input::Rgb(rgb) = input else { unreachable!("pictures only") };
        self.plan.set_seed(seed);
        self.plan.forward(rgb);
        Ok(())
    }

    fn read(&self, value: usize, map: &mut [f32]) -> Result<(), EngineError> {
        spend(&self.left)?;
        map.copy_from_slice(self.plan.tap(self.tap(value)).data);
        Ok(())
    }

    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Answer>, EngineError> {
        spend(&self.left)?;
        let mut questions = questions.to_vec();
        for question in &mut questions {
            let (Question::Moments { value, .. } | Question::Distance { value, .. }) = question;
            *value = self.tap(*value);
        }
        Ok(self.plan.ask(&questions))
    }

    fn backward(
        &mut self,
        rule: ReluRule,
        starts: &[(usize, Start<'_>)],
        gradient: &mut [f32],
    ) -> Result<(), EngineError> {
        spend(&self.left)?;
        let mut seed = |tap: usize, map: Map<'_>, out: &mut [f32]| {
            for (_, start) in starts.iter().filter(|(value, _)| self.values[tap] == *value) {
                match *start {
                    Start::Values(values) => out.iter_mut().zip(values).for_each(|(out, v)| *out += v),
                    Start::Affine(affine, positions) => Seed::Affine(affine, positions).add(map, out),
                    Start::Difference { target, factor } => Seed::Difference { target, factor }.add(map, out),
                }
            }
        };
        self.plan.backward(rule, &mut seed, gradient);
        Ok(())
    }

    fn parameter_gradients(&mut self, tell: &mut Tell<'_>) -> Result<(), EngineError> {
        spend(&self.left)?;
        let found: BTreeMap<&str, &[f32]> = self.plan.parameter_gradients().collect();
        for (step, layer) in ["first", "second"].into_iter().enumerate() {
            tell(step, found[&format!("{layer}.weight")[..]], found[&format!("{layer}.bias")[..]]);
        }
        self.plan.clear_parameter_gradients();
        Ok(())
    }

    fn set_parameters(&mut self, model: &Model) -> Result<(), EngineError> {
        spend(&self.left)?;
        self.plan.set_parameters(&model.on(None)).expect("parameters");
        Ok(())
    }

    fn device_memory(&self) -> Memory {
        Memory::default()
    }
}

/// Two convolutions, with other parameters for another `number`.
fn model(number: f32) -> Arc<Model> {
    let mut network = Network::new("two", InputConvention::TORCHVISION);
    let first = network.push("first", Op::Convolution(Convolution::same(8, 3, Padding::Reflect)), &[0]);
    let relu = network.push("relu1", Op::Relu, &[first]);
    let second = network.push("second", Op::Convolution(Convolution::same(5, 3, Padding::Zero)), &[relu]);
    network.push("relu2", Op::Relu, &[second]);
    let array = |shape: &[usize], step: f32| {
        let len: usize = shape.iter().product();
        Array {
            shape: shape.to_vec(),
            data: (0..len).map(|i| (number + i as f32 * step).sin() * 0.3).collect(),
        }
    };
    let arrays = BTreeMap::from([
        ("first.weight".to_owned(), array(&[8, 3, 3, 3], 0.7)),
        ("first.bias".to_owned(), array(&[8], 1.3)),
        ("second.weight".to_owned(), array(&[5, 8, 3, 3], 0.9)),
        ("second.bias".to_owned(), array(&[5], 2.1)),
    ]);
    Model::new(network, Weights::new(arrays, BTreeMap::new()), None).expect("a model")
}

fn picture(step: f32) -> Vec<f32> {
    (0..3 * SIZE.0 * SIZE.1).map(|i| 0.5 + 0.4 * (i as f32 * step).sin()).collect()
}

/// Everything that a plan is asked by objectives and by who looks at networks; all that it answers.
fn course(model: &Arc<Model>) -> Result<Vec<f32>, impasto_net::NetError> {
    let mut plan = Plan::new(model, SIZE.0, SIZE.1, &taps(), Purpose::Gradient)?;
    let mut seen = Vec::new();
    let mut gradient = vec![0.0; 3 * SIZE.0 * SIZE.1];
    plan.forward(&picture(0.21));
    let target = Target::new(plan.tap(1));
    for step in [0.37, 0.53] {
        plan.forward(&picture(step));
        let questions = [
            Question::Moments { value: 0, full: true, positions: None },
            Question::Distance { value: 1, target: &target },
        ];
        let answers = plan.ask(&questions);
        let moments = answers[0].clone().moments().expect("moments");
        seen.extend(moments.mean.iter().chain(&moments.second).map(|&value| value as f32));
        seen.push(answers[1].clone().distance().expect("a distance") as f32);
        let affine = Affine { matrix: Vec::new(), diagonal: vec![0.3; 8], offset: vec![0.1; 8] };
        let here =
            |map: Map<'_>, out: &mut [f32]| out.iter_mut().zip(map.data).for_each(|(o, v)| *o += v * v);
        let seeds = [
            (0, Seed::Affine(&affine, None)),
            (1, Seed::Difference { target: &target, factor: 0.7 }),
            (1, Seed::Here(&here)),
        ];
        plan.backward_from(ReluRule::Gradient, &seeds, &mut gradient);
        seen.extend(&gradient);
        plan.backward(ReluRule::Guided, &mut |_, _, out| out.fill(1.0), &mut gradient);
        seen.extend(&gradient);
        seen.extend(plan.tap(0).data);
    }
    Ok(seen)
}

/// Two steps of training, of two pictures each; all derivatives.
fn training(model: &Arc<Model>) -> Result<Vec<f32>, impasto_net::NetError> {
    let mut plan = Plan::new(model, SIZE.0, SIZE.1, &taps(), Purpose::Training)?;
    let mut seen = Vec::new();
    let mut gradient = vec![0.0; 3 * SIZE.0 * SIZE.1];
    for number in [1.0, 2.0] {
        plan.set_parameters(&self::model(number))?;
        plan.clear_parameter_gradients();
        for step in [0.4, 0.6] {
            plan.forward(&picture(step));
            let mut seed = |_: usize, map: Map<'_>, out: &mut [f32]| {
                out.iter_mut().zip(map.data).for_each(|(out, v)| *out += v);
            };
            plan.backward(ReluRule::Gradient, &mut seed, &mut gradient);
            seen.extend(&gradient);
        }
        plan.parameter_gradients().for_each(|(_, values)| seen.extend(values));
    }
    Ok(seen)
}

type Course = fn(&Arc<Model>) -> Result<Vec<f32>, impasto_net::NetError>;

#[test]
fn whenever_it_fails_the_results_are_the_same() {
    whenever_it_fails(course);
}

#[test]
fn whenever_it_fails_training_goes_on() {
    whenever_it_fails(training);
}

fn whenever_it_fails(course: Course) {
    let model = model(0.0);
    let expected = course(&model.on(None)).expect("a course");
    for lenient in [false, true] {
        let mut failures = 0;
        for calls in 1.. {
            let left = Arc::new(AtomicUsize::new(calls));
            let heard: Arc<Mutex<Vec<String>>> = Arc::default();
            let hear = heard.clone();
            let hear = Box::new(move |note: &str| hear.lock().unwrap().push(note.to_owned()));
            let placement = Placement::new(Arc::new(Frail { left: left.clone() }), lenient, hear);
            let frail = model.on(Some(placement.clone()));
            assert!(course(&frail).expect("a course") == expected, "after {calls} calls, lenient {lenient}");
            let said = || heard.lock().unwrap().clone();
            if said().is_empty() {
                assert_eq!(placement.failure(), None);
                break;
            }
            failures += 1;
            assert_eq!(said(), ["a frail device: the cable is out; going on with the processor"]);
            assert_eq!(placement.failure().is_some(), !lenient);
            // Nothing is planned there any more, and nothing more is said.
            left.store(100, Ordering::SeqCst);
            assert!(course(&frail).expect("a course") == expected);
            assert_eq!(left.load(Ordering::SeqCst), 100);
            assert_eq!(said().len(), 1);
        }
        assert!(failures > 10, "{failures} ways to fail were tried");
    }
}

#[test]
fn a_plan_that_cannot_be_made_is_an_error_unless_that_is_forgiven() {
    let frail = Arc::new(Frail { left: Arc::new(AtomicUsize::new(0)) });
    let strict = Placement::new(frail.clone(), false, Box::new(|_| {}));
    let error = course(&model(0.0).on(Some(strict))).unwrap_err().to_string();
    assert!(error.contains("a frail device"), "{error}");
    let lenient = Placement::new(frail, true, Box::new(|_| {}));
    assert!(course(&model(0.0).on(Some(lenient))).is_ok());
}
