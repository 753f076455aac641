//! What a plan asks of the hardware: whole layers and their vector-Jacobian products.

use crate::{
    Map,
    network::{Convolution, Pool, Pooling},
    plan::ReluRule,
    statistics::{Affine, Moments},
};

/// Size of a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Planes.
    pub channels: usize,
}

impl Shape {
    /// Number of positions.
    pub fn positions(&self) -> usize {
        self.height * self.width
    }
    /// Number of values.
    pub fn len(&self) -> usize {
        self.positions() * self.channels
    }
    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Bytes of a ReLU mask: one bit a value, every position's bits padded to a multiple of 16.
    pub fn mask_len(&self) -> usize {
        self.positions() * mask_stride(self.channels)
    }
    /// Bytes that remember where the maxima of a map pooled to this size were.
    ///
    /// Position by position; the channels of a position are padded to a multiple of 16, so that whole vectors can be
    /// read and written. Of a 2×2 window moved by two, a value has two bits in two planes, each laid out like a position's
    /// ReLU mask: first whether the maximum was in the right column, then whether it was in the lower row. Of other
    /// windows, a value has one byte, the maximum's place counted row by row.
    pub fn switch_len(&self, pool: Pool) -> usize {
        self.positions() * switch_stride(pool, self.channels)
    }
    /// `data` seen as a map of this size.
    pub fn map<'a>(&self, data: &'a [f32]) -> Map<'a> {
        debug_assert_eq!(data.len(), self.len());
        Map { height: self.height, width: self.width, channels: self.channels, data }
    }
}

/// The key of a seed's noise of the stream `stream`: value `i` is the upper 24 bits of
/// `hash(hash(i ^ key) + key)` times 2⁻²⁴ with `hash` MurmurHash3's mix of 32 bits.
pub fn noise_key(seed: u64, stream: u32) -> u32 {
    crate::cpu::noise::key(seed, u64::from(stream))
}

/// Bytes of one position's ReLU mask.
pub(crate) fn mask_stride(channels: usize) -> usize {
    channels.div_ceil(16) * 2
}

/// Whether the windows of a pool are 2×2 and side by side.
pub(crate) fn halves(pool: Pool) -> bool {
    (pool.window, pool.stride) == (2, 2)
}

/// Bytes of one pooled position's switches, see [`Shape::switch_len`].
pub(crate) fn switch_stride(pool: Pool, channels: usize) -> usize {
    match pool.pooling {
        Pooling::Average => 0,
        Pooling::Max if halves(pool) => 2 * mask_stride(channels),
        Pooling::Max => 8 * mask_stride(channels),
    }
}

/// What a forward operation does to its result before storing it, in this order.
#[derive(Default)]
pub struct Activation<'a> {
    /// Adds this map, of the result's size.
    pub residual: Option<&'a [f32]>,
    /// Rectifies the sum.
    pub relu: Relu<'a>,
    /// If it rectifies, lets at most this value pass; where a value is as large, the mask has a zero.
    pub ceiling: Option<f32>,
    /// Stores it among the planes of a map with more; only convolutions do, and they note no mask then.
    pub among: Option<Among>,
}

/// The place of a result in a map with more planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Among {
    /// Planes of that map.
    pub channels: usize,
    /// Which of them is the result's first.
    pub first: usize,
}

/// Whether and how a result is rectified.
#[derive(Default)]
pub enum Relu<'a> {
    /// It is not.
    #[default]
    Absent,
    /// max(x, 0).
    Forget,
    /// max(x, 0), noting in the mask which values were positive.
    Note(&'a mut [u8]),
}

/// What a convolution followed by max pooling notes for the way back.
pub struct PoolNotes<'a> {
    /// Bits of the pooled values that are positive.
    pub mask: &'a mut [u8],
    /// Where each maximum lay: for every position a plane of bits that tells its column, then one that tells its row,
    /// each laid out as a mask.
    pub switches: &'a mut [u8],
}

/// What a backward operation does to its result before storing it.
pub struct Cotangent<'a> {
    /// Adds what the destination already holds.
    pub accumulate: bool,
    /// Then passes the sum through the ReLU that made the map, given its mask.
    pub relu: Option<(ReluRule, &'a [u8])>,
}

