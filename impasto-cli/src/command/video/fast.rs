//! Frames painted in one pass each.

use super::render::Method;
use impasto::{Coloring, apply::Painter};
use impasto_image::Picture;
use impasto_video::{Kept, Shown, Steady};

/// Paints as `apply` does, and draws every painting towards the one before.
pub struct Fast {
    painter: Painter,
    color: Coloring,
    stability: f32,
    steady: Steady,
}

impl Fast {
    /// Paints with `painter`; `stability` as for [`Steady::new`].
    pub fn new(painter: Painter, color: Coloring, stability: f32) -> Self {
        Fast { painter, color, stability, steady: Steady::new(stability) }
    }

    fn paint(&self, frame: &Picture) -> anyhow::Result<Picture> {
        Ok(self.color.result(self.painter.paint(frame)?, Some(frame))?)
    }
}

impl Method for Fast {
    fn begin(&mut self, before: Option<(&Picture, Kept)>) {
        self.steady = Steady::new(self.stability);
        if let Some((frame, kept)) = before {
            self.steady.resume(frame, kept);
        }
    }

    fn next(&mut self, frame: &Picture) -> anyhow::Result<Shown> {
        if self.stability == 0.0 {
            return Ok(Shown { picture: self.paint(frame)?, cut: false });
        }
        let seen = self.steady.observe(frame)?;
        let painted = self.paint(&seen.calm)?;
        Ok(self.steady.show(seen, painted)?)
    }

    fn kept(&self) -> Option<&Kept> {
        self.steady.kept()
    }

    fn memory(&self) -> usize {
        self.steady.memory()
    }
}
