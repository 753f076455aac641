//! Pictures through time: how one frame moves into the next, and how to carry a painting along.
//!
//! | | |
//! |---|---|
//! | [`Source`] | a clip's frames: of a folder, a GIF, a Y4M file or, by [`ffmpeg`], any other file |
//! | [`Clip`] | its size, timing and the rest |
//! | [`flow`] | the motion between two [`Frame`]s; [`Motion`] tells where it cannot be trusted |
//! | [`Ahead`] | makes frames ready, with the motion between them, beside other work |
//! | [`Steady`] | keeps the paintings of consecutive frames alike |
//! | [`Score`] | measures how far they are |
//! | [`ffmpeg`], [`y4m`] | clips written |

mod ahead;
pub mod clip;
mod error;
pub mod ffmpeg;
mod flow;
mod score;
mod source;
mod steady;
pub mod y4m;

pub use ahead::{Ahead, Looked};
pub use clip::Clip;
pub use error::{Error, Result};
pub use flow::{Flow, Frame, Motion, flow};
pub use score::{Score, Summary};
pub use source::{Frames, Source};
pub use steady::{Kept, Moved, Seen, Shown, Steady};
