//! Pictures through time: how one frame moves into the next, and how to carry a painting along.
//!
//! [`flow`] finds motion between two [`Frame`]s, [`Flow::unreliable`] tells where it cannot be trusted, [`Flow::warp`] moves a picture along it, and
//! [`Steady`] keeps the paintings of consecutive frames alike.

mod error;
mod flow;
mod steady;

pub use error::{Error, Result};
pub use flow::{Flow, Frame, flow};
pub use steady::{Shown, Steady};
