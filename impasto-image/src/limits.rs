//! How large a picture may claim to be.

use std::path::Path;

use crate::error::{Error, Result};

/// Bounds checked against a file's header before anything is allocated for its pixels.
///
/// A decoded picture takes 12 bytes a pixel (16 with alpha), and up to as much again while it is being decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels (width × height). Default 256 million: 3 GB once decoded, above any single photograph in use and
    /// below what a small machine could swap.
    pub max_pixels: u64,
    /// Longest side in pixels. Default 65 535, the most a JPEG can have.
    pub max_side: u32,
    /// Most bytes a file may hold. Default 2 GiB.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 256_000_000, max_side: 65_535, max_file_bytes: 2 << 30 }
    }
}

impl Limits {
    /// Refuses a declared size above the limits, or beyond the memory that can be had, with [`Error::TooLarge`].
    pub fn check(&self, path: &Path, width: u64, height: u64) -> Result<()> {
        let limit = if width.max(height) > u64::from(self.max_side) {
            format!("{} pixels a side", self.max_side)
        } else if width.saturating_mul(height) > self.max_pixels {
            format!("{} pixels in all", self.max_pixels)
        } else if !can_allocate(width.saturating_mul(height)) {
            "this machine's memory".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::TooLarge { path: path.to_owned(), width, height, limit })
    }
}

/// Bytes a pixel while a picture of 16 bits with alpha is being decoded, or one is being resized.
const PEAK_BYTES: u64 = 24;

/// Whether the memory for so many pixels can be reserved; asked once, because a failed allocation later would abort.
pub(crate) fn can_allocate(pixels: u64) -> bool {
    let bytes = usize::try_from(pixels.saturating_mul(PEAK_BYTES)).unwrap_or(usize::MAX);
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}
