//! Which layers are computed in one step with the layer before them, so that their maps are never written.

use crate::network::{Layer, Network, Op, Pool, Pooling};

/// Who reads and who sees the layers' maps.
pub struct Readers<'a> {
    network: &'a Network,
    /// For every layer, the needed layers that read it, once for every time they do.
    readers: Vec<Vec<usize>>,
    tapped: &'a [usize],
}

impl<'a> Readers<'a> {
    /// The readers among the layers marked in `needed`; `tapped` are those that the caller wants to see.
    pub fn new(network: &'a Network, needed: &[bool], tapped: &'a [usize]) -> Self {
        let mut readers = vec![Vec::new(); network.layers.len()];
        for (index, layer) in network.layers.iter().enumerate().filter(|(index, _)| needed[*index]) {
            layer.inputs.iter().for_each(|&input| readers[input].push(index));
        }
        Readers { network, readers, tapped }
    }

    /// Whether nobody sees the map of `layer` but one reader, which reads it once.
    fn private(&self, layer: usize) -> bool {
        self.readers[layer].len() == 1 && !self.tapped.contains(&layer)
    }

    fn op(&self, layer: usize) -> Op {
        self.network.layers[layer].op
    }

    /// Whether the ReLU `layer` is applied where its input is computed: by a convolution, a norm or a sum.
    pub fn joins_as_relu(&self, layer: &Layer) -> bool {
        let able =
            |op| matches!(op, Op::Convolution(_) | Op::Depthwise(_) | Op::InstanceNorm { .. } | Op::Add);
        layer.op.ceiling().is_some() && able(self.op(layer.inputs[0])) && self.private(layer.inputs[0])
    }

    /// The convolution or norm that computes the sum `layer` too, and what it adds. It must be the later of the two
    /// operands, so that the other is there by then.
    pub fn joins_as_sum(&self, layer: &Layer) -> Option<(usize, usize)> {
        let (Op::Add, &[a, b]) = (layer.op, &layer.inputs[..]) else { return None };
        let (first, last) = (a.min(b), a.max(b));
        let able = matches!(self.op(last), Op::Convolution(_) | Op::Depthwise(_) | Op::InstanceNorm { .. });
        (able && self.private(last)).then_some((last, first))
    }

    /// The convolution whose rectified result the pool `layer` alone reads, if the pool takes maxima of 2×2 windows side by
    /// side: it can be computed with the convolution.
    pub fn joins_as_pool(&self, layer: &Layer) -> Option<usize> {
        let Op::Pool(Pool { pooling: Pooling::Max, window: 2, stride: 2 }) = layer.op else { return None };
        let relu = &self.network.layers[layer.inputs[0]];
        let convolution = *relu.inputs.first()?;
        let able = relu.op == Op::Relu
            && self.joins_as_relu(relu)
            && matches!(self.op(convolution), Op::Convolution(_));
        (able && self.private(layer.inputs[0])).then_some(convolution)
    }

    /// The concatenation that alone sees the map of the convolution at `index`, rectified or not, and the map's first plane
    /// in it: the convolution can write there. The other parts must be such convolutions too, all of them rectified or none.
    pub fn joins_as_part(&self, index: usize) -> Option<(usize, usize)> {
        let reader = |layer: usize| self.readers[layer].first().copied().filter(|_| self.private(layer));
        let last = reader(index).filter(|&reader| self.op(reader) == Op::Relu).unwrap_or(index);
        let concat = reader(last).filter(|&reader| self.op(reader) == Op::Concat)?;
        let parts = &self.network.layers[concat].inputs;
        let rectified = last != index;
        let alike = |&part: &usize| {
            let layer = &self.network.layers[part];
            let convolution = if rectified { *layer.inputs.first()? } else { part };
            let able = matches!(self.op(convolution), Op::Convolution(_)) && self.private(part);
            (able && (!rectified || layer.op == Op::Relu && self.joins_as_relu(layer))).then_some(())
        };
        let channels = self.network.channels();
        let first = parts.iter().take_while(|&&part| part != last).map(|&part| channels[part]).sum();
        parts.iter().all(|part| alike(part).is_some()).then_some((concat, first))
    }

    /// Whether the layer at `index` only enlarges what 3×3 convolutions of stride one read: they do it themselves.
    pub fn joins_as_enlargement(&self, index: usize) -> bool {
        let able = |&reader: &usize| match self.op(reader) {
            Op::Convolution(conv) => conv.kernel == 3 && conv.stride == 1,
            _ => false,
        };
        self.op(index) == Op::Upsample
            && self.readers[index].iter().all(able)
            && !self.tapped.contains(&index)
    }
}
