//! The fast road: a picture through a generator, in one pass.

mod any;
mod texture;

pub use any::AnyStyle;
pub use texture::texture;

use crate::Error;
use impasto_image::Picture;
use impasto_net::{
    Generator, Model, Plan, Purpose,
    generator::PHOTO,
    network::Padding,
    stream::{can_stream, stream},
};
use std::{borrow::Cow, sync::Arc};

/// Pixels up to which a picture is planned whole: some 300 MB for 24 planes.
const PLANNED: usize = 2 << 20;

/// Rows of a band of larger pictures.
const BAND: usize = 32;

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

    /// A painter of these models, whose pictures are as large as the photographs; `plain` gives photographs back.
    pub fn of_models(
        painter: Arc<Model>,
        plain: Option<Arc<Model>>,
        multiple: usize,
        strength: f32,
    ) -> Painter {
        Painter { painter, plain, multiple, factor: 1, strength }
    }

    /// Paints; the picture has the size of `photo` times the architecture's factor, and its alpha where that is 1. Large
    /// pictures are painted in bands, which takes less memory and gives the same picture.
    ///
    /// # Errors
    /// Those of planning.
    pub fn paint(&self, photo: &Picture) -> Result<Picture, Error> {
        let (width, height) = (photo.width(), photo.height());
        let size = [width, height].map(|n| n.next_multiple_of(self.multiple));
        let padded = match size == [width, height] {
            true => Cow::Borrowed(photo.rgb()),
            false => Cow::Owned(continued(photo, size)),
        };
        let run = |model: &Arc<Model>| self.run(model, &padded, size, [width, height]);
        let mut painted =
            if self.strength == 0.0 && self.factor == 1 { photo.rgb().to_vec() } else { run(&self.painter)? };
        if self.factor == 1 && self.strength != 0.0 && self.strength != 1.0 {
            let plain = self.plain.as_ref().map(run).transpose()?;
            match plain {
                Some(plain) => {
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

    /// What `model` makes of a picture of size (width, height), and of that the part that belongs to `kept`.
    fn run(
        &self,
        model: &Arc<Model>,
        rgb: &[f32],
        [width, height]: [usize; 2],
        kept: [usize; 2],
    ) -> Result<Vec<f32>, Error> {
        let [columns, rows] = kept.map(|n| n * self.factor);
        let line = 3 * width * self.factor;
        let mut painted = Vec::with_capacity(3 * columns * rows);
        let mut take = |map: &[f32]| {
            let missing = rows - painted.len() / (3 * columns);
            for row in map.chunks_exact(line).take(missing) {
                painted.extend_from_slice(&row[..3 * columns]);
            }
        };
        if width * height > PLANNED && can_stream(model.network()) {
            stream(model, (height, width), rgb, BAND, &mut |_, values| take(values))?;
        } else {
            let mut plan = Plan::of_last(model, height, width, Purpose::Forward)?;
            plan.forward(rgb);
            take(plan.tap(0).data);
        }
        Ok(painted)
    }
}

/// The picture continued to the right and downwards to the size (width, height), mirrored at its border.
fn continued(photo: &Picture, [width, height]: [usize; 2]) -> Vec<f32> {
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