/// A convolution to be prepared: its geometry, the size of its input and its parameters.
#[derive(Clone, Copy)]
pub struct ConvolutionAt<'a> {
    /// Geometry.
    pub convolution: Convolution,
    /// Every plane is convolved with a kernel of its own.
    pub depthwise: bool,
    /// Size of the input map.
    pub input: Shape,
    /// The convolution sees the input map enlarged ×2, every value repeated 2×2.
    pub upsampled: bool,
    /// Size of the output map.
    pub output: Shape,
    /// `[outputs, inputs, kernel, kernel]`; of a depthwise convolution `[outputs, 1, kernel, kernel]`.
    pub weight: &'a [f32],
    /// The same weights as indices into a table, if they are stored so.
    pub codebook: Option<Codebook<'a>>,
    /// `[outputs]`.
    pub bias: &'a [f32],
}

/// Weights as one byte a value: value `i` is `table[indices[i]]`.
#[derive(Clone, Copy)]
pub struct Codebook<'a> {
    /// In the order of the weights.
    pub indices: &'a [u8],
    /// Entries beyond the indices' largest are not used.
    pub table: &'a [f32; 256],
}

/// An instance norm at a size.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// Size of its input and output.
    pub shape: Shape,
    /// Added to the variance.
    pub epsilon: f32,
    /// Factor of every plane.
    pub scale: &'a [f32],
    /// Added to every plane then.
    pub shift: &'a [f32],
}

/// A device runs layers. All slices are maps with channels innermost, as long as their shapes say.
pub trait Device: Send + Sync {
    /// A convolution's parameters arranged for one direction and one size.
    type Filter: Send + Sync;

