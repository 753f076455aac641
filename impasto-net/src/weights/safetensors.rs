//! The safetensors format: a JSON header that says where each array lies, then the arrays.

use super::{Array, Source, Weights, codebook, element, element::Element};
use crate::NetError;
use ::safetensors::{
    Dtype,
    tensor::{Metadata, TensorInfo},
};
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
    let (data_start, header) = read_header(&mut source)?;
    let tensors = header.tensors();
    let mut arrays = BTreeMap::new();
    for (name, info) in &tensors {
        // The table of a codebook is read with its indices.
        let table_of = name.strip_suffix(".table").map(|stem| format!("{stem}.indices"));
        if !keep(name)
            || table_of.is_some_and(|name| tensors.get(&name).is_some_and(|i| i.dtype == Dtype::U8))
        {
            continue;
        }
        let mut full_name = name.as_str();
        let array = match name.strip_suffix(".indices") {
            Some(stem) if info.dtype == Dtype::U8 => {
                full_name = stem;
                if tensors.contains_key(stem) {
                    return Err(source.damaged(format!("tensor {stem} is there twice, once as {name}")));
                }
                let Some(table) = tensors.get(&format!("{stem}.table")) else {
                    return Err(source.damaged(format!("tensor {name} has no table {stem}.table")));
                };
                let table = read_array(&mut source, data_start, &format!("{stem}.table"), table)?;
                let indices = read_bytes(&mut source, data_start, name, info)?;
                codebook::decode(&indices, info.shape.clone(), &table)
                    .map_err(|reason| source.damaged(format!("tensor {name}: {reason}")))?
            }
            _ => read_array(&mut source, data_start, name, info)?,
        };
        arrays.insert(full_name.to_owned(), array);
    }
    let metadata = header.metadata().iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect();
    Ok(Weights { arrays, metadata })
}

/// The header, and the position in the file that offsets count from. Every array is known to lie inside the file.
fn read_header<R: Read + Seek>(source: &mut Source<R>) -> Result<(u64, Metadata), NetError> {
    let prefix = source.bytes(0, PREFIX, "the header's length")?;
    let length = prefix.iter().rev().fold(0, |length, &byte| length << 8 | u64::from(byte));
    if length > LARGEST_HEADER {
        return Err(source.damaged(format!("it declares a header of {length} bytes")));
    }
    let text = source.bytes(PREFIX, length, "the header")?;
    let header: Metadata = serde_json::from_slice(&text)
        .map_err(|error| source.damaged(format!("its header is damaged: {error}")))?;
    let data_start = PREFIX + length;
    check_layout(&header, source.length - data_start).map_err(|reason| source.damaged(reason))?;
    Ok((data_start, header))
}

/// Whether the arrays fill the `available` bytes without gap or overlap, each as long as its shape says.
fn check_layout(header: &Metadata, available: u64) -> Result<(), String> {
    let mut tensors: Vec<_> = header.tensors().into_iter().collect();
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
