//! Any painting as a style at once.

use super::Painter;
use crate::Error;
use impasto_image::{Picture, resize};
use impasto_net::{magenta::Magenta, network::magenta::MULTIPLE};
use std::path::Path;

/// Short side in pixels at which the network looks at a style: what it was trained with.
const LOOK: usize = 256;

/// The other side is brought to a multiple of this, for the borders that the network was trained with.
const STEP: usize = 32;

/// Longest side in pixels that is looked at, of very narrow pictures.
const LONGEST: usize = 2048;

/// Paintings that the network for any style (Ghiasi et al. 2017) has looked at.
pub struct AnyStyle {
    magenta: Magenta,
    vector: Vec<f32>,
}

impl AnyStyle {
    /// Looks at paintings with their shares, which are divided by their sum; `models` as in [`Magenta::open`].
    ///
    /// # Errors
    /// Those of reading the networks and of planning.
    pub fn new(models: Option<&Path>, paintings: &[(&Picture, f32)]) -> Result<AnyStyle, Error> {
        let magenta = Magenta::open(models)?;
        let sum: f32 = paintings.iter().map(|(_, share)| share).sum();
        let mut vector = Vec::new();
        for (painting, share) in paintings {
            let seen = look(&magenta, painting)?;
            vector.resize(seen.len(), 0.0);
            vector.iter_mut().zip(seen).for_each(|(mean, value)| *mean += share / sum * value);
        }
        Ok(AnyStyle { magenta, vector })
    }

    /// What paints `photo`. Between strength 1, the style, and 0, the photograph unchanged, the style's vector is
    /// interpolated towards the photograph's own, and what that fails to give back is added, see [`Painter::new`].
    ///
    /// # Errors
    /// Those of planning.
    pub fn painter(&self, photo: &Picture, strength: f32) -> Result<Painter, Error> {
        if strength == 1.0 || strength == 0.0 {
            return Ok(Painter::of_models(self.magenta.transformer(&self.vector)?, None, MULTIPLE, strength));
        }
        let own = look(&self.magenta, photo)?;
        let between: Vec<f32> =
            self.vector.iter().zip(&own).map(|(style, own)| own + strength * (style - own)).collect();
        let (painter, plain) = (self.magenta.transformer(&between)?, self.magenta.transformer(&own)?);
        Ok(Painter::of_models(painter, Some(plain), MULTIPLE, strength))
    }
}

/// The vector of a picture.
fn look(magenta: &Magenta, picture: &Picture) -> Result<Vec<f32>, Error> {
    let (width, height) = (picture.width(), picture.height());
    let factor = LOOK as f64 / width.min(height) as f64;
    let side = |n: usize| {
        let steps = (n as f64 * factor / STEP as f64).round() as usize;
        (steps * STEP).clamp(LOOK, LONGEST)
    };
    let seen = resize(picture, side(width), side(height))?;
    Ok(magenta.style_vector(seen.rgb(), seen.height(), seen.width())?)
}
