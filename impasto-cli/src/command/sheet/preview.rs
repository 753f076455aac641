//! A tile: the beginning of the painting that it stands for.
//!
//! A painting goes from coarse to fine, and each scale keeps the composition of the one before. So a painting that is
//! stopped after its first scales, each with the evaluations it has in the full painting and with the style at the size it has
//! there, shows what the rest will only refine. docs/controlling-sheets.md tells how well.

use crate::job::Job;
use impasto::paint::schedule;
use impasto::{Painting, Progress, Size, StyleSize};
use impasto_image::{Picture, fit_long_side, resize};
use std::ops::ControlFlow;

/// A painting cut short, and how large it is shown.
#[derive(Debug)]
pub struct Preview {
    job: Job,
    /// Columns and rows of the tile.
    pub shown: (usize, usize),
    /// Evaluations, each times its pixels: what it costs.
    pub cost: f64,
}

impl Preview {
    /// The painting up to the scale whose size is nearest to `side` pixels; where the recipe has none so small, the same painting at
    /// that size, with the style reduced in proportion.
    ///
    /// Fails if the objective cannot be had: pictures that are missing, layers that the network has not.
    pub fn new(mut job: Job, side: usize) -> anyhow::Result<Preview> {
        let objective = job.request().objective()?;
        let model = job.network.load(job.recipe.variant())?;
        for layer in objective.taps() {
            model.network().require(&layer).map_err(impasto::Error::from)?;
        }
        let (width, height) = job.request().output_size()?;
        let long = width.max(height);
        let scales = schedule(width, height, &job.recipe);
        let distance = |long: usize| (long as f64 / side as f64).ln().abs();
        let sides: Vec<usize> = scales.iter().map(|scale| scale.width.max(scale.height)).collect();
        let nearest = (0..sides.len()).min_by(|&a, &b| distance(sides[a]).total_cmp(&distance(sides[b])));
        let last = nearest.unwrap_or(0);
        let mut painted = scales[..=last].to_vec();
        if last + 1 < scales.len() {
            job.stop_after = Some(painted.iter().map(|scale| scale.evaluations).sum());
        } else if long > side && last == 0 {
            job.style_size = reduced(&job, long, side);
            job.size = Size::LongSide(side);
            let (width, height) = fit_long_side(width, height, side);
            painted = schedule(width, height, &job.recipe);
        }
        let cost = painted.iter().map(|scale| (scale.width * scale.height * scale.evaluations) as f64).sum();
        let shown = if long > side { fit_long_side(width, height, side) } else { (width, height) };
        Ok(Preview { job, shown, cost })
    }

    /// Paints the tile.
    pub fn paint(
        &self,
        progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> anyhow::Result<(Picture, Painting)> {
        let last = self.job.stop_after.unwrap_or(usize::MAX);
        let painting = self.job.paint(&mut |state| {
            let wish = progress(state);
            if state.evaluation >= last { ControlFlow::Break(()) } else { wish }
        })?;
        let tile = resize(&painting.picture, self.shown.0, self.shown.1)?;
        Ok((tile, painting))
    }
}

/// The size of the style in a painting of `side` instead of `long` pixels.
fn reduced(job: &Job, long: usize, side: usize) -> StyleSize {
    let request = job.request();
    let style = request.styles().next().map(|style| style.picture);
    match (job.style_size, job.size) {
        (StyleSize::Factor(factor), Size::LongSide(1..) | Size::Exact { .. }) => StyleSize::Factor(factor),
        // Without resampling, sizes are those of the style picture itself.
        _ => style.map_or(job.style_size, |style| {
            let (width, height) = request.style_size_at(style, side, long);
            StyleSize::LongSide(width.max(height))
        }),
    }
}
