//! What a picture of a size is compared with: the content's maps, the statistics of styles, each in its region, and the
//! painting before.

use super::{Request, request::StylePicture};
use crate::{
    Error,
    objective::{Goal, Objective, StyleSample},
};
use impasto_image::{Mask, Picture, resize};
use impasto_net::{Model, Plan, Purpose};
use std::sync::Arc;

/// The targets of `request` for a picture of `size` (width, height) on its way to long side `full`, and the plan they are
/// compared on. The styles' plans are dropped before the picture's is made.
pub(crate) fn measure(
    request: &Request<'_>,
    objective: &Objective,
    model: &Arc<Model>,
    (width, height): (usize, usize),
    full: usize,
) -> Result<(Goal, Plan), Error> {
    let mut goal = Goal::new(objective);
    add_styles(&mut goal, request, objective, model, (width, height), full)?;
    let mut plan = Plan::new(model, height, width, &objective.taps(), Purpose::Gradient)?;
    if let Some(before) = request.before.filter(|before| before.weight != 0.0) {
        goal.set_temporal(before.at((width, height))?);
    }
    if let (Some(content), Some(_)) = (request.content, &objective.content) {
        goal.measure_content(objective, &mut plan, &resize(content, width, height)?);
    }
    Ok((goal, plan))
}

/// Adds the styles of `request` to `goal`.
fn add_styles(
    goal: &mut Goal,
    request: &Request<'_>,
    objective: &Objective,
    model: &Arc<Model>,
    size: (usize, usize),
    full: usize,
) -> Result<(), Error> {
    if objective.style.is_none() {
        return Ok(());
    }
    let masks = region_masks(request, size)?;
    for (number, (region, mask)) in request.regions.iter().zip(&masks).enumerate() {
        let long = size.0.max(size.1);
        let pictures: Vec<(Picture, Option<Mask>)> = region
            .styles
            .iter()
            .map(|style| sample(style, request.style_size_at(style.picture, long, full)))
            .collect::<Result<_, _>>()?;
        let samples: Vec<StyleSample<'_>> = pictures
            .iter()
            .zip(&region.styles)
            .map(|((picture, mask), style)| StyleSample {
                picture,
                mask: mask.as_ref(),
                weight: style.weight,
            })
            .collect();
        let term = if masks.len() == 1 { "style".into() } else { format!("style.{}", number + 1) };
        let region = mask.as_ref().map(|mask| (mask, request.reach));
        goal.add_style(objective, model, &samples, region, &term)?;
    }
    Ok(())
}

/// Where each region of `request` is in a picture of `size` (width, height); none for everywhere.
fn region_masks(request: &Request<'_>, (width, height): (usize, usize)) -> Result<Vec<Option<Mask>>, Error> {
    let given: Vec<Option<Mask>> = request
        .regions
        .iter()
        .map(|region| region.mask.map(|mask| mask.resized(width, height)).transpose())
        .collect::<Result<_, _>>()?;
    let mut rest: Option<Mask> = None;
    for mask in given.iter().flatten() {
        let free = mask.inverted();
        rest = Some(match rest {
            None => free,
            Some(rest) => rest.times(&free)?,
        });
    }
    let free = request.strength_mask.map(|mask| mask.resized(width, height)).transpose()?;
    given
        .into_iter()
        .map(|mask| {
            Ok(match (mask.or_else(|| rest.clone()), &free) {
                (Some(mask), Some(free)) => Some(mask.times(free)?),
                (mask, free) => mask.or_else(|| free.clone()),
            })
        })
        .collect()
}

/// A style at `size` (width, height), with the part of it that counts.
fn sample(
    style: &StylePicture<'_>,
    (width, height): (usize, usize),
) -> Result<(Picture, Option<Mask>), Error> {
    let picture = resize(style.picture, width, height)?;
    let mask = Mask::of_counted(style.picture, style.mask, width, height)?;
    if mask.as_ref().is_some_and(|mask| mask.share() <= 0.0) {
        return Err(Error::EmptyMask { what: "a style picture".into() });
    }
    Ok((picture, mask))
}
