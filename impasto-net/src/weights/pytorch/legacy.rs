//! PyTorch's format before version 1.6: pickles one after the other, then the storages.

use super::{decode, pickle, state_dict};
use crate::{
    NetError,
    weights::{Source, Weights, damaged},
};
use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

/// A pickle of the format's magic number, with which such a file starts.
pub const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// The version of the format that is known, the only one there was.
const VERSION: i64 = 1001;

/// Bytes before each storage, which hold its number of values.
const PREFIX: u64 = 8;

/// The arrays of the file's `state_dict` whose names `keep` accepts.
pub fn read<R: Read + Seek>(mut source: Source<R>, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    let path = source.path;
    let mut next = || pickle::read(&mut source.stream).map_err(|reason| damaged(path, reason));
    let (_magic, version, system, content, keys) = (next()?, next()?, next()?, next()?, next()?);
    if version.root() != pickle::Value::Int(VERSION) {
        return Err(damaged(path, "it is of an unknown version of PyTorch's old format"));
    }
    if !system.says("little_endian", pickle::Value::Bool(true)) {
        return Err(damaged(path, "it was written on a big-endian machine, which is not supported"));
    }
    let order: Option<Vec<_>> =
        keys.sequence(keys.root()).and_then(|list| list.iter().map(|&key| keys.text(key)).collect());
    let order = order.ok_or_else(|| damaged(path, "its list of storages is damaged"))?;
    let tensors = state_dict::tensors(&content, keep).map_err(|reason| damaged(path, reason))?;

    let storages: BTreeMap<_, _> = content.storages().map(|storage| (&*storage.key, storage)).collect();
    let mut position =
        source.stream.stream_position().map_err(|error| source.failed(error, "its storages"))?;
    let mut places = BTreeMap::new();
    for key in order {
        let user = tensors.iter().find(|(_, tensor)| &*tensor.storage.key == key);
        let what = user.map_or_else(|| format!("storage {key}"), |(name, _)| format!("tensor {name}"));
        let prefix = source.bytes(position, PREFIX, &what)?;
        let count = prefix.iter().rev().fold(0, |count, &byte| count << 8 | u64::from(byte));
        let Some(storage) = storages.get(key).filter(|storage| storage.count as u64 == count) else {
            return Err(damaged(path, format!("{what} of {count} values is not the one described")));
        };
        let start = position + PREFIX;
        let size = count.checked_mul(storage.element.size() as u64);
        let end = size.and_then(|size| start.checked_add(size)).filter(|&end| end <= source.length);
        position = end.ok_or_else(|| damaged(path, format!("it ends inside {what}")))?;
        places.insert(key.to_owned(), (start, position - start));
    }
    let length = source.length;
    decode(path, length, tensors, |storage, tensor| match places.get(&*storage.key) {
        Some(&(start, size)) => source.bytes(start, size, &format!("tensor {tensor}")),
        None => Err(damaged(path, format!("tensor {tensor} is not followed by its values"))),
    })
}
