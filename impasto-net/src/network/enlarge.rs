//! The super-resolution network of Johnson et al., "Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
//! 2016: residual blocks at the small picture's size, then enlargements with a convolution each.
//!
//! Departures: no norms, which lose the picture's contrast (Lim et al., EDSR, 2017); nearest neighbour and a convolution
//! for a convolution of stride ½; what is computed is added to the picture enlarged by nearest neighbour and a convolution,
//! which begins as the linear filter ([`LINEAR`]).

use super::{Convolution, InputConvention, Network, Op, Padding};

/// Name of the last layer, which holds the large picture in RGB, not clamped.
pub const OUTPUT: &str = "picture";

/// Along an axis, what makes linear interpolation of a picture enlarged twice by nearest neighbour.
pub const LINEAR: [f32; 3] = [0.25, 0.5, 0.25];

/// Builds a network that makes pictures `factor` times as high and wide (a power of two), with `width` planes and `blocks`
/// residual blocks (the paper's: 64 and 4).
pub fn enlarge(factor: usize, width: usize, blocks: usize, padding: Padding) -> Network {
    let mut net = Network::new("enlarge", InputConvention::UNCHANGED);
    let same = |outputs, kernel| Op::Convolution(Convolution::same(outputs, kernel, padding));
    let rectified = |net: &mut Network, name: &str, kernel: usize, input: usize| {
        let convolution = net.push(name, same(width, kernel), &[input]);
        net.push(&format!("{name}.relu"), Op::Relu, &[convolution])
    };
    let mut last = rectified(&mut net, "c1", 9, 0);
    for block in 1..=blocks {
        let inner = rectified(&mut net, &format!("r{block}.a"), 3, last);
        let inner = net.push(&format!("r{block}.b"), same(width, 3), &[inner]);
        last = net.push(&format!("r{block}"), Op::Add, &[last, inner]);
    }
    let mut plain = 0;
    for step in 1..=factor.ilog2() {
        let large = net.push(&format!("u{step}.large"), Op::Upsample, &[last]);
        last = rectified(&mut net, &format!("u{step}"), 3, large);
        let coarse = net.push(&format!("p{step}.large"), Op::Upsample, &[plain]);
        plain = net.push(&format!("p{step}"), same(3, 3), &[coarse]);
    }
    let detail = net.push("c2", same(3, 9), &[last]);
    net.push(OUTPUT, Op::Add, &[plain, detail]);
    net
}
