//! What a network sees in a picture.
//!
//! - [`eye`]: a layer looking at a picture: its planes, their strongest places, and the way back to the pixels
//! - [`saliency`]: how much every pixel matters to a class or a unit
//! - [`dream`]: a photo changed until a layer answers more to it
//! - [`class`]: classes by number or name
//! - [`mod@atlas`]: every layer's strongest planes in all these ways, the unit's own part of the picture alone ([`closeup`])
//! - [`check`]: whether a method shows the network, and which planes are dead
//! - [`top`]: where, in many photos, planes are strongest
//! - [`mod@class_image`]: pictures that raise the value of a class or a unit
//! - [`show`]: signed and unsigned values as pictures; [`sheet`]: pictures side by side

pub mod atlas;
pub mod check;
pub mod class;
pub mod class_image;
pub mod closeup;
pub mod dream;
pub mod eye;
pub mod noise;
pub mod saliency;
pub mod sheet;
pub mod show;
pub mod top;

pub use atlas::atlas;
pub use eye::{Eye, Place, Unit};
