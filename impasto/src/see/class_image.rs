//! Pictures that raise the value of a class or a unit: what a network looks for.
//!
//! - [`ascent`]: the loop
//! - [`presets`]: three papers' choices
//! - [`transforms`]: random movements before every look
//!
//! What is optimised are pixels or amplitudes of frequencies (`canvas`, `fourier`, with matrix products in `product`); a
//! Gaussian blur is in `blur`, leaving out small pixels in `clip`.

pub mod ascent;
mod blur;
mod canvas;
mod clip;
mod fourier;
pub mod presets;
mod product;
#[cfg(test)]
mod testing;
pub mod transforms;

pub use ascent::{Step, class_image};
pub use presets::{Preset, Rule, Settings, Space};
pub use transforms::Transforms;
