//! Frames painted in one pass each.

use super::render::Method;
use impasto::{Coloring, apply::Painter};
use impasto_image::Picture;
use impasto_net::Grain;
use impasto_video::{Grains, Looked, Shown, Steady};

/// Paints as `apply` does, and draws every painting towards the one before.
pub struct Fast {
    painter: Painter,
    color: Coloring,
    steady: Steady,
}

impl Fast {
    /// Paints frames of `size` (width, height) with `painter`; `stability` as for [`Steady::new`].
    pub fn new(painter: Painter, color: Coloring, stability: f32, size: (usize, usize)) -> Self {
        let mut steady = Steady::new(stability);
        if let Some((columns, rows)) = painter.noise_size(size.0, size.1) {
            steady = steady.with_noise(columns, rows);
        }
        Fast { painter, color, steady }
    }

    fn paint(&self, frame: &Picture, grains: Option<&Grains>) -> anyhow::Result<Picture> {
        let grain = Grain { places: grains.map(Grains::places), ..Grain::default() };
        Ok(self.color.result(self.painter.paint_with(frame, &grain)?, Some(frame))?)
    }
}

impl Method for Fast {
    fn next(&mut self, frame: Looked) -> anyhow::Result<Shown> {
        if self.steady.stability() == 0.0 {
            return Ok(Shown { picture: self.paint(&frame.picture, None)?, cut: false });
        }
        let seen = self.steady.observe(frame)?;
        let painted = self.paint(&seen.calm, seen.grains.as_ref())?;
        Ok(self.steady.show(seen, painted)?)
    }

    fn steady(&mut self) -> &mut Steady {
        &mut self.steady
    }

    fn memory(&self) -> usize {
        self.steady.memory()
    }
}
