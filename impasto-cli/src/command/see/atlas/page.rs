//! The page: one HTML file with all pictures and numbers inside.

use super::tiles::{Tile, reduced, tiles};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use impasto::see::atlas::Entry;
use impasto_image::{OutputFormat, Picture, SaveOptions, save, write_atomically};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::io::{Cursor, Write};
use std::path::Path;

/// The page without its content.
const TEMPLATE: &str = include_str!("page.html");
/// Where the content belongs.
const PLACE: &str = "{{content}}";
/// Long side up to which a picture is stored without loss: it will be enlarged.
const SMALL: usize = 64;
/// JPEG quality of the others.
const QUALITY: u8 = 85;

/// A page being made.
pub struct Page {
    side: usize,
    content: Value,
    /// Layers with their entries, pictures included.
    layers: Vec<Value>,
}

impl Page {
    /// A page without entries.
    pub fn new(path: &Path, network: &str, photo: &Picture, side: usize) -> anyhow::Result<Page> {
        let content = json!({
            "photo": path.file_name().unwrap_or_default().to_string_lossy(),
            "network": network,
            "version": env!("CARGO_PKG_VERSION"),
            "width": photo.width(),
            "height": photo.height(),
            "tile": side,
            "picture": embedded(&reduced(photo, 512)?)?,
        });
        Ok(Page { side, content, layers: Vec::new() })
    }

    /// Adds an entry; those of a layer come one after another.
    pub fn add(&mut self, entry: &Entry, photo: &Picture) -> anyhow::Result<()> {
        let side = self.side;
        let tiles = tiles(entry, photo)?;
        let embed = |tile: &Tile| -> anyhow::Result<(String, String)> {
            Ok((tile.name.to_owned(), embedded(&reduced(&tile.picture, side)?)?))
        };
        let pictures: Vec<(String, String)> = tiles.par_iter().map(embed).collect::<Result<_, _>>()?;
        let mut facts = facts(entry, &tiles, (photo.height(), photo.width()));
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
        for key in ["picture", "tile"] {
            facts.as_object_mut().map(|facts| facts.remove(key));
        }
        facts["layers"] = layers.into();
        facts
    }

    /// Writes the page, whole or not at all; returns its length in bytes.
    pub fn save(&self, path: &Path, force: bool) -> anyhow::Result<usize> {
        let mut content = self.content.clone();
        content["layers"] = self.layers.clone().into();
        // Inside a script nothing may look like its end.
        let content = content.to_string().replace('<', "\\u003c");
        let (before, after) = TEMPLATE.split_once(PLACE).unwrap_or((TEMPLATE, ""));
        write_atomically(path, force, |file| {
            [before, &content, after].iter().try_for_each(|part| file.write_all(part.as_bytes()))
        })?;
        Ok(before.len() + content.len() + after.len())
    }
}

/// What is known of an entry.
fn facts(entry: &Entry, tiles: &[Tile], size: (usize, usize)) -> Value {
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

/// A picture as a data URI.
fn embedded(picture: &Picture) -> anyhow::Result<String> {
    let small = picture.width().max(picture.height()) <= SMALL;
    let (format, kind) = if small { (OutputFormat::Png, "png") } else { (OutputFormat::Jpeg, "jpeg") };
    let mut bytes = Cursor::new(Vec::new());
    save::encode(&mut bytes, picture, format, &SaveOptions { quality: QUALITY, ..SaveOptions::default() })?;
    Ok(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes.into_inner())))
}
