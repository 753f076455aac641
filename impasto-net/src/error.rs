//! What can go wrong in the engine.

use std::path::PathBuf;

/// An error of loading a network's weights or of planning a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The network has no layer of that name.
    #[error("network {network} has no layer {layer:?}")]
    UnknownLayer {
        /// The network asked.
        network: String,
        /// The name given.
        layer: String,
        /// Names close to it, best first.
        similar: Vec<String>,
    },
    /// The picture is so small that a layer would have no positions left.
    #[error("a picture of {width}×{height} pixels is too small for layer {layer} of {network}")]
    TooSmall {
        /// The network asked.
        network: String,
        /// The first layer that would be empty.
        layer: String,
        /// Picture width in pixels.
        width: usize,
        /// Picture height in pixels.
        height: usize,
    },
    /// The device where a model lives cannot plan it.
    #[error("{device} cannot run this network at this size")]
    Engine {
        /// The device.
        device: String,
        /// What stands against it.
        source: crate::engine::EngineError,
    },
    /// A layer adds maps of different sizes.
    #[error("layer {layer} of {network} adds maps of different sizes")]
    Unequal {
        /// The network asked.
        network: String,
        /// The layer that adds.
        layer: String,
    },
    /// A layer that treats every plane by itself is declared to give another number of planes than it reads.
    #[error("layer {layer} of {network} is to give {found} planes, but reads {expected}")]
    Planes {
        /// The network asked.
        network: String,
        /// The layer.
        layer: String,
        /// Planes declared.
        found: usize,
        /// Planes read.
        expected: usize,
    },
    /// An ONNX file is damaged, or holds something that is not supported.
    #[error("{} cannot be imported: {reason}", path.display())]
    Onnx {
        /// The file.
        path: PathBuf,
        /// What is wrong, naming the node where there is one.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A style's vector has another length than the network takes.
    #[error("a style vector has {expected} numbers, but this one has {found}")]
    StyleVector {
        /// Numbers given.
        found: usize,
        /// Numbers wanted.
        expected: usize,
    },
    /// A weights file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A weights file is not of a known format, or is damaged.
    #[error("{} is not a usable weights file: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, naming the tensor where there is one.
        reason: String,
    },
    /// A tensor that the network needs is absent.
    #[error("tensor {tensor} is missing for network {network}")]
    MissingTensor {
        /// The network being filled.
        network: String,
        /// The tensor's name in the file.
        tensor: String,
    },
    /// A tensor has another shape than the network's layer needs.
    #[error("tensor {tensor} has shape {found:?}, but network {network} needs {expected:?}")]
    TensorShape {
        /// The network being filled.
        network: String,
        /// The tensor's name in the file.
        tensor: String,
        /// Shape in the file.
        found: Vec<usize>,
        /// Shape the layer needs.
        expected: Vec<usize>,
    },
    /// A tensor holds an infinite or undefined value.
    #[error("tensor {tensor} holds a value that is not finite")]
    NotFinite {
        /// The tensor's name in the file.
        tensor: String,
    },
    /// A generator's architecture has a number that makes no network.
    #[error("a generator of kind {kind} cannot have {reason}")]
    Architecture {
        /// The kind.
        kind: &'static str,
        /// The number and what is allowed.
        reason: String,
    },
    /// The program was built without embedded models and no folder with them is known.
    #[error("model {name} is not built into this program")]
    NotEmbedded {
        /// The model asked for.
        name: String,
    },
}
