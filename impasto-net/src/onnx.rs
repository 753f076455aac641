//! Generators in ONNX's format, read and written.
//!
//! [`import`] turns graphs of the kind that style transfer uses into networks of this engine: constants are computed
//! (`import/fold`), borders join the convolutions behind them (`import/layers`), norms written out as means and roots
//! become norms again (`import/norm`), and scales and shifts go into the weights before them (`import/affine`). [`export`]
//! writes any network whose steps ONNX knows, so that other programs can run it.

mod export;
mod graph;
mod import;
mod message;
mod noise;
mod wire;

pub use export::{export, exported};
pub use import::{Imported, Options, StyleInput, import, style_input};
