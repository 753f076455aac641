//! Pictures too large for a plan, painted exactly in little memory.
//!
//! The maps at a picture's full size are most of a generator's memory, and only its ends have them. So the ends run in
//! bands of rows (`bands`), each with as many rows around it as it sees, and only what lies between them is planned whole.
//! An instance norm inside an end needs the statistics of the whole map first: one pass more over the end up to there gives
//! them, and then the norm is part of the convolution before it (`chain`). The result is that of a plan, but for rounding.

mod bands;
mod chain;

use crate::{
    Map, Model, NetError, Plan, Purpose,
    device::Shape,
    network::{Network, Op, Padding},
};
use bands::Bands;
use chain::Chain;
use std::{ops::Range, sync::Arc};

/// Where a network is cut.
#[derive(Debug, PartialEq)]
struct Cuts {
    /// Layers of the first end.
    first: Range<usize>,
    /// Layers planned whole.
    middle: Range<usize>,
    /// Those of them whose maps, side by side, the second end reads: together they would be one more map as large.
    joined: Vec<usize>,
    /// Layers of the second end.
    last: Range<usize>,
}

/// Whether [`stream`] can run `network`: its ends are chains of convolutions, norms and ReLUs up to the first stride and
/// from the last enlargement on, or it has no norms at all; and nothing wraps around.
pub fn can_stream(network: &Network) -> bool {
    is_local(network) || cuts(network).is_some()
}

/// Runs a network on a picture of `size` (height, width), interleaved RGB, in bands of `band` rows of it; `picture` receives
/// the last layer's map by rows: their numbers and their values.
///
/// # Errors
/// Those of planning.
///
/// # Panics
/// If [`can_stream`] says no, or `rgb` is of another length.
pub fn stream(
    model: &Arc<Model>,
    size: (usize, usize),
    rgb: &[f32],
    band: usize,
    picture: &mut dyn FnMut(Range<usize>, &[f32]),
) -> Result<(), NetError> {
    let network = model.network();
    let (height, width) = size;
    let image = Shape { height, width, channels: 3 };
    assert_eq!(rgb.len(), image.len(), "the picture is of another size");
    if is_local(network) {
        return Bands::new(model.clone(), image, band)?.run(&[image.map(rgb)], picture);
    }
    let Some(Cuts { first, middle, joined, last }) = cuts(network) else {
        panic!("the network cannot be streamed")
    };
    let mut chain = Chain::of(model, first)?;
    chain.settle(&[image.map(rgb)], image, band)?;
    let mut head = Bands::new(chain.model(chain.len())?, image, band)?;
    let whole = chain::part(model, middle)?;
    let Shape { height, width, .. } = head.output();
    let taps: Vec<String> = joined.iter().map(|&layer| network.layers[layer].name.clone()).collect();
    let mut plan = Plan::new(&whole, height, width, &taps, Purpose::Forward)?;
    let mut result = Ok(());
    plan.forward_from(&mut |map| {
        let line = map.len() / height;
        result = head.run(&[image.map(rgb)], &mut |rows, values| {
            map[rows.start * line..rows.end * line].copy_from_slice(values);
        });
    });
    result?;
    drop(head);
    let maps: Vec<Map<'_>> = (0..plan.taps()).map(|tap| plan.tap(tap)).collect();
    let channels = maps.iter().map(|map| map.channels).sum();
    let shape = Shape { channels, ..plan.tap_shape(0) };
    let mut chain = Chain::of(model, last)?;
    // Rows of the map that make as many of the picture's.
    let rows = (band * shape.height / size.0).max(1);
    chain.settle(&maps, shape, rows)?;
    Bands::new(chain.model(chain.len())?, shape, rows)?.run(&maps, picture)
}

/// Whether every position depends on its surroundings alone.
fn is_local(network: &Network) -> bool {
    let local = |op: Op| !matches!(op, Op::InstanceNorm { .. } | Op::Mean | Op::Noise { .. });
    network.layers.iter().all(|layer| local(layer.op)) && !wraps(network)
}

/// Whether a convolution's border is the opposite one.
fn wraps(network: &Network) -> bool {
    let wraps = |op: Op| matches!(op, Op::Convolution(conv) | Op::Depthwise(conv) if conv.padding == Padding::Circular);
    network.layers.iter().any(|layer| wraps(layer.op))
}

