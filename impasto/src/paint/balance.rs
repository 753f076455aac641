//! Strength: the content weight with which a painting ends a wanted share of the way from the photograph to the style.

use super::{Request, canvas::Canvas, start, targets};
use crate::{
    Error, Evaluation,
    objective::{Goal, Objective},
};
use impasto_image::{Picture, fit_long_side, resize};
use impasto_net::{Model, Plan, Purpose};
use std::{ops::ControlFlow, sync::Arc};

/// Long side in pixels of the trial. The share hardly depends on the size, for every term is relative to its own target.
const TRIAL_SIDE: usize = 128;
/// Evaluations before the first look, and between looks.
const FIRST: usize = 60;
const NEXT: usize = 25;
/// Looks at most, and the error of the share that ends the search.
const LOOKS: usize = 10;
const CLOSE: f64 = 0.015;
/// Logarithm of content against style, both as fractions of their distances between photograph and style, at half-way; how
/// it falls with the logit of the strength; and how far it may go.
const HALF_WAY: f64 = -0.4;
const SLOPE: f64 = -1.35;
const RANGE: f64 = 9.0;

/// The content weight of `request` for a strength between 0 and 1.
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
    let Some(given) = objective.content.as_ref().map(|content| content.weight) else { return Ok(0.0) };
    let (width, height) = request.output_size()?;
    let full = width.max(height);
    let (width, height) = fit_long_side(width, height, TRIAL_SIDE.min(full));
    let mut trial = Trial::new(request, objective, model, (width, height), full)?;
    let Some(scale) = trial.scale() else { return Ok(given) };
    let weight = |place: f64| scale * place.clamp(-RANGE, RANGE).exp();
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let mut place = HALF_WAY + SLOPE * logit(strength);
    let (mut low, mut high) = (-RANGE, RANGE);
    for look in 0..LOOKS {
        let share = trial.share(weight(place), if look == 0 { FIRST } else { NEXT })?;
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
    Ok(weight(place))
}

/// A small painting that goes on while its content weight changes.
struct Trial<'a> {
    request: &'a Request<'a>,
    objective: Objective,
    goal: Goal,
    plan: Option<Plan>,
    size: (usize, usize),
    content: Picture,
    x: Vec<f32>,
    /// Content error of the style and style error of the photograph, without the terms' weights.
    reference: [f64; 2],
}

impl<'a> Trial<'a> {
    fn new(
        request: &'a Request<'a>,
        objective: &Objective,
        model: &Arc<Model>,
        (width, height): (usize, usize),
        full: usize,
    ) -> Result<Self, Error> {
        let mut objective = objective.clone();
        if let Some(content) = &mut objective.content {
            content.weight = 1.0;
        }
        let purpose = "the strength";
        let content = request.content.ok_or(Error::MissingPicture { role: "content", purpose })?;
        let content = resize(content, width, height)?.without_alpha();
        let mut goal = Goal::new(&objective);
        targets::add_styles(&mut goal, request, &objective, model, (width, height), full)?;
        let mut plan = Plan::new(model, height, width, &objective.taps(), Purpose::Gradient)?;
        goal.measure_content(&objective, &mut plan, &content);
        let errors =
            |plan: &mut Plan, picture: &Picture| split(&goal.value(plan, (height, width), picture.rgb()));
        let [_, style] = errors(&mut plan, &content);
        let (mut away, mut total) = (0.0, 0.0);
        for picture in request.styles() {
            let stretched = resize(picture.picture, width, height)?.without_alpha();
            away += picture.weight * errors(&mut plan, &stretched)[0];
            total += picture.weight;
        }
        let start = start::picture(request, width, height)?;
        let x = start.into_rgb().into_iter().map(|v| v * 255.0).collect();
        let reference = [away / total, style];
        Ok(Trial { request, objective, goal, plan: Some(plan), size: (height, width), content, x, reference })
    }

    /// The content weight at which both references count alike, unless photograph and style do not differ.
    fn scale(&self) -> Option<f64> {
        let [content, style] = self.reference;
        (content > 0.0 && style > 0.0).then(|| style / content)
    }

    /// Paints on with this content weight; tells how far the picture has come from photograph to style.
    fn share(&mut self, weight: f64, evaluations: usize) -> Result<f64, Error> {
        let Some(mut plan) = self.plan.take() else { return Ok(0.5) };
        if let Some(content) = &mut self.objective.content {
            content.weight = weight;
        }
        self.goal.measure_content(&self.objective, &mut plan, &self.content);
        let mut canvas = Canvas::new(&self.goal, plan, self.size, None, |_| ControlFlow::Continue(()));
        self.request.recipe.optimiser().minimise(&mut self.x, evaluations, &mut canvas);
        let rgb: Vec<f32> = self.x.iter().map(|v| (v / 255.0).clamp(0.0, 1.0)).collect();
        let [content, style] = split(&canvas.value(&rgb));
        self.plan = Some(canvas.into_plan());
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
