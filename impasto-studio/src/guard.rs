//! The guard: who may ask for what.
//!
//! The studio runs on the machine of someone who visits other sites, too. None of them may reach it: by a name of theirs that
//! is made to point here ([`Hosts`]), by requests that the browser sends for them ([`origin`]), or by showing it in a frame
//! ([`headers`]). Beyond the own machine, a [`Token`] is asked for.

pub mod headers;
mod hosts;
pub mod origin;
mod rate;
mod token;

pub use hosts::Hosts;
pub use rate::Rate;
pub use token::Token;

use crate::api::Failure;
use crate::server::{App, Client};
use axum::extract::{Request, State};
use axum::http::header::{HOST, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Checks a request before anything else sees it, and puts the headers of every answer.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = match check(&app, &request) {
        Ok(None) => next.run(request).await,
        Ok(Some(response)) => response,
        Err(failure) => failure.into_response(),
    };
    headers::add(&path, response.headers_mut());
    response
}

/// Refuses a request, or answers it in place of everything else, or does neither.
fn check(app: &App, request: &Request) -> Result<Option<Response>, Failure> {
    let headers = request.headers();
    // Over HTTP/1.1 the name is in a header.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !app.hosts.know(host) {
        let failure = Failure::new(StatusCode::MISDIRECTED_REQUEST, "this studio is not called by that name");
        return Err(failure.hint("open the address that it printed, or start it with --host NAME"));
    }
    let changes = ![Method::GET, Method::HEAD].contains(request.method());
    if changes {
        origin::check(headers, host)?;
    }
    let Some(token) = &app.token else { return Ok(None) };
    if let Some(given) = token.in_query(request.uri().query().unwrap_or_default()) {
        if !given {
            return Err(wrong_token());
        }
        let mut response = StatusCode::SEE_OTHER.into_response();
        response.headers_mut().insert(LOCATION, HeaderValue::from_static("/"));
        response.headers_mut().insert(SET_COOKIE, token.cookie());
        return Ok(Some(response));
    }
    let open = request.uri().path() == "/api/health";
    if open || token.in_headers(headers) { Ok(None) } else { Err(wrong_token()) }
}

fn wrong_token() -> Failure {
    let failure = Failure::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong");
    failure.hint("open the studio as /?token=TOKEN, or send it as Authorization: Bearer TOKEN")
}

/// The client of a request, as limits count it.
pub fn client(request: &axum::http::Extensions) -> String {
    request.get::<Client>().map_or_else(String::new, |client| client.0.ip().to_string())
}
