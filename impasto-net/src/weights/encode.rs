//! Writing safetensors.
//!
//! The format is written here rather than by its crate, which orders the remarks at random: the same arrays shall give the
//! same bytes. It is the length of a JSON header (eight bytes, little-endian), the header, and the values.

use half::f16;
use serde_json::{Map, Value, json};

/// How a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Half precision: three decimal digits, two bytes.
    Half,
    /// Single precision: unchanged, four bytes.
    Single,
}

/// A named array to be written.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Extents, outermost first.
    pub shape: &'a [usize],
    /// As many values as the extents multiply to.
    pub values: &'a [f32],
}

/// The bytes of a safetensors file of these arrays and `remarks`, in this order.
pub fn encode(tensors: &[Tensor<'_>], remarks: &[(&str, String)], precision: Precision) -> Vec<u8> {
    let (kind, size) = match precision {
        Precision::Half => ("F16", 2),
        Precision::Single => ("F32", 4),
    };
    let remarks: Map<String, Value> =
        remarks.iter().map(|(key, value)| ((*key).into(), value.clone().into())).collect();
    let mut header = Map::new();
    header.insert("__metadata__".into(), remarks.into());
    let mut end = 0;
    for tensor in tensors {
        let start = end;
        end += size * tensor.values.len();
        let place = json!({ "dtype": kind, "shape": tensor.shape, "data_offsets": [start, end] });
        header.insert(tensor.name.into(), place);
    }
    let mut header = Value::from(header).to_string();
    // Values start at a multiple of eight bytes; the format allows spaces for that.
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    let mut bytes = Vec::with_capacity(8 + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header.as_bytes());
    for value in tensors.iter().flat_map(|tensor| tensor.values) {
        match precision {
            Precision::Half => bytes.extend(f16::from_f32(*value).to_le_bytes()),
            Precision::Single => bytes.extend(value.to_le_bytes()),
        }
    }
    bytes
}