    /// Arranges weights for [`Device::convolve`].
    fn filter(&self, at: ConvolutionAt<'_>) -> Self::Filter;
    /// Arranges weights for [`Device::convolve_vjp`].
    fn filter_vjp(&self, at: ConvolutionAt<'_>) -> Self::Filter;
    /// Bytes that a filter holds.
    fn filter_bytes(&self, filter: &Self::Filter) -> usize;
    /// Values of temporary memory that the filter's operation wants in `workspace`.
    fn workspace_len(&self, filter: &Self::Filter) -> usize;
    /// Values of it that [`Device::convolve_parameters_vjp`] wants.
    fn parameters_workspace_len(&self, filter: &Self::Filter) -> usize;
    /// y = x ∗ weight + bias.
    fn convolve(
        &self,
        filter: &Self::Filter,
        x: &[f32],
        y: &mut [f32],
        after: Activation<'_>,
        workspace: &mut [f32],
    );
    /// dx = vector-Jacobian product of the convolution with dy.
    fn convolve_vjp(
        &self,
        filter: &Self::Filter,
        dy: &[f32],
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    );
    /// Whether the device computes a convolution between maps of these sizes together with a ReLU and the maxima of 2×2
    /// windows side by side.
    fn pools(&self, convolution: Convolution, input: Shape, output: Shape) -> bool;
    /// y = the maxima of 2×2 windows of max(x ∗ weight + bias, 0).
    fn convolve_pooled(
        &self,
        filter: &Self::Filter,
        x: &[f32],
        y: &mut [f32],
        notes: Option<PoolNotes<'_>>,
        workspace: &mut [f32],
    );
    /// dx = vector-Jacobian product of a convolution whose result was pooled, given the cotangent of the pooled map after
    /// its ReLU, and the switches.
    fn convolve_pooled_vjp(
        &self,
        filter: &Self::Filter,
        dy: (&[f32], &[u8]),
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    );
    /// Adds to `dweight` (laid out as [`ConvolutionAt::weight`]) and `dbias` the derivatives by a convolution's parameters;
    /// `filter` is the one that [`Device::filter`] made, `x` its input, `dy` its output's cotangent.
    fn convolve_parameters_vjp(
        &self,
        filter: &Self::Filter,
        x: &[f32],
        dy: &[f32],
        gradient: (&mut [f32], &mut [f32]),
        workspace: &mut [f32],
    );
    /// y = (x − mean) / √(variance + ε) · scale + shift, plane by plane; without `x`, y's old content is normed in place.
    /// `statistics` receives means, how much each is too large, being rounded, and the factors 1 / √(variance + ε).
    fn instance_norm(
        &self,
        norm: Norm<'_>,
        x: Option<&[f32]>,
        statistics: &mut [f32],
        y: &mut [f32],
        after: Activation<'_>,
    );
    /// Vector-Jacobian product of [`Device::instance_norm`], given its input and its statistics; adds the derivatives by
    /// scale and shift to `gradient` where they are wanted.
    #[allow(clippy::too_many_arguments)]
    fn instance_norm_vjp(
        &self,
        norm: Norm<'_>,
        x: &[f32],
        statistics: &[f32],
        dy: &[f32],
        gradient: Option<(&mut [f32], &mut [f32])>,
        dx: &mut [f32],
        after: Cotangent<'_>,
    );
    /// y = x with every value repeated 2×2.
    fn upsample(&self, x: Map<'_>, y: &mut [f32]);
    /// Vector-Jacobian product of [`Device::upsample`]: sums of 2×2 values; `dy` has the output's shape.
    fn upsample_vjp(&self, dy: Map<'_>, dx: &mut [f32], after: Cotangent<'_>);
    /// y = x with every value followed by zeros, to the right and below.
    fn spread(&self, x: Map<'_>, y: &mut [f32]);
    /// Vector-Jacobian product of [`Device::spread`]: the first of 2×2 values; `dy` has the output's shape.
    fn spread_vjp(&self, dy: Map<'_>, dx: &mut [f32], after: Cotangent<'_>);
    /// Spatial pooling; `switches`, of [`Shape::switch_len`] bytes, receives each maximum's place in its window, the
    /// first one where several are equal.
    fn pool(&self, pool: Pool, x: Map<'_>, y: &mut [f32], switches: Option<&mut [u8]>);
    /// Vector-Jacobian product of pooling; `dy` has the output's shape, `dx` the shape `input`.
    fn pool_vjp(
        &self,
        pool: Pool,
        dy: Map<'_>,
        switches: &[u8],
        input: Shape,
        dx: &mut [f32],
        after: Cotangent<'_>,
    );
    /// y = activation(x); with a residual, the sum of two maps.
    fn activate(&self, x: Map<'_>, y: &mut [f32], after: Activation<'_>);
    /// dx (of `input.channels` planes) = the planes of `dy` from `first` on.
    fn planes_vjp(&self, dy: Map<'_>, first: usize, input: Shape, dx: &mut [f32], after: Cotangent<'_>);
    /// Writes x to the planes of y, which has `channels` of them, from `first` on.
    fn place_planes(&self, x: Map<'_>, y: &mut [f32], channels: usize, first: usize);
    /// Mean of every plane.
    fn mean(&self, x: Map<'_>, y: &mut [f32]);
    /// Vector-Jacobian product of [`Device::mean`].
    fn mean_vjp(&self, dy: &[f32], input: Shape, dx: &mut [f32], after: Cotangent<'_>);
    /// y = x brought into the range [low, high] by the logistic curve.
    fn squash(&self, range: [f32; 2], x: &[f32], y: &mut [f32]);
    /// Vector-Jacobian product of [`Device::squash`] at the map x, which has the shape `shape`.
    fn squash_vjp(
        &self,
        range: [f32; 2],
        x: &[f32],
        dy: &[f32],
        shape: Shape,
        dx: &mut [f32],
        after: Cotangent<'_>,
    );
    /// y = uniform noise of [0, 1) that depends on both numbers.
    fn noise(&self, seed: u64, stream: u64, y: &mut [f32]);
    /// The ReLU of `shape` applied to a cotangent in place.
    fn relu_vjp(&self, shape: Shape, dx: &mut [f32], rule: ReluRule, mask: &[u8]);
    /// Channel statistics; the full matrix of second moments if `full`.
    fn moments(&self, map: Map<'_>, full: bool) -> Moments;
    /// Adds an affine image of every position to `gradient`.
    fn add_affine(&self, map: Map<'_>, affine: &Affine, gradient: &mut [f32]);
}
