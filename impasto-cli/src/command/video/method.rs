//! How frames are painted.

use super::fast::Fast;
use super::render::Method;
use super::slow::Slow;
use crate::arguments::{
    ColorArguments, ContentArguments, NetworkArguments, RecipeArguments, ScheduleArguments, StyleArguments,
    StyleSizeArguments, part, resolve,
};
use crate::command::apply::brush::Brush;
use crate::failure::Failure;
use crate::input::{FileRecord, Input};
use clap::{Args, ValueEnum};
use impasto::paint::{Region, paint};
use impasto::{Coloring, Network, Recipe, Request, Size, StyleSize};
use impasto_image::{Picture, fit_long_side, resize};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Flags that choose how to paint.
#[derive(Debug, Args)]
pub struct MethodArguments {
    /// Style: a built-in one's name, a generator's FILE or FILE:NAME, or a painting
    #[arg(long, value_name = "NAME|FILE", required = true)]
    style: Option<String>,

    /// fast paints as `apply`, many frames a second; slow as `paint`, minutes a frame, after a painting alone
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Kind::Fast)]
    method: Kind,

    /// How much of the style: 0 gives the frames back, 1 the style as it was learnt; for slow as for `paint` [default: 1 for
    /// fast, the recipe's for slow]
    #[arg(long, value_name = "X", value_parser = part, allow_negative_numbers = true, conflicts_with = "content_weight")]
    strength: Option<f64>,

    /// How far a painting follows the one before where the frames show the same: 0 paints every frame for itself
    #[arg(long, value_name = "X", value_parser = part, default_value_t = 0.8, allow_negative_numbers = true)]
    stability: f64,

    /// Seed of the slow method's noise
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    #[command(flatten)]
    color: ColorArguments,
    #[command(flatten)]
    style_size: StyleSizeArguments,
    #[command(flatten)]
    recipe: RecipeArguments,
    #[command(flatten)]
    content_term: ContentArguments,
    #[command(flatten)]
    style_term: StyleArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

/// Ways to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// In one pass.
    Fast,
    /// By optimisation.
    Slow,
}

/// A way to paint that was chosen, ready for a clip.
pub struct Chosen {
    hand: Hand,
    color: Coloring,
    strength: Option<f64>,
    stability: f32,
    settings: Value,
}

enum Hand {
    Fast(Brush),
    Slow { style: Box<Input>, recipe: Box<Recipe>, network: Network, style_size: StyleSize, seed: u64 },
}

impl MethodArguments {
    /// Opens what it takes.
    pub fn resolve(&self) -> anyhow::Result<Chosen> {
        let Some(style) = &self.style else { return Err(Failure::usage("a style is needed").into()) };
        let color = self.color.change(Coloring::STYLE)?;
        let hand = match self.method {
            Kind::Fast => Hand::Fast(Brush::of_style(style, self.network.models.folder().as_deref())?),
            Kind::Slow => {
                if !Path::new(style).is_file() {
                    let failure = Failure::usage(format_args!("there is no painting {style}"));
                    return Err(failure.hint("the slow method takes a picture's file").into());
                }
                let mut recipe = resolve(&self.recipe, &self.content_term, &self.style_term, &self.schedule)?;
                recipe.strength = self.strength.or(recipe.strength);
                Hand::Slow {
                    style: Box::new(Input::open(Path::new(style))?),
                    recipe: Box::new(recipe),
                    network: self.network.resolve("vgg19"),
                    style_size: self.style_size.resolve(),
                    seed: self.seed,
                }
            }
        };
        let files =
            hand.files().iter().map(|file| FileRecord::of(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let recipe = match &hand {
            Hand::Fast(_) => Value::Null,
            Hand::Slow { recipe, .. } => {
                json!([recipe, format!("{:?} {:?}", self.network.net, self.style_size.resolve())])
            }
        };
        let settings = json!({
            "style": style,
            "files": files,
            "method": format!("{:?}", self.method).to_lowercase(),
            "strength": self.strength,
            "stability": self.stability,
            "color": color,
            "recipe": recipe,
            "seed": self.seed,
        });
        Ok(Chosen { hand, color, strength: self.strength, stability: self.stability as f32, settings })
    }
}

impl Hand {
    fn files(&self) -> Vec<PathBuf> {
        match self {
            Hand::Fast(brush) => brush.files().map(Path::to_owned).collect(),
            Hand::Slow { style, .. } => vec![style.path.clone()],
        }
    }
}

impl Chosen {
    /// What decides how frames look, to tell whether two clips are painted alike.
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    /// Files that must not be overwritten.
    pub fn files(&self) -> Vec<PathBuf> {
        self.hand.files()
    }

    /// What paints. What it asks of a photograph, it asks of the clip's `first` frame, at the size to paint.
    pub fn method(&self, first: &Picture) -> anyhow::Result<Box<dyn Method>> {
        Ok(match &self.hand {
            Hand::Fast(brush) => {
                let painter = brush.painter(first, self.strength.unwrap_or(1.0) as f32)?;
                Box::new(Fast::new(painter, self.color.clone(), self.stability))
            }
            Hand::Slow { style, recipe, network, style_size, seed } => {
                let mut slow = Slow {
                    style: style.picture.clone(),
                    recipe: (**recipe).clone(),
                    network: network.clone(),
                    style_size: *style_size,
                    seed: *seed,
                    color: self.color.clone(),
                    steady: impasto_video::Steady::new(self.stability),
                };
                weigh(&mut slow.recipe, &style.picture, network, first)?;
                Box::new(slow)
            }
        })
    }
}

/// Gives a recipe with a strength the content weight that this means for the clip's first frame, so that all frames have it.
fn weigh(recipe: &mut Recipe, style: &Picture, network: &Network, first: &Picture) -> anyhow::Result<()> {
    /// Long side of a picture that is painted for its weight alone.
    const SIDE: usize = 128;
    if recipe.strength.is_none() {
        return Ok(());
    }
    let mut trial = recipe.clone();
    trial.iterations = 1;
    trial.scales.count = Some(1);
    let (width, height) = fit_long_side(first.width(), first.height(), SIDE);
    let small = resize(first, width, height)?;
    let request = Request {
        content: Some(&small),
        regions: Region::everywhere(style),
        size: Size::Exact { width, height },
        ..Request::new(&trial, network)
    };
    recipe.content.weight = paint(&request, &mut |_| ControlFlow::Continue(()))?.content_weight;
    recipe.strength = None;
    Ok(())
}
