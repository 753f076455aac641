//! The networks of Ghiasi et al., "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
//! 2017, in the small form that the Magenta project trained for phones: a predictor that turns a style picture into a
//! vector, and a transformer whose norms take scales and shifts that depend on the vector.

use super::{Convolution, InputConvention, Network, Op, Padding};

/// Numbers that describe a style.
pub const STYLE: usize = 100;

/// Name of the predictor's last layer, which holds the style's vector at its one position.
pub const VECTOR: &str = "style";

/// The norms' ε.
const EPSILON: f32 = 1e-5;

/// Planes that a MobileNet block gives, how often it enlarges its input's planes inside, and its stride.
const BLOCKS: [(usize, usize, usize); 17] = [
    (16, 1, 1),
    (24, 6, 2),
    (24, 6, 1),
    (32, 6, 2),
    (32, 6, 1),
    (32, 6, 1),
    (64, 6, 2),
    (64, 6, 1),
    (64, 6, 1),
    (64, 6, 1),
    (96, 6, 1),
    (96, 6, 1),
    (96, 6, 1),
    (160, 6, 2),
    (160, 6, 1),
    (160, 6, 1),
    (320, 6, 1),
];

/// The predictor: MobileNet v2 (Sandler et al. 2018) and a dense layer. It was trained with pictures of 256×256 pixels, and
/// takes any from 32×32 on; sides that are multiples of 32 have the borders it was trained with.
///
/// Layers: `conv`, `block0` … `block16` with `.expand`, `.depthwise`, `.project` inside, `head`, `mean`, `style`; a ReLU adds
/// `.relu`. Parameters: the convolutions' names behind `predictor.`.
pub fn predictor() -> Network {
    let mut net = Network::new("magenta-predictor", InputConvention::UNCHANGED);
    let dense = |outputs| Op::Convolution(Convolution::same(outputs, 1, Padding::Zero));
    let clipped = |net: &mut Network, name: &str, op, input| {
        let conv = push(net, name, op, input);
        net.push(&format!("{name}.relu"), Op::ClippedRelu { ceiling: 6.0 }, &[conv])
    };
    let mut last = clipped(&mut net, "conv", Op::Convolution(window(32, 2)), 0);
    let mut planes = 32;
    for (number, (outputs, factor, stride)) in BLOCKS.into_iter().enumerate() {
        let (name, input, inner) = (format!("block{number}"), last, planes * factor);
        if factor > 1 {
            last = clipped(&mut net, &format!("{name}.expand"), dense(inner), last);
        }
        last = clipped(&mut net, &format!("{name}.depthwise"), Op::Depthwise(window(inner, stride)), last);
        last = push(&mut net, &format!("{name}.project"), dense(outputs), last);
        if stride == 1 && outputs == planes {
            last = net.push(&name, Op::Add, &[input, last]);
        }
        planes = outputs;
    }
    last = clipped(&mut net, "head", dense(1280), last);
    last = net.push("mean", Op::Mean, &[last]);
    push(&mut net, VECTOR, dense(STYLE), last);
    net
}

/// A 3×3 window with TensorFlow's border: of stride two, it lies at the far side only.
fn window(outputs: usize, stride: usize) -> Convolution {
    Convolution { stride, before: 2 - stride, ..Convolution::same(outputs, 3, Padding::Zero) }
}

/// A layer with parameters.
fn push(net: &mut Network, name: &str, op: Op, input: usize) -> usize {
    let layer = net.push(name, op, &[input]);
    net.layers[layer].parameters = format!("predictor.{name}");
    layer
}

/// Name of the transformer's last layer, which holds the painted picture in RGB [0, 1].
pub const OUTPUT: &str = "picture";

/// Pictures whose sides are multiples of this come out of the transformer at exactly their size.
pub const MULTIPLE: usize = 4;

/// The transformer: Johnson's network with 8, 16 and 32 planes, reflected borders, no norms before the residual blocks and
/// one after the last convolution. Layers and parameters are named as in [`transform`](super::transform::transform()).
/// The picture painted is a multiple of 4 pixels high and wide, the next one from the input's size on.
pub fn transformer() -> Network {
    let mut net = Network::new("magenta", InputConvention::UNCHANGED);
    let same = |outputs, kernel| Convolution::same(outputs, kernel, Padding::Reflect);
    let half = |outputs| Convolution { stride: 2, ..same(outputs, 3) };
    let normed = |net: &mut Network, name: &str, conv, input| {
        let conv = net.push(name, Op::Convolution(conv), &[input]);
        net.push(&format!("{name}.norm"), Op::InstanceNorm { epsilon: EPSILON }, &[conv])
    };
    let relu = |net: &mut Network, name: &str, input| net.push(&format!("{name}.relu"), Op::Relu, &[input]);
    let mut last = 0;
    for (name, conv) in [("c1", same(8, 9)), ("d1", half(16)), ("d2", half(32))] {
        last = net.push(name, Op::Convolution(conv), &[last]);
        last = relu(&mut net, name, last);
    }
    for block in 1..=5 {
        let name = format!("r{block}");
        let inner = normed(&mut net, &format!("{name}.a"), same(32, 3), last);
        let inner = relu(&mut net, &format!("{name}.a"), inner);
        let inner = normed(&mut net, &format!("{name}.b"), same(32, 3), inner);
        last = net.push(&name, Op::Add, &[last, inner]);
    }
    for (name, outputs) in [("u1", 16), ("u2", 8)] {
        let large = net.push(&format!("{name}.large"), Op::Upsample, &[last]);
        last = normed(&mut net, name, same(outputs, 3), large);
        last = relu(&mut net, name, last);
    }
    last = normed(&mut net, "c2", same(3, 9), last);
    net.push(OUTPUT, Op::Squash { low: 0.0, high: 1.0 }, &[last]);
    net
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictor_gives_one_vector_of_any_picture() {
        let net = predictor();
        let (layer, channels) = (net.require(VECTOR).unwrap(), net.channels());
        assert_eq!((channels[layer], net.positions_along(layer, 256)), (STYLE, 1));
        let deep = net.require("head").unwrap();
        // MobileNet v2's receptive field as published (Araujo et al., "Computing Receptive Fields", 2019).
        assert_eq!((net.field_side(deep), net.stride(deep)), (Some(491), 32));
        assert_eq!([32, 100, 256].map(|n| net.positions_along(deep, n)), [1, 3, 8]);
    }

    #[test]
    fn the_transformer_paints_multiples_of_four() {
        let net = transformer();
        let layer = net.require(OUTPUT).unwrap();
        assert_eq!([8, 9, 12, 453].map(|n| net.positions_along(layer, n)), [8, 12, 12, 456]);
    }
}
