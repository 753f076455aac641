//! The shaders, one a file, each put together from its parts.

/// How many there are.
pub const KERNELS: usize = Kernel::Begin as usize + 1;

/// A shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A convolution as a product of matrices.
    Convolve,
    /// A convolution to four outputs or fewer.
    Narrow,
    /// A convolution of every plane by itself.
    Depthwise,
    /// From a padded cotangent to that of the map.
    Fold,
    /// Copies, sums, ReLUs, constants.
    Move,
    /// Enlargement and the way back.
    Resize,
    /// Spatial pooling.
    Pool,
    /// The way back through it.
    PoolBack,
    /// What a ReLU let pass.
    Mask,
    /// Sums over blocks of positions.
    Sums,
    /// What is made of them.
    Combine,
    /// Instance norm and the way back.
    Norm,
    /// The logistic curve and the way back.
    Squash,
    /// Noise.
    Noise,
    /// Between RGB and a network's convention.
    Picture,
    /// Products of planes.
    Gram,
    /// What is made of them.
    GramSum,
    /// Squared differences to a target.
    Distance,
    /// Beginnings of cotangents.
    Begin,
}

macro_rules! shader {
    ($($part:literal),*) => { concat!($(include_str!(concat!("shaders/", $part, ".wgsl"))),*) };
}

impl Kernel {
    /// For messages of the driver.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Convolve => "convolve",
            Kernel::Narrow => "narrow",
            Kernel::Depthwise => "depthwise",
            Kernel::Fold => "fold",
            Kernel::Move => "move",
            Kernel::Resize => "resize",
            Kernel::Pool => "pool",
            Kernel::PoolBack => "pool_back",
            Kernel::Mask => "mask",
            Kernel::Sums => "sums",
            Kernel::Combine => "combine",
            Kernel::Norm => "norm",
            Kernel::Squash => "squash",
            Kernel::Noise => "noise",
            Kernel::Picture => "picture",
            Kernel::Gram => "gram",
            Kernel::GramSum => "gram_sum",
            Kernel::Distance => "distance",
            Kernel::Begin => "begin",
        }
    }

    /// Its text.
    pub fn source(self) -> &'static str {
        match self {
            Kernel::Convolve => shader!("common", "border", "convolution", "source", "convolve"),
            Kernel::Narrow => shader!("common", "border", "convolution", "source", "narrow"),
            Kernel::Depthwise => shader!("common", "border", "convolution", "source", "depthwise"),
            Kernel::Fold => shader!("common", "border", "fold"),
            Kernel::Move => shader!("common", "move"),
            Kernel::Resize => shader!("common", "resize"),
            Kernel::Pool => shader!("common", "pool"),
            Kernel::PoolBack => shader!("common", "pool_back"),
            Kernel::Mask => shader!("common", "mask"),
            Kernel::Sums => shader!("common", "sums"),
            Kernel::Combine => shader!("common", "combine"),
            Kernel::Norm => shader!("common", "norm"),
            Kernel::Squash => shader!("common", "squash"),
            Kernel::Noise => shader!("common", "noise"),
            Kernel::Picture => shader!("common", "picture"),
            Kernel::Gram => shader!("common", "gram"),
            Kernel::GramSum => shader!("common", "gram_sum"),
            Kernel::Distance => shader!("common", "distance"),
            Kernel::Begin => shader!("common", "begin"),
        }
    }
}
