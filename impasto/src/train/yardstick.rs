//! How many iterations of slow painting a generator is worth (Johnson et al. 2016, figure 5).

use super::{Settings, lesson::Teacher};
use crate::{
    Error,
    optimiser::{Lbfgs, Optimiser},
    paint::canvas::Canvas,
};
use impasto_image::Picture;
use impasto_net::{Generator, Model, Plan, Purpose};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use std::{ops::ControlFlow, sync::Arc};

/// A held-out photograph and what slow painting makes of it in the styles.
pub struct Yardstick {
    teacher: Teacher,
    photo: Picture,
    /// Smallest loss up to every evaluation, from the photograph and from noise; none for styles without a picture.
    curves: Vec<Option<[Vec<f64>; 2]>>,
}

/// What a generator's picture is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// Its loss.
    pub loss: f64,
    /// The photograph's own loss.
    pub photo: f64,
    /// Evaluations after which L-BFGS, started from the photograph, is below that loss; a lower bound if
    /// `beyond` says so.
    pub from_photo: usize,
    /// The same from noise, as in the paper.
    pub from_noise: usize,
    /// The curves from the photograph and from noise ended before they came down to the loss.
    pub beyond: [bool; 2],
}

impl Yardstick {
    /// Paints `photo`, whose sides are multiples of the architecture's [`multiple`], slowly in every style that has a
    /// picture, for `iterations` (at least 1) evaluations from the photograph and as many from noise, and remembers how the
    /// loss falls.
    ///
    /// [`multiple`]: impasto_net::generator::Architecture::multiple
    ///
    /// # Errors
    /// Those of planning and of measuring the styles.
    pub fn new(
        settings: &Settings,
        model: &Arc<Model>,
        pictures: &[Option<Picture>],
        photo: Picture,
        iterations: usize,
    ) -> Result<Yardstick, Error> {
        let mut teacher = Teacher::new(settings, model, (photo.height(), photo.width()), pictures)?;
        let from_photo = || photo.rgb().iter().map(|value| value * 255.0).collect();
        let from_noise = || {
            let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
            let noise = || (rng.next_u32() >> 8) as f32 * (255.0 / (1 << 24) as f32);
            std::iter::repeat_with(noise).take(photo.rgb().len()).collect()
        };
        let mut curves = Vec::new();
        for (style, picture) in pictures.iter().enumerate() {
            let mut curve = |x| slow(&mut teacher, style, &photo, x, iterations);
            curves.push(picture.as_ref().map(|_| [curve(from_photo()), curve(from_noise())]));
        }
        Ok(Yardstick { teacher, photo, curves })
    }

    /// What the picture that `generator` makes of the photograph in style number `style` is worth; none if the style has no
    /// picture.
    ///
    /// # Errors
    /// Those of planning it.
    pub fn measure(&mut self, generator: &Generator, style: usize) -> Result<Option<Worth>, Error> {
        let size = (self.photo.height(), self.photo.width());
        let Some(curves) = &self.curves[style] else { return Ok(None) };
        let painter = generator.model(&generator.alone(style))?;
        let mut plan = Plan::of_last(&painter, size.0, size.1, Purpose::Forward)?;
        plan.forward(self.photo.rgb());
        let painted: Vec<f32> = plan.tap(0).data.iter().map(|value| value.clamp(0.0, 1.0)).collect();
        let Some((goal, plan)) = self.teacher.goal(style, (0, self.photo.rgb())) else { return Ok(None) };
        let loss = goal.value(plan, size, &painted).total;
        let reached = curves.each_ref().map(|curve| {
            let below = curve.iter().position(|&slow| slow <= loss);
            (below.map_or(curve.len(), |at| at + 1), below.is_none())
        });
        let [(from_photo, a), (from_noise, b)] = reached;
        // Slow painting from the photograph begins with its loss.
        let photo = curves[0].first().copied().unwrap_or(f64::NAN);
        Ok(Some(Worth { loss, photo, from_photo, from_noise, beyond: [a, b] }))
    }
}

/// Smallest loss up to every evaluation of painting `photo` slowly from `x`, RGB values × 255.
fn slow(
    teacher: &mut Teacher,
    style: usize,
    photo: &Picture,
    mut x: Vec<f32>,
    iterations: usize,
) -> Vec<f64> {
    let mut curve = Vec::new();
    if let Some((goal, plan)) = teacher.goal(style, (0, photo.rgb())) {
        let mut canvas = Canvas::new(goal, plan, (photo.height(), photo.width()), None, |report| {
            curve.push(report.state.best);
            ControlFlow::Continue(())
        });
        let mut optimiser = Lbfgs { bounds: Some([0.0, 255.0]), ..Lbfgs::default() };
        optimiser.minimise(&mut x, iterations, &mut canvas);
    }
    curve
}
