//! Which network's eyes to use.

use clap::Args;
use impasto::Network;
use impasto_net::model::NAMES;
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

    /// Folder with vgg19.safetensors and squeezenet.safetensors, instead of the networks built in
    #[arg(long, value_name = "DIR", env = "IMPASTO_MODELS")]
    pub models: Option<PathBuf>,
}

impl NetworkArguments {
    /// The network chosen, or the one of that name where none was.
    pub fn resolve(&self, default: &str) -> Network {
        let chosen = self.net.as_deref().unwrap_or(Path::new(default));
        match chosen.to_str().filter(|name| NAMES.contains(name)) {
            Some(name) => Network::Named { name: name.into(), models: self.models.clone() },
            None => Network::File(chosen.to_owned()),
        }
    }
}

/// What to call a network in results.
pub fn describe(network: &Network) -> String {
    match network {
        Network::Named { name, .. } => name.clone(),
        Network::File(path) => path.display().to_string(),
    }
}
