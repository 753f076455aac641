//! YUV4MPEG2 files of 8 bits a sample, BT.601, without ffmpeg.

use crate::clip::Clip;
use crate::{Error, Result};
use impasto_image::{Picture, write_atomically};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use y4m::{Colorspace, Decoder, Frame, Ratio};
use yuv::{
    YuvChromaSubsampling, YuvConversionMode, YuvGrayImage, YuvPlanarImage, YuvPlanarImageMut, YuvRange,
    YuvStandardMatrix,
};

const MATRIX: YuvStandardMatrix = YuvStandardMatrix::Bt601;

/// How a header names samples that use all of 0 to 255.
const FULL: &[u8] = b"COLORRANGE=FULL";

/// The frames of a file.
pub(crate) struct Frames {
    decoder: Decoder<BufReader<File>>,
    range: YuvRange,
    path: PathBuf,
}

impl Frames {
    /// All frames of the file `path`.
    pub fn open(path: &Path) -> Result<Frames> {
        let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let decoder = Decoder::new(BufReader::new(file)).map_err(|error| damaged(path, &error))?;
        if decoder.get_bit_depth() != 8 {
            let reason = format!(
                "it has {} bits a sample where 8 are read; convert it with `ffmpeg -i IN -pix_fmt yuv444p OUT.y4m`",
                decoder.get_bit_depth()
            );
            return Err(Error::Clip { path: path.to_owned(), reason });
        }
        let full = decoder.get_raw_params().windows(FULL.len()).any(|part| part == FULL);
        let range = if full { YuvRange::Full } else { YuvRange::Limited };
        Ok(Frames { decoder, range, path: path.to_owned() })
    }

    /// What the file holds; all of it is read for that.
    pub fn clip(mut self) -> Result<Clip> {
        let positive = |ratio: Ratio| {
            let pair = [ratio.num, ratio.den].map(|part| u32::try_from(part).unwrap_or(0));
            pair.iter().all(|&part| part > 0).then_some(pair)
        };
        let rate = positive(self.decoder.get_framerate()).unwrap_or([25, 1]);
        let aspect = positive(self.decoder.get_pixel_aspect()).unwrap_or([1, 1]);
        let size = (self.decoder.get_width(), self.decoder.get_height());
        let mut frames = 0;
        loop {
            match self.decoder.read_frame() {
                Ok(_) => frames += 1,
                Err(y4m::Error::EOF) => break,
                Err(error) => return Err(damaged(&self.path, &error)),
            }
        }
        Ok(Clip { aspect, ..Clip::steady(size.0, size.1, frames, rate) })
    }

    /// Passes over so many frames.
    pub fn skip_frames(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.decoder.read_frame().map_err(|error| damaged(&self.path, &error))?;
        }
        Ok(())
    }
}

impl Iterator for Frames {
    type Item = Result<Picture>;

    fn next(&mut self) -> Option<Result<Picture>> {
        let (width, height) = (self.decoder.get_width(), self.decoder.get_height());
        let colors = self.decoder.get_colorspace();
        match self.decoder.read_frame() {
            Ok(frame) => Some(rgb(&frame, colors, (width, height), self.range).map_or_else(
                |reason| Err(Error::Clip { path: self.path.clone(), reason }),
                |rgb| Ok(Picture::from_rgb8(width, height, &rgb)?),
            )),
            Err(y4m::Error::EOF) => None,
            Err(error) => Some(Err(damaged(&self.path, &error))),
        }
    }
}

fn rgb(
    frame: &Frame<'_>,
    colors: Colorspace,
    (width, height): (usize, usize),
    range: YuvRange,
) -> std::result::Result<Vec<u8>, String> {
    let (w, h) = (width as u32, height as u32);
    let mut rgb = vec![0; 3 * width * height];
    let chroma = match colors {
        Colorspace::C444 => w,
        _ => w.div_ceil(2),
    };
    let planes = YuvPlanarImage {
        y_plane: frame.get_y_plane(),
        y_stride: w,
        u_plane: frame.get_u_plane(),
        u_stride: chroma,
        v_plane: frame.get_v_plane(),
        v_stride: chroma,
        width: w,
        height: h,
    };
    let done = match colors {
        Colorspace::Cmono => {
            let gray = YuvGrayImage { y_plane: frame.get_y_plane(), y_stride: w, width: w, height: h };
            yuv::yuv400_to_rgb(&gray, &mut rgb, 3 * w, range, MATRIX)
        }
        Colorspace::C422 => yuv::yuv422_to_rgb_bilinear(&planes, &mut rgb, 3 * w, range, MATRIX),
        Colorspace::C444 => yuv::yuv444_to_rgb(&planes, &mut rgb, 3 * w, range, MATRIX),
        _ => yuv::yuv420_to_rgb_bilinear(&planes, &mut rgb, 3 * w, range, MATRIX),
    };
    done.map(|()| rgb).map_err(|error| error.to_string())
}

