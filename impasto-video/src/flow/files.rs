//! Motion as files: Middlebury's `.flo` and a picture to look at.

use super::Flow;
use crate::{Error, Result};
use impasto_image::{Picture, write_atomically};
use std::{io::Write, path::Path};

/// First four bytes of a `.flo` file: 202021.25 as a number, `PIEH` as text.
const MAGIC: &[u8; 4] = b"PIEH";

/// Largest side of a field that is read.
const MOST: usize = 1 << 16;

impl Flow {
    /// Reads a `.flo` file (Baker et al., "A Database and Evaluation Methodology for Optical Flow", 2011).
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::Flo`] if it is damaged.
    pub fn open(path: &Path) -> Result<Flow> {
        let bytes = std::fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
        let damaged = |reason: &str| Error::Flo { path: path.into(), reason: reason.into() };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it does not begin with PIEH"))?;
        let words: Vec<[u8; 4]> = rest.as_chunks().0.to_vec();
        let [width, height, values @ ..] = words.as_slice() else {
            return Err(damaged("it ends before its size"));
        };
        let [width, height] = [width, height].map(|&word| u32::from_le_bytes(word) as usize);
        if !(1..=MOST).contains(&width) || !(1..=MOST).contains(&height) {
            return Err(damaged(&format!("{width}×{height} is no size")));
        }
        if values.len() < 2 * width * height {
            return Err(damaged(&format!("it ends before its {} vectors", width * height)));
        }
        let pairs = values.as_chunks::<2>().0.iter().take(width * height);
        Ok(Flow::new(width, height, pairs.map(|pair| pair.map(f32::from_le_bytes)).collect()))
    }

    /// Writes a `.flo` file, over one that exists if `overwrite` is set; nothing half-written stays.
    ///
    /// # Errors
    /// Those of [`write_atomically`].
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<()> {
        let mut bytes = MAGIC.to_vec();
        for side in [self.width, self.height] {
            bytes.extend((side as u32).to_le_bytes());
        }
        bytes.extend(self.vectors.iter().flatten().flat_map(|value| value.to_le_bytes()));
        Ok(write_atomically(path, overwrite, |file| file.write_all(&bytes))?)
    }

    /// A picture of the field: hue is the direction, on the wheel from red at the right over yellow (down), green and blue;
    /// the longest vectors are coloured fully, none is white.
    ///
    /// # Errors
    /// None for a field of at least one pixel.
    pub fn picture(&self) -> Result<Picture> {
        let length = |&[u, v]: &[f32; 2]| u.hypot(v);
        let longest = self.vectors.iter().map(length).fold(1e-6, f32::max);
        let color = |vector: &[f32; 2]| {
            let share = length(vector) / longest;
            let hue = vector[1].atan2(vector[0]) / std::f32::consts::TAU;
            [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|peak| {
                // Triangles around the hues of red, green and blue.
                let far = (hue - peak).rem_euclid(1.0);
                let full = (2.0 - 6.0 * far.min(1.0 - far)).clamp(0.0, 1.0);
                1.0 - share * (1.0 - full)
            })
        };
        Ok(Picture::new(self.width, self.height, self.vectors.iter().flat_map(color).collect())?)
    }
}
