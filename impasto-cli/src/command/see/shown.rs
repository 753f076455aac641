//! The picture that a network is shown.

use crate::arguments::shown_at;
use crate::input::Input;
use crate::memory::{self, Pass};
use clap::Args;
use impasto::Network;
use impasto_image::{Picture, fit_long_side, resize};
use impasto_net::network::Variant;
use impasto_net::{Model, Purpose};
use std::path::PathBuf;
use std::sync::Arc;

/// Flags that choose a picture and its size.
#[derive(Clone, Debug, Args)]
pub struct ShownArguments {
    /// Photo to show to the network
    #[arg(value_name = "PHOTO")]
    pub photo: PathBuf,

    /// Long side in pixels; 0 takes the photo as it is [default: 512; squeezenet: the centre square at 227]
    #[arg(long, value_name = "PIXELS")]
    pub size: Option<usize>,
}

/// A picture as a network is shown it.
pub struct Shown {
    /// The network.
    pub model: Arc<Model>,
    /// The picture at its size, opaque.
    pub picture: Picture,
}

impl Shown {
    /// Rows and columns.
    pub fn size(&self) -> (usize, usize) {
        (self.picture.height(), self.picture.width())
    }
}

impl ShownArguments {
    /// Opens the photo and brings it to size, if the way back from `layer` fits into memory.
    pub fn show(&self, network: &Network, layer: &str) -> anyhow::Result<Shown> {
        self.show_to(network, layer, || Ok(network.load(Variant::default())?))
    }

    /// [`ShownArguments::show`] with a network's `model`, asked for after the photo.
    pub fn show_to(
        &self,
        network: &Network,
        layer: &str,
        model: impl FnOnce() -> anyhow::Result<Arc<Model>>,
    ) -> anyhow::Result<Shown> {
        let image = Input::open(&self.photo)?;
        let (picture, size) = shown_at(image.picture, network, self.size)?;
        let (width, height) = fit_long_side(picture.width(), picture.height(), size);
        let model = model()?;
        let taps = [layer.to_owned()];
        let (what, flag, purpose) = ("the photo", "--size", Purpose::Gradient);
        let pass = Pass { what, flag, size: (width, height), taps: &taps, purpose };
        memory::check(&[pass], || Ok(model.clone()))?;
        let picture = resize(&picture, width, height)?.without_alpha();
        Ok(Shown { model, picture })
    }
}
