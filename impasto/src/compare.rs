//! How far two pictures are apart in the statistics that a style is made of.

use crate::{
    Error, Network,
    objective::guidance::{Reach, guidance},
};
use impasto_image::{Mask, Picture, fit_long_side, resize};
use impasto_net::{Plan, Purpose, network::Variant, statistics::Moments};
use serde::Serialize;

/// A picture, or the part of one that counts.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The picture. What is transparent does not count.
    pub picture: &'a Picture,
    /// The part of it that counts, resampled to its size; none for all of it.
    pub mask: Option<&'a Mask>,
}

/// The change of a layer's statistics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerChange {
    /// The layer.
    pub layer: String,
    /// Change of the Gram matrix.
    pub gram: Change,
    /// Change of the covariance matrix.
    pub covariance: Change,
    /// Change of the means.
    pub means: Change,
    /// Every plane's mean before and after.
    #[serde(skip)]
    pub planes: Vec<PlaneChange>,
}

/// How far a vector is from another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Cosine of the angle between them; 1 where both are zero, 0 where one is.
    pub cosine: f64,
    /// Length of the difference, divided by the length of the vector before.
    pub distance: f64,
}

/// The change of a plane's mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PlaneChange {
    /// The plane.
    pub plane: usize,
    /// Its mean in the picture before.
    pub before: f64,
    /// Its mean in the picture after.
    pub after: f64,
}

impl LayerChange {
    /// The `count` planes whose means changed most, the largest change first.
    pub fn largest(&self, count: usize) -> Vec<PlaneChange> {
        let size = |plane: &PlaneChange| (plane.after - plane.before).abs();
        let mut planes = self.planes.clone();
        planes.sort_by(|x, y| size(y).total_cmp(&size(x)).then(x.plane.cmp(&y.plane)));
        planes.truncate(count);
        planes
    }
}

/// The change of the statistics of `layers` from one picture to another, each with its long side at `size` pixels or, if 0,
/// as it is.
///
/// # Errors
/// If there is no such layer, a picture is too small for one, or nothing of a picture counts.
pub fn compare(
    before: Side<'_>,
    after: Side<'_>,
    layers: &[String],
    network: &Network,
    variant: Variant,
    size: usize,
) -> Result<Vec<LayerChange>, Error> {
    let before = measured(before, layers, network, variant, size)?;
    let after = measured(after, layers, network, variant, size)?;
    let pairs = before.iter().zip(&after).zip(layers);
    Ok(pairs.map(|((before, after), layer)| change(layer, before, after)).collect())
}

/// The moments of every layer.
fn measured(
    side: Side<'_>,
    layers: &[String],
    network: &Network,
    variant: Variant,
    size: usize,
) -> Result<Vec<Moments>, Error> {
    let model = network.load(variant)?;
    let (width, height) = fit_long_side(side.picture.width(), side.picture.height(), size);
    let mask = Mask::of_counted(side.picture, side.mask, width, height)?;
    if mask.as_ref().is_some_and(|mask| mask.share() <= 0.0) {
        return Err(Error::EmptyMask { what: "a picture to be measured".into() });
    }
    let mut plan = Plan::new(&model, height, width, layers, Purpose::Forward)?;
    plan.forward(resize(side.picture, width, height)?.rgb());
    let of = |(tap, layer): (usize, &String)| -> Result<Moments, Error> {
        let index = model.network().require(layer)?;
        let positions = mask.as_ref().map(|mask| guidance(&model, index, mask, Reach::Inside)).transpose()?;
        Ok(plan.moments(tap, true, positions.as_ref()))
    };
    layers.iter().enumerate().map(of).collect()
}

fn change(layer: &str, before: &Moments, after: &Moments) -> LayerChange {
    let planes = before.mean.iter().zip(&after.mean).enumerate();
    let planes = planes.map(|(plane, (&before, &after))| PlaneChange { plane, before, after }).collect();
    LayerChange {
        layer: layer.into(),
        gram: Change::between(&before.second, &after.second),
        covariance: Change::between(&before.covariance(), &after.covariance()),
        means: Change::between(&before.mean, &after.mean),
        planes,
    }
}

impl Change {
    fn between(before: &[f64], after: &[f64]) -> Change {
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let (from, to) = (dot(before, before).sqrt(), dot(after, after).sqrt());
        let difference: f64 = before.iter().zip(after).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
        let cosine = match (from > 0.0, to > 0.0) {
            (true, true) => dot(before, after) / (from * to),
            (false, false) => 1.0,
            _ => 0.0,
        };
        Change { cosine, distance: difference / from.max(f64::MIN_POSITIVE) }
    }
}
