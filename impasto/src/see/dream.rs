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
        if let Objective::Plane(value) = objective
            && value >= count
        {
            return Err(Error::NoUnit { layer: layer.into(), what: "plane", value, count });
        }
        let random = ChaCha8Rng::seed_from_u64(seed);
        Ok(Dreamer { model: model.clone(), layer: layer.into(), objective, settings, random, ascent: None })
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
        let ascent = match self.ascent.take().filter(|ascent| ascent.size() == size) {
            Some(ascent) => self.ascent.insert(ascent),
            None => self.ascent.insert(Ascent::new(&self.model, &self.layer, size)?),
        };
        for iteration in 1..=iterations {
            let shift = jitter::shift(&mut self.random, jitter);
            let plane = self.objective.plane(ascent.planes(), &mut self.random);
            let (value, moved) = ascent.step(picture.rgb_mut(), &self.objective, plane, shift, step / 255.0);
            let progress = Progress { octave, octaves, size, iteration, iterations, value, moved };
            if watch(&progress).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
