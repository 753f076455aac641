//! The engine: convolutional networks as data, planned at a size and run on a device.
//!
//! - [`network`]: layer graphs (VGG, SqueezeNet, generators) with their input conventions; they mention no kernel
//! - [`weights`]: named parameter arrays, embedded or read from files
//! - [`model`]: a network together with its weights
//! - [`generator`]: networks that paint in one pass, in files of their own
//! - [`magenta`]: any picture as a style at once
//! - [`onnx`]: generators read from and written to ONNX files
//! - [`plan`]: a network at a size; every buffer is decided once; forward pass and vector-Jacobian product
//! - [`stream`]: pictures too large for a plan, in bands
//! - [`device`]: what a plan in this machine's memory asks of it; [`cpu`] is the one implementation
//! - [`engine`]: other devices, on which a plan runs as a whole
//! - [`map`]: views of activations, channels innermost; [`statistics`] of their channels

mod aligned;
pub mod cpu;
pub mod device;
pub mod engine;
mod error;
pub mod generator;
mod jobs;
pub mod magenta;
pub mod map;
pub mod model;
pub mod network;
pub mod onnx;
pub mod plan;
pub mod statistics;
pub mod stream;
pub mod weights;

pub use error::NetError;
pub use generator::Generator;
pub use map::Map;
pub use model::Model;
pub use plan::{Keeping, Memory, Plan, Purpose, ReluRule, Seed};
