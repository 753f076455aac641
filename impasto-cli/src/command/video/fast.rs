//! Frames painted in one pass each.

use super::render::Method;
use impasto::{Coloring, apply::Painter};
use impasto_image::Picture;
use impasto_video::{Shown, Steady};

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
}

impl Method for Fast {
    fn begin(&mut self, before: Option<(&Picture, Picture)>) {
        self.steady = Steady::new(self.stability);
        if let Some((frame, shown)) = before {
            self.steady.resume(frame, shown);
        }
    }

    fn next(&mut self, frame: &Picture) -> anyhow::Result<Shown> {
        let painted = self.color.result(self.painter.paint(frame)?, Some(frame))?;
        Ok(self.steady.next(frame, painted)?)
    }

    fn shown(&self) -> Option<&Picture> {
        self.steady.shown()
    }

    fn memory(&self) -> usize {
        self.steady.memory()
    }
}
