//! What is to be done with a clip, kept in the folder of its parts so that whoever goes on does the same.

use crate::failure::Failure;
use anyhow::Context;
use impasto_image::write_atomically;
use impasto_video::Clip;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Frames that are kept, and lost, together.
const PART: usize = 48;

/// Name of its file.
const NAME: &str = "order.json";

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Order {
    /// The program's version.
    pub version: String,
    /// The clip.
    pub input: PathBuf,
    /// Bytes of its file, and when it was changed, in nanoseconds since 1970; 0 for folders.
    pub stamp: (u64, u128),
    /// Its properties.
    pub clip: Clip,
    /// The frames to paint.
    pub frames: Range<usize>,
    /// Width and height of the result.
    pub size: (usize, usize),
    /// How to paint.
    pub settings: Value,
}

impl Order {
    /// The order in the folder of parts `folder`; none if there is none.
    pub fn open(folder: &Path) -> anyhow::Result<Option<Order>> {
        let path = folder.join(NAME);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| {
                Failure::job(format_args!("{} is damaged", path.display())).hint("begin anew with --force")
            })?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes it to `folder`, where nobody has done so yet.
    pub fn save(&self, folder: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        match write_atomically(&folder.join(NAME), false, |file| file.write_all(text.as_bytes())) {
            // Another shard was faster.
            Err(impasto_image::Error::Exists { .. }) => Ok(()),
            written => Ok(written?),
        }
    }

    /// The frames in parts.
    pub fn parts(&self) -> Vec<Range<usize>> {
        let starts = self.frames.clone().step_by(PART);
        starts.map(|start| start..(start + PART).min(self.frames.end)).collect()
    }
}

/// What tells whether a file is still the same.
pub fn stamp(path: &Path) -> anyhow::Result<(u64, u128)> {
    let found = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if found.is_dir() {
        return Ok((0, 0));
    }
    let changed = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((found.len(), changed.map_or(0, |time| time.as_nanos())))
}
