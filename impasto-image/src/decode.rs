//! One decoder per family of formats, each from bytes to [`Raw`] samples.

pub(crate) mod guard;
pub(crate) mod jpeg;
pub(crate) mod orientation;
pub(crate) mod profile;
pub(crate) mod raster;
pub(crate) mod raw;
mod reduce;
pub(crate) mod sniff;
pub(crate) mod tiff;

pub(crate) use raw::{Layout, Raw, Samples};
