//! Paintings that wait to go on, as files: safetensors with the picture and what the optimiser knows, and in its header the
//! record of the painting, where it stands, and a digest of everything.

use crate::failure::Failure;
use crate::input::hexadecimal;
use crate::record::{PROGRAM, Record};
use crate::report;
use crate::tensors::{self, Tensor};
use anyhow::Context;
use impasto::Checkpoint;
use safetensors::SafeTensors;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// What the header calls the format.
const FORMAT: &str = "impasto-state";
/// Goes up whenever older programs would misread a file.
const VERSION: u64 = 1;
/// Longest header that is read, in bytes; a long chain of records is far shorter.
const LONGEST_HEADER: u64 = 1 << 26;
/// The picture's name among the arrays; the optimiser's are called `memory.0` and so on.
const PICTURE: &str = "picture";

/// A painting and where it stands.
#[derive(Debug)]
pub struct State {
    /// How it was painted so far.
    pub record: Record,
    /// Where it stands.
    pub checkpoint: Checkpoint,
}

impl State {
    /// Writes the file, whole or not at all; a file that is replaced stays until then.
    pub fn save(&self, path: &Path, force: bool) -> anyhow::Result<()> {
        let record = self.record.to_json()?;
        let checkpoint = serde_json::to_string(&self.checkpoint).context("cannot write the state")?;
        let (width, height) = self.checkpoint.size().unwrap_or_default();
        let vectors = self.checkpoint.memory.iter().flat_map(|memory| &memory.vectors);
        let arrays: Vec<&[f32]> =
            std::iter::once(&self.checkpoint.values).chain(vectors).map(Vec::as_slice).collect();
        let names: Vec<String> = (0..arrays.len()).map(name).collect();
        let shape = [height, width, 3];
        let tensors: Vec<Tensor<'_>> =
            arrays.iter().zip(&names).map(|(values, name)| Tensor { name, shape: &shape, values }).collect();
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let digest = digest(&record, &checkpoint, arrays.iter().map(|values| bytes(values)));
        let remarks = [
            ("format", FORMAT.to_owned()),
            ("format-version", VERSION.to_string()),
            ("program", format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"))),
            ("record", record),
            ("checkpoint", checkpoint),
            ("sha256", digest),
        ];
        tensors::write(path, force, &tensors, &remarks)?;
        report::made(path, "state", || json!({ "evaluation": self.checkpoint.evaluation }));
        Ok(())
    }

    /// Reads a file; fails with a reason if it is none of these, is of a later version or damaged.
    pub fn read(path: &Path) -> anyhow::Result<State> {
        let shown = path.display();
        let unreadable = || format!("cannot read the state {shown}");
        let mut file = File::open(path).with_context(unreadable)?;
        let (mut bytes, header) = match header(&mut file) {
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(Failure::job(format_args!("{shown} is not the state of a painting"))
                    .hint("give a .state file that `impasto paint` has written")
                    .into());
            }
            other => other.with_context(unreadable)?,
        };
        let remark = |key: &str| header["__metadata__"][key].as_str().unwrap_or_default();
        match remark("format-version").parse() {
            Ok(VERSION) => {}
            Ok(newer) if newer > VERSION => {
                let program = remark("program");
                return Err(Failure::job(format_args!(
                    "{shown} has version {newer} of the format, this program knows version {VERSION}"
                ))
                .hint(format_args!("it was written by {program}: use that program, or a later one"))
                .into());
            }
            _ => return Err(damaged(path, "it has no version").into()),
        }
        file.read_to_end(&mut bytes).with_context(unreadable)?;
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| damaged(path, &format!("{error:?}")))?;
        let mut arrays = Vec::new();
        for number in 0..tensors.len() {
            let array = tensors.tensor(&name(number));
            arrays.push(array.map_err(|error| damaged(path, &error.to_string()))?.data());
        }
        let (record, checkpoint) = (remark("record"), remark("checkpoint"));
        let found = digest(record, checkpoint, arrays.iter());
        if found != remark("sha256") {
            return Err(damaged(path, "its digest is not that of its content").into());
        }
        let record: Record = serde_json::from_str(record).with_context(|| damaged(path, "its record"))?;
        let mut checkpoint: Checkpoint =
            serde_json::from_str(checkpoint).with_context(|| damaged(path, "where it stands"))?;
        let mut vectors = arrays.into_iter().map(|array| {
            array.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect::<Vec<f32>>()
        });
        checkpoint.values = vectors.next().unwrap_or_default();
        if let Some(memory) = &mut checkpoint.memory {
            memory.vectors = vectors.collect();
        }
        checkpoint.check().with_context(|| format!("cannot go on from {shown}"))?;
        Ok(State { record, checkpoint })
    }
}

fn name(number: usize) -> String {
    if number == 0 { PICTURE.into() } else { format!("memory.{}", number - 1) }
}

fn damaged(path: &Path, what: &str) -> Failure {
    Failure::job(format_args!("the state {} is damaged: {what}", path.display()))
        .hint("use another state of the painting, or paint it again")
}

/// Reads no more than the header: its bytes with its length before it, and what it says. Data that is no header of a state
/// is [`ErrorKind::InvalidData`].
fn header(file: &mut File) -> std::io::Result<(Vec<u8>, Value)> {
    let mut bytes = Vec::new();
    file.take(8).read_to_end(&mut bytes)?;
    let length = <[u8; 8]>::try_from(bytes.as_slice()).map(u64::from_le_bytes).unwrap_or(u64::MAX);
    if length > LONGEST_HEADER {
        return Err(ErrorKind::InvalidData.into());
    }
    file.take(length).read_to_end(&mut bytes)?;
    let header: Value = serde_json::from_slice(&bytes[8..]).map_err(|_| ErrorKind::InvalidData)?;
    if header["__metadata__"]["format"] != FORMAT {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok((bytes, header))
}

/// SHA-256 of the texts and arrays, in hexadecimal digits.
fn digest(record: &str, checkpoint: &str, arrays: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hasher = Sha256::new();
    for text in [record, checkpoint] {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    arrays.for_each(|array| hasher.update(array));
    hexadecimal(&hasher.finalize())
}
