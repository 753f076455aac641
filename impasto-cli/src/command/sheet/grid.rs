//! What a sheet holds: tiles in rows and columns, and what they are of.

use super::variation::Variation;
use super::words::Choice;
use impasto_image::Picture;
use serde_json::{Map, Value, json};

/// A sheet.
pub struct Grid {
    /// What changes from row to row, if anything.
    pub rows: Option<Variation>,
    /// What changes from column to column.
    pub columns: Variation,
    /// The photograph and the painting, where all tiles have the same, each with its file's name.
    pub models: Vec<(String, Picture)>,
    /// The tiles, row by row.
    pub tiles: Vec<Tile>,
    /// Columns and rows in pixels of the largest tile.
    pub tile_size: (usize, usize),
}

/// A tile.
pub struct Tile {
    /// The command that makes it at full size.
    pub command: String,
    /// The picture, once it is painted.
    pub picture: Option<Picture>,
    /// Total and weighted terms of the objective at the preview's size.
    pub losses: Map<String, Value>,
}

impl Grid {
    /// Row and column of a tile, from 0.
    pub fn place(&self, tile: usize) -> (usize, usize) {
        place(&self.columns, tile)
    }

    /// Everything but the pictures.
    pub fn facts(&self) -> Value {
        let tiles = self.tiles.iter().enumerate().map(|(index, tile)| {
            let (row, column) = self.place(index);
            let values: Map<String, Value> = choices(self.rows.as_ref(), &self.columns, index)
                .into_iter()
                .map(|(option, value)| (option.to_owned(), value.into()))
                .collect();
            json!({
                "row": row,
                "column": column,
                "values": values,
                "command": tile.command,
                "painted": tile.picture.is_some(),
                "losses": tile.losses,
            })
        });
        let axis = |variation: &Variation| json!({ "option": variation.option, "values": variation.values });
        json!({
            "rows": self.rows.as_ref().map(axis),
            "columns": axis(&self.columns),
            "tiles": tiles.collect::<Vec<_>>(),
        })
    }
}

/// Row and column of a tile, from 0.
pub fn place(columns: &Variation, tile: usize) -> (usize, usize) {
    (tile / columns.values.len(), tile % columns.values.len())
}

/// The values of a tile, the row's first.
pub fn choices<'a>(rows: Option<&'a Variation>, columns: &'a Variation, tile: usize) -> Vec<Choice<'a>> {
    let (row, column) = place(columns, tile);
    let row = rows.map(|rows| (rows.option.as_str(), rows.values[row].as_str()));
    row.into_iter().chain([(columns.option.as_str(), columns.values[column].as_str())]).collect()
}
