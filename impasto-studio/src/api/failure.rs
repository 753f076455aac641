//! What a client is told when something cannot be done.

use crate::error::Error;
use crate::log;
use crate::verb::Refused;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::fmt::Display;

/// An answer that says what failed and what to do.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    error: String,
    hint: Option<String>,
}

impl Failure {
    /// Something failed.
    pub fn new(status: StatusCode, error: impl Display) -> Failure {
        Failure { status, error: error.to_string(), hint: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Display) -> Failure {
        Failure { hint: Some(hint.to_string()), ..self }
    }

    /// There is no such thing.
    pub fn missing(what: impl Display) -> Failure {
        Failure::new(StatusCode::NOT_FOUND, format_args!("there is no {what}"))
    }

    /// The request is not what it should be.
    pub fn bad(error: impl Display) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.error, "hint": self.hint }))).into_response()
    }
}

impl From<Refused> for Failure {
    fn from(Refused { error, hint }: Refused) -> Self {
        Failure { status: StatusCode::UNPROCESSABLE_ENTITY, error, hint }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Missing(_) => StatusCode::NOT_FOUND,
            Error::State { .. } => StatusCode::CONFLICT,
            Error::Full(_) => StatusCode::TOO_MANY_REQUESTS,
            // What goes wrong inside is the log's; clients would only learn paths.
            other => {
                log::warn("a request failed", other);
                let failure = Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the studio could not do that");
                return failure.hint("look at what it wrote to its terminal");
            }
        };
        let hint = error.hint();
        Failure { status, error: error.to_string(), hint }
    }
}
