//! The texture network of Ulyanov et al., "Texture Networks: Feed-forward Synthesis of Textures and Stylized Images", 2016:
//! noise comes in at every scale of a pyramid, from the coarsest to the finest.
//!
//! Departures: instance norm for batch norm (Ulyanov et al. 2017), placed at the end of every part, so that parts meet at
//! one scale without further norms where they are joined; ReLU for leaky ReLU.

use super::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling, transform::rectified};

/// Name of the last layer, which holds the picture in RGB, not clamped.
pub const OUTPUT: &str = "picture";

/// Builds a pyramid of `scales` sizes, each half the one before. Every scale makes `planes` planes of `noise` planes of
/// noise; they join what came from the coarser scales, so that the finest has `planes · scales` (the paper's: 5 scales for
/// textures, 6 for painting, 8 planes, 3 of noise). The input's values count with `content` only: averaged, the picture
/// comes in beside the noise of every scale. Otherwise the input gives no more than the size.
///
/// Scale `k` has the layers `z{k}` (noise), `i{k}` (picture), `s{k}.a`, `.b`, `.c` before the joint and `j{k}.a`, `.b`, `.c`
/// behind it, with `.norm` and `.relu`; 0 is the finest. Sides must be multiples of 2^(scales − 1).
pub fn pyramid(scales: usize, planes: usize, noise: usize, padding: Padding, content: bool) -> Network {
    let mut net = Network::new("pyramid", InputConvention::UNCHANGED);
    let part = |net: &mut Network, name: &str, width: usize, mut last: usize| {
        for (suffix, kernel) in [("a", 3), ("b", 3), ("c", 1)] {
            let convolution = Convolution::same(width, kernel, padding);
            last = rectified(net, &format!("{name}.{suffix}"), convolution, last);
        }
        last
    };
    let mut joined: Option<usize> = None;
    for scale in (0..scales).rev() {
        let shrink = 1 << scale;
        let stream = net.layers.len() as u32;
        let mut source = net.push(&format!("z{scale}"), Op::Noise { planes: noise, shrink, stream }, &[0]);
        if content {
            let picture = match scale {
                0 => 0,
                _ => {
                    let pool = Pool { pooling: Pooling::Average, window: shrink.min(16), stride: shrink };
                    net.push(&format!("i{scale}"), Op::Pool(pool), &[0])
                }
            };
            source = net.push(&format!("s{scale}"), Op::Concat, &[source, picture]);
        }
        let fresh = part(&mut net, &format!("s{scale}"), planes, source);
        joined = Some(match joined {
            None => fresh,
            Some(coarse) => {
                let large = net.push(&format!("j{scale}.large"), Op::Upsample, &[coarse]);
                let both = net.push(&format!("j{scale}"), Op::Concat, &[large, fresh]);
                part(&mut net, &format!("j{scale}"), planes * (scales - scale), both)
            }
        });
    }
    let last = joined.unwrap_or(0);
    net.push(OUTPUT, Op::Convolution(Convolution::same(3, 1, padding)), &[last]);
    net
}
