//! The shaders, one a file, each put together from its parts.

/// How many there are.
pub const KERNELS: usize = Kernel::StyleRows as usize + 1;

/// A shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// A convolution as a product of matrices.
    Convolve,
    /// The same to few outputs.
    ConvolveTall,
    /// Filters for Winograd's algorithm.
    WinogradFilter,
    /// What it sees, transformed.
    WinogradInput,
    /// Products of both.
    WinogradProducts,
    /// The same of few outputs.
    WinogradProductsTall,
    /// From products to values.
    WinogradOutput,
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
    /// Derivatives by a convolution's weights.
    FilterGradient,
    /// The same with few outputs.
    FilterGradientTall,
    /// What is made of them.
    FilterSum,
    /// Vectors of optimisers, value by value.
    Vector,
    /// Sums over them.
    VectorSums,
    /// What is made of groups' sums.
    Total,
    /// A step of Adam.
    VectorAdam,
    /// From such a vector to a picture.
    FromVector,
    /// From a picture's cotangent to such a vector, with what is made of pixels.
    Pixels,
    /// Second moments against targets.
    StyleEntries,
    /// First moments against targets.
    StyleRows,
}

macro_rules! shader {
    ($($part:literal),*) => { concat!($(include_str!(concat!("shaders/", $part, ".wgsl"))),*) };
}

impl Kernel {
    /// For messages of the driver.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Convolve => "convolve",
            Kernel::ConvolveTall => "convolve_tall",
            Kernel::WinogradFilter => "winograd_filter",
            Kernel::WinogradInput => "winograd_input",
            Kernel::WinogradProducts => "winograd_products",
            Kernel::WinogradProductsTall => "winograd_products_tall",
            Kernel::WinogradOutput => "winograd_output",
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
            Kernel::FilterGradient => "filter_gradient",
            Kernel::FilterGradientTall => "filter_gradient_tall",
            Kernel::FilterSum => "filter_sum",
            Kernel::Vector => "vector",
            Kernel::VectorSums => "vector_sums",
            Kernel::Total => "total",
            Kernel::VectorAdam => "vector_adam",
            Kernel::FromVector => "from_vector",
            Kernel::Pixels => "pixels",
            Kernel::StyleEntries => "style_entries",
            Kernel::StyleRows => "style_rows",
        }
    }

    /// Its text.
    pub fn source(self) -> &'static str {
        match self {
            Kernel::Convolve => {
                shader!("common", "border", "convolution", "source", "weights", "square", "tile", "convolve")
            }
            Kernel::ConvolveTall => {
                shader!("common", "border", "convolution", "source", "weights", "tall", "tile", "convolve")
            }
            Kernel::WinogradFilter => shader!("common", "winograd", "winograd_filter", "each"),
            Kernel::WinogradInput => {
                shader!("common", "border", "convolution", "source", "winograd", "winograd_input", "each")
            }
            Kernel::WinogradProducts => {
                shader!("common", "convolution", "weights", "square", "tile", "winograd_products")
            }
            Kernel::WinogradProductsTall => {
                shader!("common", "convolution", "weights", "tall", "tile", "winograd_products")
            }
            Kernel::WinogradOutput => {
                shader!("common", "convolution", "weights", "winograd", "winograd_output", "each")
            }
            Kernel::Narrow => {
                shader!("common", "border", "convolution", "source", "weights", "narrow", "each")
            }
            Kernel::Depthwise => shader!("common", "border", "convolution", "source", "depthwise", "each"),
            Kernel::Fold => shader!("common", "border", "fold", "each"),
            Kernel::Move => shader!("common", "move", "each"),
            Kernel::Resize => shader!("common", "resize", "each"),
            Kernel::Pool => shader!("common", "pool", "each"),
            Kernel::PoolBack => shader!("common", "pool_back", "each"),
            Kernel::Mask => shader!("common", "mask", "each"),
            Kernel::Sums => shader!("common", "sums", "each"),
            Kernel::Combine => shader!("common", "combine"),
            Kernel::Norm => shader!("common", "norm", "each"),
            Kernel::Squash => shader!("common", "squash", "each"),
            Kernel::Noise => shader!("common", "noise", "each"),
            Kernel::Picture => shader!("common", "picture", "each"),
            Kernel::Gram => shader!("common", "square", "tile", "gram"),
            Kernel::GramSum => shader!("common", "gram_sum", "each"),
            Kernel::Distance => shader!("common", "added", "distance", "groups"),
            Kernel::Begin => shader!("common", "begin", "each"),
            Kernel::FilterGradient => {
                shader!("common", "border", "convolution", "source", "square", "tile", "filter_gradient")
            }
            Kernel::FilterGradientTall => {
                shader!("common", "border", "convolution", "source", "tall", "tile", "filter_gradient")
            }
            Kernel::FilterSum => shader!("common", "filter_sum", "each"),
            Kernel::Vector => shader!("common", "vector", "each"),
            Kernel::VectorSums => shader!("common", "added", "vector_sums", "groups"),
            Kernel::Total => shader!("common", "added", "total"),
            Kernel::VectorAdam => shader!("common", "vector_adam", "each"),
            Kernel::FromVector => shader!("common", "pixel", "from_vector", "each"),
            Kernel::Pixels => shader!("common", "pixel", "variation", "added", "pixels", "groups"),
            Kernel::StyleEntries => shader!("common", "added", "style", "style_entries"),
            Kernel::StyleRows => shader!("common", "added", "style", "style_rows"),
        }
    }
}
