//! Magenta's networks against values that ONNX Runtime computed from the files they were converted from, with the roundings
//! to 8 bits between layers taken out.

use impasto_net::{
    Model, NetError, Plan, Purpose,
    magenta::Magenta,
    network::magenta::{OUTPUT, STYLE},
    weights::{self, Array, Weights},
};
use std::{path::Path, sync::Arc};

fn reference() -> Weights {
    weights::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/magenta.safetensors")).unwrap()
}

fn magenta() -> Magenta {
    Magenta::open(Some(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../models"))).unwrap()
}

/// A picture of bytes as RGB [0, 1].
fn picture(array: &Array) -> Vec<f32> {
    array.data.iter().map(|v| v / 255.0).collect()
}

fn relative_error(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = found.iter().zip(expected).map(|(f, e)| (f - e) as f64);
    norm(&mut { difference }) / norm(&mut expected.iter().map(|&e| e as f64))
}

fn paint(model: &Arc<Model>, photo: &Array) -> Vec<f32> {
    let [height, width, _] = photo.shape[..] else { panic!("{:?}", photo.shape) };
    let mut plan = Plan::new(model, height, width, &[OUTPUT.to_owned()], Purpose::Forward).unwrap();
    plan.forward(&picture(photo));
    plan.tap(0).data.to_vec()
}

#[test]
fn a_painting_gives_the_expected_vector() {
    let file = reference();
    let style = file.get("style").unwrap();
    let magenta = magenta();
    let vector = magenta.style_vector(&picture(style), style.shape[0], style.shape[1]).unwrap();
    // Of other sizes in between, it is the same.
    magenta.style_vector(&[0.5; 40 * 33 * 3], 33, 40).unwrap();
    let again = magenta.style_vector(&picture(style), style.shape[0], style.shape[1]).unwrap();
    assert_eq!(vector, again);
    assert_eq!(vector, magenta.style_vector(&picture(style), style.shape[0], style.shape[1]).unwrap());
    let error = relative_error(&vector, &file.get("vector").unwrap().data);
    println!("{error:.2e}");
    assert!(error < 2e-5, "{error:.2e}");
}

/// Of a size that is a multiple of four, and of one that is not: what is painted is the next larger one that is.
#[test]
fn photographs_are_painted_as_expected() {
    let file = reference();
    let model = magenta().transformer(&file.get("vector").unwrap().data).unwrap();
    for name in ["even", "odd"] {
        let painted = paint(&model, file.get(&format!("{name}.photo")).unwrap());
        let error = relative_error(&painted, &file.get(&format!("{name}.painted")).unwrap().data);
        println!("{name}: {error:.2e}");
        assert!(error < 1e-4, "{name}: {error:.2e}");
    }
}

/// Between two styles lies another: neither of them, and not their pictures' mean.
#[test]
fn vectors_can_be_mixed() {
    let (file, magenta) = (reference(), magenta());
    let photo = file.get("even.photo").unwrap();
    let one = file.get("vector").unwrap().data.clone();
    let own = magenta.style_vector(&picture(photo), photo.shape[0], photo.shape[1]).unwrap();
    let half: Vec<f32> = one.iter().zip(&own).map(|(a, b)| 0.5 * (a + b)).collect();
    let [full, between, plain] =
        [one, half, own].map(|vector| paint(&magenta.transformer(&vector).unwrap(), photo));
    let photo = picture(photo);
    let distance = |painted: &[f32]| relative_error(painted, &photo);
    assert!(distance(&plain) < distance(&between) && distance(&between) < distance(&full));
}

#[test]
fn vectors_that_are_none_are_refused() {
    let magenta = magenta();
    let error = magenta.transformer(&[0.0; 99]).err();
    assert!(matches!(error, Some(NetError::StyleVector { found: 99, expected: STYLE })));
    let error = magenta.transformer(&[f32::NAN; STYLE]).err();
    assert!(matches!(error, Some(NetError::NotFinite { .. })));
    let error = magenta.style_vector(&[0.0; 12], 2, 2).err();
    assert!(matches!(error, Some(NetError::TooSmall { .. })), "{error:?}");
}

#[cfg(feature = "embedded-models")]
#[test]
fn the_program_holds_the_networks() {
    let (file, photo) = (reference(), "odd.photo");
    let vector = &file.get("vector").unwrap().data;
    let painted = |magenta: Magenta| paint(&magenta.transformer(vector).unwrap(), file.get(photo).unwrap());
    assert_eq!(painted(Magenta::open(None).unwrap()), painted(magenta()));
}
