//! Frames painted by optimisation, each from what the one before became (Ruder, Dosovitskiy & Brox 2016).

use super::render::Method;
use anyhow::Context;
use impasto::paint::{Before, Region, paint};
use impasto::{Coloring, Network, Recipe, Request, Size, StyleSize};
use impasto_image::Picture;
use impasto_video::{Looked, Shown, Steady};
use std::ops::ControlFlow;

/// Share of the first frame's evaluations that the following ones take: they begin near their end.
const FOLLOWING: f64 = 0.1;

/// Frames painted before the first of a share. What is left of the difference then is as small as that between two frames.
const EARLY: usize = 12;

/// Paints as `paint` does.
pub struct Slow {
    pub style: Picture,
    pub recipe: Recipe,
    pub network: Network,
    pub style_size: StyleSize,
    pub seed: u64,
    pub color: Coloring,
    pub steady: Steady,
}

impl Method for Slow {
    fn next(&mut self, frame: Looked) -> anyhow::Result<Shown> {
        if self.steady.stability() == 0.0 {
            let picture = self.paint(&frame.picture, &self.recipe, None, None)?;
            return Ok(Shown { picture, cut: false });
        }
        let seen = self.steady.observe(frame)?;
        let frame = &seen.calm;
        let picture = match &seen.moved {
            None => self.paint(frame, &self.recipe, None, None)?,
            Some(moved) => {
                let mut recipe = self.recipe.clone();
                recipe.scales.count = Some(1);
                recipe.iterations = ((recipe.iterations as f64 * FOLLOWING) as usize).max(1);
                let start = mixed(frame, &moved.picture, moved.trust.values())?;
                let weight = Before::WEIGHT * f64::from(self.steady.stability());
                let before = Before { picture: &moved.picture, trust: &moved.trust, weight };
                self.paint(frame, &recipe, Some(&start), Some(before))?
            }
        };
        let cut = seen.cut;
        self.steady.keep(seen, picture.clone());
        Ok(Shown { picture, cut })
    }

    fn steady(&mut self) -> &mut Steady {
        &mut self.steady
    }

    fn memory(&self) -> usize {
        if self.steady.stability() == 0.0 { 0 } else { EARLY }
    }
}

impl Slow {
    fn paint(
        &self,
        frame: &Picture,
        recipe: &Recipe,
        start: Option<&Picture>,
        before: Option<Before<'_>>,
    ) -> anyhow::Result<Picture> {
        let request = Request {
            content: Some(frame),
            regions: Region::everywhere(&self.style),
            start,
            before,
            size: Size::Exact { width: frame.width(), height: frame.height() },
            style_size: self.style_size,
            seed: self.seed,
            color: &self.color,
            ..Request::new(recipe, &self.network)
        };
        let painting = paint(&request, &mut |_| ControlFlow::Continue(()))?;
        Ok(painting.picture)
    }
}

/// `moved` where it can be trusted, and the frame itself elsewhere.
fn mixed(frame: &Picture, moved: &Picture, trust: &[f32]) -> anyhow::Result<Picture> {
    let pixels = frame.rgb().chunks_exact(3).zip(moved.rgb().chunks_exact(3)).zip(trust);
    let rgb = pixels.flat_map(|((frame, moved), trust)| {
        [0, 1, 2].map(|channel| frame[channel] + trust * (moved[channel] - frame[channel]))
    });
    Picture::new(frame.width(), frame.height(), rgb.collect()).context("frames of one size")
}
