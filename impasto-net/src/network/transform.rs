//! The image transformation network of Johnson et al., "Perceptual Losses for Real-Time Style Transfer and
//! Super-Resolution", 2016, as it is trained today: instance norm (Ulyanov et al. 2016), and enlargement by nearest
//! neighbour where the paper has transposed convolutions, which leave a checkerboard (Odena et al. 2016). Noise may come in at
//! half size (as in Ulyanov et al., "Texture Networks", 2016): without it nothing but the grid of its own enlargements could
//! tell a network where a smooth place's strokes go.

use super::{Convolution, InputConvention, Network, Op, Padding};

/// The noise that joins a painting.
const NOISE: &str = "z";

/// The norms' ε, PyTorch's default.
const EPSILON: f32 = 1e-5;

/// What joins the maps on the way back to full size, beside the paper's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joining {
    /// Planes of noise that `d2` and `u2` read.
    pub noise: usize,
    /// Planes that `u2` reads of what `d2` reads, past everything at quarter size: a skip connection (Ronneberger et al.
    /// 2015), by which details need not go through the blocks.
    pub skip: usize,
}

/// Name of the last layer, which holds the painted picture in RGB [0, 1], not clamped.
pub const OUTPUT: &str = "c2";

/// Builds a generator with `widths` planes at full, half and quarter size (the paper's: 32, 64, 128) and `blocks`
/// residual blocks (the paper's: 5), and what joins them (the paper's: nothing). `padding` surrounds every convolution;
/// `Reflect` avoids frames, `Circular` makes pictures that tile.
///
/// A convolution is called `c1`, `d1`, `d2`, `r1.a`, `r1.b` …, `u1`, `u2`, `c2`; its norm and ReLU add `.norm` and
/// `.relu`; `r1` … are the residual sums, `skip` is what goes past them. Parameters are named after their layers:
/// `c1.weight`, `c1.norm.weight` …. The picture painted is a multiple of 4 pixels high and wide, the next one from the input's
/// size on.
pub fn transform(widths: [usize; 3], blocks: usize, joining: Joining, padding: Padding) -> Network {
    let [full, half, quarter] = widths;
    let mut net = Network::new("transform", InputConvention::UNCHANGED);
    let same = |outputs, kernel| Convolution::same(outputs, kernel, padding);
    let mut last = rectified(&mut net, "c1", same(full, 9), 0);
    let down = |outputs| Convolution { stride: 2, ..same(outputs, 3) };
    last = rectified(&mut net, "d1", down(half), last);
    let Joining { noise, skip } = joining;
    let grain =
        (noise > 0).then(|| net.push(NOISE, Op::Noise { planes: noise, shrink: 1, stream: 0 }, &[last]));
    last = joined(&mut net, "d2", &[Some(last), grain]);
    // Here and not where it is read, so that the larger map need not wait for it.
    let past = (skip > 0).then(|| net.push("skip", Op::Convolution(same(skip, 1)), &[last]));
    last = rectified(&mut net, "d2", down(quarter), last);
    for block in 1..=blocks {
        let name = format!("r{block}");
        let inner = rectified(&mut net, &format!("{name}.a"), same(quarter, 3), last);
        let inner = normed(&mut net, &format!("{name}.b"), same(quarter, 3), inner);
        last = net.push(&name, Op::Add, &[last, inner]);
    }
    let enlarged = |net: &mut Network, name: &str, width: usize, last: usize| {
        let large = net.push(&format!("{name}.large"), Op::Upsample, &[last]);
        rectified(net, name, same(width, 3), large)
    };
    last = enlarged(&mut net, "u1", half, last);
    last = joined(&mut net, "u2", &[Some(last), grain, past]);
    last = enlarged(&mut net, "u2", full, last);
    net.push(OUTPUT, Op::Convolution(same(3, 9)), &[last]);
    net
}

/// What the layer `name` reads where several maps of a size come together.
fn joined(net: &mut Network, name: &str, maps: &[Option<usize>]) -> usize {
    match maps.iter().flatten().copied().collect::<Vec<_>>()[..] {
        [one] => one,
        ref several => net.push(&format!("{name}.joined"), Op::Concat, several),
    }
}

/// A convolution and its norm.
fn normed(net: &mut Network, name: &str, conv: Convolution, input: usize) -> usize {
    let conv = net.push(name, Op::Convolution(conv), &[input]);
    net.push(&format!("{name}.norm"), Op::InstanceNorm { epsilon: EPSILON }, &[conv])
}

/// A convolution, its norm and its ReLU.
pub(super) fn rectified(net: &mut Network, name: &str, conv: Convolution, input: usize) -> usize {
    let norm = normed(net, name, conv, input);
    net.push(&format!("{name}.relu"), Op::Relu, &[norm])
}
