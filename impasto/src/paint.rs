//! The painting loop: from pictures and a recipe to a new picture.
//!
//! - [`request`]: what is asked for
//! - [`mod@schedule`]: sizes and evaluations from coarse to fine
//! - `targets`: statistics of styles, each in its region
//! - `tether`: pixels that may not go far from the photograph
//! - [`erase`]: things taken out of a picture
//! - `canvas`: the picture under the optimiser's hands
//! - [`progress`]: what the caller hears meanwhile

mod canvas;
pub mod erase;
pub mod progress;
pub mod request;
pub mod schedule;
mod start;
pub(crate) mod targets;
mod tether;

pub use erase::Erasure;
pub use progress::Progress;
pub use request::{Reach, Region, Request, Size, StylePicture, StyleSize};
pub use schedule::{Scale, schedule};

use crate::{
    Error, Evaluation,
    objective::{Goal, Objective},
    optimiser::Ended,
};
use canvas::Canvas;
use impasto_image::{Picture, resize};
use impasto_net::{Model, Plan, Purpose};
use std::{ops::ControlFlow, sync::Arc, time::Instant};
use tether::Tether;

/// A finished picture.
#[derive(Clone, Debug)]
pub struct Painting {
    /// The picture at the size asked for, in [0, 1], with the content picture's alpha.
    pub picture: Picture,
    /// Evaluations made.
    pub evaluations: usize,
    /// The objective at the picture of the last scale painted, after clamping to [0, 1].
    pub evaluation: Evaluation,
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
    let recipe = request.recipe;
    let objective = request.objective()?;
    let (width, height) = request.output_size()?;
    let scales = schedule(width, height, recipe);
    let model = request.network.load(recipe.variant())?;
    let total: usize = scales.iter().map(|scale| scale.evaluations).sum();
    let mut picture = start::picture(request, scales[0].width, scales[0].height)?;
    let mut evaluations = 0;
    let mut evaluation = Evaluation::default();
    let mut interrupted = false;
    for (index, scale) in scales.iter().enumerate() {
        picture = resize(&picture, scale.width, scale.height)?;
        let (goal, plan) = prepare(request, &objective, &model, scale, width.max(height))?;
        let before = evaluations;
        let tether = Tether::new(request, (scale.width, scale.height))?;
        let mut canvas = Canvas::new(&goal, plan, (scale.height, scale.width), tether.as_ref(), |report| {
            progress(&Progress {
                scale: index,
                scales: scales.len(),
                width: scale.width,
                height: scale.height,
                evaluation: before + report.state.evaluation,
                evaluations: total,
                loss: report.state.loss,
                best: report.state.best,
                terms: &report.evaluation.terms,
                seconds: began.elapsed().as_secs_f64(),
                values: report.state.result,
                tether: tether.as_ref(),
            })
        });
        let mut x: Vec<f32> = picture.into_rgb().into_iter().map(|v| v * 255.0).collect();
        let outcome = recipe.optimiser().minimise(&mut x, scale.evaluations, &mut canvas);
        evaluations = before + outcome.evaluations;
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
    let picture = start::with_alpha(resize(&picture, width, height)?, request.content)?;
    Ok(Painting { picture, evaluations, evaluation, seconds: began.elapsed().as_secs_f64(), interrupted })
}

/// Measures the targets at a scale and plans the network for the picture. The styles' plans are dropped before the
/// picture's is made.
fn prepare(
    request: &Request<'_>,
    objective: &Objective,
    model: &Arc<Model>,
    scale: &Scale,
    full: usize,
) -> Result<(Goal, Plan), Error> {
    let mut goal = Goal::new(objective);
    targets::add_styles(&mut goal, request, objective, model, (scale.width, scale.height), full)?;
    let mut plan = Plan::new(model, scale.height, scale.width, &objective.taps(), Purpose::Gradient)?;
    if let (Some(content), false) = (request.content, objective.content_layers().is_empty()) {
        goal.measure_content(objective, &mut plan, &resize(content, scale.width, scale.height)?);
    }
    Ok((goal, plan))
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
