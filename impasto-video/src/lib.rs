//! Pictures through time: how one frame moves into the next, and how to carry a painting along.
//!
//! [`flow`] finds motion between two [`Frame`]s, [`Flow::unreliable`] tells where it cannot be trusted, [`Flow::warp`] moves a picture along it, and
//! [`Steady`] keeps the paintings of consecutive frames alike.

pub mod clip;
mod error;
pub mod ffmpeg;
mod flow;
mod source;
mod steady;
pub mod y4m;

pub use clip::Clip;
pub use error::{Error, Result};
pub use flow::{Flow, Frame, flow};
pub use source::{Frames, Source};
pub use steady::{Shown, Steady};
