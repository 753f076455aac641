//! Small pictures to learn enlarging from.

use crate::Error;
use impasto_image::{Picture, bicubic};

/// The picture `factor` times smaller, by the bicubic filter with which super-resolution is usually measured.
///
/// Departure from Johnson et al. 2016, who blur with σ = 1 before: the antialiased filter does that.
///
/// # Errors
/// Those of [`bicubic`].
pub fn degrade(picture: &Picture, factor: usize) -> Result<Picture, Error> {
    Ok(bicubic(picture, (picture.width() / factor).max(1), (picture.height() / factor).max(1))?)
}
