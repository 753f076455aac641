//! Changes to a recipe from the command line.

use super::{Init, OptimizerKind, Pooling, Recipe};
use crate::{
    Error, LayerWeight,
    objective::{Planes, style::Statistic},
};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as ValueError},
};

/// Changes to a recipe; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Evaluations over all scales.
    pub iterations: Option<usize>,
    /// Factor of the content term; takes the place of the recipe's strength.
    pub content_weight: Option<f64>,
    /// Factor of the style term.
    pub style_weight: Option<f64>,
    /// Factor of the total variation term.
    pub tv_weight: Option<f64>,
    /// Layers of the content term.
    pub content_layers: Option<Vec<LayerWeight>>,
    /// Layers of the style term.
    pub style_layers: Option<Vec<LayerWeight>>,
    /// Planes left out of the style term.
    pub mute: Option<Vec<Planes>>,
    /// Planes that alone make the style term.
    pub solo: Option<Vec<Planes>>,
    /// Statistic of the style term.
    pub statistic: Option<Statistic>,
    /// Kind of pooling.
    pub pooling: Option<Pooling>,
    /// What the picture starts from.
    pub init: Option<Init>,
    /// Kind of optimiser; the recipe's rate and history go back to the new kind's defaults if it differs.
    pub optimizer: Option<OptimizerKind>,
    /// Number of scales.
    pub scales: Option<usize>,
}

impl Overrides {
    /// The recipe with these changes; fails if a value is out of range.
    pub fn apply(&self, mut recipe: Recipe) -> Result<Recipe, Error> {
        fn set<T: Clone>(target: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                target.clone_from(value);
            }
        }
        set(&mut recipe.iterations, &self.iterations);
        set(&mut recipe.content.weight, &self.content_weight);
        if self.content_weight.is_some() {
            recipe.strength = None;
        }
        set(&mut recipe.style.weight, &self.style_weight);
        set(&mut recipe.tv.weight, &self.tv_weight);
        set(&mut recipe.content.layers, &self.content_layers);
        set(&mut recipe.style.layers, &self.style_layers);
        set(&mut recipe.style.mute, &self.mute);
        set(&mut recipe.style.solo, &self.solo);
        set(&mut recipe.style.statistic, &self.statistic);
        set(&mut recipe.network.pooling, &self.pooling);
        set(&mut recipe.init, &self.init);
        if let Some(kind) = self.optimizer
            && kind != recipe.optimizer.kind
        {
            recipe.optimizer.kind = kind;
            recipe.optimizer.rate = None;
            recipe.optimizer.history = None;
        }
        if self.scales.is_some() {
            recipe.scales.count = self.scales;
        }
        recipe.check()?;
        Ok(recipe)
    }
}

/// Reads a choice such as a [`Statistic`] by the name it has in recipes; `what` names the choice in the error, which
/// lists the possible names.
pub fn choice<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, Error> {
    T::deserialize(text.into_deserializer())
        .map_err(|error: ValueError| Error::Choice { what: what.into(), reason: error.to_string() })
}
