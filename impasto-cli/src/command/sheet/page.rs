//! The sheet as a page: one HTML file with everything inside.

use super::grid::Grid;
use crate::page;
use serde_json::{Value, json};
use std::path::Path;

/// The page without its content.
const TEMPLATE: &str = include_str!("page.html");

/// Writes the page, whole or not at all.
pub fn save(grid: &Grid, path: &Path, force: bool) -> anyhow::Result<()> {
    let mut content = grid.facts();
    content["version"] = env!("CARGO_PKG_VERSION").into();
    content["size"] = json!([grid.tile_size.0, grid.tile_size.1]);
    let mut models = Vec::new();
    for (name, picture) in &grid.models {
        models.push(json!({ "name": name, "picture": page::uri(picture)? }));
    }
    content["models"] = models.into();
    for (tile, facts) in grid.tiles.iter().zip(content["tiles"].as_array_mut().into_iter().flatten()) {
        facts["picture"] = match &tile.picture {
            Some(picture) => page::uri(picture)?.into(),
            None => Value::Null,
        };
    }
    page::save_page(path, force, TEMPLATE, &content)?;
    Ok(())
}
