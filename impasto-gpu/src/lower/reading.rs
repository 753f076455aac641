//! Dispatches of one convolution, whatever map it is of.

use crate::{
    filters::Algorithm,
    kernel::Kernel,
    record::{Finish, NONE, Op, rows},
};
use impasto_net::{device::Shape, network::Padding};

/// Outputs up to which every invocation computes all of a position.
pub const NARROW: usize = 4;
/// Outputs up to which tiles are tall.
const FEW: usize = 32;
/// Planes from which on Winograd's algorithm saves more than its transforms cost, read and written.
const MANY: usize = 16;
/// Rows and columns of values to a tile of Winograd's.
const STEP: usize = 4;
/// Points at which it multiplies.
const POINTS: usize = 36;
/// Values that a band of its transformed tiles and their products may take, unless a row of tiles takes more.
const BAND: usize = 16 << 20;

/// How a convolution reads its input.
pub struct Reading {
    pub input: usize,
    pub shape: Shape,
    pub output: Shape,
    pub kernel: usize,
    pub stride: usize,
    pub before: isize,
    pub padding: Padding,
    pub enlarge: bool,
    pub dilate: usize,
}

/// The number that shaders have for a padding.
pub fn code(padding: Padding) -> u32 {
    match padding {
        Padding::Zero => 0,
        Padding::Replicate => 1,
        Padding::Reflect => 2,
        Padding::Circular => 3,
    }
}

/// Rows and columns of a tile of products (`tall.wgsl`, `square.wgsl`).
fn tile(outputs: usize) -> [usize; 2] {
    if outputs <= FEW { [128, 32] } else { [64, 64] }
}

/// Tiles of Winograd's algorithm.
struct Tiles {
    /// In a row, and in all.
    across: usize,
    count: usize,
    /// In a band.
    band: usize,
}

impl Reading {
    /// Of the map at `input`, at every position by itself, for as many planes: a product with a matrix.
    pub fn pointwise(input: usize, shape: Shape) -> Reading {
        Reading {
            input,
            shape,
            output: shape,
            kernel: 1,
            stride: 1,
            before: 0,
            padding: Padding::Zero,
            enlarge: false,
            dilate: 1,
        }
    }

    /// The algorithm that computes it; `precise` as [`Job::precise`](impasto_net::engine::Job::precise) says.
    pub fn algorithm(&self, precise: bool) -> Algorithm {
        let plain = self.kernel == 3 && self.stride == 1 && self.dilate == 1;
        let planes = self.shape.channels.min(self.output.channels);
        // What is multiplied: 36 values for a tile's 16 positions instead of 9 for each, groups of rows being filled up.
        let rows = tile(self.output.channels)[0];
        let products = POINTS * self.tiles().count.div_ceil(rows);
        let fewer = products < 9 * self.output.positions().div_ceil(rows);
        match plain && planes >= MANY && fewer && !precise {
            true => Algorithm::Winograd,
            false => Algorithm::Direct,
        }
    }

    fn tiles(&self) -> Tiles {
        let [down, across] = [self.output.height, self.output.width].map(|n| n.div_ceil(STEP));
        let values = POINTS * (self.shape.channels + self.output.channels);
        Tiles {
            across,
            count: down * across,
            band: (BAND / values).clamp(across, (down * across).max(across)),
        }
    }

    /// Values of temporary memory that `algorithm` wants.
    pub fn scratch_len(&self, algorithm: Algorithm) -> usize {
        match algorithm {
            Algorithm::Direct => 0,
            Algorithm::Winograd => POINTS * self.tiles().band * (self.shape.channels + self.output.channels),
        }
    }

    /// Of every plane by itself.
    pub fn depthwise(&self, finish: &Finish, bias: u32) -> Op {
        Op::each(Kernel::Depthwise, finish, &self.parameters(bias, [0; 5], NONE), self.output.len())
    }

    /// As products of matrices, all places of the kernel at once. `factors`, one a position, by which results are multiplied,
    /// begin at that vector of the operation's buffer.
    pub fn direct(&self, finish: &Finish, bias: u32, factors: Option<u32>) -> Op {
        let parameters = self.parameters(bias, [0; 5], factors.unwrap_or(NONE));
        let (positions, outputs) = (self.output.positions(), self.output.channels);
        if outputs <= NARROW {
            return Op::each(Kernel::Narrow, finish, &parameters, positions);
        }
        let [tall, wide] = tile(outputs);
        let kernel = if outputs <= FEW { Kernel::ConvolveTall } else { Kernel::Convolve };
        let [x, z, _] = rows(positions.div_ceil(tall));
        Op::new(kernel, finish, &parameters, [x, outputs.div_ceil(wide) as u32, z])
    }

