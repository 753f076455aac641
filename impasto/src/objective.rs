//! Objectives: what a picture should have in common with others, as a number and its gradient.
//!
//! - [`content`]: feature maps close to another picture's
//! - [`style`]: channel statistics close to another picture's
//! - [`total_variation`]: little difference between neighbouring pixels
//! - [`temporal`]: pixels close to those of a given picture
//! - [`planes`]: which planes of the network a style consists of
//! - [`mod@guidance`]: where in the picture it counts
//! - [`evaluation`]: the value of an objective, term by term
//! - [`goal`]: an objective together with the targets measured from pictures
//!
//! Objectives are plain values: they name the maps they read, describe themselves and hold no data of any picture.

pub mod content;
pub mod evaluation;
pub mod goal;
pub mod guidance;
pub mod layers;
pub mod planes;
pub mod style;
pub mod temporal;
pub mod total_variation;

pub use content::Content;
pub use evaluation::{Evaluation, Term};
pub use goal::{Goal, StyleSample};
pub use layers::LayerWeight;
pub use planes::{Planes, Selection};
pub use style::Style;
pub use temporal::Temporal;
pub use total_variation::TotalVariation;

/// A weighted sum of terms, each of which may be absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    /// Feature maps like the content picture's.
    pub content: Option<Content>,
    /// Statistics like the style picture's.
    pub style: Option<Style>,
    /// Smoothness.
    pub total_variation: Option<TotalVariation>,
}

impl Objective {
    /// Names of the maps the objective reads, each once.
    pub fn taps(&self) -> Vec<String> {
        let mut taps: Vec<String> = Vec::new();
        for layer in self.content_layers().iter().chain(self.style_layers()) {
            if !taps.contains(&layer.name) {
                taps.push(layer.name.clone());
            }
        }
        taps
    }

    /// Layers of the content term.
    pub fn content_layers(&self) -> &[LayerWeight] {
        self.content.as_ref().map_or(&[], |content| &content.layers)
    }

    /// Layers of the style term.
    pub fn style_layers(&self) -> &[LayerWeight] {
        self.style.as_ref().map_or(&[], |style| &style.layers)
    }

    /// The objective in a sentence.
    pub fn describe(&self) -> String {
        let terms: Vec<String> = [
            self.content.as_ref().map(Content::describe),
            self.style.as_ref().map(Style::describe),
            self.total_variation.as_ref().map(TotalVariation::describe),
        ]
        .into_iter()
        .flatten()
        .collect();
        if terms.is_empty() { "nothing".into() } else { terms.join(" + ") }
    }
}
