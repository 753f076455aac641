//! Recipes: named choices of objective, optimiser and schedule, as TOML files.
//!
//! The presets are the files of `presets/`, built into the program. A recipe of one's own may leave out any key; the
//! defaults stated here apply then, and they are those of the preset `default`.

mod check;
mod overrides;
mod presets;
mod sections;

pub use overrides::{Overrides, choice};
pub use presets::{preset_names, preset_text};
pub use sections::{
    Border, ContentSection, Init, NetworkSection, OptimizerKind, OptimizerSection, Pooling, ScalesSection,
    StyleSection, TvSection,
};

use crate::{
    Error, LayerWeight,
    objective::{Content, Objective, Selection, Style, TotalVariation},
    optimiser::{Adam, Lbfgs, LbfgsTorch, Optimiser},
};
use impasto_net::network::Variant;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything that decides a look, apart from the pictures, their size and the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Recipe {
    /// The preset's name or the file it was read from.
    #[serde(skip)]
    pub origin: String,
    /// What the recipe is, in a sentence. Default: empty.
    pub description: String,
    /// Where it departs from its source, one sentence each. Default: none.
    pub departures: Vec<String>,
    /// Evaluations of the objective over all scales together. Default: 300.
    pub iterations: usize,
    /// Share of the way from photograph to style at which the painting shall end, above 0 and at most 1: 0.5 is as far from
    /// the one as from the other, 1 has no content term. Chooses the content weight for the pictures at hand. Default: none,
    /// which takes the weight as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
    /// What the picture starts from. Default: `content`.
    pub init: Init,
    /// How the network is varied.
    pub network: NetworkSection,
    /// The content term.
    pub content: ContentSection,
    /// The style term.
    pub style: StyleSection,
    /// The total variation term.
    pub tv: TvSection,
    /// How the objective is lowered.
    pub optimizer: OptimizerSection,
    /// From which size to which.
    pub scales: ScalesSection,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            origin: "default".into(),
            description: String::new(),
            departures: Vec::new(),
            iterations: 300,
            strength: None,
            init: Init::default(),
            network: NetworkSection::default(),
            content: ContentSection::default(),
            style: StyleSection::default(),
            tv: TvSection::default(),
            optimizer: OptimizerSection::default(),
            scales: ScalesSection::default(),
        }
    }
}

impl Recipe {
    /// The preset of that name, or the recipe in the file of that path.
    pub fn named(name: &str) -> Result<Recipe, Error> {
        if let Some(text) = preset_text(name) {
            return Recipe::parse(text, name);
        }
        let path = Path::new(name);
        if path.extension().is_none() && !path.exists() {
            return Err(Error::UnknownRecipe { name: name.into(), presets: preset_names() });
        }
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::ReadRecipe { path: path.into(), source })?;
        Recipe::parse(&text, name)
    }

    /// Reads a recipe from TOML text; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Recipe, Error> {
        let mut recipe: Recipe = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = &text.as_bytes()[..at];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            Error::RecipeSyntax {
                origin: origin.into(),
                line,
                text: text.lines().nth(line - 1).unwrap_or_default().trim().into(),
                reason: error.message().trim().replace('\n', " "),
            }
        })?;
        recipe.origin = origin.into();
        recipe.check()?;
        Ok(recipe)
    }

    /// The recipe as TOML text, every key written out.
    pub fn to_toml(&self) -> String {
        // Every field is a plain value, which TOML can always hold.
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// The objective, terms without weight left out.
    pub fn objective(&self) -> Objective {
        let used = |layers: &[LayerWeight]| -> Vec<LayerWeight> {
            layers.iter().filter(|layer| layer.weight > 0.0).cloned().collect()
        };
        let (content, style) = (used(&self.content.layers), used(&self.style.layers));
        Objective {
            content: (self.content.weight > 0.0 && !content.is_empty()).then_some(Content {
                layers: content,
                weight: self.content.weight,
                error: self.content.error,
            }),
            style: (self.style.weight > 0.0 && !style.is_empty()).then_some(Style {
                layers: style,
                weight: self.style.weight,
                statistic: self.style.statistic,
                error: self.style.error,
                by_channels: self.style.by_channels,
                planes: Selection { mute: self.style.mute.clone(), solo: self.style.solo.clone() },
            }),
            total_variation: (self.tv.weight > 0.0)
                .then_some(TotalVariation { weight: self.tv.weight, definition: self.tv.definition }),
        }
    }

    /// The variant of the network.
    pub fn variant(&self) -> Variant {
        Variant { pooling: self.network.pooling.into(), border: self.network.border.into() }
    }

    /// The optimiser, for a variable of RGB values × 255.
    pub fn optimiser(&self) -> Box<dyn Optimiser> {
        let section = &self.optimizer;
        let bounds = section.bounded.then_some([0.0, 255.0]);
        match section.kind {
            OptimizerKind::Lbfgs => {
                let base = Lbfgs::default();
                Box::new(Lbfgs { history: section.history.unwrap_or(base.history), bounds, ..base })
            }
            OptimizerKind::LbfgsTorch => {
                let base = LbfgsTorch::default();
                let history = section.history.unwrap_or(base.history);
                Box::new(LbfgsTorch { history, rate: section.rate.unwrap_or(base.rate), ..base })
            }
            OptimizerKind::Adam => {
                let base = Adam::default();
                Box::new(Adam { rate: section.rate.unwrap_or(base.rate), bounds, ..base })
            }
        }
    }
}
