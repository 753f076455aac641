//! Networks as data: graphs of named layers with an input convention; they mention no kernel and no device.

/// How a map is continued beyond its border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Zeros, the published convention of VGG and SqueezeNet.
    #[default]
    Zero,
    /// The border value repeated.
    Replicate,
    /// Mirrored about the border position, which is not repeated.
    Reflect,
    /// Wrapped around: the map tiles the plane.
    Circular,
}

/// Kind of pooling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// Largest value of the window.
    #[default]
    Max,
    /// Mean of the window.
    Average,
}

/// Variations of a VGG network that style transfer uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// Replaces the network's pooling layers.
    pub pooling: Pooling,
    /// Border of the first convolution; later ones keep zeros. `Replicate` avoids frames in optimised pictures.
    pub border: Padding,
}
