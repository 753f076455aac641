//! An atlas of feature maps: every layer's strongest planes, seen in every way there is.

use super::{Eye, Place, Unit, closeup::Closeup};
use crate::Error;
use impasto_image::Picture;
use impasto_net::{
    Model, ReluRule,
    network::{Field, Network, Op},
};
use std::{ops::Range, sync::Arc};

/// A plane of a layer: its values and where they come from.
pub struct Entry {
    /// The layer's name.
    pub layer: String,
    /// Number of the plane.
    pub plane: usize,
    /// Sum of its values, by which planes are sorted.
    pub total: f64,
    /// Rows and columns of the layer's map.
    pub size: (usize, usize),
    /// The plane, row by row.
    pub values: Vec<f32>,
    /// Row and column of its largest value.
    pub at: (usize, usize),
    /// That value.
    pub value: f64,
    /// The pixels that its unit sees, as if the picture went on beyond its border.
    pub field: Field,
    /// The part of them inside the picture: rows and columns.
    pub seen: (Range<usize>, Range<usize>),
    /// Back-projections of that unit to these pixels, interleaved RGB: the derivative, guided, deconvnet.
    pub projections: [Vec<f32>; 3],
    /// Derivative of the plane's sum by all pixels, interleaved RGB.
    pub sum: Vec<f32>,
}

/// The rules of [`Entry::projections`].
pub const RULES: [ReluRule; 3] = [ReluRule::Gradient, ReluRule::Guided, ReluRule::Deconv];

/// The layers worth seeing: maps after a ReLU, those of parallel convolutions together.
pub fn layers(network: &Network) -> Vec<String> {
    let read_by = |index: usize, op: fn(Op) -> bool| {
        network.layers.iter().any(|layer| layer.inputs.contains(&index) && op(layer.op))
    };
    let chosen = network.layers.iter().enumerate().filter(|(index, layer)| match layer.op {
        Op::Relu => !read_by(*index, |op| op == Op::Concat),
        Op::Concat => true,
        _ => false,
    });
    // A squeezed map is half of a fire module: its result is seen.
    chosen.map(|(_, layer)| layer.name.clone()).filter(|name| !name.ends_with("/squeeze")).collect()
}

/// Calls `show` for the `planes` strongest planes of each of `layers`, layer by layer, strongest first. Stops with the first
/// error of `show`.
///
/// # Errors
/// Those of planning, and of `show`.
pub fn atlas<E: From<Error>>(
    model: &Arc<Model>,
    picture: &Picture,
    layers: &[String],
    planes: usize,
    show: &mut dyn FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    let size = (picture.height(), picture.width());
    for layer in layers {
        let mut eye = Eye::new(model, layer, size)?;
        eye.look(picture.rgb());
        let mut closeup = Closeup::new(model, layer)?;
        for plane in eye.strongest_planes().into_iter().take(planes) {
            let at = eye.strongest_place(plane);
            let (unit, sum) =
                (Unit { plane, place: Place::At(at.0, at.1) }, Unit { plane, place: Place::Sum });
            let close = closeup.project(picture, plane, at, &RULES)?;
            let mut projections = close.values.into_iter();
            let [height, width, _] = eye.shape();
            show(Entry {
                layer: layer.clone(),
                plane,
                total: eye.value(sum),
                size: (height, width),
                values: eye.plane(plane),
                at,
                value: eye.value(unit),
                field: eye.field(unit),
                seen: close.field,
                projections: std::array::from_fn(|_| projections.next().unwrap_or_default()),
                sum: eye.project(ReluRule::Gradient, &[sum]),
            })?;
        }
    }
    Ok(())
}
