//! Motion between two frames, found from both.

use super::{Flow, Frame, flow};
use crate::Result;

/// Share of pixels that must be reliable; below it the frames show different scenes.
const SCENE: f64 = 0.2;

/// The motion from one frame to another, with what of it can be trusted.
pub struct Motion {
    /// The motion.
    pub flow: Flow,
    /// Where it cannot be trusted: [`Flow::unreliable`] by the motion of the other direction.
    pub bad: Vec<bool>,
    /// Share of the pixels where it can.
    pub reliable: f64,
}

impl Motion {
    /// The motion from `from` to `to`.
    ///
    /// # Errors
    /// Those of [`flow`].
    pub fn between(from: &Frame, to: &Frame) -> Result<Motion> {
        let (forth, back) = rayon::join(|| flow(from, to), || flow(to, from));
        let forth = forth?;
        let bad = forth.unreliable(&back?);
        let reliable = bad.iter().filter(|&&bad| !bad).count() as f64 / bad.len() as f64;
        Ok(Motion { flow: forth, bad, reliable })
    }

    /// Whether the frames show different scenes: next to nothing of one can be found in the other.
    pub fn is_cut(&self) -> bool {
        self.reliable < SCENE
    }
}
