//! What is asked of the painting loop.

pub use crate::objective::guidance::Reach;

use super::{Before, Checkpoint, color::Coloring, start};
use crate::{Error, Network, Recipe, objective::Objective};
use impasto_image::{Mask, Picture, fit_long_side, resize};
use std::borrow::Cow;

/// Pictures, recipe and size of a painting.
#[derive(Clone)]
pub struct Request<'a> {
    /// The photograph. Needed if the recipe has a content term.
    pub content: Option<&'a Picture>,
    /// The paintings, and where each is to be. Needed if the recipe has a style term.
    pub regions: Vec<Region<'a>>,
    /// How far every pixel may go from the photograph: 0 not at all, 1 freely, and in between that share of the way, as
    /// the network sees it, too. Resampled to the picture's size; needs a photograph. None lets all go freely.
    pub strength_mask: Option<&'a Mask>,
    /// Which positions of a layer belong to a region.
    pub reach: Reach,
    /// A picture to start from instead of what the recipe says; resampled to the first scale.
    pub start: Option<&'a Picture>,
    /// The painting of the frame before, to hold on to; none for a picture of its own.
    pub before: Option<Before<'a>>,
    /// Where to go on instead of starting.
    pub resume: Option<&'a Checkpoint>,
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

/// A part of the picture and the style it is to have.
#[derive(Clone)]
pub struct Region<'a> {
    /// Where, resampled to the picture's size; none for what the other regions leave, which may be everything.
    pub mask: Option<&'a Mask>,
    /// The paintings whose manner it is to have; their statistics are averaged.
    pub styles: Vec<StylePicture<'a>>,
}

/// A painting whose manner to take.
#[derive(Clone, Copy)]
pub struct StylePicture<'a> {
    /// The painting. What is transparent does not count.
    pub picture: &'a Picture,
    /// The part of it that counts, resampled to its size; none for all of it.
    pub mask: Option<&'a Mask>,
    /// Share among the styles of its region, above 0; they need not sum to 1.
    pub weight: f64,
}

impl<'a> Region<'a> {
    /// One painting's manner everywhere.
    pub fn everywhere(style: &'a Picture) -> Vec<Region<'a>> {
        vec![Region { mask: None, styles: vec![StylePicture { picture: style, mask: None, weight: 1.0 }] }]
    }
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

impl<'a> Request<'a> {
    /// A request for a result of its picture's own size, so far without any picture.
    pub fn new(recipe: &'a Recipe, network: &'a Network) -> Self {
        Request {
            content: None,
            regions: Vec::new(),
            strength_mask: None,
            reach: Reach::Inside,
            start: None,
            before: None,
            resume: None,
            recipe,
            network,
            size: Size::Own,
            style_size: StyleSize::default(),
            seed: 0,
            color: &Coloring::STYLE,
        }
    }

    /// The recipe's objective; fails if a picture it needs is missing or nothing is left of it.
    pub fn objective(&self) -> Result<Objective, Error> {
        let objective = self.recipe.objective();
        if objective.content.is_some() && self.content.is_none() {
            return Err(Error::MissingPicture { role: "content", purpose: "the recipe's content term" });
        }
        if objective.style.is_some() && self.styles().next().is_none() {
            return Err(Error::MissingPicture { role: "style", purpose: "the recipe's style term" });
        }
        if objective.content.is_none() && objective.style.is_none() {
            return Err(Error::NothingToOptimise { origin: self.recipe.origin.clone() });
        }
        Ok(objective)
    }

    /// All styles, region by region.
    pub fn styles(&self) -> impl Iterator<Item = StylePicture<'a>> {
        self.regions.iter().flat_map(|region| region.styles.iter().copied())
    }

    /// The same with these pictures, in their order, in the place of the [styles](Self::styles).
    pub(super) fn with_pictures<'b>(&self, pictures: &'b [Cow<'_, Picture>]) -> Request<'b>
    where
        'a: 'b,
    {
        let mut pictures = pictures.iter();
        let mut changed: Request<'b> = self.clone();
        for style in changed.regions.iter_mut().flat_map(|region| &mut region.styles) {
            if let Some(picture) = pictures.next() {
                style.picture = picture;
            }
        }
        changed
    }

    /// Width and height of the result.
    pub fn output_size(&self) -> Result<(usize, usize), Error> {
        if let Size::Exact { width, height } = self.size {
            return Ok((width.max(1), height.max(1)));
        }
        let style = self.styles().next().map(|style| style.picture);
        let model = self.content.or(style).or(self.start);
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
        let picture = resize(picture, width, height)?;
        let mut colored = self.color.result(picture.clone(), self.content)?;
        if let Some(mask) = self.strength_mask {
            let mask = mask.resized(width, height)?;
            let pixels = colored.rgb_mut().chunks_exact_mut(3).zip(picture.rgb().chunks_exact(3));
            for ((pixel, before), share) in pixels.zip(mask.values()) {
                pixel.iter_mut().zip(before).for_each(|(value, b)| *value = b + share * (*value - b));
            }
        }
        start::with_alpha(colored, self.content)
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
