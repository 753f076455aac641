//! What is asked of the painting loop.

use super::{color::Coloring, start};
use crate::{Error, Network, Recipe, objective::Objective};
use impasto_image::{Picture, fit_long_side, resize};

/// Pictures, recipe and size of a painting.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The photograph. Needed if the recipe has a content term.
    pub content: Option<&'a Picture>,
    /// The painting. Needed if the recipe has a style term.
    pub style: Option<&'a Picture>,
    /// A picture to start from instead of what the recipe says; resampled to the first scale.
    pub start: Option<&'a Picture>,
    /// Objective, optimiser and schedule.
    pub recipe: &'a Recipe,
    /// Whose eyes to use.
    pub network: &'a Network,
    /// Size of the result.
    pub size: Size,
    /// Size of the style picture.
    pub style_size: StyleSize,
    /// Seed of the noise.
    pub seed: u64,
    /// Whose colours the result has.
    pub color: &'a Coloring,
}

/// Size of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// That of the content picture, or of the style where there is none; nothing is resampled.
    Own,
    /// This many pixels for the long side, the other side in proportion.
    LongSide(usize),
    /// Exactly this size; the content picture is stretched to it.
    Exact {
        /// Columns, at least 1.
        width: usize,
        /// Rows, at least 1.
        height: usize,
    },
}

/// Size of the style picture at the full scale; at smaller scales it shrinks with the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StyleSize {
    /// Its long side is the result's long side times a factor: smaller factors make smaller strokes. With [`Size::Own`]
    /// it is the style's own long side times the factor.
    Factor(f64),
    /// This many pixels for its long side.
    LongSide(usize),
}

impl Default for StyleSize {
    fn default() -> Self {
        StyleSize::Factor(1.0)
    }
}

impl Request<'_> {
    /// The recipe's objective; fails if a picture it needs is missing or nothing is left of it.
    pub fn objective(&self) -> Result<Objective, Error> {
        let objective = self.recipe.objective();
        if objective.content.is_some() && self.content.is_none() {
            return Err(Error::MissingPicture { role: "content", purpose: "the recipe's content term" });
        }
        if objective.style.is_some() && self.style.is_none() {
            return Err(Error::MissingPicture { role: "style", purpose: "the recipe's style term" });
        }
        if objective.content.is_none() && objective.style.is_none() {
            return Err(Error::NothingToOptimise { origin: self.recipe.origin.clone() });
        }
        Ok(objective)
    }

    /// Width and height of the result.
    pub fn output_size(&self) -> Result<(usize, usize), Error> {
        if let Size::Exact { width, height } = self.size {
            return Ok((width.max(1), height.max(1)));
        }
        let model = self.content.or(self.style).or(self.start);
        let model =
            model.ok_or(Error::MissingPicture { role: "content", purpose: "the size of the result" })?;
        Ok(match self.size {
            Size::LongSide(long) => fit_long_side(model.width(), model.height(), long),
            _ => (model.width(), model.height()),
        })
    }

    /// A picture of any scale as it is returned: at the full size, in its final colours, with the content's alpha.
    pub fn finish(&self, picture: &Picture) -> Result<Picture, Error> {
        let (width, height) = self.output_size()?;
        let picture = self.color.result(resize(picture, width, height)?, self.content)?;
        start::with_alpha(picture, self.content)
    }

    /// Width and height of the style at a scale with long side `long` of a result with long side `full`.
    pub fn style_size_at(&self, style: &Picture, long: usize, full: usize) -> (usize, usize) {
        let own = style.width().max(style.height()) as f64;
        let at_full = match (self.style_size, self.size) {
            (StyleSize::LongSide(0), _) => own,
            (StyleSize::LongSide(long), _) => long as f64,
            (StyleSize::Factor(factor), Size::Own | Size::LongSide(0)) => own * factor,
            (StyleSize::Factor(factor), _) => full as f64 * factor,
        };
        let long = at_full * long as f64 / full.max(1) as f64;
        fit_long_side(style.width(), style.height(), (long.round() as usize).max(1))
    }
}
