//! Photos of a folder, and going through them.

use super::index::{Index, Photo};
use crate::folder::pictures;
use crate::interrupt;
use crate::progress::Steps;
use crate::report;
use impasto::see::sheet::crop;
use impasto::see::top::Scanner;
use impasto_image::{Limits, Picture, fit_long_side, open, resize};
use impasto_net::Model;
use std::path::Path;
use std::sync::Arc;

/// Looks at all photos that the index does not know, until the user asks to stop; what cannot be read is told and left out.
pub fn scan(
    model: &Arc<Model>,
    layers: &[String],
    (folder, photos): (&Path, &[Photo]),
    size: usize,
    index: &mut Index,
) -> anyhow::Result<()> {
    let new: Vec<&Photo> = photos.iter().filter(|photo| index.get(photo).is_none()).collect();
    let mut scanner = Scanner::new(model, layers);
    let mut steps = Steps::new(new.len());
    for photo in new {
        if interrupt::requested() {
            break;
        }
        steps.next(photo.path.display());
        match sized(&folder.join(&photo.path), size) {
            Ok(picture) => match scanner.scan(&picture) {
                Ok(peaks) => index.add(photo.clone(), peaks)?,
                Err(error) => report::warn(format_args!("{}: {error}", photo.path.display())),
            },
            Err(error) => report::warn(format_args!("{error:#}; it is left out")),
        }
    }
    steps.finish();
    Ok(())
}

/// Pixels that sides are a multiple of: the stride of VGG's and SqueezeNet's deepest layers. Then windows around units are of
/// few sizes, and few plans serve all photos.
const MULTIPLE: usize = 16;

/// A photo as the network sees it: its long side at `size` pixels, up to fifteen rows and columns at the borders left out.
pub fn sized(path: &Path, size: usize) -> anyhow::Result<Picture> {
    let picture = open(path, &Limits::default())?.picture;
    let (width, height) = fit_long_side(picture.width(), picture.height(), size);
    let picture = resize(&picture, width, height)?;
    let kept = |n: usize| {
        let kept = if n < MULTIPLE { n } else { n / MULTIPLE * MULTIPLE };
        (n - kept) / 2..(n - kept) / 2 + kept
    };
    Ok(crop(picture.rgb(), width, (kept(height), kept(width)))?)
}

/// All files of a folder that may be photos, by their names, in alphabetical order; what cannot be is told.
pub fn photos(folder: &Path) -> anyhow::Result<Vec<Photo>> {
    let mut found = Vec::new();
    for path in pictures(folder)? {
        match Photo::of(folder, &path) {
            Ok(_) if path.to_str().is_none() => {
                report::warn(format_args!("{}: its name is not Unicode; it is left out", path.display()));
            }
            Ok(photo) => found.push(photo),
            Err(error) => report::warn(format_args!("{error:#}; it is left out")),
        }
    }
    Ok(found)
}
