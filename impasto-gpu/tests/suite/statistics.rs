//! What objectives ask of maps and begin cotangents with, on graphics processors against the processor.

use crate::common::{gpus, placement};
use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule, Seed,
    engine::{Answer, Question},
    network::{Convolution, InputConvention, Network, Op, Padding},
    statistics::{Affine, Positions, Target},
    weights::{Array, Weights},
};
use std::{collections::BTreeMap, sync::Arc};

/// A convolution to `planes` planes and a ReLU.
fn model(planes: usize) -> Arc<Model> {
    let mut network = Network::new("one", InputConvention::TORCHVISION);
    let first = network.push("first", Op::Convolution(Convolution::same(planes, 3, Padding::Reflect)), &[0]);
    network.push("relu", Op::Relu, &[first]);
    let array = |shape: Vec<usize>, step: usize| {
        let count = shape.iter().product();
        Array { shape, data: (0..count).map(|i: usize| ((i * step) % 89) as f32 / 89.0 - 0.4).collect() }
    };
    let arrays = BTreeMap::from([
        ("first.weight".to_owned(), array(vec![planes, 3, 3, 3], 31)),
        ("first.bias".to_owned(), array(vec![planes], 7)),
    ]);
    Model::new(network, Weights::new(arrays, BTreeMap::new()), None).unwrap()
}

fn picture(size: (usize, usize), step: usize) -> Vec<f32> {
    (0..3 * size.0 * size.1).map(|i| ((i * step + i / 17) % 103) as f32 / 102.0).collect()
}

fn close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let norm = expected.iter().map(|e| e * e).sum::<f64>().sqrt();
    let error = found.iter().zip(expected).map(|(f, e)| (f - e).powi(2)).sum::<f64>().sqrt();
    assert!(error <= 1e-5 * norm, "{what}: off by {:.1e}", error / norm);
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

#[test]
fn answers_and_beginnings_are_the_processors() {
    for (name, gpu) in gpus() {
        // Planes that fill no vector and no tile; a single pixel; more positions than a slice and a block.
        for (planes, size) in [(1, (1, 1)), (5, (7, 3)), (64, (9, 31)), (70, (40, 37)), (130, (12, 11))] {
            let what = format!("{name}, {planes} planes of {size:?}");
            let model = model(planes);
            let taps = ["relu".to_owned(), "first".to_owned()];
            let plan =
                |model: &Arc<Model>| Plan::new(model, size.0, size.1, &taps, Purpose::Gradient).unwrap();
            let (mut here, mut there) = (plan(&model.on(None)), plan(&model.on(Some(placement(gpu)))));
            here.forward(&picture(size, 29));
            let targets = [0, 1].map(|tap| Target::new(here.tap(tap)));
            let matrix = |tap: usize| Affine {
                matrix: (0..planes * planes)
                    .map(|i| ((i / planes + i % planes) % 7) as f32 / 7.0 - 0.3)
                    .collect(),
                diagonal: vec![0.5 + tap as f32; planes],
                offset: (0..planes).map(|c| c as f32 / 50.0).collect(),
            };
            let affine = matrix(0);
            let weights: Vec<f32> = (0..size.0 * size.1).map(|i| ((7 * i + 3) % 5) as f32 / 4.0).collect();
            let positions = Positions::new(&weights);
            let some = Some(&positions);
            let diagonal = Affine { matrix: Vec::new(), ..matrix(1) };
            let double = |map: Map<'_>, cotangent: &mut [f32]| {
                cotangent.iter_mut().zip(map.data).for_each(|(g, x)| *g += 2.0 * x);
            };
            let seeds = [
                (0, Seed::Difference { target: &targets[0], factor: 0.7 }),
                (0, Seed::Affine(&affine, None)),
                (1, Seed::Affine(&diagonal, None)),
                (0, Seed::Affine(&affine, some)),
                (1, Seed::Affine(&diagonal, some)),
                (1, Seed::Here(&double)),
                (1, Seed::Difference { target: &targets[1], factor: -1.5 }),
            ];
            let questions = [
                Question::Moments { value: 0, full: true, positions: None },
                Question::Distance { value: 1, target: &targets[1] },
                Question::Moments { value: 1, full: false, positions: None },
                Question::Distance { value: 0, target: &targets[0] },
                Question::Moments { value: 1, full: true, positions: None },
                Question::Moments { value: 0, full: true, positions: some },
                Question::Moments { value: 1, full: false, positions: some },
            ];
            // Twice: what is prepared once must serve again.
            for step in [13, 17] {
                let rgb = picture(size, step);
                let run = |plan: &mut Plan| {
                    plan.forward(&rgb);
                    let answers = plan.ask(&questions);
                    let mut gradient = vec![f32::NAN; rgb.len()];
                    plan.backward_from(ReluRule::Gradient, &seeds, &mut gradient);
                    (answers, gradient)
                };
                let ((expected, gradient), (found, found_gradient)) = (run(&mut here), run(&mut there));
                for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let what = format!("{what}, question {number}");
                    match (found, expected) {
                        (Answer::Distance(found), Answer::Distance(expected)) => {
                            close(&[*found], &[*expected], &what);
                        }
                        (Answer::Moments(found), Answer::Moments(expected)) => {
                            close(&found.mean, &expected.mean, &what);
                            close(&found.square, &expected.square, &what);
                            close(&found.second, &expected.second, &what);
                        }
                        _ => panic!("{what}: another kind of answer"),
                    }
                }
                close(&wide(&found_gradient), &wide(&gradient), &what);
            }
        }
    }
}
