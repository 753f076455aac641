//! All pictures of an atlas as files.

use super::tiles::tiles;
use crate::failure::Failure;
use anyhow::Context;
use impasto::see::atlas::Entry;
use impasto_image::{Picture, SaveOptions, save, write_atomically};
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder being filled.
pub struct Export {
    folder: PathBuf,
}

impl Export {
    /// A new folder, or an empty one.
    pub fn new(folder: &Path) -> anyhow::Result<Export> {
        let cannot = || format!("cannot use the folder {}", folder.display());
        if folder.exists() && fs::read_dir(folder).with_context(cannot)?.next().is_some() {
            let message = format_args!("the folder {} is not empty", folder.display());
            return Err(Failure::usage(message).hint("name a new folder for --export").into());
        }
        fs::create_dir_all(folder).with_context(cannot)?;
        Ok(Export { folder: folder.to_owned() })
    }

    /// Writes an entry's pictures: `LAYER-PLANE-NAME.png`.
    pub fn add(&mut self, entry: &Entry, photo: &Picture) -> anyhow::Result<()> {
        let layer = entry.layer.replace('/', "-");
        tiles(entry, photo)?.par_iter().try_for_each(|tile| {
            let name = format!("{layer}-{:04}-{}.png", entry.plane, tile.name);
            Ok(save(self.folder.join(name), &tile.picture, &SaveOptions::default())?)
        })
    }

    /// Writes `atlas.json`.
    pub fn finish(self, facts: &Value) -> anyhow::Result<()> {
        let text = format!("{facts:#}\n");
        Ok(write_atomically(&self.folder.join("atlas.json"), false, |file| file.write_all(text.as_bytes()))?)
    }
}
