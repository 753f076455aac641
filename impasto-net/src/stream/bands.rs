//! A network without norms, run on bands of rows.

use crate::{
    Map, Model, NetError, Plan, Purpose,
    cpu::Cpu,
    device::{Device, Shape},
    network::Network,
};
use std::{borrow::Cow, collections::BTreeMap, ops::Range, sync::Arc};

/// A network and the plans of its bands by their height.
pub struct Bands {
    model: Arc<Model>,
    input: Shape,
    output: Shape,
    /// Rows of the output to a band.
    rows: usize,
    plans: BTreeMap<usize, Plan>,
}

impl Bands {
    /// Of `model`, whose layers see only what surrounds them, for maps of shape `input` in bands of about `rows` rows.
    pub fn new(model: Arc<Model>, input: Shape, rows: usize) -> Result<Bands, NetError> {
        let network = model.network();
        let last = network.layers.len() - 1;
        let along = |n: usize| network.positions_along(last, n);
        let output = Shape {
            height: along(input.height),
            width: along(input.width),
            channels: network.channels()[last],
        };
        let rows = (rows * output.height / input.height.max(1)).max(1);
        Ok(Bands { model, input, output, rows, plans: BTreeMap::new() })
    }

    /// Shape of the map it computes.
    pub fn output(&self) -> Shape {
        self.output
    }

    /// Runs over the whole map whose planes are those of `x` side by side; `sink` receives the rows of the output in order:
    /// their numbers and values.
    pub fn run(&mut self, x: &[Map<'_>], sink: &mut dyn FnMut(Range<usize>, &[f32])) -> Result<(), NetError> {
        let out_line = self.output.width * self.output.channels;
        let mut start = 0;
        while start < self.output.height {
            let end = self.output.height.min(start + self.rows);
            let (seen, first) = surroundings(self.model.network(), start..end, self.input.height);
            let plan = self.plan(seen.len())?;
            plan.forward(&side_by_side(x, seen));
            let map = plan.tap(0);
            sink(start..end, &map.data[(start - first) * out_line..(end - first) * out_line]);
            start = end;
        }
        Ok(())
    }

    fn plan(&mut self, height: usize) -> Result<&mut Plan, NetError> {
        if !self.plans.contains_key(&height) {
            // The ends of a picture have bands of other heights than its middle; no more are kept.
            if self.plans.len() > 2 {
                self.plans.clear();
            }
            let plan = Plan::of_last(&self.model, height, self.input.width, Purpose::Forward)?;
            self.plans.insert(height, plan);
        }
        Ok(self.plans.entry(height).or_insert_with(|| unreachable!("it was inserted above")))
    }
}

/// Rows of maps of one size, with their planes side by side.
fn side_by_side<'a>(maps: &[Map<'a>], rows: Range<usize>) -> Cow<'a, [f32]> {
    let part = |map: &Map<'a>| {
        let line = map.width * map.channels;
        Map { height: rows.len(), data: &map.data[rows.start * line..rows.end * line], ..*map }
    };
    if let [map] = maps {
        return Cow::Borrowed(part(map).data);
    }
    let channels = maps.iter().map(|map| map.channels).sum();
    let mut joined = vec![0.0; rows.len() * maps[0].width * channels];
    let mut first = 0;
    for map in maps {
        Cpu::default().place_planes(part(map), &mut joined, channels, first);
        first += map.channels;
    }
    Cow::Owned(joined)
}

/// The input's rows, of `n`, that a band must have for the last layer's `rows` to be right, and the number that the first
/// row of the last layer's map of this band has in the whole map.
fn surroundings(network: &Network, rows: Range<usize>, n: usize) -> (Range<usize>, usize) {
    let last = network.layers.len() - 1;
    let seen = network.rows_seen(last, rows, n);
    // Bands begin where windows of all strides begin.
    let stride = network.layers.iter().map(|layer| layer.op.stride()).product::<usize>();
    let start = (seen.start.max(0) as usize) / stride * stride;
    let end = (seen.end.clamp(0, n as isize) as usize).max(start + 1);
    let first = if start == 0 { 0 } else { network.positions_along(last, start) };
    (start..end, first)
}
