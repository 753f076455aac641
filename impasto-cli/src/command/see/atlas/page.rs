//! The page: one HTML file with all pictures and numbers inside.

use super::tiles::{Tile, reduced};
use crate::page;
use impasto::see::atlas::Entry;
use impasto_image::Picture;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The page without its content.
const TEMPLATE: &str = include_str!("page.html");
/// A page being made.
pub struct Page {
    side: usize,
    content: Value,
    /// Layers with their entries, pictures included.
    layers: Vec<Value>,
}

impl Page {
    /// A page without entries; with `pick`, planes can be marked on it.
    pub fn new(path: &Path, network: &str, photo: &Picture, side: usize, pick: bool) -> anyhow::Result<Page> {
        let content = json!({
            "photo": path.file_name().unwrap_or_default().to_string_lossy(),
            "network": network,
            "version": env!("CARGO_PKG_VERSION"),
            "width": photo.width(),
            "height": photo.height(),
            "tile": side,
            "pick": pick,
            "picture": page::uri(&reduced(photo, 512)?)?,
        });
        Ok(Page { side, content, layers: Vec::new() })
    }

    /// Adds an entry with its [facts]; those of a layer come one after another.
    pub fn add(&mut self, entry: &Entry, tiles: &[Tile], mut facts: Value) -> anyhow::Result<()> {
        let side = self.side;
        let embed = |tile: &Tile| -> anyhow::Result<(String, String)> {
            Ok((tile.name.to_owned(), page::uri(&reduced(&tile.picture, side)?)?))
        };
        let pictures: Vec<(String, String)> = tiles.par_iter().map(embed).collect::<Result<_, _>>()?;
        facts["pictures"] =
            pictures.into_iter().map(|(name, uri)| (name, uri.into())).collect::<Map<_, _>>().into();
        if self.layers.last().is_none_or(|layer| layer["name"] != json!(entry.layer)) {
            self.layers.push(json!({
                "name": entry.layer,
                "height": entry.size.0,
                "width": entry.size.1,
                "field": entry.field.rows.len().max(entry.field.columns.len()),
                "entries": [],
            }));
        }
        let layer = self.layers.last_mut().and_then(|layer| layer["entries"].as_array_mut());
        layer.into_iter().for_each(|entries| entries.push(facts.take()));
        Ok(())
    }

    /// All numbers, no pictures.
    pub fn facts(&self) -> Value {
        let mut layers = self.layers.clone();
        for entry in layers.iter_mut().filter_map(|layer| layer["entries"].as_array_mut()).flatten() {
            entry.as_object_mut().map(|entry| entry.remove("pictures"));
        }
        let mut facts = self.content.clone();
        for key in ["picture", "tile", "pick"] {
            facts.as_object_mut().map(|facts| facts.remove(key));
        }
        facts["layers"] = layers.into();
        facts
    }

    /// Writes the page, whole or not at all; returns its length in bytes.
    pub fn save(&self, path: &Path, force: bool) -> anyhow::Result<usize> {
        let mut content = self.content.clone();
        content["layers"] = self.layers.clone().into();
        page::save_page(path, force, TEMPLATE, &content)
    }
}

/// What is known of an entry; `size` is the photo's (height, width).
pub fn facts(entry: &Entry, tiles: &[Tile], size: (usize, usize)) -> Value {
    let ranges: Map<String, Value> =
        tiles.iter().filter_map(|tile| Some((tile.name.to_owned(), json!(tile.range?)))).collect();
    let (rows, columns) = &entry.seen;
    json!({
        "layer": entry.layer,
        "plane": entry.plane,
        "total": entry.total,
        "row": entry.at.0,
        "column": entry.at.1,
        "value": entry.value,
        "seen": { "top": rows.start, "bottom": rows.end, "left": columns.start, "right": columns.end },
        "clipped": entry.field.is_clipped(size),
        "ranges": ranges,
    })
}
