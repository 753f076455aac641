//! Arrays of numbers in a safetensors file.
//!
//! The format is written here rather than by its crate, which orders the remarks at random: the same result shall give
//! the same bytes. It is the length of a JSON header (eight bytes, little-endian), the header, and the values.

use impasto_image::write_atomically;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;

/// A named array of `f32`.
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Extents, outermost first.
    pub shape: &'a [usize],
    /// As many values as the extents multiply to.
    pub values: &'a [f32],
}

/// Writes arrays with remarks, whole or not at all.
pub fn save(
    path: &Path,
    force: bool,
    tensors: &[Tensor<'_>],
    remarks: &[(&str, String)],
) -> anyhow::Result<()> {
    let remarks: Map<String, Value> =
        remarks.iter().map(|(key, value)| ((*key).into(), value.clone().into())).collect();
    let mut header = Map::new();
    header.insert("__metadata__".into(), remarks.into());
    let mut end = 0;
    for tensor in tensors {
        let start = end;
        end += size_of_val(tensor.values);
        let place = json!({ "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end] });
        header.insert(tensor.name.into(), place);
    }
    let mut header = Value::from(header).to_string();
    // Values start at a multiple of eight bytes; the format allows spaces for that.
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    write_atomically(path, force, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        for tensor in tensors {
            for value in tensor.values {
                file.write_all(&value.to_le_bytes())?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Interleaved RGB values plane by plane.
pub fn planar(rgb: &[f32]) -> Vec<f32> {
    (0..3).flat_map(|c| rgb.iter().skip(c).step_by(3).copied()).collect()
}
