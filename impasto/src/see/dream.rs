//! Deep dreams: a photo changed until a layer answers more to it (Mordvintsev, Olah & Tyka, "Inceptionism", 2015).
//!
//! - [`objective`]: what is to grow
//! - [`ascent`]: a step uphill; [`jitter`]: where each step looks from
//! - [`octaves`]: small pictures first, their detail carried over to the larger ones
//! - [`zoom`]: a camera that moves into the dream

pub mod ascent;
pub mod jitter;
pub mod objective;
pub mod octaves;
pub mod zoom;

pub use objective::{Guide, Objective};

use crate::Error;
use ascent::Ascent;
use impasto_image::{Picture, resize};
use impasto_net::Model;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::{ops::ControlFlow, sync::Arc};

/// How a dream goes; the default is that of google/deepdream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Sizes that are dreamt at, from 1 up.
    pub octaves: usize,
    /// Ratio of the sides of an octave to those of the one before, above 1.
    pub octave_scale: f64,
    /// Steps an octave.
    pub iterations: usize,
    /// Mean absolute change of a value by a step, in units of 1/255 of the displayable range.
    pub step: f32,
    /// Farthest that the picture is shifted before a step, pixels on each axis.
    pub jitter: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { octaves: 4, octave_scale: 1.4, iterations: 10, step: 1.5, jitter: 32 }
    }
}

/// Where a dream stands, after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The octave, from 1.
    pub octave: usize,
    /// How many there are.
    pub octaves: usize,
    /// Rows and columns of its picture.
    pub size: (usize, usize),
    /// The step in this octave, from 1.
    pub iteration: usize,
    /// How many there are.
    pub iterations: usize,
    /// The objective before the step.
    pub value: f64,
    /// Whether there was a way up: if not, the step changed nothing.
    pub moved: bool,
}

/// Called after every step; a break leaves out all further steps.
pub type Watch<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// A network that dreams, one picture after another.
pub struct Dreamer {
    model: Arc<Model>,
    layer: String,
    objective: Objective,
    settings: Settings,
    random: ChaCha8Rng,
    /// That of the last size: frames of one film have the same.
    ascent: Option<Ascent>,
}

impl Dreamer {
    /// A dreamer in which `objective` grows at the layer called `layer`.
    ///
    /// # Errors
    /// Those of [`Network::require`](impasto_net::network::Network::require); [`Error::NoUnit`] if the layer has no such
    /// plane.
    pub fn new(
        model: &Arc<Model>,
        layer: &str,
        objective: Objective,
        settings: Settings,
        seed: u64,
    ) -> Result<Dreamer, Error> {
        let count = model.network().channels()[model.network().require(layer)?];
        if let Objective::Plane(value) | Objective::PlaneSquares(value) = objective
            && value >= count
        {
            return Err(Error::NoUnit { layer: layer.into(), what: "plane", value, count });
        }
        let random = ChaCha8Rng::seed_from_u64(seed);
        Ok(Dreamer { model: model.clone(), layer: layer.into(), objective, settings, random, ascent: None })
    }

    /// The objective at `photo` as it is, and its derivative by the photo's values: interleaved RGB. Of random planes it is
    /// that of the plane drawn next.
    ///
    /// # Errors
    /// Those of planning.
    pub fn gradient(&mut self, photo: &Picture) -> Result<(f64, Vec<f32>), Error> {
        let mut ascent = self.ascent((photo.height(), photo.width()))?;
        let plane = self.objective.plane(ascent.planes(), &mut self.random);
        let found = ascent.gradient(photo.rgb(), &self.objective, plane);
        self.ascent = Some(ascent);
        Ok(found)
    }

    /// A dream of `photo`, at its size: all octaves, the smallest first.
    ///
    /// After a break of `watch` the detail there is is still carried over, so that the picture has its full size.
    ///
    /// # Errors
    /// Those of planning: the smallest octave may be too small for the layer.
    pub fn dream(&mut self, photo: &Picture, watch: &mut Watch<'_>) -> Result<Picture, Error> {
        let sizes = octaves::sizes((photo.height(), photo.width()), &self.settings);
        let mut before: Option<(Picture, Picture)> = None;
        let mut flow = ControlFlow::Continue(());
        for (octave, &(height, width)) in sizes.iter().enumerate() {
            let base = resize(photo, width, height)?;
            let mut picture = match &before {
                Some((base_before, result)) => octaves::carry_over(base_before, result, &base)?,
                None => base.clone(),
            };
            if flow.is_continue() {
                flow = self.climb(&mut picture, (octave + 1, sizes.len()), watch)?;
            }
            before = Some((base, picture));
        }
        Ok(before.map_or_else(|| photo.clone(), |(_, picture)| picture))
    }

    /// One octave more on a picture, at its own size.
    ///
    /// # Errors
    /// Those of planning.
    pub fn deepen(&mut self, picture: &Picture, watch: &mut Watch<'_>) -> Result<Picture, Error> {
        let mut deeper = picture.clone();
        // Whoever watches has the break already, and there are no more steps to leave out.
        let _ = self.climb(&mut deeper, (1, 1), watch)?;
        Ok(deeper)
    }

