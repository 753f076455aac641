//! What is to grow in a dream.

use crate::arguments::{SIZE, is_squeezenet};
use crate::input::Input;
use crate::memory::{self, Pass};
use clap::Args;
use impasto::Network;
use impasto::see::class::class_number;
use impasto::see::dream::{Guide, Objective, Settings};
use impasto_image::{fit_long_side, resize};
use impasto_net::{Model, Purpose};
use std::path::PathBuf;
use std::sync::Arc;

/// Layer dreamt at unless told otherwise: of VGG-16 and VGG-19, and of SqueezeNet.
const LAYERS: [&str; 2] = ["relu5_1", "fire8"];

/// Steps an octave for a class: its score, a mean over all positions, changes the picture more slowly than a layer.
const CLASS_ITERATIONS: usize = 60;

/// Flags that choose the objective.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What grows")]
pub struct ObjectiveArguments {
    /// Layer in which all that is there grows [default: relu5_1; squeezenet: fire8]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["class", "random_class"])]
    layer: Option<String>,

    /// Only this plane of the layer
    #[arg(long, value_name = "K", conflicts_with_all = ["class", "random_class", "guide"])]
    plane: Option<usize>,

    /// Raise the plane's squares instead of its sum: what is strong grows most, as with whole layers
    #[arg(long, requires = "plane")]
    squares: bool,

    /// Score of a class, by number or name, with the network squeezenet
    #[arg(long, value_name = "N|NAME", conflicts_with_all = ["random_class", "guide"])]
    class: Option<String>,

    /// Score of another class at every step
    #[arg(long, conflicts_with = "guide")]
    random_class: bool,

    /// Likeness to what the layer sees in this picture
    #[arg(long, value_name = "PICTURE")]
    pub guide: Option<PathBuf>,

    /// Long side of the guide in pixels: what it shows is found at that size; 0 takes it as it is
    #[arg(long, value_name = "PIXELS", default_value_t = SIZE / 2, requires = "guide")]
    guide_size: usize,
}

impl ObjectiveArguments {
    /// The network that suits the objective.
    pub fn network(&self) -> &'static str {
        if self.is_of_class() { "squeezenet" } else { "vgg19" }
    }

    /// Steps an octave that show it well.
    pub fn iterations(&self) -> usize {
        if self.is_of_class() { CLASS_ITERATIONS } else { Settings::default().iterations }
    }

    /// The layer.
    pub fn layer(&self, network: &Network) -> &str {
        match &self.layer {
            _ if self.is_of_class() => "logits",
            Some(layer) => layer,
            None => LAYERS[usize::from(is_squeezenet(network))],
        }
    }

    /// The objective, and what it is called.
    pub fn resolve(&self, model: &Arc<Model>, layer: &str) -> anyhow::Result<(Objective, String)> {
        if self.random_class {
            if model.classes().is_none() {
                return Err(impasto::Error::NotAClassifier { network: model.name().into() }.into());
            }
            return Ok((Objective::RandomPlane, "random classes".into()));
        }
        if let Some(class) = &self.class {
            let class = class_number(model, class)?;
            let name = model.classes().map_or("", |names| &names[class]);
            return Ok((Objective::Plane(class), format!("class {class}, {name}")));
        }
        if let Some(path) = &self.guide {
            let picture = Input::open(path)?.picture;
            let (width, height) = fit_long_side(picture.width(), picture.height(), self.guide_size);
            let taps = [layer.to_owned()];
            let (what, flag, purpose) = ("the guide", "--guide-size", Purpose::Forward);
            let pass = Pass { what, flag, size: (width, height), taps: &taps, purpose };
            memory::check(&[pass], || Ok(model.clone()))?;
            let picture = resize(&picture, width, height)?.without_alpha();
            let guide = Guide::new(model, layer, &picture)?;
            return Ok((Objective::Guide(guide), format!("{layer} guided by {}", path.display())));
        }
        Ok(match self.plane {
            Some(plane) if self.squares => {
                (Objective::PlaneSquares(plane), format!("plane {plane} of {layer}, squares"))
            }
            Some(plane) => (Objective::Plane(plane), format!("plane {plane} of {layer}")),
            None => (Objective::Layer, layer.to_owned()),
        })
    }

    /// Whether classes are to grow.
    fn is_of_class(&self) -> bool {
        self.class.is_some() || self.random_class
    }
}
