//! A layer looking at a picture.

use crate::Error;
use impasto_net::{
    Model, Plan, Purpose, ReluRule,
    network::{Field, InputConvention},
};
use std::{ops::Range, sync::Arc};

/// Where on a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At a row and a column.
    At(usize, usize),
    /// The sum over all positions.
    Sum,
}

/// What is asked about: a plane of a layer, at one place or everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unit {
    /// Number of the plane, from 0.
    pub plane: usize,
    /// Where on it.
    pub place: Place,
}

/// A layer of a network with a picture before it.
pub struct Eye {
    model: Arc<Model>,
    plan: Plan,
    layer: usize,
    /// Rows and columns of the picture.
    size: (usize, usize),
    /// The layer's map, channels innermost.
    map: Vec<f32>,
}

impl Eye {
    /// The layer called `layer`, ready for pictures of `size` (height, width).
    ///
    /// It looks [precisely](Plan::precise): a maximum that changes hands would show in a unit's derivative.
    ///
    /// # Errors
    /// Those of planning.
    pub fn new(model: &Arc<Model>, layer: &str, size: (usize, usize)) -> Result<Eye, Error> {
        let plan = Plan::precise(model, size, &[layer.to_owned()], Purpose::Gradient)?;
        Eye::of(plan, model, layer, size)
    }

    /// [`Eye::new`] that looks quickly: for ascents, which follow many derivatives and depend on none.
    pub fn quick(model: &Arc<Model>, layer: &str, size: (usize, usize)) -> Result<Eye, Error> {
        let plan = Plan::new(model, size.0, size.1, &[layer.to_owned()], Purpose::Gradient)?;
        Eye::of(plan, model, layer, size)
    }

    fn of(plan: Plan, model: &Arc<Model>, layer: &str, size: (usize, usize)) -> Result<Eye, Error> {
        let index = model.network().require(layer)?;
        Ok(Eye { model: model.clone(), plan, layer: index, size, map: Vec::new() })
    }

    /// Looks at a picture: 3 · height · width interleaved values in [0, 1].
    ///
    /// # Panics
    /// If there are more or fewer.
    pub fn look(&mut self, rgb: &[f32]) {
        self.plan.forward(rgb);
        self.map.clear();
        self.map.extend_from_slice(self.plan.tap(0).data);
    }

    /// Rows and columns of the pictures it is made for.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The network's convention for its pictures.
    pub fn input(&self) -> &InputConvention {
        &self.model.network().input
    }

    /// Rows, columns and planes of the layer's map.
    pub fn shape(&self) -> [usize; 3] {
        let shape = self.plan.tap_shape(0);
        [shape.height, shape.width, shape.channels]
    }

    /// The layer's name.
    pub fn layer(&self) -> &str {
        &self.model.network().layers[self.layer].name
    }

    /// Fails unless the layer has plane `plane` and, where one is named, the position.
    ///
    /// # Errors
    /// [`Error::NoUnit`].
    pub fn require(&self, unit: Unit) -> Result<(), Error> {
        let [height, width, planes] = self.shape();
        let outside = |what: &'static str, value: usize, count: usize| {
            let layer = self.layer().to_owned();
            (value >= count).then_some(Error::NoUnit { layer, what, value, count })
        };
        let place = match unit.place {
            Place::At(row, column) => {
                outside("row", row, height).or_else(|| outside("column", column, width))
            }
            Place::Sum => None,
        };
        outside("plane", unit.plane, planes).or(place).map_or(Ok(()), Err)
    }

    /// Sums of all planes.
    pub fn totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.shape()[2]];
        for position in self.map.chunks_exact(totals.len()) {
            totals.iter_mut().zip(position).for_each(|(total, &value)| *total += f64::from(value));
        }
        totals
    }

    /// All planes, the one with the largest sum first.
    pub fn strongest_planes(&self) -> Vec<usize> {
        let totals = self.totals();
        let mut planes: Vec<usize> = (0..totals.len()).collect();
        planes.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]).then(a.cmp(&b)));
        planes
    }

    /// Row and column of a plane's largest value, the first one where several are equal.
    pub fn strongest_place(&self, plane: usize) -> (usize, usize) {
        let [_, width, planes] = self.shape();
        let mut best = (0, f32::NEG_INFINITY);
        for (position, values) in self.map.chunks_exact(planes).enumerate() {
            if values[plane] > best.1 {
                best = (position, values[plane]);
            }
        }
        (best.0 / width, best.0 % width)
    }

    /// The value of a unit: of its place, or the sum.
    pub fn value(&self, unit: Unit) -> f64 {
        let [_, width, planes] = self.shape();
        match unit.place {
            Place::At(row, column) => f64::from(self.map[(row * width + column) * planes + unit.plane]),
            Place::Sum => {
                self.map.iter().skip(unit.plane).step_by(planes).map(|&value| f64::from(value)).sum()
            }
        }
    }

    /// A plane's values, row by row.
    pub fn plane(&self, plane: usize) -> Vec<f32> {
        self.map.iter().skip(plane).step_by(self.shape()[2]).copied().collect()
    }

    /// The pixels that a unit sees; all of them for a sum.
    pub fn field(&self, unit: Unit) -> Field {
        match unit.place {
            Place::At(row, column) => {
                self.model.network().receptive_field(self.layer, (row, column), self.size)
            }
            Place::Sum => Field { rows: 0..self.size.0 as isize, columns: 0..self.size.1 as isize },
        }
    }

    /// The way back from the sum of `units` to the picture last looked at, under a ReLU rule: d sum / d RGB for
    /// [`ReluRule::Gradient`]; interleaved. Pixels that none of the units sees are zero.
    ///
    /// The units' ReLU, if the layer is one, is passed too, and max pools pass what they get to where their maxima were. All
    /// other units of the layer are left out (Zeiler & Fergus 2013; Springenberg et al. 2014).
    pub fn project(&mut self, rule: ReluRule, units: &[Unit]) -> Vec<f32> {
        let [_, width, planes] = self.shape();
        let mut gradient = vec![0.0; 3 * self.size.0 * self.size.1];
        let mut seed = |_: usize, _: impasto_net::Map<'_>, cotangent: &mut [f32]| {
            for unit in units {
                match unit.place {
                    Place::At(row, column) => cotangent[(row * width + column) * planes + unit.plane] += 1.0,
                    Place::Sum => {
                        cotangent.iter_mut().skip(unit.plane).step_by(planes).for_each(|g| *g += 1.0)
                    }
                }
            }
        };
        self.plan.backward(rule, &mut seed, &mut gradient);
        // Transformed convolutions leave rounding errors beside what a unit sees.
        let fields: Vec<_> = units.iter().map(|&unit| self.field(unit).clipped(self.size)).collect();
        keep(&mut gradient, self.size.1, &fields);
        gradient
    }
}

/// Sets all pixels outside of `fields` (rows and columns) to zero.
fn keep(rgb: &mut [f32], width: usize, fields: &[(Range<usize>, Range<usize>)]) {
    for (i, pixel) in rgb.chunks_exact_mut(3).enumerate() {
        let seen = |(rows, columns): &(Range<usize>, Range<usize>)| {
            rows.contains(&(i / width)) && columns.contains(&(i % width))
        };
        if !fields.iter().any(seen) {
            pixel.fill(0.0);
        }
    }
}