/// Where to cut a network whose ends are chains; none if they are not.
fn cuts(network: &Network) -> Option<Cuts> {
    let layers = &network.layers;
    let follows = |index: usize| layers[index].inputs[..] == [index - 1];
    let strided = |op: Op| matches!(op, Op::Convolution(_) | Op::Depthwise(_)) && op.stride() > 1;
    let first = 1 + (1..layers.len()).find(|&index| strided(layers[index].op))?;
    let last = layers.iter().rposition(|layer| layer.op == Op::Upsample)?;
    let chained = |mut range: Range<usize>| {
        range.all(|index| {
            let op = layers[index].op;
            follows(index)
                && matches!(
                    op,
                    Op::Convolution(_)
                        | Op::Depthwise(_)
                        | Op::InstanceNorm { .. }
                        | Op::Relu
                        | Op::ClippedRelu { .. }
                        | Op::Upsample
                        | Op::Squash { .. }
                )
        })
    };
    // Nothing but the ends' own neighbours reads what they compute.
    let inside = |index: usize| layers[index].inputs.iter().all(|&input| input + 1 >= first);
    let apart = (first..last).all(inside) && first < last;
    if !apart || !chained(1..first) || !chained(last..layers.len()) || wraps(network) {
        return None;
    }
    let before = &layers[last - 1];
    let joins = before.op == Op::Concat && before.inputs.iter().all(|&input| input >= first);
    let (middle, joined) = match joins {
        true => (first..last - 1, before.inputs.clone()),
        false => (first..last, vec![last - 1]),
    };
    Some(Cuts { first: 1..first, middle, joined, last: last..layers.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Generator, generator::Architecture};

    /// Both ways over a picture of an awkward size; the largest difference.
    fn difference(architecture: Architecture, (height, width): (usize, usize), band: usize) -> f32 {
        let mut generator = Generator::untrained(architecture, vec!["one".into()], 3).unwrap();
        for (number, (_, values)) in generator.arrays_mut().enumerate() {
            for (i, value) in values.iter_mut().enumerate() {
                *value += 0.1 * ((i * 7 + number * 13) % 11) as f32 / 11.0;
            }
        }
        let model = generator.model(&[1.0]).unwrap();
        let rgb: Vec<f32> = (0..3 * height * width).map(|i| ((i * i + i / 7) % 101) as f32 / 101.0).collect();
        let mut plan = Plan::of_last(&model, height, width, Purpose::Forward).unwrap();
        plan.forward(&rgb);
        let whole = plan.tap(0);
        let mut streamed = vec![f32::NAN; whole.data.len()];
        let line = whole.width * 3;
        stream(&model, (height, width), &rgb, band, &mut |rows, values| {
            streamed[rows.start * line..rows.end * line].copy_from_slice(values);
        })
        .unwrap();
        assert!(streamed.iter().all(|value| value.is_finite()), "a row is missing");
        whole.data.iter().zip(&streamed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn equals_a_plan() {
        for padding in [Padding::Zero, Padding::Reflect, Padding::Replicate] {
            let range = Some([-0.05, 1.05]);
            let paints =
                Architecture::Transform { widths: [5, 8, 16], blocks: 2, noise: 2, skip: 3, padding, range };
            for (size, band) in [((40, 36), 8), ((44, 60), 16), ((64, 32), 64), ((52, 24), 12)] {
                let found = difference(paints.clone(), size, band);
                assert!(found < 2e-4, "{padding:?} {size:?} in bands of {band}: {found:.1e}");
            }
            let enlarges = Architecture::Enlarge { factor: 4, width: 8, blocks: 2, padding };
            let found = difference(enlarges, (37, 21), 8);
            assert!(found < 1e-4, "{padding:?}: {found:.1e}");
        }
    }

    #[test]
    fn what_wraps_is_not_cut() {
        let padding = Padding::Circular;
        let shape =
            Architecture::Transform { widths: [4, 4, 4], blocks: 1, noise: 0, skip: 0, padding, range: None };
        assert!(!can_stream(&shape.network()));
        let shape = Architecture::Pyramid {
            scales: 3,
            planes: 4,
            noise: 3,
            padding: Padding::Zero,
            content: false,
            range: None,
        };
        assert!(!can_stream(&shape.network()));
    }
}
