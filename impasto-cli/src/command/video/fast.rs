//! Frames painted in one pass each.

use super::render::Method;
use impasto::{Coloring, apply::Painter};
use impasto_image::Picture;
use impasto_video::{Looked, Shown, Steady};

/// Paints as `apply` does, and draws every painting towards the one before.
pub struct Fast {
    painter: Painter,
    color: Coloring,
    steady: Steady,
}

impl Fast {
    /// Paints with `painter`; `stability` as for [`Steady::new`].
    pub fn new(painter: Painter, color: Coloring, stability: f32) -> Self {
        Fast { painter, color, steady: Steady::new(stability) }
    }

    fn paint(&self, frame: &Picture) -> anyhow::Result<Picture> {
        Ok(self.color.result(self.painter.paint(frame)?, Some(frame))?)
    }
}

impl Method for Fast {
    fn next(&mut self, frame: Looked) -> anyhow::Result<Shown> {
        if self.steady.stability() == 0.0 {
            return Ok(Shown { picture: self.paint(&frame.picture)?, cut: false });
        }
        let seen = self.steady.observe(frame)?;
        let painted = self.paint(&seen.calm)?;
        Ok(self.steady.show(seen, painted)?)
    }

    fn steady(&mut self) -> &mut Steady {
        &mut self.steady
    }

    fn memory(&self) -> usize {
        self.steady.memory()
    }
}
