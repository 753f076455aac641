//! The processor as a device: vector kernels chosen at run time, work split over the current rayon pool.
//!
//! Every sum is taken in an order that depends on sizes only, so results are bit-identical for any number of threads.

mod affine;
mod bias;
mod codebook;
mod convolution;
mod depthwise;
mod direct;
mod disjoint;
mod finish;
mod isa;
mod moments;
mod multiply;
pub(crate) mod noise;
mod norm;
mod pool;
mod positions;
mod scratch;
mod segments;
mod simd;
mod squash;
mod upsample;
mod winograd;

pub use convolution::Filter;
pub use isa::Isa;
pub use scratch::held as scratch_bytes;

use crate::{
    Map,
    device::{Activation, ConvolutionAt, Cotangent, Device, Norm, PoolNotes, Shape},
    network::{Convolution, Pool},
    plan::ReluRule,
    statistics::{Affine, Moments},
};
use finish::Finish;

/// This machine's processor with one of its instruction sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// What the kernels run on.
    pub isa: Isa,
    /// Whether 3×3 convolutions take the form that loses no more digits than plain sums, at about half the speed: for
    /// derivatives of single units, which a maximum that changes hands by a rounding error changes by per cents.
    pub precise: bool,
}

impl Cpu {
    /// This machine's best instruction set, precise.
    pub fn precise() -> Self {
        Cpu { precise: true, ..Cpu::default() }
    }
}

impl Default for Cpu {
    fn default() -> Self {
        Cpu { isa: Isa::detect(), precise: false }
    }
}

impl Device for Cpu {
    type Filter = Filter;

    fn filter(&self, at: ConvolutionAt<'_>) -> Filter {
        Filter::forward(at, self.precise)
    }

    fn filter_vjp(&self, at: ConvolutionAt<'_>) -> Filter {
        Filter::backward(at, self.precise)
    }

    fn filter_bytes(&self, filter: &Filter) -> usize {
        filter.bytes()
    }

    fn workspace_len(&self, filter: &Filter) -> usize {
        filter.workspace_len()
    }

    fn parameters_workspace_len(&self, filter: &Filter) -> usize {
        filter.parameters_workspace_len()
    }

    fn convolve(
        &self,
        filter: &Filter,
        x: &[f32],
        y: &mut [f32],
        after: Activation<'_>,
        workspace: &mut [f32],
    ) {
        filter.convolve(self.isa, x, y, after, workspace);
    }

    fn convolve_vjp(
        &self,
        filter: &Filter,
        dy: &[f32],
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    ) {
        filter.convolve_vjp(self.isa, dy, dx, after, workspace);
    }

    fn pools(&self, convolution: Convolution, input: Shape, output: Shape) -> bool {
        Filter::pools(convolution, input, output)
    }

    fn convolve_pooled(
        &self,
        filter: &Filter,
        x: &[f32],
        y: &mut [f32],
        notes: Option<PoolNotes<'_>>,
        workspace: &mut [f32],
    ) {
        filter.convolve_pooled(self.isa, x, y, notes, workspace);
    }

    fn convolve_pooled_vjp(
        &self,
        filter: &Filter,
        dy: (&[f32], &[u8]),
        dx: &mut [f32],
        after: Cotangent<'_>,
        workspace: &mut [f32],
    ) {
        filter.convolve_pooled_vjp(self.isa, dy, dx, after, workspace);
    }

    fn convolve_parameters_vjp(
        &self,
        filter: &Filter,
        x: &[f32],
        dy: &[f32],
        (dweight, dbias): (&mut [f32], &mut [f32]),
        workspace: &mut [f32],
    ) {
        filter.parameters_vjp(self.isa, x, dy, (dweight, dbias), workspace);
    }

    fn instance_norm(
        &self,
        norm: Norm<'_>,
        x: Option<&[f32]>,
        statistics: &mut [f32],
        y: &mut [f32],
        after: Activation<'_>,
    ) {
        norm::instance_norm(self.isa, norm, x, statistics, y, after);
    }

    fn instance_norm_vjp(
        &self,
        norm: Norm<'_>,
        x: &[f32],
        statistics: &[f32],
        dy: &[f32],
        gradient: Option<(&mut [f32], &mut [f32])>,
        dx: &mut [f32],
        after: Cotangent<'_>,
    ) {
        norm::instance_norm_vjp(self.isa, norm, x, statistics, dy, gradient, dx, after);
    }

