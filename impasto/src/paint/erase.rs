//! Things taken out of a picture, their place painted with the picture's own texture.

mod fill;
mod hole;

use super::{Painting, Progress, Reach, Region, Request, StylePicture, paint};
use crate::{Error, Network, Recipe};
use impasto_image::{Mask, Picture, Rectangle};
use std::ops::ControlFlow;

/// Pixels around the hole that are shown to the network: half the field of VGG's relu5_1.
const MARGIN: usize = 80;

/// Weight of the content term, which keeps the things of the filled picture where they are.
const CONTENT: f64 = 2.5;

/// Rows and columns around the hole whose statistics are wanted in it. What is further away is less like it, but in too
/// little there is no position of the deepest layers that sees nothing of the hole.
const NEAR: usize = 90;

/// Evaluations that smooth what the copied patches left.
const EVALUATIONS: usize = 80;

/// What is to be taken out of a picture of a size, and the parts of the picture that this needs.
///
/// The hole is first filled with copied patches, which gives it things in their order. Then it is painted: the covariances
/// and means of the network's maps in it and across its border are to be those of what surrounds it, hole excluded (after
/// Gatys, Ecker & Bethge 2015, Texture Synthesis Using Convolutional Neural Networks), while a content term keeps the
/// order. Pixels beyond the hole keep their values.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// How far every pixel of the picture is taken out: the mask, grown so that no fringe is left.
    hole: Mask,
    /// Where copied patches and statistics come from.
    around: Rectangle,
    /// What is painted.
    window: Rectangle,
}

impl Erasure {
    /// An erasure of what is white in `mask`, stretched to a picture of `width × height` pixels; greys are taken out as
    /// far as they are light.
    ///
    /// # Errors
    /// If the mask is black everywhere, or so white that nothing is left to fill the hole with.
    pub fn new(mask: &Mask, (width, height): (usize, usize)) -> Result<Self, Error> {
        let hole = hole::grown(&mask.resized(width, height)?);
        let bounds = hole::bounds(&hole).ok_or(Error::EmptyMask { what: "what to erase".into() })?;
        if hole.values().iter().all(|&v| v > 0.0) {
            return Err(Error::NothingAround);
        }
        // As far again as the hole is large, there is enough like what it lies in.
        let near = bounds.width.max(bounds.height).max(2 * MARGIN);
        let around = bounds.grown(near, (width, height));
        Ok(Erasure { hole, around, window: bounds.grown(MARGIN, (width, height)) })
    }

    /// How far every pixel is taken out.
    pub fn hole(&self) -> &Mask {
        &self.hole
    }

    /// Size (width, height) of the part that is painted, for which the way back through the network is needed.
    pub fn painted(&self) -> (usize, usize) {
        (self.window.width, self.window.height)
    }

    /// Size (width, height) of the part that statistics come from.
    pub fn surroundings(&self) -> (usize, usize) {
        (self.around.width, self.around.height)
    }

    /// The recipe that erases: the default one at one scale, its content term keeping the filled picture's layout.
    pub fn recipe() -> Recipe {
        let mut recipe = Recipe { iterations: EVALUATIONS, ..Recipe::default() };
        recipe.content.weight = CONTENT;
        recipe.scales.first = 0;
        recipe
    }

    /// Takes the thing out of `picture`, which must have the size that was given; its alpha stays. `progress` hears of
    /// every evaluation; `Break` ends the work with what there is.
    pub fn paint(
        &self,
        picture: &Picture,
        network: &Network,
        seed: u64,
        progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Painting, Error> {
        let around = picture.cropped(self.around)?;
        let hole = self.hole.cropped(self.around)?;
        let filled = fill::fill(&around, &hole, seed)?;
        let place = Rectangle {
            left: self.window.left - self.around.left,
            top: self.window.top - self.around.top,
            ..self.window
        };
        let start = filled.cropped(place)?.without_alpha();
        let strength = hole.cropped(place)?;
        let background = hole.inverted().times(&hole::near(&hole, NEAR))?;
        let style = StylePicture { picture: &around, mask: Some(&background), weight: 1.0 };
        let recipe = Erasure::recipe();
        let request = Request {
            content: Some(&start),
            regions: vec![Region { mask: None, styles: vec![style] }],
            strength_mask: Some(&strength),
            reach: Reach::Across,
            seed,
            ..Request::new(&recipe, network)
        };
        let painting = paint(&request, progress)?;
        let corner = (self.window.left, self.window.top);
        Ok(Painting { picture: picture.clone().pasted(&painting.picture, corner), ..painting })
    }
}
