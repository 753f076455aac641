//! A hole filled with patches copied from around it.
//!
//! From coarse to fine, every patch that reaches into the hole looks for the most similar one outside, and every pixel of
//! the hole becomes what one of its patches found (after Wexler, Shechtman & Irani 2007, Space-Time Completion of Video, who
//! average what all of them found). The search is PatchMatch (Barnes et al. 2009).

mod level;
mod search;

use crate::Error;
use impasto_image::{Mask, Picture, resize};
use level::Level;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use search::Field;

/// Short side in pixels below which no smaller level is made.
const SHORTEST: usize = 40;

/// Rounds of searching and copying at every level but the coarsest.
const ROUNDS: usize = 4;

/// Rounds at the coarsest, whose start is only a blur.
const FIRST_ROUNDS: usize = 10;

/// `picture` with its hole filled; where the hole is partly one, by that part. Alpha stays.
///
/// Where no patch fits outside of the hole, it is filled with the blurred colours of its border.
pub(super) fn fill(picture: &Picture, hole: &Mask, seed: u64) -> Result<Picture, Error> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let (width, height) = (picture.width(), picture.height());
    let mut halvings = 0;
    while (width.min(height) >> (halvings + 1)) >= SHORTEST {
        halvings += 1;
    }
    let mut before: Option<(Picture, Option<Field>)> = None;
    for halving in (0..=halvings).rev() {
        let size = ((width >> halving).max(1), (height >> halving).max(1));
        let mut level = Level::new(picture, hole, size)?;
        let rounds = if before.is_none() { FIRST_ROUNDS } else { ROUNDS };
        let field = match &before {
            Some((coarser, field)) => {
                level.begin_with(&resize(coarser, size.0, size.1)?);
                field.as_ref().map(|field| field.enlarged(size))
            }
            None => {
                level.begin_blurred(&mut generator);
                None
            }
        };
        let field = Field::new(&level, field, &mut generator).map(|mut field| {
            for _ in 0..rounds {
                match before {
                    None => field.search_all(&level),
                    Some(_) => field.search(&level, &mut generator),
                }
                level.vote(&field);
            }
            field
        });
        before = Some((level.picture()?, field));
    }
    let Some((filled, _)) = before else { return Ok(picture.clone()) };
    let mut result = picture.clone();
    let pixels = result.rgb_mut().chunks_exact_mut(3).zip(filled.rgb().chunks_exact(3));
    for ((pixel, filled), share) in pixels.zip(hole.values()) {
        pixel.iter_mut().zip(filled).for_each(|(value, f)| *value += share * (f - *value));
    }
    Ok(result)
}
