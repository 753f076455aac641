//! PyTorch files (`.pth`, `.pt`): a pickle that describes a `state_dict`, and the bytes of its tensors.
//!
//! A pickle is a program. The one here is interpreted by [`pickle`], which knows the few operations and names that a
//! `state_dict` needs and refuses every other, so that opening a file never executes what it says.

mod archive;
mod legacy;
mod pickle;
mod state_dict;

use super::{Array, Source, Weights, damaged, element};
use crate::NetError;
use pickle::Storage;
use state_dict::Tensor;
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
    path::Path,
    rc::Rc,
};

/// Whether a file starts like PyTorch's format since version 1.6 (a zip archive) or the one before it.
pub fn is_pytorch(start: &[u8]) -> bool {
    start.starts_with(archive::MAGIC) || start.starts_with(legacy::MAGIC)
}

/// The arrays of a file's `state_dict` whose names `keep` accepts.
pub fn read<R: Read + Seek>(source: Source<R>, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    let mut source = source;
    let mut start = Vec::new();
    let result = source.stream.by_ref().take(4).read_to_end(&mut start).and_then(|_| source.stream.rewind());
    result.map_err(|error| source.failed(error, "its first bytes"))?;
    if start == archive::MAGIC { archive::read(source, keep) } else { legacy::read(source, keep) }
}

/// Decodes `tensors`; `load` gives the bytes of a storage, of which it also learns a tensor's name; it is asked once for each.
fn decode(
    path: &Path,
    length: u64,
    tensors: Vec<(String, Tensor)>,
    mut load: impl FnMut(&Storage, &str) -> Result<Vec<u8>, NetError>,
) -> Result<Weights, NetError> {
    // Tensors may share a storage. More values than the file has bytes is no sharing but a bomb.
    let values = tensors.iter().try_fold(0_u64, |sum, (_, tensor)| sum.checked_add(tensor.values() as u64));
    if values.is_none_or(|values| values > length) {
        return Err(damaged(path, "its tensors declare more values than the file has bytes"));
    }
    let mut by_storage = BTreeMap::<Rc<str>, (Storage, Vec<(String, Tensor)>)>::new();
    for (name, tensor) in tensors {
        let (storage, users) = by_storage
            .entry(tensor.storage.key.clone())
            .or_insert_with(|| (tensor.storage.clone(), Vec::new()));
        if *storage != tensor.storage {
            return Err(damaged(
                path,
                format!("tensor {name} reads storage {} as another type", storage.key),
            ));
        }
        users.push((name, tensor));
    }
    let mut arrays = BTreeMap::new();
    for (storage, users) in by_storage.into_values() {
        let bytes = load(&storage, users.first().map_or("", |(name, _)| name))?;
        for (name, tensor) in users {
            let data = tensor.decode(&bytes);
            if !element::finite(&data) {
                return Err(damaged(path, format!("tensor {name} holds a value that is not finite")));
            }
            arrays.insert(name, Array { shape: tensor.shape, data });
        }
    }
    Ok(Weights::new(arrays, BTreeMap::new()))
}