    /// By Winograd's algorithm, band after band, with temporary values from `scratch` on.
    pub fn winograd(&self, finish: &Finish, bias: u32, scratch: usize) -> Vec<Op> {
        let (inputs, outputs) = (self.shape.channels, self.output.channels);
        let tiles = self.tiles();
        let [tall, wide] = tile(outputs);
        let kernel = if outputs <= FEW { Kernel::WinogradProductsTall } else { Kernel::WinogradProducts };
        let mut ops = Vec::new();
        for first in (0..tiles.count).step_by(tiles.band) {
            let count = tiles.band.min(tiles.count - first);
            let products = scratch + POINTS * count * inputs;
            let band = [tiles.across, first, count, scratch, products].map(|value| value as u32);
            let parameters = self.parameters(bias, band, NONE);
            let groups = [count.div_ceil(tall) as u32, outputs.div_ceil(wide) as u32, POINTS as u32];
            ops.push(Op::each(Kernel::WinogradInput, finish, &parameters, count * inputs));
            ops.push(Op::new(kernel, finish, &parameters, groups));
            ops.push(Op::each(Kernel::WinogradOutput, finish, &parameters, count * outputs));
        }
        ops
    }

    /// Derivatives by its weights, in slices of positions, from the cotangent at `dy`; to `scratch`.
    pub fn filter_gradient(&self, dy: usize, (slice, slices): (usize, usize), scratch: usize) -> Op {
        let (rows, outputs) = (self.kernel * self.kernel * self.shape.channels, self.output.channels);
        let band = [0, 0, slice, dy, scratch].map(|value| value as u32);
        let [tall, wide] = tile(outputs);
        let kernel = if outputs <= FEW { Kernel::FilterGradientTall } else { Kernel::FilterGradient };
        let groups = [rows.div_ceil(tall) as u32, outputs.div_ceil(wide) as u32, slices as u32];
        Op::new(kernel, &Finish::plain(0, 1), &self.parameters(NONE, band, NONE), groups)
    }

    fn parameters(&self, bias: u32, band: [u32; 5], factors: u32) -> Vec<u32> {
        let mut words = vec![
            self.input as u32,
            self.shape.height as u32,
            self.shape.width as u32,
            self.shape.channels as u32,
            self.output.width as u32,
            self.output.positions() as u32,
            self.output.channels as u32,
            self.kernel as u32,
            self.stride as u32,
            self.before as i32 as u32,
            code(self.padding),
            u32::from(self.enlarge),
            self.dilate as u32,
            bias,
        ];
        words.extend(band);
        words.push(factors);
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_cover_all_tiles_and_stay_small() {
        let shape = Shape { height: 513, width: 1030, channels: 64 };
        let reading = Reading { kernel: 3, before: 1, ..Reading::pointwise(0, shape) };
        assert_eq!(reading.algorithm(false), Algorithm::Winograd);
        assert_eq!(reading.algorithm(true), Algorithm::Direct);
        assert!(reading.scratch_len(Algorithm::Winograd) <= BAND);
        let ops = reading.winograd(&Finish::plain(0, 64), 0, 100);
        let tiles = reading.tiles();
        assert_eq!(tiles.count, 129 * 258);
        assert_eq!(ops.len(), 3 * tiles.count.div_ceil(tiles.band));
        let covered: u32 = ops.iter().step_by(3).map(|op| op.words[crate::record::FINISH + 16]).sum();
        assert_eq!(covered as usize, tiles.count);
    }

    #[test]
    fn what_winograd_cannot_do_or_is_not_worth_is_direct() {
        let shape = Shape { height: 20, width: 20, channels: 64 };
        let reading = Reading { kernel: 3, ..Reading::pointwise(0, shape) };
        let direct = |reading: Reading| reading.algorithm(false) == Algorithm::Direct;
        assert!(direct(Reading { kernel: 5, ..reading }));
        assert!(direct(Reading { stride: 2, ..Reading { ..reading } }));
        assert!(direct(Reading { dilate: 2, ..reading }));
        assert!(direct(Reading { output: Shape { channels: 3, ..shape }, ..reading }));
        assert!(direct(Reading { output: Shape { height: 2, ..shape }, ..reading }));
        let small = Shape { height: 16, width: 16, channels: 64 };
        assert!(direct(Reading { shape: small, output: small, ..reading }));
    }
}
