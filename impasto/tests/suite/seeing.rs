//! Units and their back-projections against values computed with PyTorch in float64 (impasto-net/tests/data).
#![cfg(feature = "embedded-models")]

use crate::expected::{interleaved, reference, relative_error};
use impasto::see::{Eye, Place, Unit, class::class_number, closeup::Closeup, saliency::saliency};
use impasto_image::Picture;
use impasto_net::{Model, ReluRule, network::Variant};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};

const RULES: [(&str, ReluRule); 3] =
    [("gradient", ReluRule::Gradient), ("guided", ReluRule::Guided), ("deconv", ReluRule::Deconv)];

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../impasto-net/tests/data").join(name)
}

fn model(name: &str) -> Arc<Model> {
    Model::named(name, Variant::default(), None).unwrap()
}

#[test]
fn planes_places_and_projections_of_vgg19() {
    let file = reference("vgg19_backprojection.safetensors");
    let expected: Value =
        serde_json::from_slice(&std::fs::read(data("backprojection.json")).unwrap()).unwrap();
    let (model, image) = (model("vgg19"), file.get("image").unwrap());
    let size = (image.shape[1], image.shape[2]);
    for layer in ["relu2_2", "relu4_2"] {
        let expected = &expected[layer];
        let number = |key: &str| expected[key].as_f64().unwrap();
        let mut eye = Eye::new(&model, layer, size).unwrap();
        eye.look(&interleaved(image));
        let planes: Vec<u64> = eye.strongest_planes().iter().take(16).map(|&plane| plane as u64).collect();
        let wanted = expected["planes_by_total_activation"].as_array().unwrap();
        assert_eq!(planes, wanted.iter().map(|plane| plane.as_u64().unwrap()).collect::<Vec<_>>());
        let plane = planes[0] as usize;
        let (row, column) = eye.strongest_place(plane);
        assert_eq!((row as f64, column as f64), (number("row"), number("column")));
        let (top, sum) = (Unit { plane, place: Place::At(row, column) }, Unit { plane, place: Place::Sum });
        assert!((eye.value(top) / number("activation") - 1.0).abs() < 1e-4);
        assert!((eye.value(sum) / number("total") - 1.0).abs() < 1e-4);
        for (kind, unit) in [("top", top), ("sum", sum)] {
            for (name, rule) in RULES {
                let Some(expected) = file.get(&format!("{layer}.{kind}.{name}")) else { continue };
                let error = relative_error(&eye.project(rule, &[unit]), &interleaved(expected));
                println!("{layer}.{kind}.{name}: {error:.2e}");
                assert!(error < 1e-2, "{layer}.{kind}.{name}: {error:.2e}");
            }
        }
        // Several units at once are the sum of each under the true derivative.
        let both = eye.project(ReluRule::Gradient, &[top, sum]);
        let (one, other) = (eye.project(ReluRule::Gradient, &[top]), eye.project(ReluRule::Gradient, &[sum]));
        let added: Vec<f32> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
        assert!(relative_error(&both, &added) < 1e-5);
    }
}

#[test]
fn class_saliency_of_squeezenet() {
    let file = reference("squeezenet.safetensors");
    let (model, image) = (model("squeezenet"), file.get("image").unwrap());
    let picture = Picture::new(image.shape[2], image.shape[1], interleaved(image)).unwrap();
    let mut eye = Eye::new(&model, "logits", (image.shape[1], image.shape[2])).unwrap();
    eye.look(picture.rgb());
    let best = eye.strongest_planes()[0];
    assert_eq!((best, class_number(&model, "EGYPTIAN cat").unwrap()), (285, 285));
    let unit = Unit { plane: best, place: Place::At(0, 0) };
    for (name, rule) in RULES {
        let found = saliency(&mut eye, &picture, unit, rule, (0, 0));
        let error = relative_error(&found, &interleaved(file.get(&format!("class.{name}")).unwrap()));
        println!("class.{name}: {error:.2e}");
        assert!(error < 1e-2, "class.{name}: {error:.2e}");
    }
    let smooth = |seed| {
        saliency(
            &mut Eye::new(&model, "logits", (227, 227)).unwrap(),
            &picture,
            unit,
            ReluRule::Gradient,
            (2, seed),
        )
    };
    assert_eq!(smooth(1), smooth(1));
    assert_ne!(smooth(1), smooth(2));
}

