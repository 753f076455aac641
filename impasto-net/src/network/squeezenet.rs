//! SqueezeNet 1.1 (Iandola et al., "SqueezeNet", 2016).

use super::{Convolution, InputConvention, Network, Op, Padding, Pool, Pooling};

/// Side of the square picture that SqueezeNet was trained on, pixels.
pub const INPUT_SIDE: usize = 227;

/// SqueezeNet 1.1 with its thousand ImageNet classes at `logits`.
///
/// As in the published graph, a convolution and its ReLU share a name (`conv1`, `fire2/squeeze`): it is the ReLU's; the
/// convolution alone is `conv1/linear` and so on. `conv10` has no ReLU here: the shipped weights were trained without.
pub fn squeezenet() -> Network {
    let mut net = Network::new("squeezenet", InputConvention::CAFFE);
    let pool = Op::Pool(Pool { pooling: Pooling::Max, window: 3, stride: 2 });
    // The shipped weights were trained with one row and column added at the far side only.
    let first =
        Convolution { outputs: 64, kernel: 3, stride: 2, before: 0, after: 1, padding: Padding::Zero };
    let mut last = rectified(&mut net, "conv1", first, 0);
    last = net.push("pool1", pool, &[last]);
    for (i, squeeze) in [(2, 16), (3, 16), (4, 32), (5, 32), (6, 48), (7, 48), (8, 64), (9, 64)] {
        if i == 4 || i == 6 {
            last = net.push(&format!("pool{}", i - 1), pool, &[last]);
        }
        last = fire(&mut net, &format!("fire{i}"), squeeze, last);
    }
    let classes = Convolution::same(1000, 1, Padding::Zero);
    let conv10 = net.push("conv10", Op::Convolution(classes), &[last]);
    net.push("logits", Op::Mean, &[conv10]);
    net
}

/// A convolution and its ReLU, which takes the name of both.
fn rectified(net: &mut Network, name: &str, conv: Convolution, input: usize) -> usize {
    let linear = net.push(&format!("{name}/linear"), Op::Convolution(conv), &[input]);
    net.layers[linear].parameters = name.into();
    net.push(name, Op::Relu, &[linear])
}

/// A fire module: a 1×1 convolution to `squeeze` planes, then 1×1 and 3×3 convolutions to four times as many each.
fn fire(net: &mut Network, name: &str, squeeze: usize, input: usize) -> usize {
    let mut part = |part: &str, outputs: usize, kernel: usize, from: usize| {
        rectified(net, &format!("{name}/{part}"), Convolution::same(outputs, kernel, Padding::Zero), from)
    };
    let squeezed = part("squeeze", squeeze, 1, input);
    let narrow = part("expand1x1", 4 * squeeze, 1, squeezed);
    let wide = part("expand3x3", 4 * squeeze, 3, squeezed);
    net.push(name, Op::Concat, &[narrow, wide])
}
