//! How many iterations of slow painting a generator is worth (Johnson et al. 2016, figure 5).

use super::{Settings, lesson::Teacher};
use crate::{
    Error,
    optimiser::{Lbfgs, Optimiser, Problem, State},
};
use impasto_image::Picture;
use impasto_net::{Generator, Model, Plan, Purpose};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use std::{ops::ControlFlow, sync::Arc};

/// A held-out photograph and what slow painting makes of it in one style.
pub struct Yardstick {
    teacher: Teacher,
    photo: Picture,
    style: usize,
    /// Smallest loss up to every evaluation, from the photograph and from noise.
    curves: [Vec<f64>; 2],
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
    /// Paints `photo`, whose sides are multiples of the architecture's [`multiple`], slowly in style number `style` for
    /// `iterations` evaluations from the photograph and as many from noise, and remembers how the loss falls.
    ///
    /// [`multiple`]: impasto_net::generator::Architecture::multiple
    ///
    /// # Errors
    /// Those of planning and of measuring the style.
    pub fn new(
        settings: &Settings,
        model: &Arc<Model>,
        pictures: &[Option<Picture>],
        photo: Picture,
        style: usize,
        iterations: usize,
    ) -> Result<Yardstick, Error> {
        let mut teacher = Teacher::new(settings, model, (photo.height(), photo.width()), pictures)?;
        let mut curve = |x: &mut Vec<f32>| {
            let mut problem = Slow {
                teacher: &mut teacher,
                style,
                wanted: photo.rgb(),
                rgb: Vec::new(),
                curve: Vec::new(),
            };
            let mut optimiser = Lbfgs { bounds: Some([0.0, 255.0]), ..Lbfgs::default() };
            optimiser.minimise(x, iterations, &mut problem);
            problem.curve
        };
        let from_photo = curve(&mut photo.rgb().iter().map(|value| value * 255.0).collect());
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let noise = || (rng.next_u32() >> 8) as f32 * (255.0 / (1 << 24) as f32);
        let from_noise = curve(&mut std::iter::repeat_with(noise).take(photo.rgb().len()).collect());
        Ok(Yardstick { teacher, photo, style, curves: [from_photo, from_noise] })
    }

    /// The style it measures.
    pub fn style(&self) -> usize {
        self.style
    }

    /// Paints the photograph with `generator`; the picture and what it is worth.
    ///
    /// # Errors
    /// Those of planning it.
    pub fn measure(&mut self, generator: &Generator) -> Result<(Picture, Worth), Error> {
        let painter = generator.model(&generator.alone(self.style))?;
        let taps = [painter.network().last().to_owned()];
        let (height, width) = (self.photo.height(), self.photo.width());
        let mut plan = Plan::new(&painter, height, width, &taps, Purpose::Forward)?;
        plan.forward(self.photo.rgb());
        let painted: Vec<f32> = plan.tap(0).data.iter().map(|value| value.clamp(0.0, 1.0)).collect();
        let mut unused = vec![0.0; painted.len()];
        let mut loss = |picture: &[f32]| {
            self.teacher.judge(self.style, (0, self.photo.rgb()), picture, &mut unused).total
        };
        let (loss, photo) = (loss(&painted), loss(self.photo.rgb()));
        let reached = self.curves.each_ref().map(|curve| {
            let below = curve.iter().position(|&slow| slow <= loss);
            (below.map_or(curve.len(), |at| at + 1), below.is_none())
        });
        let [(from_photo, a), (from_noise, b)] = reached;
        let worth = Worth { loss, photo, from_photo, from_noise, beyond: [a, b] };
        Ok((Picture::new(width, height, painted)?, worth))
    }
}

/// Slow painting, which notes how far it has come.
struct Slow<'a> {
    teacher: &'a mut Teacher,
    style: usize,
    wanted: &'a [f32],
    rgb: Vec<f32>,
    curve: Vec<f64>,
}

impl Problem for Slow<'_> {
    fn evaluate(&mut self, x: &[f32], gradient: &mut [f32]) -> f64 {
        self.rgb.clear();
        self.rgb.extend(x.iter().map(|value| value / 255.0));
        let evaluation = self.teacher.judge(self.style, (0, self.wanted), &self.rgb, gradient);
        gradient.iter_mut().for_each(|g| *g /= 255.0);
        evaluation.total
    }

    fn report(&mut self, state: &State<'_>) -> ControlFlow<()> {
        self.curve.push(state.best);
        ControlFlow::Continue(())
    }
}
