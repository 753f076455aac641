//! The sheet as one picture.

use super::grid::Grid;
use super::lettering::{Lettering, Paper};
use impasto_image::{Picture, fit_long_side, resize};

/// Pixels around the sheet and between tiles.
const MARGIN: usize = 20;
const GAP: usize = 18;
/// Most and least pixels of the long sides of the photograph and the painting in the corner, which are half a tile's.
const MODEL: [usize; 2] = [64, 140];
/// Widest row label.
const LABEL: usize = 150;
/// Sizes of letters: values of options, names of options and files, commands.
const VALUE: f32 = 17.0;
const NAME: f32 = 13.0;
const COMMAND: f32 = 12.0;
/// Shades of the ground, of what is not painted, and of lesser and of full ink.
const GROUND: f32 = 1.0;
const UNPAINTED: f32 = 0.82;
const DIM: f32 = 0.38;
const INK: f32 = 0.05;

/// Draws a sheet.
pub fn draw(grid: &Grid) -> anyhow::Result<Picture> {
    let lettering = Lettering::new()?;
    let (tile_width, tile_height) = grid.tile_size;
    let columns = grid.columns.values.len();
    let wrap = |text: &str, size: f32, width: usize| lettering.wrap(text, size, width);

    let corner = Corner::new(grid, &lettering)?;
    let row_labels: Vec<Vec<String>> =
        grid.rows.iter().flat_map(|rows| &rows.values).map(|value| wrap(value, VALUE, LABEL)).collect();
    let widest = row_labels.iter().flatten().map(|line| lettering.width(line, VALUE)).max().unwrap_or(0);
    let name = grid.rows.as_ref().map_or(0, |rows| lettering.width(&rows.option, NAME));
    let label_width = widest.max(name).max(corner.width);

    let column_labels: Vec<Vec<String>> =
        grid.columns.values.iter().map(|value| wrap(value, VALUE, tile_width)).collect();
    let label_lines = column_labels.iter().map(Vec::len).max().unwrap_or(0);
    let label_height = Lettering::height(1, NAME) + Lettering::height(label_lines, VALUE);
    // Without rows the corner's pictures stand where their labels would.
    let head = if grid.rows.is_some() { label_height.max(corner.height) } else { label_height };
    let tiles_top = MARGIN + head + GAP / 2;
    let tiles_left = MARGIN + label_width + GAP;

    let commands: Vec<Vec<String>> =
        grid.tiles.iter().map(|tile| wrap(&tile.command, COMMAND, tile_width)).collect();
    let row_heights: Vec<usize> = commands
        .chunks(columns)
        .map(|row| {
            let lines = row.iter().map(Vec::len).max().unwrap_or(0);
            let height = tile_height + 4 + Lettering::height(lines, COMMAND);
            if grid.rows.is_some() { height } else { height.max(corner.height) }
        })
        .collect();

    let width = tiles_left + columns * (tile_width + GAP) - GAP + MARGIN;
    let height = tiles_top + row_heights.iter().map(|height| height + GAP).sum::<usize>() - GAP + MARGIN;
    let mut paper = Paper { width, height, rgb: vec![GROUND; 3 * width * height] };

    let column_left = |column: usize| tiles_left + column * (tile_width + GAP);
    for (column, label) in column_labels.iter().enumerate() {
        let top = tiles_top - GAP / 2 - label_height;
        let left = column_left(column);
        lettering.write(&mut paper, (left, top), std::slice::from_ref(&grid.columns.option), NAME, DIM);
        lettering.write(&mut paper, (left, top + Lettering::height(1, NAME)), label, VALUE, INK);
    }
    corner.draw(&mut paper, &lettering, if grid.rows.is_some() { MARGIN } else { tiles_top });
    let mut top = tiles_top;
    for (row, row_height) in row_heights.iter().enumerate() {
        if let (Some(rows), Some(label)) = (&grid.rows, row_labels.get(row)) {
            let label_height = Lettering::height(1, NAME) + Lettering::height(label.len(), VALUE);
            let y = top + tile_height.saturating_sub(label_height) / 2;
            // Beside the tiles, where they are read.
            let wide = label.iter().map(|line| lettering.width(line, VALUE)).max().unwrap_or(0);
            let left = MARGIN + label_width - wide.max(name);
            lettering.write(&mut paper, (left, y), std::slice::from_ref(&rows.option), NAME, DIM);
            lettering.write(&mut paper, (left, y + Lettering::height(1, NAME)), label, VALUE, INK);
        }
        for column in 0..columns {
            let (tile, lines) = (&grid.tiles[row * columns + column], &commands[row * columns + column]);
            let left = column_left(column);
            match &tile.picture {
                Some(picture) => paste(&mut paper, picture, (left, top)),
                None => fill(&mut paper, (left, top), (tile_width, tile_height)),
            }
            lettering.write(&mut paper, (left, top + tile_height + 4), lines, COMMAND, DIM);
        }
        top += row_height + GAP;
    }
    Ok(Picture::new(width, height, paper.rgb)?)
}

/// The photograph and the painting, side by side, with their names below.
struct Corner {
    pictures: Vec<(Picture, Vec<String>)>,
    width: usize,
    height: usize,
}

impl Corner {
    fn new(grid: &Grid, lettering: &Lettering) -> anyhow::Result<Corner> {
        let mut pictures = Vec::new();
        let long = (grid.tile_size.0.max(grid.tile_size.1) / 2).clamp(MODEL[0], MODEL[1]);
        for (name, picture) in &grid.models {
            let (width, height) = fit_long_side(picture.width(), picture.height(), long);
            let small = resize(picture, width, height)?;
            pictures.push((small, lettering.wrap(name, COMMAND, width)));
        }
        let width = pictures.iter().map(|(picture, _)| picture.width() + GAP / 2).sum::<usize>();
        let height = pictures
            .iter()
            .map(|(picture, lines)| picture.height() + 2 + Lettering::height(lines.len(), COMMAND));
        let height = height.max().unwrap_or(0);
        Ok(Corner { width: width.saturating_sub(GAP / 2), height, pictures })
    }

    fn draw(&self, paper: &mut Paper, lettering: &Lettering, top: usize) {
        let mut left = MARGIN;
        for (picture, lines) in &self.pictures {
            paste(paper, picture, (left, top));
            lettering.write(paper, (left, top + picture.height() + 2), lines, COMMAND, DIM);
            left += picture.width() + GAP / 2;
        }
    }
}

fn paste(paper: &mut Paper, picture: &Picture, (left, top): (usize, usize)) {
    for (y, line) in picture.rgb().chunks_exact(3 * picture.width()).enumerate() {
        paper.rgb[3 * ((top + y) * paper.width + left)..][..line.len()].copy_from_slice(line);
    }
}

fn fill(paper: &mut Paper, (left, top): (usize, usize), (width, height): (usize, usize)) {
    for y in top..top + height {
        paper.rgb[3 * (y * paper.width + left)..][..3 * width].fill(UNPAINTED);
    }
}
