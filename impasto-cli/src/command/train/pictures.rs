//! The photographs of a training: those learnt from, those held out, and the previews.

use super::Arguments;
use crate::failure::Failure;
use crate::folder;
use impasto::train::{Settings, Worth};
use impasto_image::{Limits, Picture, Rectangle, fit_long_side, open, resize};
use std::path::{Path, PathBuf};

/// Long side of a preview in pixels.
const PREVIEW: usize = 384;

/// All photographs of `folders`: those to learn from, and `held_out` others, spread evenly over their order.
pub fn split(
    folders: &[PathBuf],
    held_out: usize,
    seed: u64,
) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    if folders.is_empty() {
        let failure = Failure::usage("there are no photographs to learn from");
        return Err(failure.hint("name a folder of photographs with --photos").into());
    }
    let mut all = Vec::new();
    for folder in folders {
        all.extend(folder::pictures(folder)?.iter().map(|photo| folder.join(photo)));
    }
    if all.len() <= held_out {
        let message = format_args!("there are {} photographs, and {held_out} are to be held out", all.len());
        return Err(Failure::usage(message).hint("name more photographs, or use --held-out 0").into());
    }
    let mut held = Vec::new();
    for number in (0..held_out).rev() {
        let at = (number * all.len() + seed as usize % all.len()) / held_out;
        held.push(all.remove(at.min(all.len() - 1)));
    }
    held.reverse();
    Ok((all, held))
}

/// The middle of a photograph, its short side at `side` pixels, all sides multiples of `multiple`.
pub fn sized(path: &Path, side: usize, multiple: usize) -> anyhow::Result<Picture> {
    let photo = open(path, &Limits::default())?.picture.without_alpha();
    let square = photo.cropped(Rectangle::centre_square(photo.width(), photo.height()))?;
    let side = side.next_multiple_of(multiple);
    Ok(resize(&square, side, side)?)
}

/// What several pictures of a style are worth, in a line.
pub fn worth(worths: &[Worth]) -> Option<String> {
    let n = worths.len() as f64;
    if worths.is_empty() {
        return None;
    }
    let mean = |value: &dyn Fn(&Worth) -> f64| worths.iter().map(value).sum::<f64>() / n;
    let count = |value: &dyn Fn(&Worth) -> usize, beyond: usize| {
        let more = if worths.iter().any(|worth| worth.beyond[beyond]) { "more than " } else { "" };
        format!("{more}{:.0}", mean(&|worth| value(worth) as f64))
    };
    Some(format!(
        "loss {:.3} (photograph {:.3}), worth {} iterations of slow painting from noise, {} from the photograph",
        mean(&|worth| worth.loss),
        mean(&|worth| worth.photo),
        count(&|worth| worth.from_noise, 1),
        count(&|worth| worth.from_photo, 0),
    ))
}

/// The pictures that previews are made of.
pub fn previews(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Vec<Picture>> {
    if arguments.preview.is_empty() {
        return Ok(vec![Picture::new(
            settings.crop,
            settings.crop,
            vec![0.5; 3 * settings.crop * settings.crop],
        )?]);
    }
    let mut previews = Vec::new();
    for path in &arguments.preview {
        let photo = open(path, &Limits::default())?.picture.without_alpha();
        let (width, height) =
            fit_long_side(photo.width(), photo.height(), PREVIEW / settings.architecture.factor());
        previews.push(resize(&photo, width, height)?);
    }
    Ok(previews)
}

/// Where the preview of `output` is written.
pub fn preview_path(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!("{stem}-preview.jpg"))
}
