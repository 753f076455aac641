//! Resampling in linear light.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32x3, F32x4, InnerPixel};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use rayon::prelude::*;

use crate::color::srgb;
use crate::error::{Error, Result};
use crate::limits::can_allocate;
use crate::picture::Picture;

/// Pixels handed to one task; fixed, so that the thread count changes nothing.
const CHUNK: usize = 1 << 14;

/// Alpha below which the premultiplied colour says nothing about the colour.
const TRANSPARENT: f32 = 1.0 / 65536.0;

/// The size with the aspect ratio of `width`×`height` whose long side is `long`: the other side rounded to nearest, at
/// least 1.
///
/// `long` = 0 means "as it is".
pub fn fit_long_side(width: usize, height: usize, long: usize) -> (usize, usize) {
    let longest = width.max(height);
    if long == 0 || longest == 0 {
        return (width, height);
    }
    let scaled = |side: usize| {
        let doubled = (side as u128 * long as u128).saturating_mul(2).saturating_add(longest as u128);
        ((doubled / (2 * longest as u128)) as usize).max(1)
    };
    (scaled(width), scaled(height))
}

/// Resamples to `width`×`height` (both at least 1) with an antialiased Lanczos-3 filter in linear light.
///
/// Colours are decoded from sRGB, weighted with alpha so that hidden colours do not bleed over edges, filtered in `f32`,
/// clamped to [0, 1] and encoded again; where the result is fully transparent, the colour is the unweighted one. At the
/// picture's own size the pixels are returned bit for bit. The result does not depend on the thread count; between
/// instruction sets it differs by rounding only (below 1e-5).
pub fn resize(picture: &Picture, width: usize, height: usize) -> Result<Picture> {
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(picture.clone());
    }
    if width == 0 || height == 0 {
        return Err(Error::Shape { width, height, what: "a side of 0".into() });
    }
    if !can_allocate((width as u64).saturating_mul(height as u64)) {
        return Err(too_large((width, height)));
    }
    let (from, to) = ((picture.width(), picture.height()), (width, height));
    let mut linear = vec![0.0; picture.rgb().len()];
    map_chunks(picture.rgb(), &mut linear, srgb::decode);

    let Some(alpha) = picture.alpha() else {
        return Picture::new(
            width,
            height,
            encode(&scale::<F32x3>(&linear, from, to, FilterType::Lanczos3)?),
        );
    };
    let weighted: Vec<f32> =
        linear.chunks_exact(3).zip(alpha).flat_map(|(c, &a)| [c[0] * a, c[1] * a, c[2] * a, a]).collect();
    let weighted = scale::<F32x4>(&weighted, from, to, FilterType::Lanczos3)?;
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut out_alpha = Vec::with_capacity(width * height);
    for p in weighted.chunks_exact(4) {
        out_alpha.push(p[3].clamp(0.0, 1.0));
        let divisor = p[3].max(TRANSPARENT);
        rgb.extend([p[0] / divisor, p[1] / divisor, p[2] / divisor]);
    }
    if out_alpha.iter().any(|&a| a < TRANSPARENT) {
        let plain = scale::<F32x3>(&linear, from, to, FilterType::Lanczos3)?;
        for ((c, p), &a) in rgb.chunks_exact_mut(3).zip(plain.chunks_exact(3)).zip(&out_alpha) {
            if a < TRANSPARENT {
                c.copy_from_slice(p);
            }
        }
    }
    Picture::new(width, height, encode(&rgb))?.with_alpha(out_alpha)
}

/// Resamples to `width`×`height` with the antialiased bicubic filter (a = −½) on the values as they are, without alpha: the
/// way in which small pictures for super-resolution are usually made (MATLAB's `imresize`). The result is clamped to [0, 1].
///
/// # Errors
/// As [`resize`].
pub fn bicubic(picture: &Picture, width: usize, height: usize) -> Result<Picture> {
    if width == 0 || height == 0 {
        return Err(Error::Shape { width, height, what: "a side of 0".into() });
    }
    let from = (picture.width(), picture.height());
    let mut rgb = scale::<F32x3>(picture.rgb(), from, (width, height), FilterType::CatmullRom)?;
    rgb.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    Picture::new(width, height, rgb)
}

fn encode(linear: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; linear.len()];
    map_chunks(linear, &mut out, |v| srgb::encode(v.clamp(0.0, 1.0)).min(1.0));
    out
}

fn map_chunks(from: &[f32], to: &mut [f32], f: impl Fn(f32) -> f32 + Sync) {
    from.par_chunks(CHUNK).zip(to.par_chunks_mut(CHUNK)).for_each(|(from, to)| {
        for (to, &from) in to.iter_mut().zip(from) {
            *to = f(from);
        }
    });
}

fn too_large((width, height): (usize, usize)) -> Error {
    Error::Shape { width, height, what: "so many pixels on this machine".into() }
}

/// Convolves interleaved pixels of type `P`, which is as many `f32` as it has channels, from one size (width, height) to
/// another with an antialiased filter.
pub(crate) fn scale<P>(
    pixels: &[f32],
    from: (usize, usize),
    to: (usize, usize),
    filter: FilterType,
) -> Result<Vec<f32>>
where
    P: InnerPixel + PixelTrait + bytemuck::Pod,
{
    let failed = |what: String| Error::Shape { width: to.0, height: to.1, what };
    let side = |n: usize| u32::try_from(n).map_err(|_| too_large(to));
    let length = to.0 * to.1 * P::count_of_components();
    let from = (side(from.0)?, side(from.1)?);
    let to = (side(to.0)?, side(to.1)?);
    let mut result = vec![0.0; length];
    let source = TypedImageRef::<P>::new(from.0, from.1, bytemuck::cast_slice(pixels));
    let source = source.map_err(|e| failed(e.to_string()))?;
    let into = TypedImage::<P>::from_pixels_slice(to.0, to.1, bytemuck::cast_slice_mut(&mut result));
    let mut into = into.map_err(|e| failed(e.to_string()))?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
    Resizer::new().resize_typed(&source, &mut into, &options).map_err(|e| failed(e.to_string()))?;
    Ok(result)
}
