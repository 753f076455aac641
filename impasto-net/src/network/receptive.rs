//! Receptive fields: which pixels a unit can see.

use super::{Convolution, Network, Op, Padding, Pool};
use std::ops::Range;

/// The pixels that a unit can see, as if the picture went on beyond its border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Rows of the picture; from below 0 to above its height where padding is seen.
    pub rows: Range<isize>,
    /// Columns of the picture.
    pub columns: Range<isize>,
}

impl Field {
    /// The part inside a picture of `size` (height, width).
    pub fn clipped(&self, (height, width): (usize, usize)) -> (Range<usize>, Range<usize>) {
        let clip = |span: &Range<isize>, n: usize| {
            let bound = |i: isize| i.clamp(0, n as isize) as usize;
            bound(span.start)..bound(span.end)
        };
        (clip(&self.rows, height), clip(&self.columns, width))
    }

    /// Whether a part of it lies outside a picture of `size`.
    pub fn is_clipped(&self, (height, width): (usize, usize)) -> bool {
        let beyond = |span: &Range<isize>, n: usize| span.start < 0 || span.end > n as isize;
        beyond(&self.rows, height) || beyond(&self.columns, width)
    }
}

impl Network {
    /// The pixels of a picture of `size` (height, width) on which the units of layer number `layer` at row and column `at`
    /// depend.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn receptive_field(&self, layer: usize, at: (usize, usize), size: (usize, usize)) -> Field {
        Field { rows: self.span(layer, at.0, size.0), columns: self.span(layer, at.1, size.1) }
    }

    /// Side of the square of pixels that a unit of layer number `layer` sees; none where it sees all of any picture.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn field_side(&self, layer: usize) -> Option<usize> {
        // From the middle of two pictures so large that no layer lacks positions.
        let side = |n: usize| self.span(layer, self.lens(layer, n)[layer] / 2, n).len();
        Some(side(4096)).filter(|&found| found == side(8192))
    }

    /// Pixels between neighbouring units' fields, for layers that do not enlarge.
    pub fn stride(&self, layer: usize) -> usize {
        let strides =
            self.layers[..=layer].iter().fold(Vec::with_capacity(layer + 1), |mut strides, layer| {
                strides.push(
                    layer.op.stride() * layer.inputs.iter().map(|&input| strides[input]).max().unwrap_or(1),
                );
                strides
            });
        strides[layer]
    }

    /// Positions of layer number `layer` along an axis of which pictures have `n` pixels.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn positions_along(&self, layer: usize, n: usize) -> usize {
        self.lens(layer, n)[layer]
    }

    /// The rows of a picture of `n` on which `rows` of layer number `layer` depend.
    pub(crate) fn rows_seen(&self, layer: usize, rows: Range<usize>, n: usize) -> Range<isize> {
        self.stretch(layer, rows.start as isize..rows.end as isize, n)
    }

    /// Positions along an axis of the layers up to `layer`, for pictures with `n` pixels along it.
    fn lens(&self, layer: usize, n: usize) -> Vec<usize> {
        self.layers[..=layer].iter().fold(Vec::with_capacity(layer + 1), |mut lens, layer| {
            lens.push(layer.inputs.first().map_or(n, |&input| layer.op.output_len(lens[input])));
            lens
        })
    }

    /// The pixels on which position `at` of a layer's axis depends, for pictures with `n` pixels along it.
    fn span(&self, layer: usize, at: usize, n: usize) -> Range<isize> {
        self.stretch(layer, at as isize..at as isize + 1, n)
    }

    /// The pixels on which a stretch of a layer's axis depends, for pictures with `n` pixels along it.
    fn stretch(&self, layer: usize, stretch: Range<isize>, n: usize) -> Range<isize> {
        let lens = self.lens(layer, n);
        let mut spans: Vec<Option<Range<isize>>> = vec![None; layer + 1];
        spans[layer] = Some(stretch);
        for index in (1..=layer).rev() {
            let Some(span) = spans[index].take() else { continue };
            for &input in &self.layers[index].inputs {
                let seen = seen(self.layers[index].op, span.clone(), lens[input] as isize);
                spans[input] = Some(match spans[input].take() {
                    Some(other) => other.start.min(seen.start)..other.end.max(seen.end),
                    None => seen,
                });
            }
        }
        spans[0].take().unwrap_or(0..0)
    }
}

