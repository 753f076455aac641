//! Random shifts: without them, each position of a deep map would always see the same pixels, and its stride would show.

use rand_chacha::rand_core::Rng;

/// Copies interleaved RGB values of `size` (height, width), shifted down and right by `shift` (negative: up and left); what
/// leaves at one side comes in at the other.
///
/// # Panics
/// If one of the pictures is shorter.
pub fn roll(from: &[f32], to: &mut [f32], (height, width): (usize, usize), shift: (isize, isize)) {
    let down = shift.0.rem_euclid(height as isize) as usize;
    let right = shift.1.rem_euclid(width as isize) as usize;
    let row = 3 * width;
    for (y, from) in from.chunks_exact(row).enumerate() {
        let start = (y + down) % height * row;
        let to = &mut to[start..start + row];
        let (kept, wrapped) = from.split_at(row - 3 * right);
        to[3 * right..].copy_from_slice(kept);
        to[..3 * right].copy_from_slice(wrapped);
    }
}

/// A shift on both axes, uniform from -`most` to `most`.
pub(super) fn shift(random: &mut impl Rng, most: usize) -> (isize, isize) {
    let mut axis = || below(random, 2 * most as u64 + 1) as isize - most as isize;
    (axis(), axis())
}

/// A whole number from 0 to below `count`, uniform to one part in 2⁶⁴ / `count`.
pub(super) fn below(random: &mut impl Rng, count: u64) -> u64 {
    ((u128::from(random.next_u64()) * u128::from(count)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    #[test]
    fn rolling_back_restores_the_picture() {
        let size = (5, 7);
        let picture: Vec<f32> = (0..3 * 5 * 7).map(|i| i as f32).collect();
        for shift in [(0, 0), (1, 2), (-3, 4), (32, -32), (-5, 7)] {
            let (mut rolled, mut back) = (vec![0.0; picture.len()], vec![0.0; picture.len()]);
            roll(&picture, &mut rolled, size, shift);
            roll(&rolled, &mut back, size, (-shift.0, -shift.1));
            assert_eq!(back, picture, "{shift:?}");
        }
        let mut rolled = vec![0.0; picture.len()];
        roll(&picture, &mut rolled, size, (1, -2));
        // Row 0, column 2 has come to row 1, column 0.
        assert_eq!(rolled[3 * 7..3 * 7 + 3], picture[6..9]);
    }

    #[test]
    fn shifts_reach_both_ends_and_no_farther() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let shifts: Vec<_> = (0..500).map(|_| shift(&mut random, 3)).collect();
        for axis in [|s: &(isize, isize)| s.0, |s: &(isize, isize)| s.1] {
            assert_eq!(shifts.iter().map(axis).min(), Some(-3));
            assert_eq!(shifts.iter().map(axis).max(), Some(3));
        }
    }
}
