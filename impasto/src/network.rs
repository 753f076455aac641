//! Which network's eyes to use.

use crate::Error;
use impasto_net::{Model, network::Variant};
use std::{path::PathBuf, sync::Arc};

/// Where a network comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// A network this project knows, such as `vgg19` or `squeezenet`.
    Named {
        /// Its name.
        name: String,
        /// A folder with its weights, instead of those built in.
        models: Option<PathBuf>,
    },
    /// A user's own VGG-16 or VGG-19, as safetensors or PyTorch `.pth`.
    File(PathBuf),
}

impl Default for Network {
    fn default() -> Self {
        Network::Named { name: "vgg19".into(), models: None }
    }
}

impl Network {
    /// Loads the network in a variant.
    pub fn load(&self, variant: Variant) -> Result<Arc<Model>, Error> {
        Ok(match self {
            Network::Named { name, models } => Model::named(name, variant, models.as_deref())?,
            Network::File(path) => Model::open(path, variant)?,
        })
    }
}
