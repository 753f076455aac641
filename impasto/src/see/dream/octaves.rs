//! Octaves: sizes in a geometric series, and what goes from one to the next.

use super::Settings;
use crate::Error;
use impasto_image::{Picture, resize};

/// Rows and columns of all octaves of a picture of `size`, the smallest first; rounded to nearest, at least 1.
pub fn sizes(size: (usize, usize), settings: &Settings) -> Vec<(usize, usize)> {
    let octave = |k: usize| {
        let scaled = |side: usize| {
            let side = side as f64 / settings.octave_scale.powi(i32::try_from(k).unwrap_or(i32::MAX));
            (side.round() as usize).max(1)
        };
        (scaled(size.0), scaled(size.1))
    };
    (0..settings.octaves.max(1)).rev().map(octave).collect()
}

/// What an octave starts from: its `base` and the detail dreamt at the octave before, `result` less `base_before`,
/// enlarged; in [0, 1].
///
/// The detail is signed, and pictures are resampled in linear light, where it has no meaning by itself. So both pictures
/// are enlarged and subtracted then: where nothing was dreamt, nothing is added, to the bit.
///
/// # Errors
/// Those of [`resize()`].
pub fn carry_over(base_before: &Picture, result: &Picture, base: &Picture) -> Result<Picture, Error> {
    let (width, height) = (base.width(), base.height());
    let dreamt = resize(result, width, height)?;
    let plain = resize(base_before, width, height)?;
    let mut start = base.clone();
    let details = dreamt.rgb().iter().zip(plain.rgb());
    for (value, (dreamt, plain)) in start.rgb_mut().iter_mut().zip(details) {
        *value = (*value + (dreamt - plain)).clamp(0.0, 1.0);
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_a_geometric_series() {
        let settings = Settings::default();
        assert_eq!(sizes((384, 512), &settings), [(140, 187), (196, 261), (274, 366), (384, 512)]);
        assert_eq!(sizes((3, 5), &Settings { octaves: 1, ..settings }), [(3, 5)]);
        assert_eq!(sizes((1, 2), &Settings { octaves: 9, ..settings })[0], (1, 1));
    }

    #[test]
    fn detail_is_carried_over() {
        let flat = |side: usize, value| Picture::new(side, side, vec![value; 3 * side * side]);
        let (base, changed, next) = (flat(8, 0.5).unwrap(), flat(8, 0.7).unwrap(), flat(11, 0.4).unwrap());
        let start = carry_over(&base, &changed, &next).unwrap();
        assert!(start.rgb().iter().all(|v| (v - 0.6).abs() < 1e-4));
        assert_eq!(carry_over(&base, &base, &next).unwrap(), next);
    }
}
