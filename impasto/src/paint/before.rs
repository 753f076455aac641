//! The painting of the frame before, which a film's next painting holds on to.

use crate::{Error, objective::Temporal};
use impasto_image::{Mask, Picture, resize};

/// The painting of the frame before, moved to where its things are in this frame, and how firmly to hold on to it: the term
/// of Ruder, Dosovitskiy & Brox 2016, "Artistic Style Transfer for Videos".
///
/// Start from it as well ([`Request::start`](super::Request::start)) and paint at one scale; otherwise what is to last has to
/// be found anew.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// The finished painting along the motion, of the result's size; resampled to each scale, weighted with the trust.
    pub picture: &'a Picture,
    /// How far every pixel can be trusted, of the same size: 0 where the motion is unknown or something new appears.
    pub trust: &'a Mask,
    /// Factor of the mean over all pixels and channels of trust times squared difference, values from 0 to 255, as in the
    /// authors' program. They have 1000 beside neural-style's content weight of 5; beside the default recipe about 0.0003
    /// holds as firmly, and [`Before::WEIGHT`] is a good choice.
    pub weight: f64,
}

impl Before<'_> {
    /// The weight for the default recipe: paintings change half as much as their frames do, while style and sharpness last.
    pub const WEIGHT: f64 = 0.003;

    /// Fails unless the painting before has `size` (width, height).
    pub(super) fn check(&self, wanted: (usize, usize)) -> Result<(), Error> {
        let size = (self.picture.width(), self.picture.height());
        if size == wanted {
            return Ok(());
        }
        Err(Error::OtherSize { what: "the painting before", size, wanted })
    }

    /// The term for a picture of `size` (width, height).
    ///
    /// # Errors
    /// [`Error::OtherSize`] if painting and trust differ in size.
    pub(super) fn at(&self, size: (usize, usize)) -> Result<Temporal, Error> {
        let term = Temporal::new(self.picture, self.trust, self.weight)?;
        if size == (self.picture.width(), self.picture.height()) {
            return Ok(term);
        }
        // As alpha, trust keeps colours that are not trusted out of their neighbours when pixels are joined.
        let trusted = self.picture.clone().with_alpha(self.trust.values().to_vec())?;
        let picture = resize(&trusted, size.0, size.1)?;
        let trust = self.trust.resized(size.0, size.1)?;
        Temporal::new(&picture, &trust, self.weight)
    }
}
