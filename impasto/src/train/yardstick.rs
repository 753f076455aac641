//! How many iterations of slow painting a generator is worth (Johnson et al. 2016, figure 5).

use super::{Settings, lesson::Teacher};
use crate::{Error, optimiser::Lbfgs, paint::canvas::Canvas};
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
    seed: u64,
    /// Evaluations after which slow painting gives up.
    iterations: usize,
    /// For every style the smallest loss up to every evaluation, from the photograph and from noise, as far as it was needed.
    curves: Vec<[Vec<f64>; 2]>,
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
    /// Painting from the photograph and from noise gave up before it came down to the loss.
    pub beyond: [bool; 2],
}

impl Yardstick {
    /// Measures on `photo`, whose sides are multiples of the architecture's [`multiple`], against slow painting of at most
    /// `iterations` (at least 1) evaluations.
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
        let teacher = Teacher::new(settings, model, (photo.height(), photo.width()), pictures)?;
        let curves = vec![Default::default(); pictures.len()];
        Ok(Yardstick { teacher, photo, seed: settings.seed, iterations, curves })
    }

    /// What the picture that `generator` makes of the photograph in style number `style` is worth; none if the style has no
    /// picture. The photograph is painted slowly until the loss is below.
    ///
    /// # Errors
    /// Those of planning it.
    pub fn measure(&mut self, generator: &Generator, style: usize) -> Result<Option<Worth>, Error> {
        let size = (self.photo.height(), self.photo.width());
        let painter = generator.model(&generator.alone(style))?;
        let mut plan = Plan::of_last(&painter, size.0, size.1, Purpose::Forward)?;
        plan.forward(self.photo.rgb());
        let painted: Vec<f32> = plan.tap(0).data.iter().map(|value| value.clamp(0.0, 1.0)).collect();
        let Some((goal, plan)) = self.teacher.goal(style, (0, self.photo.rgb())) else { return Ok(None) };
        let loss = goal.value(plan, size, &painted).total;
        let photo = goal.value(plan, size, self.photo.rgb()).total;
        let reached = [0, 1].map(|start| self.reached(style, start, loss));
        let [(from_photo, a), (from_noise, b)] = reached;
        Ok(Some(Worth { loss, photo, from_photo, from_noise, beyond: [a, b] }))
    }

    /// Evaluations until slow painting from the photograph (`start` 0) or from noise (1) is at or below `loss`, and whether
    /// it gave up before.
    fn reached(&mut self, style: usize, start: usize, loss: f64) -> (usize, bool) {
        let curve = &mut self.curves[style][start];
        if curve.len() < self.iterations && curve.last().is_none_or(|&last| last > loss) {
            let x = match start {
                0 => self.photo.rgb().iter().map(|value| value * 255.0).collect(),
                _ => {
                    let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
                    let noise = || (rng.next_u32() >> 8) as f32 * (255.0 / (1 << 24) as f32);
                    std::iter::repeat_with(noise).take(self.photo.rgb().len()).collect()
                }
            };
            *curve = slow(&mut self.teacher, style, &self.photo, x, self.iterations, loss);
        }
        let below = curve.iter().position(|&slow| slow <= loss);
        (below.map_or(curve.len(), |at| at + 1), below.is_none())
    }
}

/// Smallest loss up to every evaluation of painting `photo` slowly from `x`, RGB values × 255, until it is at or below
/// `enough`.
fn slow(
    teacher: &mut Teacher,
    style: usize,
    photo: &Picture,
    mut x: Vec<f32>,
    iterations: usize,
    enough: f64,
) -> Vec<f64> {
    let mut curve = Vec::new();
    if let Some((goal, plan)) = teacher.goal(style, (0, photo.rgb())) {
        let mut canvas = Canvas::new(goal, plan, (photo.height(), photo.width()), None, |report| {
            curve.push(report.state.best);
            if report.state.best <= enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let mut optimiser = Lbfgs { bounds: Some([0.0, 255.0]), ..Lbfgs::default() };
        canvas.lower(&mut optimiser, &mut x, None, iterations);
    }
    curve
}
