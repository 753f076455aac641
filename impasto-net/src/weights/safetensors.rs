//! The safetensors format: a JSON header that says where each array lies, then the arrays.

use super::{Array, Source, Weights, codebook, element, element::Element, steps};
use crate::NetError;
use ::safetensors::{Dtype, tensor::TensorInfo};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

/// Bytes before the header, which hold its length.
const PREFIX: u64 = 8;

/// Largest header accepted: a network of a hundred thousand arrays needs a tenth of it.
const LARGEST_HEADER: u64 = 100_000_000;

/// Whether a file that starts with these bytes can be safetensors: a header's length, then a JSON object.
pub fn is_safetensors(start: &[u8]) -> bool {
    start.get(PREFIX as usize) == Some(&b'{')
}

/// The arrays whose names `keep` accepts.
pub fn read<R: Read + Seek>(mut source: Source<R>, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    let Header { data_start, tensors, metadata } = read_header(&mut source)?;
    let is_coded =
        |stem: &str| tensors.get(&format!("{stem}.indices")).is_some_and(|info| info.dtype == Dtype::U8);
    let is_stepped =
        |stem: &str| tensors.get(&format!("{stem}.integers")).is_some_and(|info| info.dtype == Dtype::I8);
    let (mut arrays, mut codes) = (BTreeMap::new(), BTreeMap::new());
    for (name, info) in tensors.iter().filter(|(name, _)| keep(name)) {
        if let Some(stem) = name.strip_suffix(".indices").filter(|stem| is_coded(stem)) {
            if tensors.contains_key(stem) {
                return Err(source.damaged(format!("tensor {stem} is there twice, once as {name}")));
            }
            let table = format!("{stem}.table");
            let Some(table_info) = tensors.get(&table) else {
                return Err(source.damaged(format!("tensor {name} has no table {table}")));
            };
            let table = read_array(&mut source, data_start, &table, table_info)?;
            let indices = read_bytes(&mut source, data_start, name, info)?;
            let (array, code) = codebook::decode(indices, info.shape.clone(), &table)
                .map_err(|reason| source.damaged(format!("tensor {name}: {reason}")))?;
            arrays.insert(stem.to_owned(), array);
            codes.insert(stem.to_owned(), code);
        } else if let Some(stem) = name.strip_suffix(".integers").filter(|stem| is_stepped(stem)) {
            if tensors.contains_key(stem) {
                return Err(source.damaged(format!("tensor {stem} is there twice, once as {name}")));
            }
            let steps = format!("{stem}.steps");
            let Some(steps_info) = tensors.get(&steps) else {
                return Err(source.damaged(format!("tensor {name} has no step sizes {steps}")));
            };
            let steps = read_array(&mut source, data_start, &steps, steps_info)?;
            let integers = read_array(&mut source, data_start, name, info)?;
            let array = steps::decode(integers, &steps)
                .map_err(|reason| source.damaged(format!("tensor {name}: {reason}")))?;
            arrays.insert(stem.to_owned(), array);
        } else if !name.strip_suffix(".table").is_some_and(is_coded)
            && !name.strip_suffix(".steps").is_some_and(is_stepped)
        {
            arrays.insert(name.clone(), read_array(&mut source, data_start, name, info)?);
        }
    }
    Ok(Weights { arrays, codes, metadata })
}

/// What a file says of itself before its arrays.
struct Header {
    /// The position in the file that offsets count from.
    data_start: u64,
    tensors: BTreeMap<String, TensorInfo>,
    metadata: BTreeMap<String, String>,
}

/// The header. Every array is known to lie inside the file.
fn read_header<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, NetError> {
    let prefix = source.bytes(0, PREFIX, "the header's length")?;
    let length = prefix.iter().rev().fold(0, |length, &byte| length << 8 | u64::from(byte));
    if length > LARGEST_HEADER {
        return Err(source.damaged(format!("it declares a header of {length} bytes")));
    }
    let text = source.bytes(PREFIX, length, "the header")?;
    // The crate's own reader checks as much, but does not name the tensor.
    let entries: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&text)
        .map_err(|error| source.damaged(format!("its header is damaged: {error}")))?;
    let data_start = PREFIX + length;
    let mut header = Header { data_start, tensors: BTreeMap::new(), metadata: BTreeMap::new() };
    for (name, entry) in entries {
        if name == "__metadata__" {
            header.metadata = serde_json::from_value(entry)
                .map_err(|error| source.damaged(format!("its metadata is damaged: {error}")))?;
        } else {
            let info = serde_json::from_value(entry).map_err(|error| {
                source.damaged(format!("the description of tensor {name} is damaged: {error}"))
            })?;
            header.tensors.insert(name, info);
        }
    }
    check_layout(&header.tensors, source.length - data_start).map_err(|reason| source.damaged(reason))?;
    Ok(header)
}

/// Whether the arrays fill the `available` bytes without gap or overlap, each as long as its shape says.
fn check_layout(tensors: &BTreeMap<String, TensorInfo>, available: u64) -> Result<(), String> {
    let mut tensors: Vec<_> = tensors.iter().collect();
    tensors.sort_by(|(a_name, a), (b_name, b)| (a.data_offsets, a_name).cmp(&(b.data_offsets, b_name)));
    let mut position = 0;
    for (name, info) in tensors {
        let (start, end) = info.data_offsets;
        if start != position || end < start {
            return Err(format!(
                "tensor {name} lies at bytes {start} to {end}, but should follow byte {position}"
            ));
        }
        let values = info.shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent));
        let bits = values.and_then(|values| values.checked_mul(info.dtype.bitsize()));
        if bits != (end - start).checked_mul(8) {
            return Err(format!("tensor {name} of shape {:?} cannot take {} bytes", info.shape, end - start));
        }
        if end as u64 > available {
            return Err(format!("it ends inside tensor {name}"));
        }
        position = end;
    }
    if position as u64 != available {
        return Err(format!("{} bytes follow its last tensor", available - position as u64));
    }
    Ok(())
}

fn read_bytes<R: Read + Seek>(
    source: &mut Source<R>,
    data_start: u64,
    name: &str,
    info: &TensorInfo,
) -> Result<Vec<u8>, NetError> {
    let (start, end) = info.data_offsets;
    source.bytes(data_start + start as u64, (end - start) as u64, &format!("tensor {name}"))
}

fn read_array<R: Read + Seek>(
    source: &mut Source<R>,
    data_start: u64,
    name: &str,
    info: &TensorInfo,
) -> Result<Array, NetError> {
    let element = match info.dtype {
        Dtype::U8 | Dtype::BOOL => Element::U8,
        Dtype::I8 => Element::I8,
        Dtype::I16 => Element::I16,
        Dtype::I32 => Element::I32,
        Dtype::I64 => Element::I64,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::BF16,
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        other => {
            return Err(source.damaged(format!("tensor {name} is of type {other:?}, which is not supported")));
        }
    };
    let data = element.decode(&read_bytes(source, data_start, name, info)?);
    if !element::finite(&data) {
        return Err(source.damaged(format!("tensor {name} holds a value that is not finite")));
    }
    Ok(Array { shape: info.shape.clone(), data })
}
