//! Frames of an animated GIF.

use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::picture::Picture;
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, ImageDecoder};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Hundredths of a second that a frame stays which names fewer than two, as browsers do.
const USUAL: u32 = 10;

/// The frames of the GIF `path` as they are seen, each with the hundredths of a second that it stays; decoded one by one.
///
/// # Errors
/// [`Error::Read`]; [`Error::Damaged`]; the size is checked as by [`Limits::check`].
pub fn frames(path: &Path) -> Result<impl Iterator<Item = Result<(Picture, u32)>> + use<>> {
    let owned = path.to_owned();
    let damaged = move |error: image::ImageError| Error::Damaged {
        path: owned.clone(),
        format: "GIF",
        reason: error.to_string(),
    };
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let decoder = GifDecoder::new(BufReader::new(file)).map_err(&damaged)?;
    let (width, height) = decoder.dimensions();
    Limits::default().check(path, width.into(), height.into())?;
    Ok(decoder.into_frames().map(move |frame| {
        let frame = frame.map_err(&damaged)?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let hundredths = numerator / denominator.max(1) / 10;
        let pixels = frame.into_buffer();
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        let part = |of: std::ops::Range<usize>| {
            let values = pixels.as_raw().chunks_exact(4).flat_map(move |pixel| pixel[of.clone()].to_vec());
            values.collect::<Vec<u8>>()
        };
        let alpha = part(3..4).into_iter().map(|value| f32::from(value) / 255.0).collect();
        let picture = Picture::from_rgb8(width, height, &part(0..3))?.with_alpha(alpha)?;
        Ok((picture, if hundredths < 2 { USUAL } else { hundredths }))
    }))
}
