//! Whose colours a painting has if nobody says.

use crate::command::prepare::Chain;
use impasto::{ColorSource, Coloring};
use impasto_image::color::Palette;
use std::path::Path;

/// The paintings' own colours: the few that they were prepared in, if all of them were; otherwise whatever comes.
pub(super) fn coloring<'a>(paintings: impl Iterator<Item = &'a Path>) -> anyhow::Result<Coloring> {
    let palettes = paintings.map(|path| Ok(Chain::of(path)?.palette()));
    let palettes: Option<Vec<Palette>> = palettes.collect::<anyhow::Result<_>>()?;
    let colors = palettes.iter().flatten().flat_map(Palette::colors).copied();
    // Several palettes may have too many colours together; then there is no need for keeping to them.
    let from = Palette::new(colors, "of the paintings").map_or(ColorSource::Style, ColorSource::Kept);
    Ok(Coloring { from, ..Coloring::STYLE })
}
