//! Setting pixels to zero that matter least, so that what matters stands alone (Yosinski et al. 2015).

/// For every pixel of interleaved RGB values its length as a vector.
pub fn norms(rgb: &[f32]) -> Vec<f32> {
    rgb.as_chunks::<3>().0.iter().map(|pixel| pixel.iter().map(|v| v * v).sum::<f32>().sqrt()).collect()
}

/// For every pixel how much the unit's value would change without it, by the derivative: |Σ value · derivative|.
pub fn contributions(rgb: &[f32], gradient: &[f32]) -> Vec<f32> {
    let pixels = rgb.as_chunks::<3>().0.iter().zip(gradient.as_chunks::<3>().0);
    pixels.map(|(pixel, slope)| pixel.iter().zip(slope).map(|(v, g)| v * g).sum::<f32>().abs()).collect()
}

/// Sets the pixels to zero of which `sizes` are below the percentile `percent` (0 to 100).
///
/// # Panics
/// If there is not one size a pixel.
pub fn clip(rgb: &mut [f32], sizes: &[f32], percent: f64) {
    assert_eq!(rgb.len(), 3 * sizes.len());
    if percent <= 0.0 || sizes.is_empty() {
        return;
    }
    let rank = (sizes.len() as f64 * percent / 100.0) as usize;
    let least = match rank < sizes.len() {
        true => *sizes.to_vec().select_nth_unstable_by(rank, f32::total_cmp).1,
        false => f32::INFINITY,
    };
    for (pixel, &size) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(sizes) {
        if size < least {
            *pixel = [0.0; 3];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_pixels_become_zero() {
        let picture = [3.0, 0.0, 4.0, 1.0, 0.0, 0.0, 0.0, -2.0, 0.0, 9.0, 9.0, 9.0];
        assert_eq!(norms(&picture)[..3], [5.0, 1.0, 2.0]);
        let clipped = |percent| {
            let mut clipped = picture;
            clip(&mut clipped, &norms(&picture), percent);
            clipped.as_chunks::<3>().0.iter().map(|pixel| *pixel != [0.0; 3]).collect::<Vec<_>>()
        };
        assert_eq!(clipped(0.0), [true; 4]);
        assert_eq!(clipped(25.0), [true, false, true, true]);
        assert_eq!(clipped(50.0), [true, false, false, true]);
        assert_eq!(clipped(100.0), [false; 4]);
    }

    #[test]
    fn contributions_are_sizes_of_sums() {
        assert_eq!(
            contributions(&[1.0, 2.0, 3.0, 1.0, 1.0, 0.0], &[1.0, 1.0, -3.0, 2.0, -2.0, 7.0]),
            [6.0, 0.0]
        );
    }
}