/// The positions of an input of `len` positions that a stretch of the output depends on.
fn seen(op: Op, Range { start, end }: Range<isize>, len: isize) -> Range<isize> {
    match op {
        Op::Convolution(Convolution { kernel, stride, before, padding, .. })
        | Op::Depthwise(Convolution { kernel, stride, before, padding, .. }) => {
            let (kernel, stride, before) = (kernel as isize, stride as isize, before as isize);
            let seen = start * stride - before..(end - 1) * stride - before + kernel;
            let wraps = padding == Padding::Circular && (seen.start < 0 || seen.end > len);
            if wraps { 0..len } else { seen }
        }
        Op::Pool(Pool { window, stride, .. }) => {
            start * stride as isize..(end - 1) * stride as isize + window as isize
        }
        Op::Upsample | Op::Spread => start.div_euclid(2)..(end - 1).div_euclid(2) + 1,
        Op::InstanceNorm { .. } | Op::Mean => 0..len,
        // What noise holds depends on no position of its input.
        Op::Noise { .. } => 0..0,
        Op::Input | Op::Relu | Op::ClippedRelu { .. } | Op::Concat | Op::Add | Op::Squash { .. } => {
            start..end
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{InputConvention, Variant, squeezenet::squeezenet, vgg};

    fn side(network: &Network, layer: &str) -> usize {
        let layer = network.find(layer).unwrap();
        let side = network.receptive_field(layer, (9, 7), (600, 600)).rows.len();
        assert_eq!(network.field_side(layer), Some(side));
        side
    }

    /// Sides as published: a convolution adds its kernel less one, times the stride so far.
    #[test]
    fn vggs_fields() {
        let net = vgg::vgg19(InputConvention::CAFFE, Variant::default());
        let table = [
            ("conv1_1", 3),
            ("conv1_2", 5),
            ("pool1", 6),
            ("conv2_1", 10),
            ("conv2_2", 14),
            ("pool2", 16),
            ("conv3_1", 24),
            ("conv3_2", 32),
            ("conv3_3", 40),
            ("conv3_4", 48),
            ("pool3", 52),
            ("conv4_1", 68),
            ("conv4_2", 84),
            ("conv4_3", 100),
            ("conv4_4", 116),
            ("pool4", 124),
            ("conv5_1", 156),
            ("conv5_2", 188),
            ("conv5_3", 220),
            ("conv5_4", 252),
            ("pool5", 268),
        ];
        for (layer, expected) in table {
            assert_eq!(side(&net, layer), expected, "{layer}");
            assert_eq!(side(&net, &layer.replace("conv", "relu")), expected, "{layer}");
        }
        assert_eq!(side(&vgg::vgg16(InputConvention::CAFFE, Variant::default()), "pool5"), 212);
    }

    /// The centre of unit `i` of a convolution in block `b` is at `(i + ½) · 2^(b − 1) − ½`.
    #[test]
    fn vggs_centres_and_strides() {
        let net = vgg::vgg19(InputConvention::CAFFE, Variant::default());
        for (layer, block) in [("conv1_2", 1), ("conv2_1", 2), ("conv3_4", 3), ("relu4_2", 4), ("conv5_4", 5)]
        {
            let layer = net.find(layer).unwrap();
            assert_eq!(net.stride(layer), 1 << (block - 1));
            for i in [0, 3] {
                let Range { start, end } = net.receptive_field(layer, (0, i), (512, 512)).columns;
                let twice = (2 * i as isize + 1) * (1 << (block - 1)) - 1;
                assert_eq!(start + end - 1, twice, "{}", net.layers[layer].name);
            }
        }
    }

    #[test]
    fn a_field_is_clipped_at_the_border() {
        let net = vgg::vgg19(InputConvention::CAFFE, Variant::default());
        let layer = net.find("conv1_2").unwrap();
        let field = net.receptive_field(layer, (1, 40), (64, 48));
        assert_eq!((field.rows.clone(), field.columns.clone()), (-1..4, 38..43));
        assert!(
            field.is_clipped((64, 48)) && !net.receptive_field(layer, (2, 2), (64, 48)).is_clipped((64, 48))
        );
        assert_eq!(field.clipped((64, 42)), (0..4, 38..42));
    }

    #[test]
    fn squeezenets_scores_see_all() {
        let net = squeezenet();
        let (fire, logits) = (net.find("fire2").unwrap(), net.find("logits").unwrap());
        // 3×3 of stride 2, a pool of 3 with stride 2, then 3×3: 3 + 2·2 + 2·4.
        assert_eq!(net.receptive_field(fire, (5, 5), (227, 227)).rows, 20 - 4..20 - 4 + 15);
        assert_eq!(net.field_side(logits), None);
        let all = net.receptive_field(logits, (0, 0), (227, 227));
        assert_eq!(all.clipped((227, 227)), (0..227, 0..227));
    }
}