    /// All steps of an octave.
    fn climb(
        &mut self,
        picture: &mut Picture,
        (octave, octaves): (usize, usize),
        watch: &mut Watch<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let Settings { iterations, step, jitter, .. } = self.settings;
        if iterations == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        let size = (picture.height(), picture.width());
        let mut ascent = self.ascent(size)?;
        let mut flow = ControlFlow::Continue(());
        for iteration in 1..=iterations {
            let shift = jitter::shift(&mut self.random, jitter);
            let plane = self.objective.plane(ascent.planes(), &mut self.random);
            let (value, moved) = ascent.step(picture.rgb_mut(), &self.objective, plane, shift, step / 255.0);
            let progress = Progress { octave, octaves, size, iteration, iterations, value, moved };
            flow = watch(&progress);
            if flow.is_break() {
                break;
            }
        }
        self.ascent = Some(ascent);
        Ok(flow)
    }

    /// What climbs at a size: that of the last size, if it was the same.
    fn ascent(&mut self, size: (usize, usize)) -> Result<Ascent, Error> {
        match self.ascent.take().filter(|ascent| ascent.size() == size) {
            Some(ascent) => Ok(ascent),
            None => Ascent::new(&self.model, &self.layer, size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use impasto_net::network::Variant;

    const SETTINGS: Settings =
        Settings { octaves: 2, octave_scale: 1.4, iterations: 4, step: 1.5, jitter: 8 };

    fn model() -> Arc<Model> {
        Model::named("squeezenet", Variant::default(), None).unwrap()
    }

    /// Soft waves, so that every layer sees something.
    fn photo(width: usize, height: usize) -> Picture {
        let wave = |i: usize| {
            0.5 + 0.4 * ((i / 3 % width) as f32 / 5.0 + (i / 3 / width) as f32 / (3 + i % 3) as f32).sin()
        };
        Picture::new(width, height, (0..3 * width * height).map(wave).collect()).unwrap()
    }

    /// A dream, and the objective at every step.
    fn dreamt(objective: Objective, layer: &str, settings: Settings, seed: u64) -> (Picture, Vec<f64>) {
        let mut values = Vec::new();
        let mut dreamer = Dreamer::new(&model(), layer, objective, settings, seed).unwrap();
        let mut watch = |progress: &Progress| {
            values.push(progress.value);
            ControlFlow::Continue(())
        };
        let picture = dreamer.dream(&photo(97, 71), &mut watch).unwrap();
        (picture, values)
    }

    #[test]
    fn without_steps_the_photo_comes_back() {
        let still = Settings { iterations: 0, octaves: 4, ..SETTINGS };
        assert_eq!(dreamt(Objective::Layer, "fire4", still, 0).0, photo(97, 71));
    }

    #[test]
    fn detail_of_the_first_octave_stays_after_a_break() {
        let mut dreamer = Dreamer::new(&model(), "fire4", Objective::Layer, SETTINGS, 0).unwrap();
        let picture = dreamer.dream(&photo(97, 71), &mut |_| ControlFlow::Break(())).unwrap();
        assert_eq!((picture.width(), picture.height()), (97, 71));
        assert_ne!(picture, photo(97, 71));
    }

    #[test]
    fn what_should_grow_grows() {
        let guide = Guide::new(&model(), "fire4", &photo(64, 64)).unwrap();
        let cases = [
            (Objective::Layer, "fire4"),
            (Objective::Plane(3), "fire4"),
            (Objective::PlaneSquares(3), "fire4"),
            (Objective::Guide(guide), "fire4"),
            (Objective::Plane(31), "logits"),
        ];
        for (objective, layer) in cases {
            let (picture, values) = dreamt(objective.clone(), layer, SETTINGS, 0);
            for octave in values.chunks(SETTINGS.iterations) {
                assert!(octave.last() > octave.first(), "{objective:?}: {octave:?}");
            }
            assert!(picture.rgb().iter().all(|v| (0.0..=1.0).contains(v)));
        }
    }

    #[test]
    fn the_derivative_tells_how_the_objective_changes() {
        let mut dreamer = Dreamer::new(&model(), "fire4", Objective::PlaneSquares(3), SETTINGS, 0).unwrap();
        let before = photo(97, 71);
        let (value, gradient) = dreamer.gradient(&before).unwrap();
        let square: f64 = gradient.iter().map(|&g| f64::from(g).powi(2)).sum();
        // A step along the derivative that should raise the objective by a thousandth.
        let step = (1e-3 * value / square) as f32;
        let mut after = before.clone();
        after.rgb_mut().iter_mut().zip(&gradient).for_each(|(v, g)| *v += step * g);
        let raised = dreamer.gradient(&after).unwrap().0 / value - 1.0;
        assert!((raised - 1e-3).abs() < 1e-4, "{raised}");
    }

    #[test]
    fn a_step_changes_values_by_its_size_in_the_mean() {
        let one = Settings { octaves: 1, iterations: 1, ..SETTINGS };
        let (picture, _) = dreamt(Objective::Layer, "fire4", one, 0);
        let before = photo(97, 71);
        let sum: f32 = picture.rgb().iter().zip(before.rgb()).map(|(a, b)| (a - b).abs()).sum();
        let mean = 255.0 * sum / before.rgb().len() as f32;
        // No wave comes near 0 or 1, so little is clipped.
        assert!((mean - 1.5).abs() < 0.02, "{mean}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
        let run = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| dreamt(Objective::RandomPlane, "logits", SETTINGS, seed).0)
        };
        let one = run(1, 5);
        assert_eq!(one, run(3, 5));
        assert_ne!(one, run(3, 6));
    }

    #[test]
    fn a_plane_that_is_not_there_is_refused() {
        let error = Dreamer::new(&model(), "fire4", Objective::Plane(256), SETTINGS, 0).err().unwrap();
        assert_eq!(error.to_string(), "fire4 has no plane 256");
        assert_eq!(error.hint().unwrap(), "give a plane below 256");
    }
}
