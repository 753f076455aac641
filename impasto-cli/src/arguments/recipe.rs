//! A recipe and changes to it. Defaults in the help are read from the library's own recipe.

use super::factor;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use impasto::objective::{Planes, style::Statistic};
use impasto::recipe::{OptimizerKind, Pooling, preset_names};
use impasto::train::Optimizer;
use impasto::{LayerWeight, Overrides, Recipe};
use serde::Serialize;
use serde_json::Value;
use std::str::FromStr;

/// The recipe and what concerns all of its terms.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Recipe")]
pub struct RecipeArguments {
    #[arg(long, value_name = "NAME|FILE.toml", help = recipe_help())]
    pub recipe: Option<String>,

    #[arg(long, value_name = "X", value_parser = factor, allow_negative_numbers = true,
          help = in_default("Weight of the total variation term, which smooths", Recipe::default().tv.weight))]
    pub tv_weight: Option<f64>,

    #[arg(long, value_name = "KIND",
          help = in_default("Pooling of the network", name_of(&Recipe::default().network.pooling)))]
    pub pooling: Option<Choice<Pooling>>,
}

/// Changes to the content term.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Recipe")]
pub struct ContentArguments {
    #[arg(long, value_name = "X", value_parser = factor, allow_negative_numbers = true,
          help = in_default("Weight of the content term", Recipe::default().content.weight))]
    pub content_weight: Option<f64>,

    #[arg(long, value_name = "NAME[:WEIGHT],…",
          help = in_default("Layers whose maps shall stay as the photograph's", list(&Recipe::default().content.layers)))]
    pub content_layers: Option<LayerList>,
}

/// Changes to the style term.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Recipe")]
pub struct StyleArguments {
    #[arg(long, value_name = "X", value_parser = factor, allow_negative_numbers = true,
          help = in_default("Weight of the style term", Recipe::default().style.weight))]
    pub style_weight: Option<f64>,

    #[arg(long, value_name = "NAME[:WEIGHT],…", value_parser = style_layers,
          help = in_default("Layers whose statistics shall be as the painting's; also shallow (relu1_1,relu2_1: colours and grain), deep (relu4_1,relu5_1: figures) or all (the first of each block)", list(&Recipe::default().style.layers)))]
    pub style_layers: Option<LayerList>,

    /// Planes to leave out of the style: LAYER:PLANE, LAYER:FIRST-LAST or LAYER
    #[arg(long, value_name = "LAYER:PLANE,…")]
    pub mute: Option<PlaneList>,

    /// Planes that alone make the style, over all layers
    #[arg(long, value_name = "LAYER:PLANE,…")]
    pub solo: Option<PlaneList>,

    #[arg(long, value_name = "KIND",
          help = in_default("Statistic of the style's layers", name_of(&Recipe::default().style.statistic)))]
    pub statistic: Option<Choice<Statistic>>,
}

/// Changes to how the objective is lowered.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Recipe")]
pub struct ScheduleArguments {
    #[arg(long, value_name = "N", value_parser = super::count, allow_negative_numbers = true,
          help = in_default("Evaluations of the objective, over all scales", Recipe::default().iterations))]
    pub iterations: Option<usize>,

    #[arg(long, value_name = "KIND",
          help = in_default("Optimiser", name_of(&Recipe::default().optimizer.kind)))]
    pub optimizer: Option<Choice<OptimizerKind>>,

    #[arg(long, value_name = "N", value_parser = super::count, allow_negative_numbers = true,
          help = in_default("Sizes to paint at, coarse to fine; 1 paints at full size only", scales()))]
    pub scales: Option<usize>,
}

/// The recipe named, with the changes.
pub fn resolve(
    base: &RecipeArguments,
    content: &ContentArguments,
    style: &StyleArguments,
    schedule: &ScheduleArguments,
) -> anyhow::Result<Recipe> {
    let recipe = Recipe::named(base.recipe.as_ref().unwrap_or(&Recipe::default().origin))?;
    Ok(overrides(base, content, style, schedule).apply(recipe)?)
}

