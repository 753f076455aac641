//! A picture laid on a background.

use crate::picture::{Picture, unit};

/// What transparent parts show on most screens.
pub const WHITE: [u8; 3] = [255; 3];

/// The opaque picture that `picture` is before a `background` of one colour (sRGB of 8 bits).
///
/// Encoded values are mixed, as browsers and picture viewers do, so that the result is what was seen there.
pub fn flatten(picture: &Picture, background: [u8; 3]) -> Picture {
    let mut flat = picture.clone().without_alpha();
    let Some(alpha) = picture.alpha() else { return flat };
    let background = background.map(|k| f32::from(k) / 255.0);
    for (colour, &alpha) in flat.rgb_mut().as_chunks_mut::<3>().0.iter_mut().zip(alpha) {
        let alpha = unit(alpha);
        // Opaque colours stay exact, and hidden ones, whatever they are, leave no trace.
        if alpha == 0.0 {
            *colour = background;
        } else if alpha < 1.0 {
            for (value, below) in colour.iter_mut().zip(background) {
                *value = below + (unit(*value) - below) * alpha;
            }
        }
    }
    flat
}