    fn upsample(&self, x: Map<'_>, y: &mut [f32]) {
        upsample::upsample(x, y);
    }

    fn upsample_vjp(&self, dy: Map<'_>, dx: &mut [f32], after: Cotangent<'_>) {
        let input = Shape { height: dy.height / 2, width: dy.width / 2, channels: dy.channels };
        upsample::upsample_vjp(self.isa, dy.data, input, Finish::backward(input, dx, after));
    }

    fn spread(&self, x: Map<'_>, y: &mut [f32]) {
        upsample::spread(x, y);
    }

    fn spread_vjp(&self, dy: Map<'_>, dx: &mut [f32], after: Cotangent<'_>) {
        let input = Shape { height: dy.height / 2, width: dy.width / 2, channels: dy.channels };
        upsample::spread_vjp(self.isa, dy.data, input, Finish::backward(input, dx, after));
    }

    fn pool(&self, pool: Pool, x: Map<'_>, y: &mut [f32], switches: Option<&mut [u8]>) {
        pool::pool(self.isa, pool, x, y, switches);
    }

    fn pool_vjp(
        &self,
        pool: Pool,
        dy: Map<'_>,
        switches: &[u8],
        input: Shape,
        dx: &mut [f32],
        after: Cotangent<'_>,
    ) {
        pool::pool_vjp(self.isa, pool, dy, switches, input, Finish::backward(input, dx, after));
    }

    fn activate(&self, x: Map<'_>, y: &mut [f32], after: Activation<'_>) {
        let shape = Shape { height: x.height, width: x.width, channels: x.channels };
        let finish = Finish::forward(shape, y, &[], after);
        positions::store_all(self.isa, x.data, x.channels, x.channels, x.positions(), finish);
    }

    fn planes_vjp(&self, dy: Map<'_>, first: usize, input: Shape, dx: &mut [f32], after: Cotangent<'_>) {
        let finish = Finish::backward(input, dx, after);
        let n = input.positions();
        positions::store_all(self.isa, &dy.data[first..], dy.channels, input.channels, n, finish);
    }

    fn place_planes(&self, x: Map<'_>, y: &mut [f32], channels: usize, first: usize) {
        positions::place_planes(x, y, channels, first);
    }

    fn mean(&self, x: Map<'_>, y: &mut [f32]) {
        positions::mean(x, y);
    }

    fn mean_vjp(&self, dy: &[f32], input: Shape, dx: &mut [f32], after: Cotangent<'_>) {
        let share = 1.0 / input.positions() as f32;
        let values: Vec<f32> = dy.iter().map(|dy| share * dy).collect();
        let finish = Finish::backward(input, dx, after);
        positions::store_all(self.isa, &values, 0, input.channels, input.positions(), finish);
    }

    fn squash(&self, range: [f32; 2], x: &[f32], y: &mut [f32]) {
        squash::squash(self.isa, range, x, y);
    }

    fn squash_vjp(
        &self,
        range: [f32; 2],
        x: &[f32],
        dy: &[f32],
        shape: Shape,
        dx: &mut [f32],
        after: Cotangent<'_>,
    ) {
        squash::squash_vjp(self.isa, range, x, dy, shape, Finish::backward(shape, dx, after));
    }

    fn noise(&self, seed: u64, stream: u64, y: &mut [f32]) {
        noise::noise(seed, stream, y);
    }

    fn relu_vjp(&self, shape: Shape, dx: &mut [f32], rule: ReluRule, mask: &[u8]) {
        let zero = vec![0.0; shape.channels];
        let after = Cotangent { accumulate: true, relu: Some((rule, mask)) };
        let finish = Finish::backward(shape, dx, after);
        positions::store_all(self.isa, &zero, 0, shape.channels, shape.positions(), finish);
    }

    fn moments(&self, map: Map<'_>, full: bool) -> Moments {
        moments::moments(self.isa, map, full)
    }

    fn add_affine(&self, map: Map<'_>, affine: &Affine, gradient: &mut [f32]) {
        affine::add_affine(self.isa, map, affine, gradient);
    }
}
