//! Settings that make no sense.

use std::fmt::Display;

/// What is wrong with settings, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Refused {
    /// What is wrong.
    pub error: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Refused {
    /// Something wrong.
    pub fn new(error: impl Display) -> Refused {
        Refused { error: error.to_string(), hint: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Display) -> Refused {
        Refused { hint: Some(hint.to_string()), ..self }
    }
}
