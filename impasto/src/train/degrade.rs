//! Small pictures to learn enlarging from.

use crate::Error;
use impasto_image::{Picture, resize};

/// The picture `factor` times smaller, by the antialiased filter of all resizing; sides that are no multiples of the factor
/// are cut before.
///
/// Departure from Johnson et al. 2016, who blur with σ = 1 and take bicubic samples: one filter instead of two.
///
/// # Errors
/// Those of [`resize`].
pub fn degrade(picture: &Picture, factor: usize) -> Result<Picture, Error> {
    Ok(resize(picture, (picture.width() / factor).max(1), (picture.height() / factor).max(1))?)
}
