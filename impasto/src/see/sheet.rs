//! Pictures side by side.

use crate::Error;
use impasto_image::{Picture, resize};

/// Pixels between tiles and around them.
const GAP: usize = 4;
/// Shade of what is no picture.
const GROUND: f32 = 1.0;

/// Lays out rows of pictures on white, each as it is, in columns as wide as their widest.
///
/// # Errors
/// If there is no picture, or the sheet is too large.
pub fn sheet(rows: &[Vec<Picture>]) -> Result<Picture, Error> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(Picture::width).max().unwrap_or(0))
        .collect();
    let heights: Vec<usize> =
        rows.iter().map(|row| row.iter().map(Picture::height).max().unwrap_or(0)).collect();
    let width = widths.iter().map(|w| w + GAP).sum::<usize>() + GAP;
    let height = heights.iter().map(|h| h + GAP).sum::<usize>() + GAP;
    let mut rgb = vec![GROUND; 3 * width * height];
    let mut top = GAP;
    for (row, row_height) in rows.iter().zip(heights) {
        let mut left = GAP;
        for (tile, column_width) in row.iter().zip(&widths) {
            for (y, line) in tile.rgb().chunks_exact(3 * tile.width()).enumerate() {
                rgb[3 * ((top + y) * width + left)..][..line.len()].copy_from_slice(line);
            }
            left += column_width + GAP;
        }
        top += row_height + GAP;
    }
    Ok(Picture::new(width, height, rgb)?)
}

/// `picture` with its long side at `side` pixels: enlarged by whole pixels, so that single pixels can be told, reduced
/// smoothly.
///
/// # Errors
/// Those of resampling.
pub fn fitted(picture: &Picture, side: usize) -> Result<Picture, Error> {
    let long = picture.width().max(picture.height());
    if long >= side {
        let (width, height) = impasto_image::fit_long_side(picture.width(), picture.height(), side);
        return Ok(resize(picture, width, height)?);
    }
    let (width, height) = impasto_image::fit_long_side(picture.width(), picture.height(), side);
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| (y * picture.height() / height, x * picture.width() / width)))
        .flat_map(|(y, x)| picture.rgb()[3 * (y * picture.width() + x)..][..3].iter().copied())
        .collect();
    Ok(Picture::new(width, height, rgb)?)
}

/// Some rows and columns of a picture of which `rgb` are the values, `width` pixels wide.
///
/// # Errors
/// If there are none.
///
/// # Panics
/// If they lie outside.
pub fn crop(
    rgb: &[f32],
    width: usize,
    (rows, columns): (std::ops::Range<usize>, std::ops::Range<usize>),
) -> Result<Picture, Error> {
    let (crop_width, crop_height) = (columns.len(), rows.len());
    let line = |row: usize| &rgb[3 * (row * width + columns.start)..3 * (row * width + columns.end)];
    let values = rows.clone().flat_map(line).copied().collect();
    Ok(Picture::new(crop_width, crop_height, values)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shade(width: usize, height: usize, value: f32) -> Picture {
        Picture::new(width, height, vec![value; 3 * width * height]).unwrap()
    }

    #[test]
    fn tiles_are_apart() {
        let sheet = sheet(&[vec![shade(2, 3, 0.1), shade(1, 1, 0.2)], vec![shade(3, 1, 0.3)]]).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (3 + 1 + 3 * GAP, 3 + 1 + 3 * GAP));
        let at = |x: usize, y: usize| sheet.rgb()[3 * (y * sheet.width() + x)];
        assert_eq!((at(GAP, GAP), at(GAP + 2, GAP), at(2 * GAP + 3, GAP)), (0.1, GROUND, 0.2));
        assert_eq!(at(GAP + 2, 2 * GAP + 3), 0.3);
    }

    #[test]
    fn crops_are_enlarged_by_whole_pixels() {
        let picture = Picture::new(3, 1, (0..9).map(|v| v as f32 / 9.0).collect()).unwrap();
        let crop = crop(picture.rgb(), 3, (0..1, 1..3)).unwrap();
        let large = fitted(&crop, 6).unwrap();
        assert_eq!((large.width(), large.height()), (6, 3));
        assert_eq!(large.rgb()[..3], picture.rgb()[3..6]);
        assert_eq!(large.rgb()[15..18], picture.rgb()[6..9]);
    }
}
