//! Back-projections of single units from the part of the picture that they see.
//!
//! A unit depends on nothing outside its receptive field. So the network need only look at a window around that, as long
//! as strides fall on the same pixels: the window begins at a multiple of the layer's stride, or at the picture's border
//! where the field does.

use super::{Eye, Place, Unit};
use crate::Error;
use impasto_image::Picture;
use impasto_net::{Model, ReluRule};
use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
    sync::Arc,
};

/// Plans kept at once: most windows have one size, those at borders a few more.
const PLANS: usize = 6;

/// A layer looking at parts of pictures.
pub struct Closeup<'a> {
    model: &'a Arc<Model>,
    layer: &'a str,
    /// Number of the layer.
    index: usize,
    /// By size of window.
    eyes: HashMap<(usize, usize), Eye>,
}

/// A unit's back-projections, all of the pixels that it sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projections {
    /// Rows and columns of the picture.
    pub field: (Range<usize>, Range<usize>),
    /// One a rule, interleaved RGB values of the field.
    pub values: Vec<Vec<f32>>,
}

impl<'a> Closeup<'a> {
    /// The layer called `layer`.
    ///
    /// # Errors
    /// If there is no such layer.
    pub fn new(model: &'a Arc<Model>, layer: &'a str) -> Result<Self, Error> {
        let index = model.network().require(layer)?;
        Ok(Closeup { model, layer, index, eyes: HashMap::new() })
    }

    /// The way back from the unit of `plane` at a row and column of the layer's map of `picture`, as [`Eye::project`] goes
    /// it, under each of `rules`.
    ///
    /// # Errors
    /// Those of planning.
    pub fn project(
        &mut self,
        picture: &Picture,
        plane: usize,
        at: (usize, usize),
        rules: &[ReluRule],
    ) -> Result<Projections, Error> {
        let mut found = Projections::default();
        self.project_all(picture, &[(plane, at)], rules, &mut |_, projections| found = projections)?;
        Ok(found)
    }

    /// [`Closeup::project`] for several units of one picture (plane, row and column), with their numbers in `units`, in any
    /// order: what several see through one window is looked at once.
    ///
    /// # Errors
    /// Those of planning.
    pub fn project_all(
        &mut self,
        picture: &Picture,
        units: &[(usize, (usize, usize))],
        rules: &[ReluRule],
        show: &mut dyn FnMut(usize, Projections),
    ) -> Result<(), Error> {
        let size = (picture.height(), picture.width());
        let model = self.model;
        let network = model.network();
        let (layer, stride) = (self.index, network.stride(self.index));
        let mut windows: HashMap<(Range<usize>, Range<usize>), Vec<usize>> = HashMap::new();
        for (number, &(_, at)) in units.iter().enumerate() {
            let field = network.receptive_field(layer, at, size);
            let window = (window(&field.rows, stride, size.0), window(&field.columns, stride, size.1));
            windows.entry(window).or_default().push(number);
        }
        for ((rows, columns), numbers) in windows {
            let eye = self.eye((rows.len(), columns.len()))?;
            eye.look(&part(picture.rgb(), size.1, &(rows.clone(), columns.clone())));
            for number in numbers {
                let (plane, at) = units[number];
                let field = network.receptive_field(layer, at, size).clipped(size);
                let place = Place::At(at.0 - rows.start / stride, at.1 - columns.start / stride);
                let inside = |span: &Range<usize>, start: usize| span.start - start..span.end - start;
                let seen = (inside(&field.0, rows.start), inside(&field.1, columns.start));
                let project =
                    |&rule| part(&eye.project(rule, &[Unit { plane, place }]), columns.len(), &seen);
                show(number, Projections { values: rules.iter().map(project).collect(), field });
            }
        }
        Ok(())
    }

    /// The eye for windows of `size`.
    fn eye(&mut self, size: (usize, usize)) -> Result<&mut Eye, Error> {
        if self.eyes.len() >= PLANS && !self.eyes.contains_key(&size) {
            self.eyes.clear();
        }
        Ok(match self.eyes.entry(size) {
            Entry::Occupied(eye) => eye.into_mut(),
            Entry::Vacant(place) => place.insert(Eye::new(self.model, self.layer, size)?),
        })
    }
}

/// The stretch of an axis of `n` pixels to look at for a unit that sees `field`.
fn window(field: &Range<isize>, stride: usize, n: usize) -> Range<usize> {
    // The window begins up to a stride before the field.
    let side = (field.len() + stride - 1).next_multiple_of(stride);
    if side >= n {
        return 0..n;
    }
    let start = field.start.max(0) as usize / stride * stride;
    if start + side < n { start..start + side } else { (n - side) / stride * stride..n }
}

/// Rows and columns of interleaved RGB values.
pub(super) fn part(rgb: &[f32], width: usize, (rows, columns): &(Range<usize>, Range<usize>)) -> Vec<f32> {
    rows.clone()
        .flat_map(|row| &rgb[3 * (row * width + columns.start)..3 * (row * width + columns.end)])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn windows_hold_fields_and_keep_to_strides() {
        for n in [20, 64, 101, 300] {
            for stride in [1, 2, 8, 16] {
                for start in -30..n {
                    for len in [1, 7, 40] {
                        let window = window(&(start..start + len), stride, n as usize);
                        assert!(window.start as isize <= start.max(0) && window.start.is_multiple_of(stride));
                        assert!(window.end as isize >= (start + len).min(n) && window.end <= n as usize);
                        assert!(start >= 0 || window.start == 0);
                        assert!(start + len <= n || window.end == n as usize);
                    }
                }
            }
        }
    }
}
