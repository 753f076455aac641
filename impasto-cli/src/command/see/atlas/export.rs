//! All pictures of an atlas as files.

use super::tiles::Tile;
use crate::failure::Failure;
use crate::output::write_result;
use crate::report;
use crate::tensors::{self, Tensor, planar};
use anyhow::Context;
use impasto::see::atlas::Entry;
use impasto_image::{SaveOptions, save};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What an entry's files' names begin with.
fn named(entry: &Entry) -> String {
    format!("{}-{:04}", entry.layer.replace('/', "-"), entry.plane)
}

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
            return Err(Failure::usage(message).hint("name a new folder").into());
        }
        fs::create_dir_all(folder).with_context(cannot)?;
        Ok(Export { folder: folder.to_owned() })
    }

    /// Writes an entry's pictures, `LAYER-PLANE-NAME.png`, and tells of them with the entry's facts.
    pub fn add(&self, entry: &Entry, tiles: &[Tile], facts: &Value) -> anyhow::Result<()> {
        tiles.par_iter().try_for_each(|tile| {
            let path = self.folder.join(format!("{}-{}.png", named(entry), tile.name));
            save(&path, &tile.picture, &SaveOptions::default())?;
            report::made(&path, "tile", || {
                let mut facts = facts.clone();
                facts["what"] = tile.name.into();
                facts["range"] = json!(tile.range);
                facts["width"] = tile.picture.width().into();
                facts["height"] = tile.picture.height().into();
                facts
            });
            Ok(())
        })
    }

    /// Writes an entry's back-projections: `LAYER-PLANE.safetensors`; `size` is the photo's (height, width).
    pub fn add_values(&self, entry: &Entry, size: (usize, usize)) -> anyhow::Result<()> {
        let (rows, columns) = (entry.seen.0.len(), entry.seen.1.len());
        let [gradient, guided, deconv] = [0, 1, 2].map(|rule| planar(&entry.projections[rule]));
        let sum = planar(&entry.sum);
        let (seen, whole) = ([3, rows, columns], [3, size.0, size.1]);
        let tensors = [("gradient", &gradient), ("guided", &guided), ("deconv", &deconv)]
            .map(|(name, values)| Tensor { name, shape: &seen, values });
        let sum = [Tensor { name: "sum", shape: &whole, values: &sum }];
        let all: Vec<Tensor<'_>> = tensors.into_iter().chain(sum).collect();
        let place = format!("{},{}", entry.seen.0.start, entry.seen.1.start);
        let path = self.folder.join(format!("{}.safetensors", named(entry)));
        tensors::write(&path, false, &all, &[("layer", entry.layer.clone()), ("seen_from", place)])?;
        let facts = || json!({ "layer": entry.layer, "plane": entry.plane, "what": "values" });
        report::made(&path, "tile", facts);
        Ok(())
    }

    /// Writes `atlas.json`.
    pub fn finish(self, facts: &Value) -> anyhow::Result<()> {
        let text = format!("{facts:#}\n");
        write_result(&self.folder.join("atlas.json"), false, text.as_bytes())
    }
}
