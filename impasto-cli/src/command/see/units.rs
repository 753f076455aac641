//! Which units are asked about.

use crate::arguments::count;
use crate::failure::Failure;
use clap::Args;
use impasto::see::{Eye, Place, Unit};
use serde_json::{Value, json};
use std::str::FromStr;

/// Flags that choose units of a layer.
#[derive(Clone, Debug, Args)]
pub struct UnitArguments {
    /// Planes, separated by commas [default: the strongest one]
    #[arg(long, value_name = "K,…", value_delimiter = ',', conflicts_with = "top")]
    pub plane: Vec<usize>,

    /// The N planes with the largest sums
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub top: Option<usize>,

    /// Where on a plane: `strongest`, or a row and a column of the layer's map
    #[arg(long, value_name = "ROW,COLUMN|strongest", default_value = "strongest", conflicts_with = "sum")]
    pub at: At,

    /// Everywhere: the sum of the plane
    #[arg(long)]
    pub sum: bool,
}

/// A place as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Where a plane's value is largest.
    Strongest,
    /// Row and column.
    Place(usize, usize),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "strongest" {
            return Ok(At::Strongest);
        }
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let place = text.split_once(',').and_then(|(row, column)| Some((number(row)?, number(column)?)));
        let (row, column) = place.ok_or("it is neither ROW,COLUMN (two whole numbers) nor \"strongest\"")?;
        Ok(At::Place(row, column))
    }
}

impl UnitArguments {
    /// The units of a layer that has looked at a picture.
    pub fn resolve(&self, eye: &Eye) -> anyhow::Result<Vec<Unit>> {
        let planes = match (&self.plane[..], self.top) {
            ([], top) => {
                let planes = eye.strongest_planes();
                let top = top.unwrap_or(1);
                if top > planes.len() {
                    let message = format_args!("{} has {} planes, not {top}", eye.layer(), planes.len());
                    return Err(Failure::usage(message).hint("give a smaller --top").into());
                }
                planes[..top].to_vec()
            }
            (planes, _) => planes.to_vec(),
        };
        let mut units = Vec::new();
        for plane in planes {
            eye.require(Unit { plane, place: Place::Sum })?;
            let place = match self.at {
                _ if self.sum => Place::Sum,
                At::Place(row, column) => Place::At(row, column),
                At::Strongest => {
                    let (row, column) = eye.strongest_place(plane);
                    Place::At(row, column)
                }
            };
            let unit = Unit { plane, place };
            eye.require(unit)?;
            units.push(unit);
        }
        Ok(units)
    }
}

/// A unit for machines: where it is, its value, and the pixels that it sees.
pub fn described(eye: &Eye, unit: Unit, size: (usize, usize)) -> Value {
    let field = eye.field(unit);
    let (rows, columns) = field.clipped(size);
    let (row, column) = match unit.place {
        Place::At(row, column) => (Some(row), Some(column)),
        Place::Sum => (None, None),
    };
    json!({
        "layer": eye.layer(),
        "plane": unit.plane,
        "row": row,
        "column": column,
        "value": eye.value(unit),
        "receptive_field": {
            "top": field.rows.start,
            "bottom": field.rows.end,
            "left": field.columns.start,
            "right": field.columns.end,
            "clipped": field.is_clipped(size),
            "seen": { "top": rows.start, "bottom": rows.end, "left": columns.start, "right": columns.end },
        },
    })
}

/// A unit in words.
pub fn spelt(eye: &Eye, unit: Unit, size: (usize, usize)) -> String {
    let Unit { plane, place } = unit;
    let value = crate::report::number(eye.value(unit));
    match place {
        Place::Sum => format!("{} plane {plane}, sum {value}", eye.layer()),
        Place::At(row, column) => {
            let field = eye.field(unit);
            let (rows, columns) = field.clipped(size);
            let clipped = if field.is_clipped(size) { ", clipped at the border" } else { "" };
            format!(
                "{} plane {plane} at {row},{column}: {value}; sees rows {}–{}, columns {}–{}{clipped}",
                eye.layer(),
                rows.start,
                rows.end.saturating_sub(1),
                columns.start,
                columns.end.saturating_sub(1)
            )
        }
    }
}
