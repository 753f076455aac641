//! A network of PyTorch's example `fast_neural_style` paints as PyTorch does.

use impasto_net::{Generator, Plan, Purpose, weights};
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// `[3, height, width]` of 0–255 to interleaved values in [0, 1].
fn interleaved(planar: &[f32]) -> Vec<f32> {
    let positions = planar.len() / 3;
    (0..planar.len()).map(|i| planar[i % 3 * positions + i / 3] / 255.0).collect()
}

#[test]
fn paints_the_same() {
    let generator = Generator::open(&data("fast_neural_style.pth")).unwrap();
    assert_eq!(generator.styles(), ["fast_neural_style"]);
    let model = generator.model(&[1.0]).unwrap();
    let expected = weights::open(&data("fast_neural_style.safetensors")).unwrap();
    let (input, output) = (expected.get("input").unwrap(), expected.get("output").unwrap());
    let mut plan = Plan::of_last(&model, input.shape[1], input.shape[2], Purpose::Forward).unwrap();
    plan.forward(&interleaved(&input.data));
    let expected = interleaved(&output.data);
    let worst = plan.tap(0).data.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst:.1e} of 1");
}

#[test]
fn files_of_its_own_come_back() {
    let generator = Generator::open(&data("fast_neural_style.pth")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("same.safetensors");
    std::fs::write(&path, generator.bytes(weights::Precision::Single)).unwrap();
    assert_eq!(Generator::open(&path).unwrap(), generator);
    std::fs::write(&path, generator.bytes(weights::Precision::Half)).unwrap();
    let half = Generator::open(&path).unwrap();
    assert_eq!(half.architecture(), generator.architecture());

    // A file that lacks a parameter says which one.
    let whole = std::fs::read(&path).unwrap();
    let mut broken = whole.clone();
    let at = whole.windows(9).position(|window| window == b"c1.weight").unwrap();
    broken[at + 4] = b'E';
    std::fs::write(&path, broken).unwrap();
    let error = Generator::open(&path).unwrap_err().to_string();
    assert!(error.contains("c1.weight"), "{error}");
}
