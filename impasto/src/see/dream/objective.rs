//! What is to grow.

use super::jitter::below;
use crate::Error;
use impasto_image::Picture;
use impasto_net::{Map, Model, Plan, Purpose};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;
use std::sync::Arc;

/// Products that are added up at once: as many as fit into a vector register.
const LANES: usize = 16;

/// What of a layer's map is to grow. Of a ReLU's layer that is what the ReLU has let pass.
#[derive(Clone, Debug)]
pub enum Objective {
    /// Half the sum of squares of the whole map: what is there grows.
    Layer,
    /// The sum of a plane, or the score of a class at a classifier's logits.
    Plane(usize),
    /// Half the sum of squares of a plane: it grows most where it is strong, as in [`Objective::Layer`].
    PlaneSquares(usize),
    /// The sum of another plane every time, drawn at random.
    RandomPlane,
    /// Likeness to another picture: for every position, the dot product with the guide's best match.
    Guide(Guide),
}

impl Objective {
    /// The plane that this step is about, if it is about one.
    pub(super) fn plane(&self, planes: usize, random: &mut impl Rng) -> Option<usize> {
        match *self {
            Objective::Layer | Objective::Guide(_) => None,
            Objective::Plane(plane) | Objective::PlaneSquares(plane) => Some(plane),
            Objective::RandomPlane => Some(below(random, planes as u64) as usize),
        }
    }

    /// The objective of a map; adds its derivative by the map to `cotangent`, which is zero on entry.
    pub(super) fn evaluate(&self, plane: Option<usize>, map: Map<'_>, cotangent: &mut [f32]) -> f64 {
        match (self, plane) {
            (Objective::PlaneSquares(_), Some(plane)) => {
                let values = map.data.iter().skip(plane).step_by(map.channels);
                let places = cotangent.iter_mut().skip(plane).step_by(map.channels);
                places.zip(values).for_each(|(g, &value)| *g = value);
                return 0.5 * sum_of_products(map.data, cotangent);
            }
            (_, Some(plane)) => {
                cotangent.iter_mut().skip(plane).step_by(map.channels).for_each(|g| *g = 1.0);
            }
            (Objective::Guide(guide), _) => guide.evaluate(map, cotangent),
            _ => {
                cotangent.copy_from_slice(map.data);
                return 0.5 * sum_of_products(map.data, map.data);
            }
        }
        sum_of_products(map.data, cotangent)
    }
}

/// A picture's features, to be found in another one (google/deepdream's guided dream).
#[derive(Clone, Debug)]
pub struct Guide {
    /// One vector a position.
    features: Vec<f32>,
    planes: usize,
}

impl Guide {
    /// The features of `picture` at the layer called `layer`.
    ///
    /// # Errors
    /// Those of planning.
    pub fn new(model: &Arc<Model>, layer: &str, picture: &Picture) -> Result<Guide, Error> {
        let size = (picture.height(), picture.width());
        let mut plan = Plan::new(model, size.0, size.1, &[layer.to_owned()], Purpose::Forward)?;
        plan.forward(picture.rgb());
        let map = plan.tap(0);
        Ok(Guide { features: map.data.to_vec(), planes: map.channels })
    }

    /// The guide's feature vector with the largest dot product with `feature`, the first one where several are equal.
    ///
    /// # Panics
    /// If the layers have different numbers of planes.
    pub fn best_match(&self, feature: &[f32]) -> &[f32] {
        assert_eq!(feature.len(), self.planes);
        let mut best = (&self.features[..self.planes], f32::NEG_INFINITY);
        for candidate in self.features.chunks_exact(self.planes) {
            let product = dot(candidate, feature);
            if product > best.1 {
                best = (candidate, product);
            }
        }
        best.0
    }

    /// Writes the best match of every position of `map` to `cotangent`.
    fn evaluate(&self, map: Map<'_>, cotangent: &mut [f32]) {
        let positions = map.data.par_chunks_exact(self.planes);
        cotangent
            .par_chunks_exact_mut(self.planes)
            .zip(positions)
            .for_each(|(cotangent, feature)| cotangent.copy_from_slice(self.best_match(feature)));
    }
}

/// The dot product, added up in a fixed order.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// The dot product of whole maps.
fn sum_of_products(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_picks_the_best_match() {
        let mut features = vec![0.0; 3 * 20];
        features[0] = 1.0;
        features[20 + 18] = 2.0;
        features[40] = 3.0;
        let guide = Guide { features: features.clone(), planes: 20 };
        let mut wanted = [0.0; 20];
        wanted[18] = 1.0;
        assert_eq!(guide.best_match(&wanted), &features[20..40]);
        wanted[0] = 1.0;
        assert_eq!(guide.best_match(&wanted), &features[40..]);
        // Nothing in common with any: the first.
        assert_eq!(guide.best_match(&[0.0; 20]), &features[..20]);
    }

    #[test]
    fn cotangents_are_derivatives() {
        let data = [1.0, -2.0, 3.0, 4.0];
        let map = Map { height: 1, width: 2, channels: 2, data: &data };
        let evaluate = |objective: &Objective, plane| {
            let mut cotangent = [0.0; 4];
            (objective.evaluate(plane, map, &mut cotangent), cotangent)
        };
        assert_eq!(evaluate(&Objective::Layer, None), (15.0, data));
        assert_eq!(evaluate(&Objective::Plane(1), Some(1)), (2.0, [0.0, 1.0, 0.0, 1.0]));
        assert_eq!(evaluate(&Objective::PlaneSquares(1), Some(1)), (10.0, [0.0, -2.0, 0.0, 4.0]));
        let guide = Guide { features: vec![1.0, 0.0, 0.0, 1.0], planes: 2 };
        assert_eq!(evaluate(&Objective::Guide(guide), None), (5.0, [1.0, 0.0, 0.0, 1.0]));
    }
}
