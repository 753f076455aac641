//! What a network sees in a picture.
//!
//! - [`eye`]: a layer looking at a picture: its planes, their strongest places, and the way back to the pixels
//! - [`saliency`]: how much every pixel matters to a class or a unit
//! - [`dream`]: a photo changed until a layer answers more to it
//! - [`class`]: classes by number or name
//! - [`show`]: signed and unsigned values as pictures; [`sheet`]: pictures side by side

pub mod class;
pub mod dream;
pub mod eye;
pub mod saliency;
pub mod sheet;
pub mod show;

pub use eye::{Eye, Place, Unit};
