//! The models that belong to this project.

use super::Weights;
use crate::NetError;
use std::{path::Path, sync::LazyLock};

/// Class names, one a line.
const CLASSES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/imagenet-classes.txt"));

/// The weights of `vgg19`, `squeezenet`, `magenta` or a generator of [`BUILT_IN`](crate::generator::BUILT_IN) that are built into this program by the feature `embedded-models`.
///
/// # Errors
/// [`NetError::NotEmbedded`] if the program was built without them or the name is none of these.
pub fn embedded(name: &str) -> Result<Weights, NetError> {
    embedded_some(name, &|_| true)
}

/// The built-in arrays of `name` whose names `keep` accepts; the others are not decoded.
#[cfg(feature = "embedded-models")]
pub(crate) fn embedded_some(name: &str, keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    use super::{Source, safetensors};
    use std::io::Cursor;

    let bytes: &'static [u8] = match name {
        "vgg19" => include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/vgg19.safetensors")),
        "squeezenet" => {
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/squeezenet.safetensors"))
        }
        "upscale" => include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/upscale.safetensors")),
        "texture" => include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/texture.safetensors")),
        "styles" => include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/styles.safetensors")),
        "magenta" => include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../models/magenta.safetensors")),
        _ => return Err(NetError::NotEmbedded { name: name.to_owned() }),
    };
    let path = Path::new(name);
    safetensors::read(Source { path, length: bytes.len() as u64, stream: Cursor::new(bytes) }, keep)
}

/// None: this program was built without the feature `embedded-models`.
#[cfg(not(feature = "embedded-models"))]
pub(crate) fn embedded_some(name: &str, _keep: &dyn Fn(&str) -> bool) -> Result<Weights, NetError> {
    Err(NetError::NotEmbedded { name: name.to_owned() })
}

/// The weights in the file `NAME.safetensors` of a folder laid out as this project's `models`.
///
/// # Errors
/// Those of [`open`](super::open).
pub fn from_folder(folder: &Path, name: &str) -> Result<Weights, NetError> {
    super::open(&folder.join(format!("{name}.safetensors")))
}

/// English names of the 1000 ImageNet (ILSVRC 2012) classes in the order of SqueezeNet's logits.
pub fn imagenet_classes() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| CLASSES.lines().map(str::to_owned).collect());
    &NAMES
}