/// The changes alone.
pub fn overrides(
    base: &RecipeArguments,
    content: &ContentArguments,
    style: &StyleArguments,
    schedule: &ScheduleArguments,
) -> Overrides {
    Overrides {
        iterations: schedule.iterations,
        content_weight: content.content_weight,
        style_weight: style.style_weight,
        tv_weight: base.tv_weight,
        content_layers: content.content_layers.clone().map(|list| list.0),
        style_layers: style.style_layers.clone().map(|list| list.0),
        mute: style.mute.clone().map(|list| list.0),
        solo: style.solo.clone().map(|list| list.0),
        statistic: style.statistic.map(|choice| choice.0),
        pooling: base.pooling.map(|choice| choice.0),
        init: None,
        optimizer: schedule.optimizer.map(|choice| choice.0),
        scales: schedule.scales,
    }
}

/// `NAME[:WEIGHT],…` on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerList(pub Vec<LayerWeight>);

impl FromStr for LayerList {
    type Err = impasto::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        LayerWeight::parse_list(text).map(LayerList)
    }
}

/// `LAYER:PLANE,…` on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaneList(pub Vec<Planes>);

impl FromStr for PlaneList {
    type Err = impasto::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(PlaneList(Vec::new()));
        }
        Planes::parse_list(text).map(PlaneList)
    }
}

/// Sets of a VGG's style layers that have a name: the first layer of every block tells what the block sees.
const LAYER_SETS: [(&str, &str); 3] = [
    ("shallow", "relu1_1,relu2_1"),
    ("deep", "relu4_1,relu5_1"),
    ("all", "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1"),
];

/// Layers of the style term: a list, or the name of a set.
fn style_layers(text: &str) -> Result<LayerList, impasto::Error> {
    let set = LAYER_SETS.iter().find(|(name, _)| *name == text.trim());
    set.map_or(text, |(_, layers)| layers).parse()
}

/// A value that recipes know by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice<T>(pub T);

/// Defines the names that the command line takes for a type of the library: those of recipes, with what they mean.
macro_rules! choices {
    ($type:ty: $( $value:expr => $help:literal $(or $alias:literal)? ),+ $(,)?) => {
        impl ValueEnum for Choice<$type> {
            fn value_variants<'a>() -> &'a [Self] {
                &[$( Choice($value) ),+]
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                let value = PossibleValue::new(name_of(&self.0));
                $( if self.0 == $value { return Some(value.help($help)$(.alias($alias))?); } )+
                None
            }
        }
    };
}

choices!(Statistic:
    Statistic::Gram => "Gram matrix (Gatys, Ecker & Bethge 2015)",
    Statistic::Covariance => "covariance matrix and means",
    Statistic::Mean => "means alone",
    Statistic::MeanVariance => "means and variances",
);

choices!(Pooling:
    Pooling::Max => "largest value of a window",
    Pooling::Average => "mean of a window" or "avg",
);

choices!(OptimizerKind:
    OptimizerKind::Lbfgs => "L-BFGS with a line search; the loss never grows",
    OptimizerKind::LbfgsTorch => "L-BFGS with fixed steps, as PyTorch's",
    OptimizerKind::Adam => "Adam with an averaged iterate",
);

choices!(Optimizer:
    Optimizer::Muon => "Muon for filters, Adam for the rest",
    Optimizer::Adam => "Adam for all, which takes twice as long",
);

/// The name that recipes give a value.
fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

fn list(layers: &[LayerWeight]) -> String {
    layers.iter().map(LayerWeight::to_string).collect::<Vec<_>>().join(",")
}

fn recipe_help() -> String {
    format!(
        "Recipe: objective, optimiser and schedule; one of {}, or a file of your own [default: {}]",
        preset_names().join(", "),
        Recipe::default().origin
    )
}

fn scales() -> String {
    let scales = Recipe::default().scales;
    scales.count.map_or_else(
        || format!("as many as lead from {} pixels up by factors of {}", scales.first, scales.factor),
        |count| count.to_string(),
    )
}

/// Help that names the default recipe's value; another recipe may have another.
fn in_default(what: &str, value: impl std::fmt::Display) -> String {
    format!("{what} [default: the recipe's; {value} in {}]", Recipe::default().origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_in_the_help_are_those_of_the_default_recipe() {
        let named = Recipe::named(&Recipe::default().origin).expect("a preset");
        let plain = Recipe::default();
        assert_eq!(named.iterations, plain.iterations);
        assert_eq!((&named.content, &named.style), (&plain.content, &plain.style));
        assert_eq!((&named.tv, &named.scales), (&plain.tv, &plain.scales));
        assert_eq!(named.optimizer.kind, plain.optimizer.kind);
        assert_eq!(named.network, plain.network);
    }
}
