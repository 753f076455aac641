//! Networks and their files against values computed elsewhere, and against what a file may be like.

mod devices;
#[path = "../common/mod.rs"]
mod expected;
mod failing;
mod fast_neural_style;
mod magenta;
mod onnx;
mod receptive;
mod reference;
mod reference_generator;
mod weights;
