//! The steps with all that they read, checked before any work is done.

use super::steps::{Step, Steps};
use crate::arguments::palette;
use crate::failure::Failure;
use crate::input::Input;
use crate::styles::MaskInput;
use anyhow::Context;
use impasto::paint::Erasure;
use impasto_image::color::palette::MOST;
use impasto_image::color::{Dither, Palette};
use impasto_image::{Error, Mask, Picture, Rectangle, Turn, fit_long_side};
use std::path::Path;

/// A step with what it needs.
pub enum Ready {
    Size(usize, usize),
    Crop(Rectangle),
    Turn(Turn),
    Erase(MaskInput, Box<Erasure>),
    Brightness(f64),
    Contrast(f64),
    Saturation(f64),
    /// Colours of a picture, and how far to go.
    Match(Box<Input>, f64),
    Recolor(Palette, f64),
    /// So many colours of the picture's own.
    Reduce(usize, Dither),
    Palette(Palette, Dither),
    ChannelBits(u8, Dither),
}

/// What is to be done, in order.
pub struct Plan {
    pub steps: Vec<Ready>,
    size: (usize, usize),
}

impl Plan {
    /// Reads what the steps need; fails if one of them cannot be taken.
    pub fn new(steps: &Steps, picture: &Picture) -> anyhow::Result<Plan> {
        if steps.0.is_empty() {
            return Err(Failure::usage("there is nothing to do to the picture")
                .hint("give a step such as --crop-square, --erase MASK or --palette 8")
                .into());
        }
        let own = (picture.width(), picture.height());
        let mut plan = Plan { steps: Vec::new(), size: own };
        for step in &steps.0 {
            let ready = plan.ready(step, own)?;
            match ready {
                Ready::Size(width, height) => plan.size = (width, height),
                Ready::Crop(part) => plan.size = (part.width, part.height),
                Ready::Turn(turn) => plan.size = turn.size(plan.size),
                _ => {}
            }
            plan.steps.push(ready);
        }
        Ok(plan)
    }

    /// Size (width, height) of the result.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// What is taken out.
    pub fn erasures(&self) -> impl Iterator<Item = &Erasure> {
        self.steps.iter().filter_map(|step| match step {
            Ready::Erase(_, erasure) => Some(erasure.as_ref()),
            _ => None,
        })
    }

    fn ready(&self, step: &Step, own: (usize, usize)) -> anyhow::Result<Ready> {
        let dither = |dither: &bool| if *dither { Dither::Diffusion } else { Dither::None };
        Ok(match step {
            Step::Size(long) => {
                let (width, height) = fit_long_side(self.size.0, self.size.1, *long);
                Ready::Size(width, height)
            }
            Step::Crop(area) => {
                let part = area.rectangle(self.size);
                let (width, height) = self.size;
                let inside = part.width > 0
                    && part.height > 0
                    && part.left.saturating_add(part.width) <= width
                    && part.top.saturating_add(part.height) <= height;
                if !inside {
                    return Err(Failure::usage(format_args!(
                        "--crop {area} is no part of a picture of {width}×{height} pixels"
                    ))
                    .hint("give left column, top row, width and height within it, such as 10%,10%,80%,80%")
                    .into());
                }
                Ready::Crop(part)
            }
            Step::CropSquare => Ready::Crop(Rectangle::centre_square(self.size.0, self.size.1)),
            Step::Flip(axis) => Ready::Turn(axis.turn()),
            Step::Rotate(angle) => Ready::Turn(angle.turn()),
            Step::Erase(path) => {
                let mask = MaskInput::open(path)?;
                let erasure = self
                    .placed(&mask.mask, own)
                    .map_err(impasto::Error::from)
                    .and_then(|placed| Erasure::new(&placed, self.size))
                    .with_context(|| format!("cannot erase what {} covers", path.display()))?;
                Ready::Erase(mask, Box::new(erasure))
            }
            Step::Brightness(offset) => Ready::Brightness(*offset),
            Step::Contrast(factor) => Ready::Contrast(*factor),
            Step::Saturation(factor) => Ready::Saturation(*factor),
            Step::Recolor { colors, strength } => recolor(colors, *strength)?,
            Step::Palette { colors, dither: dots } => match colors.parse::<usize>() {
                Ok(count) if (2..=MOST).contains(&count) => Ready::Reduce(count, dither(dots)),
                Ok(count) => {
                    return Err(Failure::usage(format_args!(
                        "--palette {count}: a palette has 2 to {MOST} colours"
                    ))
                    .into());
                }
                Err(_) => Ready::Palette(palette(colors, "--palette: ")?, dither(dots)),
            },
            Step::ChannelBits { bits, dither: dots } => Ready::ChannelBits(*bits, dither(dots)),
        })
    }

    /// A mask of the file's picture as it lies on the picture after the steps so far.
    fn placed(&self, mask: &Mask, (width, height): (usize, usize)) -> Result<Mask, Error> {
        self.steps.iter().try_fold(mask.resized(width, height)?, |mask, step| match step {
            Ready::Size(width, height) => mask.resized(*width, *height),
            Ready::Crop(part) => mask.cropped(*part),
            Ready::Turn(turn) => Ok(mask.turned(*turn)),
            _ => Ok(mask),
        })
    }
}

/// Colours of a picture or a palette.
fn recolor(text: &str, strength: f64) -> anyhow::Result<Ready> {
    let path = Path::new(text);
    if path.is_file() {
        match Input::open(path) {
            Ok(input) => return Ok(Ready::Match(Box::new(input), strength)),
            Err(error) if matches!(error.downcast_ref(), Some(Error::NotAPicture { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Ready::Recolor(palette(text, "--recolor: ")?, strength))
}
