//! A network together with its weights.

use crate::{NetError, network::Variant};
use std::{path::Path, sync::Arc};

/// A network with weights, ready to be planned. Shared between plans.
pub struct Model {}

#[allow(unused_variables)]
impl Model {
    /// The model named `vgg19` or `squeezenet`: embedded, or read from the folder `models` where one is given.
    pub fn named(name: &str, variant: Variant, models: Option<&Path>) -> Result<Arc<Model>, NetError> {
        unimplemented!()
    }
    /// A user's own VGG-16 or VGG-19: safetensors or PyTorch `.pth`.
    pub fn open(path: &Path, variant: Variant) -> Result<Arc<Model>, NetError> {
        unimplemented!()
    }
    /// Short name, such as `vgg19`.
    pub fn name(&self) -> &str {
        unimplemented!()
    }
    /// Every layer's name in order, such as `conv1_1`, `relu1_1`, `pool1`.
    pub fn layers(&self) -> Vec<String> {
        unimplemented!()
    }
    /// Class names, where the network is a classifier.
    pub fn classes(&self) -> Option<&[String]> {
        unimplemented!()
    }
}
