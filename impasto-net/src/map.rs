//! Views of activations.

/// A feature map: `height × width` positions of `channels` values each, channels innermost (NHWC with N = 1).
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Planes.
    pub channels: usize,
    /// `height * width * channels` values.
    pub data: &'a [f32],
}

impl Map<'_> {
    /// Number of positions, `height * width`.
    pub fn positions(&self) -> usize {
        self.height * self.width
    }
}
