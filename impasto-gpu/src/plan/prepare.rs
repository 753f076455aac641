//! Questions and beginnings of cotangents, written down when they are first met.

use super::{GpuPlan, Return};
use crate::{
    questions::{self, Places},
    record::Finish,
    starts::{self, Kind},
};
use impasto_net::{
    engine::{EngineError, Question, Start},
    statistics::Positions,
};
use std::collections::HashMap;
use wgpu::Buffer;

/// Targets and weights of positions kept on the device: those of an objective with some regions, and of the one before.
const KEPT: usize = 64;

/// A value, how many beginnings of its cotangent were there before, and what kind this one is.
pub type Beginning = (usize, usize, Kind);

/// Questions that are answered alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    Moments { value: usize, full: bool, positions: Option<u64> },
    Distance { value: usize, target: u64 },
}

impl Asked {
    /// The number of what is kept for it.
    fn reads(&self) -> Option<u64> {
        match *self {
            Asked::Moments { positions, .. } => positions,
            Asked::Distance { target, .. } => Some(target),
        }
    }
}

impl GpuPlan {
    /// The device's copy of a target, or of positions' weights, of this number.
    pub(super) fn kept(&mut self, number: u64, values: &[f32]) -> Result<Buffer, EngineError> {
        if let Some((_, buffer)) = self.kept.iter().find(|(known, _)| *known == number) {
            return Ok(buffer.clone());
        }
        if self.kept.len() >= KEPT {
            let (gone, _) = self.kept.remove(0);
            self.questions.retain(|asked, _| asked.reads() != Some(gone));
            self.starts.retain(|(_, _, kind), _| kind.reads() != Some(gone));
        }
        let buffer = self.gpu.upload("a target", values)?;
        self.kept.push((number, buffer.clone()));
        Ok(buffer)
    }

    /// Where a value's map and the answers to questions about it are.
    pub(super) fn places(&self, value: usize) -> Result<Places, EngineError> {
        let Some(answer) = self.answers[value].clone() else {
            return Err(EngineError::Unsupported("questions about a map that is not tapped".into()));
        };
        Ok(Places { map: self.maps[value].start, scratch: self.scratch, answer })
    }

    /// The shares of positions, where they do not count alike.
    pub(super) fn weights(&mut self, positions: Option<&Positions>) -> Result<Option<Buffer>, EngineError> {
        positions.map(|positions| self.kept(positions.number(), &positions.shares())).transpose()
    }

    /// A beginning of a value's cotangent, given as [`starts::Prepared::new`] says.
    pub(super) fn beginning(
        &self,
        value: usize,
        kind: Kind,
        accumulate: bool,
        given: (Option<&Buffer>, Option<&[f32]>),
        tail: usize,
    ) -> Result<starts::Prepared, EngineError> {
        let shape = self.shapes[value];
        let finish = Finish { accumulate, ..Finish::plain(self.cotangents[value].start, shape.channels) };
        let map = (self.maps[value].start, shape);
        starts::Prepared::new(&self.gpu, &self.shared, kind, map, &finish, given, tail)
    }

    /// Writes a question down unless it was asked before.
    pub(super) fn prepare(&mut self, question: &Question<'_>) -> Result<Asked, EngineError> {
        let (value, asked) = match *question {
            Question::Moments { value, full, positions } => {
                let positions = positions.map(Positions::number);
                (value, Asked::Moments { value, full, positions })
            }
            Question::Distance { value, target } => {
                (value, Asked::Distance { value, target: target.number() })
            }
        };
        if self.questions.contains_key(&asked) {
            return Ok(asked);
        }
        let shape = self.shapes[value];
        let places = self.places(value)?;
        let prepared = match *question {
            Question::Moments { full, positions, .. } => {
                let weights = self.weights(positions)?;
                let how = (full, weights.as_ref());
                questions::Prepared::moments(&self.gpu, &self.shared, shape, &places, how)
            }
            Question::Distance { target, .. } => {
                assert_eq!(target.values().len(), shape.len(), "a target of another shape");
                let target = self.kept(target.number(), target.values())?;
                questions::Prepared::distance(&self.gpu, &self.shared, shape, &places, &target)
            }
        };
        self.questions.insert(asked, prepared);
        Ok(asked)
    }

    /// Writes down what the cotangents of values begin with; gives for every value the keys of its beginnings.
    pub(super) fn begin(
        &mut self,
        starts: &[(usize, Start<'_>)],
    ) -> Result<HashMap<usize, Vec<Beginning>>, EngineError> {
        let mut begun: HashMap<usize, Vec<Beginning>> = HashMap::new();
        for (value, start) in starts {
            let keys = begun.entry(*value).or_default();
            let key = (*value, keys.len(), Kind::of(start));
            keys.push(key);
            let shape = self.shapes[*value];
            if !self.starts.contains_key(&key) {
                let target = match start {
                    Start::Difference { target, .. } => {
                        assert_eq!(target.values().len(), shape.len(), "a target of another shape");
                        Some(self.kept(target.number(), target.values())?)
                    }
                    _ => None,
                };
                let shares = match start {
                    Start::Affine(_, positions) => positions.map(Positions::shares),
                    _ => None,
                };
                let given = (target.as_ref(), shares.as_deref());
                let prepared = self.beginning(*value, key.2, key.1 > 0, given, 0)?;
                self.starts.insert(key, prepared);
            }
            if let Some(prepared) = self.starts.get_mut(&key) {
                prepared.write(&self.gpu, start, shape.channels);
            }
        }
        self.begin_with_zeros(&|value| begun.contains_key(&value));
        Ok(begun)
    }

    /// Writes down the zeros that all other cotangents begin with.
    pub(super) fn begin_with_zeros(&mut self, begun: &dyn Fn(usize) -> bool) {
        for back in &self.backward {
            if let Return::Begin(value) = back
                && !begun(*value)
                && !self.zeros.contains_key(value)
            {
                let finish = Finish::plain(self.cotangents[*value].start, self.shapes[*value].channels);
                let zeros = starts::zeros(&self.gpu, &self.shared, &finish, self.shapes[*value].len());
                self.zeros.insert(*value, zeros);
            }
        }
    }
}
