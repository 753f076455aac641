//! What a painting starts from, and the alpha it ends with.

use super::Request;
use crate::{Error, recipe::Init};
use impasto_image::{Picture, resize};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// The first picture, of `width × height` pixels.
pub(super) fn picture(request: &Request<'_>, width: usize, height: usize) -> Result<Picture, Error> {
    let given = request.start.or(request.content.filter(|_| request.recipe.init == Init::Content));
    match given {
        Some(picture) => Ok(resize(picture, width, height)?.without_alpha()),
        None => noise(width, height, request.seed),
    }
}

/// Independent values, uniform on [0, 1) in steps of 2⁻²⁴, from the ChaCha8 generator: the same on every machine.
fn noise(width: usize, height: usize, seed: u64) -> Result<Picture, Error> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = || (generator.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
    let rgb = (0..width * height * 3).map(|_| uniform()).collect();
    Ok(Picture::new(width, height, rgb)?)
}

/// `picture` with the alpha of `content`, resampled, if it has any.
pub(super) fn with_alpha(picture: Picture, content: Option<&Picture>) -> Result<Picture, Error> {
    let Some(content) = content.filter(|content| content.alpha().is_some()) else { return Ok(picture) };
    let (_, _, _, alpha) = resize(content, picture.width(), picture.height())?.into_parts();
    Ok(match alpha {
        Some(alpha) => picture.with_alpha(alpha)?,
        None => picture,
    })
}
