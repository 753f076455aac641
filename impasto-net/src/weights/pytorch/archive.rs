//! PyTorch's format since version 1.6: a zip archive of uncompressed entries.

use super::{decode, pickle, state_dict};
use crate::{
    NetError,
    weights::{Source, Weights, damaged},
};
use std::io::{Read, Seek};
use zip::ZipArchive;

/// How a zip archive starts.
pub const MAGIC: &[u8] = b"PK\x03\x04";

/// Bytes accepted of the entry that describes the tensors; a network of a hundred thousand needs less.
const LARGEST_PICKLE: u64 = 1 << 26;

/// The arrays of the archive's `state_dict` whose names `keep` accepts.
pub fn read<R: Read + Seek>(source: Source<R>, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    let Source { path, length, stream } = source;
    let failed = |reason| damaged(path, reason);
    let mut archive = ZipArchive::new(stream)
        .map_err(|error| damaged(path, format!("its archive is damaged or truncated: {error}")))?;
    let mut folders = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(|error| damaged(path, format!("its archive is damaged: {error}")))?;
        folders.extend(name.strip_suffix("data.pkl").map(str::to_owned));
    }
    let [folder] = folders.as_slice() else {
        return Err(damaged(
            path,
            "it is a zip archive, but not one of PyTorch's (it needs one entry data.pkl)",
        ));
    };

    let byte_order = format!("{folder}byteorder");
    if archive.index_for_name(&byte_order).is_some()
        && read_entry(&mut archive, &byte_order, length.min(16)).map_err(failed)?.trim_ascii() != b"little"
    {
        return Err(damaged(path, "it was written on a big-endian machine, which is not supported"));
    }
    let description =
        read_entry(&mut archive, &format!("{folder}data.pkl"), length.min(LARGEST_PICKLE)).map_err(failed)?;
    let content = pickle::read(&mut description.as_slice()).map_err(failed)?;
    let tensors = state_dict::tensors(&content, keep).map_err(failed)?;
    decode(path, length, tensors, |storage, tensor| {
        let name = format!("{folder}data/{}", storage.key);
        let lost = |reason| damaged(path, format!("tensor {tensor} is lost: {reason}"));
        let bytes = read_entry(&mut archive, &name, length).map_err(lost)?;
        if storage.count.checked_mul(storage.element.size()) != Some(bytes.len()) {
            return Err(lost(format!(
                "{} values cannot take the {} bytes of entry {name}",
                storage.count,
                bytes.len()
            )));
        }
        Ok(bytes)
    })
}

/// The bytes of an entry, at most `limit`, or why they cannot be had. Its checksum is verified.
fn read_entry<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    limit: u64,
) -> Result<Vec<u8>, String> {
    let entry = archive.by_name(name).map_err(|error| format!("entry {name} cannot be read: {error}"))?;
    // Entries are stored uncompressed: one that declares more than the file's length lies.
    let size = entry.size();
    if size > limit {
        return Err(format!("entry {name} declares {size} bytes, which is too many"));
    }
    let mut bytes = Vec::new();
    entry
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("entry {name} cannot be read: {error}"))?;
    if bytes.len() as u64 != size {
        return Err(format!("entry {name} has {} bytes instead of {size}", bytes.len()));
    }
    Ok(bytes)
}
