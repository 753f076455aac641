//! A few frames of a clip and their paintings, to judge before all are painted.

use super::render::Method;
use crate::progress::Steps;
use anyhow::Context;
use impasto::see::sheet::sheet;
use impasto_image::{Picture, fit_long_side, resize};
use impasto_video::{Looked, Source};
use std::ops::Range;

/// Longest side of a picture of the sheet.
const SIDE: usize = 640;

/// `count` frames of `frames`, evenly spread, above what `method` makes of each by itself at the size (width, height).
pub fn preview(
    source: &Source,
    frames: &Range<usize>,
    count: usize,
    size: (usize, usize),
    method: &mut dyn Method,
) -> anyhow::Result<Picture> {
    let count = count.min(frames.len());
    let (mut above, mut below) = (Vec::new(), Vec::new());
    let mut steps = Steps::new(count);
    for number in 0..count {
        let place = frames.start + (2 * number + 1) * frames.len() / (2 * count);
        let frame =
            source.frames(place..place + 1)?.next().context("the clip has fewer frames than it told")??;
        let frame = resize(&frame, size.0, size.1)?;
        method.steady().begin(None);
        let painted = method.next(Looked { number: place, picture: frame.clone(), motion: None })?.picture;
        let (width, height) =
            fit_long_side(frame.width(), frame.height(), SIDE.min(frame.width().max(frame.height())));
        above.push(resize(&frame, width, height)?);
        below.push(resize(&painted, width, height)?);
        steps.next(format_args!("frame {place}"));
    }
    steps.finish();
    Ok(sheet(&[above, below])?)
}
