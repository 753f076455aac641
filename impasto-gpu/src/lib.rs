//! Graphics processors as devices for the engine: compute shaders through wgpu (Vulkan, Metal, DirectX 12).
//!
//! - [`adapter`]: which devices there are
//! - [`auto`]: the one that is taken where nobody chose
//! - [`gpu`]: one of them, opened; it plans networks ([`impasto_net::engine::Engine`])
//! - `health`: what went wrong with it
//! - `kernel`: the shaders, one a file in `shaders/`
//! - `compiled`: their machine code, kept on the disk; `filters`: layers' parameters, kept on the device
//! - `record`: a plan's dispatches, written down once
//! - `lower`: from a schedule to dispatches
//! - `plan`: running them; `questions` about maps and `starts` of cotangents on the way
//! - `space`: vectors of optimisers; `totals`: sums over many values
//! - [`check`]: whether a device computes what it should

pub mod adapter;
mod answers;
pub mod auto;
pub mod check;
mod compiled;
mod filters;
pub mod gpu;
mod health;
mod kernel;
mod lower;
mod plan;
mod questions;
mod record;
mod space;
mod starts;
mod totals;

pub use adapter::{Adapter, adapters};
pub use auto::Auto;
pub use gpu::Gpu;
