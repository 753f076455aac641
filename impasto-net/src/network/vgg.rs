//! VGG-16 and VGG-19 (Simonyan & Zisserman, "Very Deep Convolutional Networks", 2014), convolutions only.

use super::{Convolution, InputConvention, Network, Op, Padding, Pool, Variant};

const WIDTHS: [usize; 5] = [64, 128, 256, 512, 512];

/// Builds VGG with `depths[b]` convolutions in block `b`: `[2, 2, 4, 4, 4]` is VGG-19, `[2, 2, 3, 3, 3]` VGG-16.
fn vgg(name: &str, depths: [usize; 5], input: InputConvention, variant: Variant) -> Network {
    let mut net = Network::new(name, input);
    let mut last = 0;
    for (block, (&depth, &width)) in depths.iter().zip(&WIDTHS).enumerate() {
        let block = block + 1;
        for i in 1..=depth {
            let padding = if (block, i) == (1, 1) { variant.border } else { Padding::Zero };
            let conv = Convolution::same(width, 3, padding);
            last = net.push(&format!("conv{block}_{i}"), Op::Convolution(conv), &[last]);
            last = net.push(&format!("relu{block}_{i}"), Op::Relu, &[last]);
        }
        let pool = Pool { pooling: variant.pooling, window: 2, stride: 2 };
        last = net.push(&format!("pool{block}"), Op::Pool(pool), &[last]);
    }
    net
}

/// VGG-19 up to `pool5`.
pub fn vgg19(input: InputConvention, variant: Variant) -> Network {
    vgg("vgg19", [2, 2, 4, 4, 4], input, variant)
}

/// VGG-16 up to `pool5`.
pub fn vgg16(input: InputConvention, variant: Variant) -> Network {
    vgg("vgg16", [2, 2, 3, 3, 3], input, variant)
}
