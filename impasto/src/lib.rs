//! Objectives, optimisers and recipes: what to paint, and how to get there.
//!
//! - [`objective`]: what a picture should have in common with others, as a number and its gradient
//! - [`optimiser`]: how to lower that number
//! - [`recipe`]: named choices of both, as TOML files
//! - [`mod@paint`]: the loop that paints, makes textures and inverts features
//! - [`measure`]: losses, features and classes of a picture
//! - [`compare`]: how far two pictures are apart in the statistics of a style
//! - [`apply`]: pictures through generators, in one pass
//! - [`train`]: how generators learn to paint, make textures and enlarge
//! - [`see`]: what a network sees in a picture
//! - [`network`]: which network's eyes to use

pub mod apply;
pub mod compare;
mod error;
pub mod measure;
pub mod network;
pub mod objective;
pub mod optimiser;
pub mod paint;
pub mod recipe;
pub mod see;
pub mod train;
mod vector;

pub use error::Error;
pub use network::Network;
pub use objective::{Evaluation, LayerWeight, Objective, Term};
pub use paint::{
    Checkpoint, ColorSource, Coloring, Painting, Progress, Region, Request, Size, StylePicture, StyleSize,
    paint,
};
pub use recipe::{Overrides, Recipe};
