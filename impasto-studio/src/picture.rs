//! Pictures and clips that were uploaded.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A picture.
    Picture,
    /// A clip.
    Clip,
}

/// A picture or clip that was uploaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The first 32 hexadecimal digits of the file's SHA-256.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The name it came with, without folders.
    pub name: String,
    /// The file's format, as an extension: `jpg`, `png`, `mp4` ….
    pub format: String,
    /// Its type for browsers.
    pub media: String,
    /// Columns, upright.
    pub width: u32,
    /// Rows, upright.
    pub height: u32,
    /// The file's length.
    pub bytes: u64,
    /// What else is known: of clips `frames` and `seconds`; `warnings`.
    pub facts: Value,
    /// Whether it belongs to the gallery, which is never cleaned up.
    pub shipped: bool,
    /// When it was uploaded last.
    #[serde(skip, default = "Time::now")]
    pub used: Time,
}
