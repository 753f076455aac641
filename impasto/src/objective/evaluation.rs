//! The value of an objective, term by term.

use serde::Serialize;

/// A weighted term of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// `content` (`content.LAYER` if there are several), `style.LAYER` (`style.REGION.LAYER` if there are several), `tv`
    /// or `temporal`.
    pub name: String,
    /// Value, weights included.
    pub value: f64,
}

/// The value of an objective at a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// Sum of the terms.
    pub total: f64,
    /// The terms, in order: content, style, total variation, temporal.
    pub terms: Vec<Term>,
}

impl Evaluation {
    /// Adds a term.
    pub(crate) fn push(&mut self, name: &str, value: f64) {
        self.terms.push(Term { name: name.into(), value });
        self.total += value;
    }

    /// Counts in another unit.
    pub(crate) fn scale(&mut self, factor: f64) {
        self.total *= factor;
        self.terms.iter_mut().for_each(|term| term.value *= factor);
    }
}
