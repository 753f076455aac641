//! The fast road: a picture through a generator, in one pass.

use crate::Error;
use impasto_image::Picture;
use impasto_net::{Generator, Model, Plan, Purpose, generator::PHOTO, network::Padding};
use std::sync::Arc;

/// A generator set to one style, or to a blend of several, at a strength.
pub struct Painter {
    painter: Arc<Model>,
    /// Leaves a photograph as it is, as well as the generator has learnt it.
    plain: Option<Arc<Model>>,
    multiple: usize,
    factor: usize,
    strength: f32,
}

impl Painter {
    /// `blend` are weights of the generator's styles, which are divided by their sum; at `strength` 1 the style is as it was
    /// trained, at 0 the photograph comes out unchanged.
    ///
    /// Between, the norms' parameters are interpolated towards those that were trained to give the photograph back, and what
    /// these fail to give back is added by the same share: `G(x; s) + (1 − s) · (x − G(x; 0))`. A generator that has not
    /// learnt the style [`PHOTO`] mixes pixels.
    ///
    /// # Errors
    /// Those of [`Generator::model`].
    ///
    /// # Panics
    /// If there are not as many weights as styles, or their sum is not positive.
    pub fn new(generator: &Generator, blend: &[f32], strength: f32) -> Result<Painter, Error> {
        let sum: f32 = blend.iter().sum();
        assert!(sum > 0.0 && sum.is_finite(), "the weights must have a positive sum");
        let photo = generator.styles().iter().position(|style| style == PHOTO);
        let mut set: Vec<f32> = blend.iter().map(|weight| weight / sum).collect();
        let mut plain = None;
        if let (Some(photo), true) = (photo, strength != 1.0) {
            set.iter_mut().for_each(|weight| *weight *= strength);
            set[photo] += 1.0 - strength;
            plain = Some(generator.model(&generator.alone(photo))?);
        }
        let painter = generator.model(&set)?;
        let architecture = generator.architecture();
        let (multiple, factor) = (architecture.multiple(), architecture.factor());
        Ok(Painter { painter, plain, multiple, factor, strength })
    }

    /// Paints; the picture has the size of `photo` times the architecture's factor, and its alpha where that is 1.
    ///
    /// # Errors
    /// Those of planning.
    pub fn paint(&self, photo: &Picture) -> Result<Picture, Error> {
        let (width, height) = (photo.width(), photo.height());
        let large = |n: usize| n.next_multiple_of(self.multiple);
        let padded = continued(photo, (large(width), large(height)));
        let run = |model: &Arc<Model>| -> Result<Vec<f32>, Error> {
            let taps = [model.network().last().to_owned()];
            let mut plan = Plan::new(model, large(height), large(width), &taps, Purpose::Forward)?;
            plan.forward(&padded);
            Ok(cut(plan.tap(0).data, large(width) * self.factor, (width * self.factor, height * self.factor)))
        };
        let mut painted = run(&self.painter)?;
        if self.strength != 1.0 && self.factor == 1 {
            match &self.plain {
                Some(plain) => {
                    let plain = run(plain)?;
                    let share = 1.0 - self.strength;
                    for ((painted, plain), photo) in painted.iter_mut().zip(plain).zip(photo.rgb()) {
                        *painted += share * (photo - plain);
                    }
                }
                None => {
                    for (painted, photo) in painted.iter_mut().zip(photo.rgb()) {
                        *painted = photo + self.strength * (*painted - photo);
                    }
                }
            }
        }
        painted.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
        let picture = Picture::new(width * self.factor, height * self.factor, painted)?;
        Ok(match photo.alpha() {
            Some(alpha) if self.factor == 1 => picture.with_alpha(alpha.to_vec())?,
            _ => picture,
        })
    }
}

/// The picture continued to the right and downwards to the size (width, height), mirrored at its border.
fn continued(photo: &Picture, (width, height): (usize, usize)) -> Vec<f32> {
    let at = |i: usize, n: usize| Padding::Reflect.index(i as isize, n).unwrap_or(0);
    let mut rgb = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        let row = &photo.rgb()[3 * photo.width() * at(y, photo.height())..][..3 * photo.width()];
        rgb.extend_from_slice(row);
        for x in photo.width()..width {
            rgb.extend_from_slice(&row[3 * at(x, photo.width())..][..3]);
        }
    }
    rgb
}

/// The upper left part of size (width, height) of a map of three planes, `whole` positions wide.
fn cut(map: &[f32], whole: usize, (width, height): (usize, usize)) -> Vec<f32> {
    map.chunks_exact(3 * whole).take(height).flat_map(|row| &row[..3 * width]).copied().collect()
}
