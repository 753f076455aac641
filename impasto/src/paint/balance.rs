//! Strength: the content weight with which a painting ends a wanted share of the way from the photograph to the style.

use super::{Request, canvas::Canvas, start, targets};
use crate::{
    Error, Evaluation,
    objective::{Goal, Objective},
};
use impasto_image::{Picture, fit_long_side, resize};
use impasto_net::{Model, Plan};
use std::{ops::ControlFlow, sync::Arc};

/// Long sides in pixels of the trials: the second corrects what the first, which is quick, has found. Above that the share
/// hardly depends on the size.
const TRIALS: [usize; 2] = [128, 256];
/// Evaluations before the first look at a trial, and between looks.
const FIRST: [usize; 2] = [60, 30];
const NEXT: usize = 25;
/// Looks at most at each trial, and the error of the share that ends the search.
const LOOKS: [usize; 2] = [8, 3];
const CLOSE: f64 = 0.015;
/// Logarithm of content against style, both as fractions of their distances between photograph and style, at half-way; how
/// it falls with the logit of the strength; and how far it may go.
const HALF_WAY: f64 = -0.4;
const SLOPE: f64 = -1.35;
const RANGE: f64 = 9.0;

/// The content weight of `request` for a strength between 0 and 1. A painting before does not count, so that the frames of
/// a film are weighed alike.
///
/// A picture's place between photograph and style is Dc / (Dc + Ds): Dc is how far its content is from the photograph's,
/// in units of how far the style picture's is, and Ds how far its style is from the style's, in units of how far the
/// photograph's is; both are roots of the objective's own terms. The photograph is at 0, and a picture half-way has gone
/// as far from the one as it is still from the other. The weight that leads there is found by painting a small trial.
///
/// # Errors
/// Those of painting.
pub(super) fn content_weight(
    request: &Request<'_>,
    objective: &Objective,
    model: &Arc<Model>,
    strength: f64,
) -> Result<f64, Error> {
    let Some(content) = objective.content.as_ref().filter(|_| objective.style.is_some()) else {
        return Ok(objective.content.as_ref().map_or(0.0, |content| content.weight));
    };
    let request = &Request { before: None, ..request.clone() };
    let (width, height) = request.output_size()?;
    let full = width.max(height);
    let mut weight = None;
    let mut picture = None;
    for (number, side) in TRIALS.into_iter().enumerate() {
        if number > 0 && TRIALS[number - 1] >= full {
            break;
        }
        let (width, height) = fit_long_side(width, height, side.min(full));
        let mut trial = Trial::new(request, objective, model, (width, height), full, picture.take())?;
        let Some(even) = trial.even_weight() else { return Ok(content.weight) };
        let start = weight.map_or(HALF_WAY + SLOPE * logit(strength), |weight: f64| (weight / even).ln());
        weight = Some(even * search(&mut trial, even, strength, start, number)?.exp());
        picture = Some(trial.picture()?);
    }
    Ok(weight.unwrap_or(content.weight))
}

/// Looks for the logarithm of the weight, in units of `even`, that leads trial `number` to the strength.
fn search(trial: &mut Trial<'_>, even: f64, strength: f64, start: f64, number: usize) -> Result<f64, Error> {
    let mut place = start.clamp(-RANGE, RANGE);
    let (mut low, mut high) = (-RANGE, RANGE);
    for look in 0..LOOKS[number] {
        let evaluations = if look == 0 { FIRST[number] } else { NEXT };
        let share = trial.share(even * place.exp(), evaluations)?;
        if (share - strength).abs() < CLOSE {
            break;
        }
        // More content makes the share smaller.
        if share > strength {
            low = place
        } else {
            high = place
        }
        let step = SLOPE * (logit(strength) - logit(share.clamp(0.01, 0.99)));
        place = (place + step).clamp(low, high);
    }
    Ok(place)
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// A small painting that goes on while its content weight changes.
struct Trial<'a> {
    request: &'a Request<'a>,
    objective: &'a Objective,
    goal: Goal,
    plan: Plan,
    size: (usize, usize),
    x: Vec<f32>,
    /// Content error of the style and style error of the photograph, without the terms' weights.
    reference: [f64; 2],
}

impl<'a> Trial<'a> {
    fn new(
        request: &'a Request<'a>,
        objective: &'a Objective,
        model: &Arc<Model>,
        (width, height): (usize, usize),
        full: usize,
        begun: Option<Picture>,
    ) -> Result<Self, Error> {
        let purpose = "the strength";
        let content = request.content.ok_or(Error::MissingPicture { role: "content", purpose })?;
        let (mut goal, mut plan) = targets::measure(request, objective, model, (width, height), full)?;
        goal.weigh_content(objective, 1.0);
        let mut errors = |picture: &Picture| -> Result<[f64; 2], Error> {
            let picture = resize(picture, width, height)?;
            Ok(split(&goal.value(&mut plan, (height, width), picture.rgb())))
        };
        let [_, style] = errors(content)?;
        let (mut away, mut total) = (0.0, 0.0);
        for picture in request.styles() {
            away += picture.weight * errors(picture.picture)?[0];
            total += picture.weight;
        }
        let start = match begun {
            Some(picture) => resize(&picture, width, height)?,
            None => start::picture(request, width, height)?,
        };
        let x = start.into_rgb().into_iter().map(|v| v * 255.0).collect();
        let reference = [away / total, style];
        Ok(Trial { request, objective, goal, plan, size: (height, width), x, reference })
    }

    /// The picture as it stands.
    fn picture(&self) -> Result<Picture, Error> {
        let rgb = self.x.iter().map(|v| (v / 255.0).clamp(0.0, 1.0)).collect();
        Ok(Picture::new(self.size.1, self.size.0, rgb)?)
    }

    /// The content weight at which both references count alike, unless photograph and style do not differ.
    fn even_weight(&self) -> Option<f64> {
        let [content, style] = self.reference;
        (content > 0.0 && style > 0.0).then(|| style / content)
    }

    /// Paints on with this content weight; tells how far the picture has come from photograph to style.
    fn share(&mut self, weight: f64, evaluations: usize) -> Result<f64, Error> {
        self.goal.weigh_content(self.objective, weight);
        let mut canvas =
            Canvas::new(&self.goal, &mut self.plan, self.size, None, |_| ControlFlow::Continue(()));
        canvas.lower(&mut *self.request.recipe.optimiser(), &mut self.x, None, evaluations);
        let picture = self.picture()?;
        let [content, style] = split(&self.goal.value(&mut self.plan, self.size, picture.rgb()));
        let distance = |error: f64, reference: f64| (error / reference).max(0.0).sqrt();
        let (from, to) = (distance(content / weight, self.reference[0]), distance(style, self.reference[1]));
        if !(from + to).is_finite() || from + to <= 0.0 {
            let (height, width) = self.size;
            return Err(Error::NotFinite { width, height });
        }
        Ok(from / (from + to))
    }
}

/// Content and style of an evaluation.
fn split(evaluation: &Evaluation) -> [f64; 2] {
    ["content", "style"].map(|name| {
        let terms = evaluation.terms.iter().filter(|term| term.name.starts_with(name));
        terms.map(|term| term.value).sum()
    })
}