/// Writes frames of one size in 4:2:0 at the constant rate of `clip`, whole or not at all.
///
/// # Errors
/// [`Error::Clip`] if the clip's rate is not constant, which the format has no place for; those of the frames and of
/// [`write_atomically`].
pub fn save(
    path: &Path,
    overwrite: bool,
    clip: &Clip,
    (width, height): (usize, usize),
    frames: &mut dyn Iterator<Item = Result<Picture>>,
) -> Result<()> {
    let (first, frames_all) = (clip.times.first().copied().unwrap_or(0), clip.frames() as i64);
    let length = clip.end - first;
    // Times that are rounded to ticks still belong to a constant rate.
    let apart = |number: usize| ((clip.times[number] - first) * frames_all - number as i64 * length).abs();
    if (0..clip.frames()).any(|number| apart(number) > frames_all) {
        let reason =
            "its frames do not follow each other at a constant rate, as a .y4m needs; write an .mkv instead";
        return Err(Error::Clip { path: path.to_owned(), reason: reason.into() });
    }
    let rate = reduced(clip.frames() * clip.tick[1] as usize, clip.tick[0] as usize * length.max(1) as usize);
    let aspect = Ratio::new(clip.aspect[0] as usize, clip.aspect[1] as usize);
    let mut failed = None;
    let written = write_atomically(path, overwrite, |file| {
        let mut encoder = y4m::encode(width, height, rate)
            .with_colorspace(Colorspace::C420jpeg)
            .with_pixel_aspect(aspect)
            .write_header(io::BufWriter::new(file))
            .map_err(io::Error::other)?;
        for frame in &mut *frames {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    failed = Some(error);
                    return Err(io::Error::other("a frame is missing"));
                }
            };
            let subsampling = YuvChromaSubsampling::Yuv420;
            let mut planes = YuvPlanarImageMut::alloc(width as u32, height as u32, subsampling);
            let (mode, rgb) = (YuvConversionMode::default(), frame.to_rgb8());
            yuv::rgb_to_yuv420(&mut planes, &rgb, 3 * width as u32, YuvRange::Limited, MATRIX, mode)
                .map_err(io::Error::other)?;
            let planes = [planes.y_plane.borrow(), planes.u_plane.borrow(), planes.v_plane.borrow()];
            encoder.write_frame(&Frame::new(planes, None)).map_err(io::Error::other)?;
        }
        Ok(())
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(written?),
    }
}

/// The ratio in lowest terms.
fn reduced(above: usize, below: usize) -> Ratio {
    let (mut a, mut b) = (above, below);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    Ratio::new(above / a.max(1), below / a.max(1))
}

fn damaged(path: &Path, error: &y4m::Error) -> Error {
    let reason = match error {
        y4m::Error::EOF => "it ends in the middle".into(),
        error => format!("it is no YUV4MPEG2 file, or damaged: {error}"),
    };
    Error::Clip { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.y4m");
        let frame = |value: u8| Picture::from_rgb8(7, 5, &[[value, 90, 200]; 35].concat()).unwrap();
        let clip = Clip { aspect: [8, 9], ..Clip::steady(7, 5, 3, [30000, 1001]) };
        let mut frames = (0..3).map(|n| Ok(frame(40 * n)));
        save(&path, false, &clip, (7, 5), &mut frames).unwrap();
        assert_eq!(Frames::open(&path).unwrap().clip().unwrap(), clip);
        let mut read = Frames::open(&path).unwrap();
        read.skip_frames(1).unwrap();
        for n in 1..3 {
            let picture = read.next().unwrap().unwrap();
            let near = picture.rgb().iter().zip(frame(40 * n).rgb()).all(|(a, b)| (a - b).abs() < 0.02);
            assert!(near);
        }
        assert!(read.next().is_none());
        let uneven = Clip { times: vec![0, 1, 9], end: 10, ..clip };
        assert!(save(&path, true, &uneven, (7, 5), &mut std::iter::empty()).is_err());
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        // A frame that is cut off does not count.
        assert_eq!(Frames::open(&path).unwrap().clip().unwrap().frames(), 2);
        std::fs::write(&path, b"YUV4MPEG2 W-3").unwrap();
        assert!(Frames::open(&path).is_err());
    }
}
