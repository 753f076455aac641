//! The index of a folder: every plane's peak in every photo, so that a photo is looked at once for all questions, and
//! patches that were shown, so that a question asked again is answered at once.
//!
//! A file of lines: first what it is of, then one a photo or a patch, added as soon as it is known. Numbers are base64 of
//! little-endian values: a JSON list of them would be three times as long. Lines of a photo that has changed since are
//! never asked for. What a crash has cut short is as if it had never been written.

use crate::failure::Failure;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use impasto::see::top::Peaks;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What an index is of; another network, size or list of layers is another index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// This program's name.
    pub program: String,
    /// Version of the file's form.
    pub form: u32,
    /// The network.
    pub network: String,
    /// Digest of its weights' file, if they are not those built in.
    pub network_sha256: Option<String>,
    /// Long side of the photos.
    pub size: usize,
    /// The layers, in the order of the numbers.
    pub layers: Vec<String>,
}

/// A photo as it was when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Photo {
    /// Path within the folder.
    pub path: PathBuf,
    /// Length in bytes.
    pub bytes: u64,
    /// Nanoseconds since 1970 when it was last changed.
    pub modified: u64,
}

impl Photo {
    /// The photo at `path` in `folder`.
    pub fn of(folder: &Path, path: &Path) -> anyhow::Result<Photo> {
        let whole = folder.join(path);
        let facts = fs::metadata(&whole).with_context(|| format!("cannot read {}", whole.display()))?;
        let modified = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Photo {
            path: path.to_owned(),
            bytes: facts.len(),
            modified: modified.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0),
        })
    }
}

/// What a patch shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    /// The photo.
    pub photo: Photo,
    /// The layer.
    pub layer: String,
    /// The plane, strongest at one place in the photo.
    pub plane: usize,
    /// Name of the ReLU rule.
    pub rule: String,
    /// Long side of the pictures.
    pub tile: usize,
}

/// A unit's part of a photo and its back-projection, as a page holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The pixels that the unit sees: top, bottom, left, right, ends excluded.
    pub seen: [usize; 4],
    /// Least and largest value of the back-projection.
    pub range: [f32; 2],
    /// The photo's part as a data URI.
    pub patch: String,
    /// The back-projection as a data URI.
    pub projection: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// A photo's peaks: values of all layers' planes, then their rows and columns.
    Peaks {
        photo: Photo,
        values: String,
        places: String,
    },
    Patch {
        of: Question,
        shown: Patch,
    },
}

/// An index that grows.
pub struct Index {
    path: PathBuf,
    file: File,
    planes: Vec<usize>,
    known: HashMap<Photo, Vec<Peaks>>,
    shown: HashMap<Question, Patch>,
}

impl Index {
    /// The index at `path`, new or as far as it goes; one of something else is replaced only if `force`. `planes` are the
    /// layers' numbers of planes.
    pub fn open(path: &Path, heading: &Heading, planes: Vec<usize>, force: bool) -> anyhow::Result<Index> {
        let cannot = || format!("cannot use the index {}", path.display());
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(cannot)?;
        // Where files cannot be locked, nobody else is expected.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let message = format_args!("{} is in use by another run", path.display());
            return Err(Failure::job(message).hint("wait for it, or name another --index").into());
        }
        let (mut known, mut shown) = (HashMap::new(), HashMap::new());
        // Up to here the file is whole.
        let mut whole = 0;
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        while reader.read_line(&mut line).with_context(cannot)? > 0 && line.ends_with('\n') {
            if whole == 0 {
                if serde_json::from_str::<Heading>(&line).ok().as_ref() != Some(heading) {
                    if !force {
                        let message = format_args!(
                            "{} is an index of another network, size or list of layers, or no index",
                            path.display()
                        );
                        return Err(Failure::job(message)
                            .hint("name another --index, or replace it with --force")
                            .into());
                    }
                    break;
                }
            } else {
                match serde_json::from_str(&line) {
                    Ok(Line::Peaks { photo, values, places }) => {
                        let Some(peaks) = decoded(&values, &places, &planes) else { break };
                        known.insert(photo, peaks);
                    }
                    Ok(Line::Patch { of, shown: patch }) => {
                        shown.insert(of, patch);
                    }
                    Err(_) => break,
                }
            }
            whole += line.len() as u64;
            line.clear();
        }
        file.set_len(whole).with_context(cannot)?;
        file.seek(SeekFrom::End(0)).with_context(cannot)?;
        if whole == 0 {
            let heading = format!("{}\n", serde_json::to_string(heading)?);
            file.write_all(heading.as_bytes()).with_context(cannot)?;
        }
        Ok(Index { path: path.to_owned(), file, planes, known, shown })
    }

    /// The peaks of a photo, if it was looked at since it was last changed.
    pub fn get(&self, photo: &Photo) -> Option<&[Peaks]> {
        self.known.get(photo).map(Vec::as_slice)
    }

    /// Adds a photo's peaks, here and in the file.
    pub fn add(&mut self, photo: Photo, peaks: Vec<Peaks>) -> anyhow::Result<()> {
        let values: Vec<u8> =
            peaks.iter().flat_map(|peaks| &peaks.values).flat_map(|value| value.to_le_bytes()).collect();
        let places = peaks.iter().flat_map(|peaks| &peaks.places).flat_map(|(row, column)| [row, column]);
        let places: Vec<u8> = places.flat_map(|place| place.to_le_bytes()).collect();
        let (values, places) = (STANDARD.encode(values), STANDARD.encode(places));
        debug_assert_eq!(peaks.len(), self.planes.len());
        self.append(&Line::Peaks { photo: photo.clone(), values, places })?;
        self.known.insert(photo, peaks);
        Ok(())
    }

    /// A patch that was shown before.
    pub fn patch(&self, question: &Question) -> Option<&Patch> {
        self.shown.get(question)
    }

    /// Adds a patch, here and in the file.
    pub fn add_patch(&mut self, question: Question, patch: Patch) -> anyhow::Result<()> {
        // JSON has no other numbers.
        if patch.range.iter().all(|value| value.is_finite()) && !self.shown.contains_key(&question) {
            self.append(&Line::Patch { of: question.clone(), shown: patch.clone() })?;
        }
        self.shown.insert(question, patch);
        Ok(())
    }

    fn append(&mut self, line: &Line) -> anyhow::Result<()> {
        let text = format!("{}\n", serde_json::to_string(line)?);
        let cannot = || format!("cannot write {}", self.path.display());
        self.file.write_all(text.as_bytes()).with_context(cannot)
    }
}

/// Peaks from their base64, if all of them are there.
fn decoded(values: &str, places: &str, planes: &[usize]) -> Option<Vec<Peaks>> {
    let (values, places) = (STANDARD.decode(values).ok()?, STANDARD.decode(places).ok()?);
    let (values, places) = (values.as_chunks::<4>().0, places.as_chunks::<4>().0);
    let all = planes.iter().sum::<usize>();
    if values.len() != all || places.len() != all {
        return None;
    }
    let mut first = 0;
    let peaks = planes.iter().map(|&planes| {
        let range = first..first + planes;
        first += planes;
        Peaks {
            values: values[range.clone()].iter().map(|v| f32::from_le_bytes(*v)).collect(),
            places: places[range]
                .iter()
                .map(|&[a, b, c, d]| (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])))
                .collect(),
        }
    });
    Some(peaks.collect())
}
