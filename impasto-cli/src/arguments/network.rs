//! Which network's eyes to use.

use super::SIZE;
use clap::Args;
use clap::builder::OsStringValueParser;
use impasto::{Network, measure};
use impasto_image::Picture;
use impasto_net::model::NAMES;
use impasto_net::network::squeezenet::INPUT_SIDE;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Flags that choose a network.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArguments {
    /// Network to see with: a name (vgg19, squeezenet), or a file with your own VGG-19 or VGG-16
    ///
    /// A file is safetensors or a PyTorch .pth/.pt in torchvision's naming (features.0.weight …), told by its content.
    /// No code in a .pth file is ever executed.
    #[arg(long, value_name = "NAME|FILE")]
    pub net: Option<PathBuf>,

    #[command(flatten)]
    pub models: ModelsArguments,
}

/// Where the networks known by name are.
#[derive(Clone, Debug, Args)]
pub struct ModelsArguments {
    /// Folder with vgg19.safetensors and squeezenet.safetensors, instead of the networks built in
    // Unlike paths', this parser takes an empty text, which the environment may well hold.
    #[arg(long, value_name = "DIR", env = "IMPASTO_MODELS", hide_env_values = true, value_parser = OsStringValueParser::new())]
    models: Option<OsString>,
}

impl ModelsArguments {
    /// The folder, if there is one.
    pub fn folder(&self) -> Option<PathBuf> {
        self.models.as_ref().filter(|folder| !folder.is_empty()).map(PathBuf::from)
    }
}

impl NetworkArguments {
    /// The network chosen, or the one of that name where none was.
    pub fn resolve(&self, default: &str) -> Network {
        let chosen = self.net.as_deref().unwrap_or(Path::new(default));
        match chosen.to_str().filter(|name| NAMES.contains(name)) {
            Some(name) => Network::Named { name: name.into(), models: self.models.folder() },
            None => Network::File(chosen.to_owned()),
        }
    }
}

/// Whether a network is SqueezeNet, which was trained on squares of one size.
pub fn is_squeezenet(network: &Network) -> bool {
    matches!(network, Network::Named { name, .. } if name == "squeezenet")
}

/// A picture, or the part of it that a network is shown, and its long side in pixels there (0 for as it is), where `size`
/// was asked for or nothing.
pub fn shown_at(
    picture: Picture,
    network: &Network,
    size: Option<usize>,
) -> anyhow::Result<(Picture, usize)> {
    Ok(match size {
        Some(size) => (picture, size),
        None if is_squeezenet(network) => (measure::centre_square(&picture)?, INPUT_SIDE),
        None => (picture, SIZE),
    })
}

/// What to call a network in results.
pub fn describe(network: &Network) -> String {
    match network {
        Network::Named { name, .. } => name.clone(),
        Network::File(path) => path.display().to_string(),
    }
}
