//! Pictures through time: how one frame moves into the next, and how to carry a painting along.
//!
//! [`flow`] finds motion, [`Flow::unreliable`] tells where it cannot be trusted, [`Flow::warp`] moves a picture along it.

mod error;
mod flow;

pub use error::{Error, Result};
pub use flow::{Flow, flow};
