//! Arrays of numbers in a safetensors file.

use crate::report;
use impasto_image::write_atomically;
pub use impasto_net::weights::Tensor;
use impasto_net::weights::{Precision, encode};
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// Writes arrays with remarks that are a result, whole or not at all.
pub fn save(
    path: &Path,
    force: bool,
    tensors: &[Tensor<'_>],
    remarks: &[(&str, String)],
) -> anyhow::Result<()> {
    write(path, force, tensors, remarks)?;
    report::made(path, "result", || json!({}));
    Ok(())
}

/// Writes arrays with remarks, whole or not at all.
pub fn write(
    path: &Path,
    force: bool,
    tensors: &[Tensor<'_>],
    remarks: &[(&str, String)],
) -> anyhow::Result<()> {
    let bytes = encode(tensors, remarks, Precision::Single);
    Ok(write_atomically(path, force, |file| file.write_all(&bytes))?)
}

/// Interleaved RGB values plane by plane.
pub fn planar(rgb: &[f32]) -> Vec<f32> {
    (0..3).flat_map(|c| rgb.iter().skip(c).step_by(3).copied()).collect()
}
