//! Frames painted in one pass each.

use super::render::Method;
use impasto::{Coloring, apply::Painter};
use impasto_image::Picture;

/// Paints as `apply` does.
pub struct Fast {
    pub painter: Painter,
    pub color: Coloring,
}

impl Method for Fast {
    fn paint(&mut self, frame: &Picture) -> anyhow::Result<Picture> {
        Ok(self.color.result(self.painter.paint(frame)?, Some(frame))?)
    }
}
