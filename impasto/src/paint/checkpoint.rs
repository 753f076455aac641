//! A painting that goes on another day, with the same or another objective.

use super::{Request, Scale, progress::to_unit, schedule, schedule::shares, tether::Tether};
use crate::{
    Error,
    optimiser::{Memory, Optimiser},
};
use impasto_image::Picture;
use serde::{Deserialize, Serialize};

/// Where a painting stands, enough to go on from there.
///
/// With the optimiser's whole memory, or at the end of a scale, the painting goes on exactly as if it had never stopped.
/// Without, the optimiser starts afresh at the picture as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Checkpoint {
    /// Evaluations made, over all scales.
    pub evaluation: usize,
    /// Number of the scale in `course`, from 0.
    pub scale: usize,
    /// Evaluations made at smaller scales.
    pub before: usize,
    /// The scales that the painting follows.
    pub course: Vec<Scale>,
    /// The scales that its request asked for; they differ from `course` if it was resumed with another size or budget.
    pub asked: Vec<Scale>,
    /// The picture: RGB × 255, interleaved, of the scale's size; not part of the serialised form.
    #[serde(skip)]
    pub values: Vec<f32>,
    /// What the optimiser knows, if it is to go on exactly.
    pub memory: Option<Memory>,
}

impl Checkpoint {
    /// Columns and rows of the picture; none if the checkpoint is damaged.
    pub fn size(&self) -> Option<(usize, usize)> {
        self.course.get(self.scale).map(|scale| (scale.width, scale.height))
    }

    /// Whether nothing is lost: an unchanged request goes on exactly as if it had never stopped.
    pub fn is_exact(&self) -> bool {
        self.memory.is_some() || self.scale_is_over()
    }

    /// The same for another objective: curvature of the old one is forgotten, Adam's running means are kept.
    pub fn for_another_objective(mut self) -> Self {
        self.memory = self.memory.filter(|memory| memory.optimiser == ADAM);
        self
    }

    /// Fails unless lengths and numbers agree with each other.
    pub fn check(&self) -> Result<(), Error> {
        let damaged = |reason| Err(Error::Checkpoint { reason });
        let Some((width, height)) = self.size() else { return damaged("it is at a scale that is not there") };
        let length = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(3));
        if length != Some(self.values.len()) || self.values.is_empty() {
            return damaged("its picture is not of the size of its scale");
        }
        if self.values.iter().any(|value| !value.is_finite()) {
            return damaged("its picture has values that are no numbers");
        }
        if self.before > self.evaluation {
            return damaged("it has made fewer evaluations than its smaller scales");
        }
        Ok(())
    }

    /// Evaluations made at its scale.
    pub(super) fn here(&self) -> usize {
        self.evaluation.saturating_sub(self.before)
    }

    fn scale_is_over(&self) -> bool {
        self.course.get(self.scale).is_some_and(|scale| self.here() >= scale.evaluations)
    }

    /// The picture as a painting stopped here would have it.
    pub(super) fn picture(&self, request: &Request<'_>) -> Result<Picture, Error> {
        self.check()?;
        let (width, height) = self.size().unwrap_or_default();
        let mut rgb: Vec<f32> = self.values.iter().map(|&value| to_unit(value)).collect();
        if let Some(tether) = Tether::new(request, (width, height))? {
            tether.pull(&mut rgb);
        }
        Ok(Picture::new(width, height, rgb)?)
    }
}

/// The optimiser whose memory is small and outlives a change of objective.
pub(super) const ADAM: &str = "adam";

/// The way of a painting from scale to scale.
#[derive(Debug)]
pub(super) struct Course<'a> {
    /// All scales, with those that are over.
    pub(super) scales: Vec<Scale>,
    /// What the request asks for, wherever it begins.
    pub(super) asked: Vec<Scale>,
    /// Where to begin.
    pub(super) first: usize,
    /// Evaluations made before that scale.
    pub(super) before: usize,
    /// Where to go on within the first scale, if not at its beginning.
    pub(super) begun: Option<&'a Checkpoint>,
}

impl<'a> Course<'a> {
    /// The course of `request`, from its beginning or from its checkpoint.
    ///
    /// A checkpoint of the same schedule follows it. Otherwise the evaluations left are shared among the scales that are
    /// no smaller than the checkpoint's picture, as a schedule of its own would.
    pub(super) fn new(request: &Request<'a>) -> Result<Self, Error> {
        let (width, height) = request.output_size()?;
        let asked = schedule(width, height, request.recipe);
        let Some(checkpoint) = request.resume else {
            return Ok(Course { scales: asked.clone(), asked, first: 0, before: 0, begun: None });
        };
        checkpoint.check()?;
        let left = request.recipe.iterations.saturating_sub(checkpoint.evaluation);
        let nothing =
            Error::NothingLeft { made: checkpoint.evaluation, iterations: request.recipe.iterations };
        if checkpoint.asked == asked {
            let over = checkpoint.scale_is_over();
            let first = checkpoint.scale + usize::from(over);
            if first == checkpoint.course.len() {
                return Err(nothing);
            }
            let before = if over { checkpoint.evaluation } else { checkpoint.before };
            let begun = (!over).then_some(checkpoint);
            return Ok(Course { scales: checkpoint.course.clone(), asked, first, before, begun });
        }
        if left == 0 {
            return Err(nothing);
        }
        let (columns, rows) = checkpoint.size().unwrap_or_default();
        let mut scales: Vec<Scale> = asked
            .iter()
            .filter(|scale| scale.width.max(scale.height) >= columns.max(rows))
            .copied()
            .collect();
        if scales.is_empty() {
            scales.extend(asked.last());
        }
        scales.drain(..scales.len().saturating_sub(left));
        let evaluations = shares(left, scales.len(), request.recipe.scales.falloff);
        scales.iter_mut().zip(evaluations).for_each(|(scale, share)| scale.evaluations = share);
        let same = scales.first().is_some_and(|scale| (scale.width, scale.height) == (columns, rows));
        if same {
            scales[0].evaluations += checkpoint.here();
        }
        let before = if same { checkpoint.before } else { checkpoint.evaluation };
        Ok(Course { scales, asked, first: 0, before, begun: same.then_some(checkpoint) })
    }

    /// Evaluations that will have been made when all is painted.
    pub(super) fn total(&self) -> usize {
        self.before + self.scales[self.first..].iter().map(|scale| scale.evaluations).sum::<usize>()
    }

    /// Pixels, once for every evaluation that is left when `made` are made at scale `index`: what the rest costs.
    pub(super) fn ahead(&self, index: usize, made: usize) -> f64 {
        let cost = |scale: &Scale, evaluations: usize| (scale.width * scale.height * evaluations) as f64;
        let here = &self.scales[index];
        let later = self.scales[index + 1..].iter().map(|scale| cost(scale, scale.evaluations));
        cost(here, here.evaluations.saturating_sub(made)) + later.sum::<f64>()
    }

    /// Where `optimiser` goes on at scale `index`: the variable, evaluations made at this scale that it need not know of,
    /// and its memory. None for a scale that begins.
    pub(super) fn begun(
        &self,
        index: usize,
        optimiser: &dyn Optimiser,
    ) -> Option<(Vec<f32>, usize, Option<&'a Memory>)> {
        let checkpoint = self.begun.filter(|_| index == self.first)?;
        let memory = checkpoint.memory.as_ref();
        let memory = memory.filter(|memory| optimiser.fits(memory, checkpoint.values.len()));
        let unknown = if memory.is_some() { 0 } else { checkpoint.here() };
        Some((checkpoint.values.clone(), unknown, memory))
    }
}
