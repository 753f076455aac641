//! The pictures of an atlas's entry.

use impasto::see::atlas::Entry;
use impasto::see::sheet::{crop, fitted};
use impasto::see::show;
use impasto_image::Picture;

/// A picture with its name and, if it shows values, their smallest and largest.
pub struct Tile {
    /// `plane`, `photo`, `gradient`, `guided`, `deconv` or `sum`.
    pub name: &'static str,
    /// The picture in full size, stretched.
    pub picture: Picture,
    /// What it shows, before.
    pub range: Option<(f32, f32)>,
}

/// All pictures of an entry, of a photo.
pub fn tiles(entry: &Entry, photo: &Picture) -> anyhow::Result<Vec<Tile>> {
    let (height, width) = entry.size;
    let plane = show::coloured(&entry.values, show::range(&entry.values).1.max(f32::MIN_POSITIVE));
    let mut tiles = vec![
        Tile {
            name: "plane",
            picture: Picture::new(width, height, plane)?,
            range: Some(show::range(&entry.values)),
        },
        Tile { name: "photo", picture: crop(photo.rgb(), photo.width(), entry.seen.clone())?, range: None },
    ];
    let (rows, columns) = (entry.seen.0.len(), entry.seen.1.len());
    let close = ["gradient", "guided", "deconv"].into_iter().zip(&entry.projections);
    let close = close.map(|(name, values)| (name, values, columns, rows));
    for (name, values, width, height) in close.chain([("sum", &entry.sum, photo.width(), photo.height())]) {
        let drawn = show::signed(values, show::full_contrast(values));
        let picture = Picture::new(width, height, drawn)?;
        tiles.push(Tile { name, picture, range: Some(show::range(values)) });
    }
    Ok(tiles)
}

/// A tile for a page: no side longer than `side`; small ones as they are, to be enlarged by whole pixels.
pub fn reduced(picture: &Picture, side: usize) -> anyhow::Result<Picture> {
    if picture.width().max(picture.height()) <= side {
        return Ok(picture.clone());
    }
    Ok(fitted(picture, side)?)
}
