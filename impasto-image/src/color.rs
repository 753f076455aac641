//! Colours of whole pictures: transferred from one picture to another, or reduced to a few.
//!
//! Everything happens in [`oklab`] unless said otherwise, weighs pixels by their alpha when it measures, leaves alpha
//! untouched, and gives the same values for any number of threads. A `strength` from 0 (nothing) to 1 (all of it) mixes
//! old and new colours in Oklab; colours outside of sRGB's gamut lose chroma, not lightness or hue ([`gamut`]).
//!
//! | module | holds |
//! |---|---|
//! | [`adjust`] | brightness, contrast and saturation |
//! | [`oklab`] | the colour space: conversions from and to sRGB |
//! | [`gamut`] | the nearest colour of a hue and lightness that sRGB has |
//! | [`luminance`] | one picture's lightness with another's colours |
//! | [`statistics`] | mean and covariance of a picture's colours |
//! | [`moments`] | colours with another picture's mean and covariance |
//! | [`histogram`] | colours with another picture's whole distribution |
//! | [`palette`] | [`Palette`]: a few colours, from a text, a file or a picture |
//! | [`mod@reduce`] | pictures in the colours of a palette only, or with few bits a channel, dithered or not |
//! | [`mod@recolor`] | pictures moved softly towards a palette, or drawn to its nearest colours |

pub mod adjust;
pub mod gamut;
pub mod histogram;
pub mod luminance;
mod map;
pub mod moments;
pub mod oklab;
pub mod palette;
pub mod recolor;
pub mod reduce;
pub(crate) mod srgb;
pub mod statistics;
mod symmetric;
#[cfg(test)]
mod testing;

pub use histogram::match_histogram;
pub use luminance::{grey, match_lightness, transfer_luminance};
pub use moments::match_moments;
pub use palette::{Palette, parse_color};
pub use recolor::{draw_to, recolor};

pub use reduce::{Dither, reduce, reduce_bits};
pub use statistics::Statistics;
