//! What a network sees in a picture.
//!
//! - [`eye`]: a layer looking at a picture: its planes, their strongest places, and the way back to the pixels
//! - [`saliency`]: how much every pixel matters to a class or a unit
//! - [`class`]: classes by number or name
//! - [`mod@class_image`]: pictures that raise the value of a class or a unit
//! - [`show`]: signed and unsigned values as pictures; [`sheet`]: pictures side by side

pub mod class;
pub mod class_image;
pub mod eye;
pub mod saliency;
pub mod sheet;
pub mod show;

pub use eye::{Eye, Place, Unit};
