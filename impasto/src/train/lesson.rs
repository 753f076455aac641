//! What a painted picture is judged by.

use super::{Settings, Task, pixels};
use crate::{
    Error, Evaluation,
    objective::{Goal, Objective, StyleSample, content::ContentMaps},
};
use impasto_image::{Picture, fit_long_side, resize};
use impasto_net::{Model, Plan, Purpose, generator::PHOTO};
use std::sync::Arc;

/// Judges pictures of one size.
pub(super) struct Teacher {
    objective: Objective,
    size: (usize, usize),
    /// One a style; none compares pixels.
    goals: Vec<Option<Goal>>,
    /// Those without a goal learn the wanted pixels, not their likeness only.
    by_pixels: bool,
    /// Runs the network as far as the objective reads it, and back.
    plan: Plan,
    /// Runs it as far as the content term reads it.
    content: Option<Plan>,
    /// The content term's targets, and for which crop they were measured.
    targets: Option<(usize, ContentMaps)>,
}

impl Teacher {
    /// A teacher of `settings` for pictures of `size` (height, width); `pictures` are the styles' own, none for those that
    /// have none.
    ///
    /// # Errors
    /// Those of planning `model` and of measuring styles.
    pub(super) fn new(
        settings: &Settings,
        model: &Arc<Model>,
        size: (usize, usize),
        pictures: &[Option<Picture>],
    ) -> Result<Teacher, Error> {
        let mut objective = settings.recipe.objective();
        match settings.task {
            Task::Paint => {}
            Task::Texture => objective.content = None,
            Task::Enlarge { .. } => objective.style = None,
        }
        let by_pixels = settings.task == Task::Enlarge { pixels: true };
        let goal = |(name, picture): (&String, &Option<Picture>)| {
            if by_pixels || name == PHOTO && picture.is_none() {
                return Ok(None);
            }
            let mut goal = Goal::new(&objective);
            if let Some(picture) = picture {
                let long = settings.style_size.min(picture.width().max(picture.height()));
                let (width, height) = fit_long_side(picture.width(), picture.height(), long);
                let picture = resize(picture, width, height)?;
                let sample = StyleSample { picture: &picture, mask: None, weight: 1.0 };
                goal.add_style(&objective, model, &[sample], None, "style")?;
            }
            Ok(Some(goal))
        };
        let goals = settings.styles.iter().zip(pictures).map(goal).collect::<Result<_, Error>>()?;
        let (height, width) = size;
        let plan = Plan::new(model, height, width, &objective.taps(), Purpose::Gradient)?;
        let layers: Vec<String> = objective.content_layers().iter().map(|layer| layer.name.clone()).collect();
        let content = match layers.is_empty() || by_pixels {
            true => None,
            false => Some(Plan::new(model, height, width, &layers, Purpose::Forward)?),
        };
        Ok(Teacher { objective, size, goals, by_pixels, plan, content, targets: None })
    }

    /// What a grey picture loses by the statistics of a style, before any crop is judged; 1 for styles without a picture.
    pub(super) fn unit(&mut self, style: usize) -> f64 {
        let grey = vec![0.5; 3 * self.size.0 * self.size.1];
        let loss = self.goals[style].as_ref().map(|goal| goal.value(&mut self.plan, self.size, &grey).total);
        loss.filter(|&loss| loss > 0.0).unwrap_or(1.0)
    }

    /// Judges `painted`, made of crop number `crop`, which holds `wanted`; `gradient` receives the derivative. All RGB,
    /// interleaved.
    pub(super) fn judge(
        &mut self,
        style: usize,
        (crop, wanted): (usize, &[f32]),
        painted: &[f32],
        gradient: &mut [f32],
    ) -> Evaluation {
        let (size, by_pixels) = (self.size, self.by_pixels);
        match self.goal(style, (crop, wanted)) {
            Some((goal, plan)) => goal.evaluate(plan, size, painted, gradient),
            None if by_pixels => pixels::squared(wanted, painted, gradient),
            None => pixels::likeness(wanted, painted, gradient),
        }
    }

    /// The goal of a style for crop number `crop`, which holds `wanted`, and the plan it is evaluated on; none if pixels are
    /// compared.
    pub(super) fn goal(
        &mut self,
        style: usize,
        (crop, wanted): (usize, &[f32]),
    ) -> Option<(&Goal, &mut Plan)> {
        let goal = self.goals[style].as_mut()?;
        if let Some(plan) = &mut self.content {
            if self.targets.as_ref().is_none_or(|(known, _)| *known != crop) {
                plan.forward(wanted);
                self.targets = Some((crop, ContentMaps::new(&self.objective, plan)));
            }
            if let Some((_, targets)) = &self.targets {
                goal.set_content(targets);
            }
        }
        Some((goal, &mut self.plan))
    }
}
