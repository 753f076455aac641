//! What a caller hears while a picture is painted.

use super::{
    checkpoint::{ADAM, Checkpoint, Course},
    tether::Tether,
};
use crate::{Error, Term, optimiser::State};
use impasto_image::Picture;
use serde::Serialize;

/// A painting after an evaluation of its objective.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Progress<'a> {
    /// Number of the scale, from 0.
    pub scale: usize,
    /// Scales in all.
    pub scales: usize,
    /// Columns at this scale.
    pub width: usize,
    /// Rows at this scale.
    pub height: usize,
    /// Evaluations made, over all scales, from 1.
    pub evaluation: usize,
    /// Evaluations planned, over all scales.
    pub evaluations: usize,
    /// The objective at this evaluation, which may be a trial that is not kept.
    pub loss: f64,
    /// The lowest objective of this scale.
    pub best: f64,
    /// Weighted terms of `loss`.
    pub terms: &'a [Term],
    /// Seconds since the painting began.
    pub seconds: f64,
    /// The optimiser's state; its result is the picture that would be returned now, before the tether's pull.
    #[serde(skip)]
    pub(super) state: &'a State<'a>,
    /// Evaluations made at smaller scales.
    #[serde(skip)]
    pub(super) before: usize,
    #[serde(skip)]
    pub(super) course: &'a Course<'a>,
    #[serde(skip)]
    pub(super) tether: Option<&'a Tether>,
}

impl Progress<'_> {
    /// The picture as it stands, at this scale's size.
    pub fn picture(&self) -> Result<Picture, Error> {
        let mut rgb: Vec<f32> = self.state.result().iter().map(|&v| to_unit(v)).collect();
        if let Some(tether) = self.tether {
            tether.pull(&mut rgb);
        }
        Ok(Picture::new(self.width, self.height, rgb)?)
    }

    /// Seconds that the rest will take if every pixel goes on costing what it did so far.
    pub fn seconds_left(&self) -> f64 {
        let ahead = self.course.ahead(self.scale, self.evaluation - self.before);
        let begun = self.course.begun.map_or(0, Checkpoint::here);
        let made = self.course.ahead(self.course.first, begun) - ahead;
        self.seconds * ahead / made.max(1.0)
    }

    /// Where the painting stands, to go on from there.
    ///
    /// The memory of Adam, four times the picture, is always part of it; that of the other optimisers, some forty times the
    /// picture or more, if it is to be `exact`.
    pub fn checkpoint(&self, exact: bool) -> Checkpoint {
        let memory = self.state.memory.filter(|memory| exact || memory.optimiser == ADAM);
        Checkpoint {
            evaluation: self.evaluation,
            scale: self.scale,
            before: self.before,
            course: self.course.scales.clone(),
            asked: self.course.asked.clone(),
            values: self.state.result().into_owned(),
            memory: memory.map(|memory| memory.to_memory()),
        }
    }
}

/// From the optimiser's range to that of pictures.
pub(super) fn to_unit(value: f32) -> f32 {
    (value / 255.0).clamp(0.0, 1.0)
}
