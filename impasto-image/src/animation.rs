//! Animated GIFs.

mod frames;

pub use frames::frames;

use crate::atomic::write_atomically;
use crate::error::{Error, Result};
use crate::picture::Picture;
use crate::record::description;
use gif::{Encoder, Extension, Frame, Repeat};
use std::io;
use std::path::Path;

/// Longest side of a GIF in pixels.
pub const MAX_SIDE: usize = u16::MAX as usize;

/// NeuQuant's care with a palette: every tenth pixel is looked at, as its author advises (Dekker 1994).
const EVERY: i32 = 10;

/// Frames of an animation that repeats for ever, each reduced to a palette of 256 colours of its own.
///
/// Frames are kept reduced, one byte a pixel, until [`Gif::save`]. The same frames give the same bytes.
#[derive(Debug)]
pub struct Gif {
    frames: Vec<Frame<'static>>,
    /// Hundredths of a second that a frame stays.
    delay: u16,
}

impl Gif {
    /// An animation of `rate` frames a second, 1 to 50: the format counts hundredths, and viewers slow down what is faster.
    pub fn new(rate: u16) -> Gif {
        let rate = rate.clamp(1, 50);
        Gif { frames: Vec::new(), delay: (100 + rate / 2) / rate }
    }

    /// Adds a frame. Values are clamped to [0, 1] and rounded to nearest; alpha is dropped.
    ///
    /// # Errors
    /// [`Error::Shape`] if a side is above [`MAX_SIDE`] or the size is not that of the first frame.
    pub fn push(&mut self, picture: &Picture) -> Result<()> {
        let first = self.frames.first().map(|first| (first.width, first.height));
        self.frames.push(reduced(picture, self.delay, first)?);
        Ok(())
    }

    /// Writes the animation, whole or not at all, with `record` as its comment.
    ///
    /// # Errors
    /// Those of [`write_atomically`]; [`Error::Shape`] if there is no frame.
    pub fn save(&self, path: &Path, overwrite: bool, record: &str) -> Result<()> {
        let Some(first) = self.frames.first() else {
            return Err(Error::Shape { width: 0, height: 0, what: "no frames".into() });
        };
        write_atomically(path, overwrite, |file| {
            let mut encoder = begin(file, (first.width, first.height), record)?;
            self.frames.iter().try_for_each(|frame| encoder.write_frame(frame)).map_err(io::Error::other)
        })
    }
}

/// Writes frames of one size with the hundredths of a second that each stays, whole or not at all, with `record` as the
/// file's comment. However many there are, one is held at a time.
///
/// # Errors
/// Those of the frames and of [`write_atomically`], which tells if there is none; [`Error::Shape`] for one of another size.
pub fn save_gif(
    path: &Path,
    overwrite: bool,
    record: &str,
    frames: &mut dyn Iterator<Item = Result<(Picture, u32)>>,
) -> Result<()> {
    let mut failed = None;
    let written = write_atomically(path, overwrite, |file| {
        let mut missing = |error| {
            failed = Some(error);
            io::Error::other("a frame is missing")
        };
        let mut next = |size| {
            let frame = frames.next()?.and_then(|(picture, hundredths)| {
                reduced(&picture, hundredths.min(u16::MAX.into()) as u16, size)
            });
            Some(frame.map_err(&mut missing))
        };
        let Some(first) = next(None).transpose()? else {
            return Err(io::Error::other("there are no frames"));
        };
        let size = (first.width, first.height);
        let mut encoder = begin(file, size, record)?;
        encoder.write_frame(&first).map_err(io::Error::other)?;
        while let Some(frame) = next(Some(size)) {
            encoder.write_frame(&frame?).map_err(io::Error::other)?;
        }
        Ok(())
    });
    failed.map_or(written, Err)
}

/// A picture with a palette of its own, which stays for `delay` hundredths of a second; fails unless it has the `size` of the
/// frames before, if there are any.
fn reduced(picture: &Picture, delay: u16, size: Option<(u16, u16)>) -> Result<Frame<'static>> {
    let (width, height) = (picture.width(), picture.height());
    let wrong = |what: &str| Error::Shape { width, height, what: what.into() };
    let side = |n: usize| u16::try_from(n).map_err(|_| wrong("so long a side in a GIF"));
    let (columns, rows) = (side(width)?, side(height)?);
    if size.is_some_and(|size| size != (columns, rows)) {
        return Err(wrong("another size than the frames before"));
    }
    let mut frame = Frame::from_rgb_speed(columns, rows, &picture.to_rgb8(), EVERY);
    frame.delay = delay;
    Ok(frame)
}

/// Begins a file whose frames repeat for ever.
fn begin<W: io::Write>(sink: W, (width, height): (u16, u16), record: &str) -> io::Result<Encoder<W>> {
    let mut encoder = Encoder::new(sink, width, height, &[]).map_err(io::Error::other)?;
    encoder.set_repeat(Repeat::Infinite).map_err(io::Error::other)?;
    let comment = description(record);
    encoder
        .write_raw_extension(Extension::Comment.into(), &[comment.as_bytes()])
        .map_err(io::Error::other)?;
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn frames_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.gif");
        let frame = |value: u8| Picture::from_rgb8(4, 2, &[value; 24]).unwrap();
        let mut gif = Gif::new(12);
        gif.push(&frame(10)).unwrap();
        gif.push(&frame(200)).unwrap();
        assert!(matches!(gif.push(&Picture::from_rgb8(1, 1, &[0; 3]).unwrap()), Err(Error::Shape { .. })));
        gif.save(&path, false, "{\"seed\":1}").unwrap();
        assert!(matches!(gif.save(&path, false, ""), Err(Error::Exists { .. })));

        let bytes = fs::read(&path).unwrap();
        assert!(bytes.windows(10).any(|part| part == b"{\"seed\":1}"));
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(&bytes[..]).unwrap();
        for value in [10, 200] {
            let frame = decoder.read_next_frame().unwrap().unwrap();
            assert_eq!((frame.width, frame.height, frame.delay, frame.buffer[0]), (4, 2, 8, value));
        }
        assert!(decoder.read_next_frame().unwrap().is_none());
    }
}
