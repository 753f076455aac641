//! Every format against what `tests/data/make.py` says it holds.

use std::path::{Path, PathBuf};

use impasto_image::{Limits, Warning, open, resize};
use serde_json::Value;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn floats(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(data(name)).unwrap();
    bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

/// Largest and mean difference.
fn differences(a: &[f32], b: &[f32]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let each = || a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs()));
    (each().fold(0.0, f64::max), each().sum::<f64>() / a.len() as f64)
}

fn check(name: &str, expected: &Value) -> Result<(), String> {
    let opened = open(data(name), &Limits::default()).map_err(|e| format!("{e}"))?;
    let picture = &opened.picture;
    let size = [picture.width(), picture.height()].map(|n| n as u64);
    if [expected["width"].as_u64(), expected["height"].as_u64()] != size.map(Some) {
        return Err(format!("size {size:?}"));
    }
    if expected["bits"].as_u64() != Some(opened.bits.into()) {
        return Err(format!("{} bits", opened.bits));
    }
    let ignored = opened.warnings.iter().any(|w| matches!(w, Warning::ProfileIgnored { .. }));
    if ignored != expected.get("profile_ignored").is_some() {
        return Err(format!("warnings {:?}", opened.warnings));
    }
    let mut wanted = floats(expected["raw"].as_str().unwrap());
    let mut got = match picture.alpha() {
        None => picture.rgb().to_vec(),
        Some(alpha) => {
            picture.rgb().chunks_exact(3).zip(alpha).flat_map(|(c, &a)| [c[0], c[1], c[2], a]).collect()
        }
    };
    if got.len() != wanted.len() {
        return Err(format!("{} samples instead of {}", got.len(), wanted.len()));
    }
    if expected.get("hidden_colours").is_some() {
        // What lies under full transparency is nobody's business, and decoders differ.
        for samples in [&mut got, &mut wanted] {
            samples.chunks_exact_mut(4).filter(|p| p[3] == 0.0).for_each(|p| p.fill(0.0));
        }
    }
    let (worst, mean) = differences(&got, &wanted);
    if worst > expected["tolerance"].as_f64().unwrap() || mean > expected["mean"].as_f64().unwrap() {
        return Err(format!(
            "differs by {:.2}/255 at most, {:.3}/255 on average",
            worst * 255.0,
            mean * 255.0
        ));
    }
    println!("{name}: {:.2}/255 at most, {:.3}/255 on average", worst * 255.0, mean * 255.0);
    Ok(())
}

#[test]
fn every_format_decodes_to_what_it_holds() {
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(data("expected.json")).unwrap()).unwrap();
    let mut failures = Vec::new();
    for (name, expected) in expected.as_object().unwrap() {
        if let Err(reason) = check(name, expected) {
            failures.push(format!("{name}: {reason}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn resizing_agrees_with_pillow_in_linear_light() {
    let picture = open(data("resize.png"), &Limits::default()).unwrap().picture;
    for (name, width, height) in [("down", 31, 22), ("up", 150, 107)] {
        let resized = resize(&picture, width, height).unwrap();
        let (worst, mean) = differences(resized.rgb(), &floats(&format!("resize_{name}.f32")));
        println!("{name}: {:.3}/255 at most, {:.4}/255 on average", worst * 255.0, mean * 255.0);
        assert!(worst < 1.0 / 255.0 && mean < 0.1 / 255.0, "{name}: {worst} {mean}");
    }
}
