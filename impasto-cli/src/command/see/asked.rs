//! What a method of one picture asks about: a class, or a unit of a layer.

use super::shown::Shown;
use super::units::UnitArguments;
use crate::failure::Failure;
use clap::Args;
use impasto::see::class::class_number;
use impasto::see::{Eye, Place, Unit};
use impasto_net::Model;

/// Flags that choose a class or a unit.
#[derive(Clone, Debug, Args)]
pub struct AskedArguments {
    /// Class, by number or name [default: the best one]
    #[arg(long, value_name = "N|NAME", conflicts_with = "layer")]
    class: Option<String>,

    /// Layer of the unit to ask about, instead of a class
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,

    #[command(flatten)]
    units: UnitArguments,
}

/// What was asked about.
pub struct Asked {
    /// The unit, a class's score being one.
    pub unit: Unit,
    /// The class's name, if it is one.
    pub name: Option<String>,
}

impl AskedArguments {
    /// Fails if flags contradict each other.
    pub fn check(&self) -> anyhow::Result<()> {
        let units = &self.units;
        if self.layer.is_none() && (!units.plane.is_empty() || units.top.is_some() || units.sum) {
            return Err(Failure::usage("planes are a layer's").hint("name a --layer").into());
        }
        Ok(())
    }

    /// The network that suits, where none was chosen.
    pub fn network(&self) -> &'static str {
        if self.layer.is_some() { "vgg19" } else { "squeezenet" }
    }

    /// The layer that the unit belongs to.
    pub fn layer(&self) -> &str {
        self.layer.as_deref().unwrap_or("logits")
    }

    /// The layer before the photo.
    pub fn eye(&self, shown: &Shown) -> anyhow::Result<Eye> {
        if self.layer.is_none() && shown.model.classes().is_none() {
            return Err(impasto::Error::NotAClassifier { network: shown.model.name().into() }.into());
        }
        let mut eye = Eye::new(&shown.model, self.layer(), shown.size())?;
        eye.look(shown.picture.rgb());
        Ok(eye)
    }

    /// The unit, of a layer that has looked at the photo.
    pub fn resolve(&self, model: &Model, eye: &Eye) -> anyhow::Result<Asked> {
        if self.layer.is_some() {
            return match self.units.resolve(eye)?[..] {
                [unit] => Ok(Asked { unit, name: None }),
                _ => Err(Failure::usage("this is about one plane").hint("give a single --plane").into()),
            };
        }
        let plane = match &self.class {
            Some(class) => class_number(model, class)?,
            None => eye.strongest_planes()[0],
        };
        let name = model.classes().map(|names| names[plane].clone());
        Ok(Asked { unit: Unit { plane, place: Place::At(0, 0) }, name })
    }
}
