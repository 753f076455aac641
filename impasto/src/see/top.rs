//! Where, in many photos, each plane of each layer is strongest (the index of Zeiler & Fergus' figure 2).

use crate::Error;
use impasto_image::Picture;
use impasto_net::{Map, Model, Plan, Purpose};
use std::{collections::HashMap, sync::Arc};

/// Plans kept at once: photos of a folder come in few sizes.
const PLANS: usize = 4;

/// For every plane of a layer, its largest value in a photo and where that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Peaks {
    /// One a plane.
    pub values: Vec<f32>,
    /// Row and column, the first ones where several are equal.
    pub places: Vec<(u16, u16)>,
}

impl Peaks {
    fn of(map: Map<'_>) -> Peaks {
        let mut values = vec![f32::NEG_INFINITY; map.channels];
        let mut places = vec![(0, 0); map.channels];
        for (position, found) in map.data.chunks_exact(map.channels).enumerate() {
            let place = ((position / map.width) as u16, (position % map.width) as u16);
            for ((value, at), &found) in values.iter_mut().zip(&mut places).zip(found) {
                if found > *value {
                    (*value, *at) = (found, place);
                }
            }
        }
        Peaks { values, places }
    }
}

/// A network going through photos.
pub struct Scanner<'a> {
    model: &'a Arc<Model>,
    layers: &'a [String],
    plans: HashMap<(usize, usize), Plan>,
}

impl<'a> Scanner<'a> {
    /// Looks at photos with all of `layers`.
    pub fn new(model: &'a Arc<Model>, layers: &'a [String]) -> Self {
        Scanner { model, layers, plans: HashMap::new() }
    }

    /// The peaks of every layer in a photo.
    ///
    /// # Errors
    /// Those of planning.
    pub fn scan(&mut self, photo: &Picture) -> Result<Vec<Peaks>, Error> {
        let (height, width) = (photo.height(), photo.width());
        if self.plans.len() >= PLANS && !self.plans.contains_key(&(height, width)) {
            self.plans.clear();
        }
        let plan = match self.plans.entry((height, width)) {
            std::collections::hash_map::Entry::Occupied(plan) => plan.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Plan::precise(self.model, (height, width), self.layers, Purpose::Forward)?)
            }
        };
        let mut peaks: Vec<Option<Peaks>> = vec![None; self.layers.len()];
        plan.forward_showing(photo.rgb(), &mut |tap, map| peaks[tap] = Some(Peaks::of(map)));
        Ok(peaks.into_iter().flatten().collect())
    }
}

/// The photos in which `plane` is strongest, at most `count`, best first; of equal ones the earlier.
pub fn strongest<'p>(peaks: impl Iterator<Item = &'p Peaks>, plane: usize, count: usize) -> Vec<usize> {
    let values: Vec<f32> = peaks.map(|peaks| peaks.values[plane]).collect();
    let mut order: Vec<usize> = (0..values.len()).filter(|&photo| values[photo] > 0.0).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_the_first_of_the_largest() {
        let data = [1.0, 0.0, 3.0, -1.0, 3.0, 0.0];
        let peaks = Peaks::of(Map { height: 3, width: 1, channels: 2, data: &data });
        assert_eq!(peaks.values, [3.0, 0.0]);
        assert_eq!(peaks.places, [(1, 0), (0, 0)]);
    }

    #[test]
    fn photos_are_sorted_and_silent_ones_left_out() {
        let photo = |value| Peaks { values: vec![value], places: vec![(0, 0)] };
        let photos = [photo(1.0), photo(0.0), photo(5.0), photo(1.0), photo(2.0)];
        assert_eq!(strongest(photos.iter(), 0, 9), [2, 4, 0, 3]);
        assert_eq!(strongest(photos.iter(), 0, 2), [2, 4]);
    }
}
