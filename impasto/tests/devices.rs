//! A painting on every graphics processor, software included, against the processor's. The choice of a device is the
//! process's, so this test is alone in its file.

#[path = "../../impasto-gpu/tests/common/mod.rs"]
mod common;

use common::{gpus, placement};
use impasto::{Network, Painting, Progress, Recipe, Region, Request, paint};
use impasto_image::{Mask, Picture};
use impasto_net::engine::set_default;
use std::ops::ControlFlow;

/// Evaluations whose losses are compared one by one; later ones drift apart, as rounding makes other steps.
const COMPARED: usize = 6;

fn picture(width: usize, height: usize, step: f32) -> Picture {
    let value =
        |i: usize| 0.5 + 0.4 * ((i % (3 * width)) as f32 * step).sin() * ((i / width) as f32 * 0.02).cos();
    Picture::new(width, height, (0..3 * width * height).map(value).collect()).expect("a picture")
}

fn painted(masked: bool) -> (Painting, Vec<f64>) {
    let (content, style) = (picture(40, 36, 0.11), picture(44, 38, 0.9));
    let half: Vec<f32> = (0..40 * 36).map(|i| if i % 40 < 20 { 1.0 } else { 0.2 }).collect();
    let mask = Mask::new(40, 36, half).expect("a mask");
    let mut recipe = Recipe { iterations: 10, ..Recipe::default() };
    recipe.scales.first = 64;
    let network = Network::default();
    let request = Request {
        content: Some(&content),
        regions: Region::everywhere(&style),
        strength_mask: masked.then_some(&mask),
        seed: 7,
        ..Request::new(&recipe, &network)
    };
    let mut losses = Vec::new();
    let painting = paint(&request, &mut |progress: &Progress<'_>| {
        losses.push(progress.loss);
        ControlFlow::Continue(())
    });
    (painting.expect("a painting"), losses)
}

#[test]
fn a_painting_takes_the_same_course_on_every_device() {
    let found = gpus();
    if found.is_empty() {
        return;
    }
    let expected = [false, true].map(painted);
    for (name, gpu) in found {
        set_default(Some(placement(gpu)));
        for (masked, (painting, losses)) in [false, true].into_iter().zip(&expected) {
            let (other, others) = painted(masked);
            assert_eq!(others.len(), losses.len());
            for (number, (a, b)) in others.iter().zip(losses).enumerate() {
                println!("{name}, masked {masked}, {number}: {a:.6e} {b:.6e} {:.1e}", a / b - 1.0);
            }
            for (a, b) in others.iter().zip(losses).take(COMPARED) {
                assert!((a / b - 1.0).abs() < 1e-3, "{name}, masked {masked}: {a} instead of {b}");
            }
            let (last, wanted) = (other.evaluation.total, painting.evaluation.total);
            assert!((last / wanted - 1.0).abs() < 0.05, "{name}, masked {masked}: {last}, {wanted}");
        }
    }
}
