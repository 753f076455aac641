//! The painting loop: from pictures and a recipe to a new picture.
//!
//! - [`request`]: what is asked for
//! - [`color`]: whose colours the result has
//! - [`mod@schedule`]: sizes and evaluations from coarse to fine
//! - `targets`: statistics of styles, each in its region
//! - [`before`]: the painting of the frame before
//! - `tether`: pixels that may not go far from the photograph
//! - `balance`: the content weight that a strength means
//! - [`checkpoint`]: where a painting stands, to go on another day
//! - [`erase`]: things taken out of a picture
//! - `canvas`: the picture under the optimiser's hands
//! - [`progress`]: what the caller hears meanwhile

mod balance;
pub mod before;
pub(crate) mod canvas;
pub mod checkpoint;
pub mod color;
pub mod erase;
pub mod progress;
pub mod request;
pub mod schedule;
mod start;
pub(crate) mod targets;
mod tether;

pub use before::Before;
pub use checkpoint::Checkpoint;
pub use color::{ColorSource, Coloring};
pub use erase::Erasure;
pub use progress::Progress;
pub use request::{Reach, Region, Request, Size, StylePicture, StyleSize};
pub use schedule::{Scale, schedule};

use crate::{Error, Evaluation, optimiser::Ended};
use canvas::Canvas;
use checkpoint::Course;
use impasto_image::{Picture, resize};
use std::{borrow::Cow, ops::ControlFlow, time::Instant};
use tether::Tether;

/// A finished picture.
#[derive(Clone, Debug)]
pub struct Painting {
    /// The picture at the size asked for, in [0, 1], with the content picture's alpha.
    pub picture: Picture,
    /// Evaluations made.
    pub evaluations: usize,
    /// The objective at the picture of the last scale painted, after clamping to [0, 1], before the
    /// [colours](Request::color) are changed.
    pub evaluation: Evaluation,
    /// Weight of the content term, which the recipe says or its strength leads to; 0 without the term.
    pub content_weight: f64,
    /// Seconds taken.
    pub seconds: f64,
    /// Whether the caller stopped it before its time.
    pub interrupted: bool,
}

/// Paints `request`, telling `progress` about every evaluation; `Break` ends the painting with the best picture so far,
/// enlarged to the size asked for if it was stopped at a smaller scale.
///
/// Every scale starts from the enlarged result of the one before. Content and style are resampled from the originals
/// for every scale; a style's size follows the picture's.
pub fn paint(
    request: &Request<'_>,
    progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Painting, Error> {
    let began = Instant::now();
    let wished = request;
    let content = request.content.map(|content| request.color.content(content));
    let styles: Vec<Cow<'_, Picture>> = request
        .styles()
        .map(|style| request.color.style(style.picture, request.content))
        .collect::<Result<_, _>>()?;
    let before = request.before.map(|before| request.color.content(before.picture));
    let request = &Request {
        content: content.as_deref(),
        before: request.before.zip(before.as_deref()).map(|(before, picture)| Before { picture, ..before }),
        ..request.with_pictures(&styles)
    };
    let recipe = request.recipe;
    let mut objective = request.objective()?;
    let (width, height) = request.output_size()?;
    if let Some(before) = &request.before {
        before.check((width, height))?;
    }
    let course = Course::new(request)?;
    let scales = &course.scales;
    let model = request.network.load(recipe.variant())?;
    if let Some(strength) = recipe.strength {
        objective.content = objective.content.filter(|_| strength < 1.0);
        let weight = balance::content_weight(request, &objective, &model, strength)?;
        objective.content.iter_mut().for_each(|content| content.weight = weight);
    }
    let total = course.total();
    let mut picture = match request.resume {
        Some(checkpoint) => checkpoint.picture(request)?,
        None => start::picture(request, scales[0].width, scales[0].height)?,
    };
    let mut evaluations = course.before;
    let mut evaluation = Evaluation::default();
    let mut interrupted = false;
    for (index, scale) in scales.iter().enumerate().skip(course.first) {
        picture = resize(&picture, scale.width, scale.height)?;
        let size = (scale.width, scale.height);
        let (goal, mut plan) = targets::measure(request, &objective, &model, size, width.max(height))?;
        let before = evaluations;
        let mut optimiser = recipe.optimiser();
        let begun = course.begun(index, &*optimiser);
        let unknown = begun.as_ref().map_or(0, |(_, unknown, _)| *unknown);
        let tether = Tether::new(request, size)?;
        let mut canvas =
            Canvas::new(&goal, &mut plan, (scale.height, scale.width), tether.as_ref(), |report| {
                progress(&Progress {
                    scale: index,
                    scales: scales.len(),
                    width: scale.width,
                    height: scale.height,
                    evaluation: before + unknown + report.state.evaluation,
                    evaluations: total,
                    loss: report.state.loss,
                    best: report.state.best,
                    terms: &report.evaluation.terms,
                    seconds: began.elapsed().as_secs_f64(),
                    state: report.state,
                    before,
                    course: &course,
                    tether: tether.as_ref(),
                })
            });
        let (mut x, _, memory) = begun
            .unwrap_or_else(|| (picture.into_rgb().into_iter().map(|v| v * 255.0).collect(), unknown, None));
        let outcome = canvas.lower(&mut *optimiser, &mut x, memory, scale.evaluations - unknown);
        evaluations = before + unknown + outcome.evaluations;
        if outcome.reason == Ended::NotFinite {
            return Err(Error::NotFinite { width: scale.width, height: scale.height });
        }
        interrupted = outcome.reason == Ended::Stopped && evaluations < total;
        let mut rgb: Vec<f32> = x.into_iter().map(progress::to_unit).collect();
        if let Some(tether) = &tether {
            tether.pull(&mut rgb);
        }
        if interrupted || index + 1 == scales.len() {
            evaluation = canvas.value(&rgb);
        }
        picture = Picture::new(scale.width, scale.height, rgb)?;
        if interrupted {
            break;
        }
    }
    let picture = wished.finish(&picture)?;
    let content_weight = objective.content.as_ref().map_or(0.0, |content| content.weight);
    Ok(Painting {
        picture,
        evaluations,
        evaluation,
        content_weight,
        seconds: began.elapsed().as_secs_f64(),
        interrupted,
    })
}

/// A texture like the style picture: no content term, from noise (Gatys, Ecker & Bethge 2015, Texture Synthesis Using
/// Convolutional Neural Networks). The request's content picture is ignored; with [`Size::Own`] the texture has the
/// style's size.
pub fn texture(
    request: &Request<'_>,
    progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Painting, Error> {
    if request.styles().next().is_none() {
        return Err(Error::MissingPicture { role: "style", purpose: "a texture" });
    }
    let mut recipe = request.recipe.clone();
    recipe.content.weight = 0.0;
    recipe.init = crate::recipe::Init::Noise;
    paint(&Request { content: None, strength_mask: None, recipe: &recipe, ..request.clone() }, progress)
}

/// A picture with the same feature maps as the content picture: content term only, from noise (Mahendran & Vedaldi
/// 2014). The request's style picture is ignored; a total variation weight in the recipe acts as a prior.
pub fn invert(
    request: &Request<'_>,
    progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Painting, Error> {
    if request.content.is_none() {
        return Err(Error::MissingPicture { role: "content", purpose: "an inversion" });
    }
    let mut recipe = request.recipe.clone();
    recipe.style.weight = 0.0;
    recipe.init = crate::recipe::Init::Noise;
    paint(&Request { regions: Vec::new(), recipe: &recipe, ..request.clone() }, progress)
}
