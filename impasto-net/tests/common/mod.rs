//! Values computed elsewhere (`impasto-net/tests/data`), for the tests of every crate that is compared with them.
#![allow(dead_code, reason = "not every test needs all")]

use impasto_net::weights::{self, Array, Weights};
use std::path::Path;

/// A file of them.
pub fn reference(name: &str) -> Weights {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../impasto-net/tests/data");
    weights::open(&data.join(name)).unwrap()
}

/// `[C, H, W]` to channels innermost; vectors as they are.
pub fn interleaved(array: &Array) -> Vec<f32> {
    if array.shape.len() != 3 {
        return array.data.clone();
    }
    let channels = array.shape[0];
    let positions = array.data.len() / channels;
    let mut out = vec![0.0; array.data.len()];
    for (i, v) in array.data.iter().enumerate() {
        out[i % positions * channels + i / positions] = *v;
    }
    out
}

/// Euclidean distance relative to what is expected.
pub fn relative_error(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let sum = |f: &dyn Fn(usize) -> f64| (0..found.len()).map(f).sum::<f64>();
    let difference = sum(&|i| (found[i] as f64 - expected[i] as f64).powi(2));
    (difference / sum(&|i| (expected[i] as f64).powi(2))).sqrt()
}
