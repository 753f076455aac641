//! Weights as 8-bit indices into a table of values.

use super::{Array, Codes};
use rayon::prelude::*;

/// Indices in a unit of parallel work.
const CHUNK: usize = 1 << 16;

/// The array whose values are `table[index]`, with the pair it is made of, or what is wrong with that.
pub fn decode(indices: Vec<u8>, shape: Vec<usize>, table: &Array) -> Result<(Array, Codes), String> {
    let [size @ 1..=256] = table.shape[..] else {
        return Err(format!("its table has shape {:?} instead of at most 256 values", table.shape));
    };
    // A full table lets every index through without a check.
    let mut values = Box::new([0.0; 256]);
    values[..size].copy_from_slice(&table.data);
    if size < 256 && indices.par_iter().any(|&index| usize::from(index) >= size) {
        return Err(format!("an index lies beyond its table of {size} values"));
    }
    let mut data = vec![0.0; indices.len()];
    data.par_chunks_mut(CHUNK).zip(indices.par_chunks(CHUNK)).for_each(|(data, indices)| {
        for (to, &index) in data.iter_mut().zip(indices) {
            *to = values[usize::from(index)];
        }
    });
    Ok((Array { shape, data }, Codes { indices, table: values }))
}