/// Nothing outside of a receptive field depends on the unit, not even by rounding.
#[test]
fn projections_end_with_the_receptive_field() {
    let file = reference("vgg19_backprojection.safetensors");
    let (model, image) = (model("vgg19"), file.get("image").unwrap());
    let size = (image.shape[1], image.shape[2]);
    for (layer, at) in [("relu1_1", (40, 50)), ("conv2_1", (0, 20)), ("relu3_2", (12, 14))] {
        let mut eye = Eye::new(&model, layer, size).unwrap();
        eye.look(&interleaved(image));
        let unit = Unit { plane: eye.strongest_planes()[0], place: Place::At(at.0, at.1) };
        let (rows, columns) = eye.field(unit).clipped(size);
        for (_, rule) in RULES {
            let values = eye.project(rule, &[unit]);
            for (i, pixel) in values.chunks_exact(3).enumerate() {
                let inside = rows.contains(&(i / size.1)) && columns.contains(&(i % size.1));
                assert!(inside || pixel == [0.0; 3], "{layer}, pixel {i}");
            }
        }
    }
}

#[test]
fn units_and_classes_that_are_not_there() {
    let model = model("squeezenet");
    let eye = Eye::new(&model, "fire2", (64, 64)).unwrap();
    for (plane, place, words) in [
        (128, Place::Sum, "fire2 has no plane 128"),
        (0, Place::At(99, 0), "fire2 has no row 99"),
        (0, Place::At(0, 99), "fire2 has no column 99"),
    ] {
        let error = eye.require(Unit { plane, place }).unwrap_err();
        assert_eq!(error.to_string(), words);
        assert!(error.hint().is_some());
    }
    for text in ["1000", "", "cat", "no such thing"] {
        assert!(class_number(&model, text).is_err(), "{text:?}");
    }
    assert_eq!(class_number(&model, "999").unwrap(), 999);
}

/// A unit's own part of the picture tells all about it: inside, at borders and where strides do not divide the picture.
#[test]
fn closeups_are_back_projections() {
    let file = reference("squeezenet.safetensors");
    let image = file.get("image").unwrap();
    let picture = Picture::new(227, 227, interleaved(image)).unwrap();
    for (name, layer, places) in [
        ("vgg19", "relu2_2", [(50, 60), (0, 112), (112, 3)]),
        ("vgg19", "relu3_3", [(27, 30), (0, 55), (55, 20)]),
        ("squeezenet", "fire3", [(20, 30), (0, 55), (55, 5)]),
        ("squeezenet", "conv1", [(20, 30), (0, 112), (112, 5)]),
    ] {
        let model = model(name);
        let mut eye = Eye::new(&model, layer, (227, 227)).unwrap();
        eye.look(picture.rgb());
        let mut closeup = Closeup::new(&model, layer).unwrap();
        for (row, column) in places {
            let unit = |plane| Unit { plane, place: Place::At(row, column) };
            let largest = |a: &usize, b: &usize| eye.value(unit(*a)).total_cmp(&eye.value(unit(*b)));
            let plane = (0..eye.shape()[2]).max_by(largest).unwrap();
            let close =
                closeup.project(&picture, plane, (row, column), &RULES.map(|(_, rule)| rule)).unwrap();
            let (rows, columns) = close.field;
            for ((name, rule), found) in RULES.into_iter().zip(close.values) {
                let whole = eye.project(rule, &[unit(plane)]);
                let line =
                    |row: usize| &whole[3 * (row * 227 + columns.start)..3 * (row * 227 + columns.end)];
                let expected: Vec<f32> = rows.clone().flat_map(line).copied().collect();
                let error = relative_error(&found, &expected);
                assert!(error < 1e-3, "{layer} {row},{column} {name}: {error:.2e}");
            }
        }
    }
}
