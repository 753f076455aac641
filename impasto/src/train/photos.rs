//! Photographs that a generator learns from.

use crate::Error;
use impasto_image::{Limits, Picture, Rectangle, Turn, open, resize};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// Bytes of photographs kept in memory, shrunk, so that they need not be read again.
const KEPT: usize = 1 << 30;

/// Photographs that cannot be used may follow each other this often before a crop is given up.
const PATIENCE: usize = 1000;

/// How crops are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Side in pixels.
    pub side: usize,
    /// Largest ratio of a photograph's short side to the crop's.
    pub zoom: f64,
    /// Chooses them.
    pub seed: u64,
}

/// A set of photographs, and what is known of them so far.
pub struct Photos {
    paths: Vec<PathBuf>,
    crop: Crop,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Shrunk photographs by number: width, height, RGB bytes.
    kept: BTreeMap<usize, (usize, usize, Vec<u8>)>,
    bytes: usize,
    /// Why a photograph is not used.
    bad: BTreeMap<usize, String>,
}

impl Photos {
    /// The photographs at `paths`, none of them read yet.
    pub fn new(paths: Vec<PathBuf>, crop: Crop) -> Self {
        Photos { paths, crop, known: Mutex::default() }
    }

    /// Number of photographs, usable or not.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Photographs found unusable so far, with the reason: they are not pictures, or smaller than a crop.
    pub fn bad(&self) -> Vec<(PathBuf, String)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.bad.iter().map(|(&number, reason)| (self.paths[number].clone(), reason.clone())).collect()
    }

    /// Crop number `index`: a random part of a random photograph, shrunk by a random factor, perhaps mirrored. It depends
    /// on the seed, the number and the files only.
    ///
    /// # Errors
    /// [`Error::NoPhotos`] if no photograph can be used.
    pub fn crop(&self, index: usize) -> Result<Picture, Error> {
        let Crop { side, zoom, seed } = self.crop;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index as u64 + 1);
        for _ in 0..PATIENCE * self.paths.len().min(1) {
            let photo = below(&mut rng, self.paths.len());
            let [scale, across, down] = [0; 3].map(|_| rng.next_u32() as f64 / (1u64 << 32) as f64);
            let mirrored = rng.next_u32() & 1 == 1;
            let Some(picture) = self.photo(photo) else { continue };
            let (width, height) = (picture.width(), picture.height());
            let short = width.min(height);
            let most = zoom.min(short as f64 / side as f64);
            // The part of the photograph that becomes the crop.
            let part = ((short as f64 / (1.0 + scale * (most - 1.0))).round() as usize)
                .clamp(side.min(short), short);
            let place = |free: usize, at: f64| ((free + 1) as f64 * at) as usize;
            let (left, top) = (place(width - part, across), place(height - part, down));
            let rectangle = Rectangle { left, top, width: part, height: part };
            let crop = resize(&picture.cropped(rectangle)?, side, side)?;
            return Ok(if mirrored { crop.turned(Turn::FlipHorizontal) } else { crop });
        }
        Err(Error::NoPhotos { tried: self.paths.len(), bad: self.bad() })
    }

    /// A photograph shrunk to the largest size that crops need; none if it cannot be used.
    fn photo(&self, number: usize) -> Option<Picture> {
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.bad.contains_key(&number) {
                return None;
            }
            if let Some((width, height, bytes)) = known.kept.get(&number) {
                return Picture::from_rgb8(*width, *height, bytes).ok();
            }
        }
        let read = self.read(number);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok((width, height, bytes)) => {
                let picture = Picture::from_rgb8(width, height, &bytes).ok();
                if known.bytes + bytes.len() <= KEPT {
                    known.bytes += bytes.len();
                    known.kept.insert(number, (width, height, bytes));
                }
                picture
            }
            Err(reason) => {
                known.bad.insert(number, reason);
                None
            }
        }
    }

    fn read(&self, number: usize) -> Result<(usize, usize, Vec<u8>), String> {
        let opened = open(&self.paths[number], &Limits::default()).map_err(|error| error.to_string())?;
        let picture = opened.picture.without_alpha();
        let (width, height) = (picture.width(), picture.height());
        let short = width.min(height);
        if short < self.crop.side {
            return Err(format!("{width}×{height} pixels are smaller than a crop of {}", self.crop.side));
        }
        let wanted = (self.crop.side as f64 * self.crop.zoom).ceil();
        let factor = (wanted / short as f64).min(1.0);
        let size = |side: usize| ((side as f64 * factor).round() as usize).max(self.crop.side);
        let small = resize(&picture, size(width), size(height)).map_err(|error| error.to_string())?;
        Ok((small.width(), small.height(), small.to_rgb8()))
    }
}

/// A random number below `n`; `n` is far below 2³², so that all are equally likely to any eye.
fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}
