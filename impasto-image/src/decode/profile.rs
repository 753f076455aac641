//! Samples to sRGB, through the embedded colour profile if there is a usable one.

use rayon::prelude::*;

use super::guard::guarded;
use super::{Layout, Raw};
use crate::error::Result;
use crate::open::Warning;
use crate::picture::{Picture, unit};
use crate::profile::{CHUNK, Conversion, Space};

/// Converts samples to sRGB.
///
/// Without a profile, grey and RGB are taken as sRGB unchanged, and CMYK becomes R = (1 − C)(1 − K) and so on. With one,
/// colours are converted with relative colorimetric intent, and inks with perceptual intent, whose black is black. A
/// profile that changes no colour by as much as one 8-bit step is sRGB under another name, and is skipped so that the
/// samples stay exact. A profile that cannot be used is skipped with a [`Warning`]. CMYK profiles are sampled at 17 steps
/// an ink, which costs a few 8-bit steps where colours leave sRGB. PNG's own `gAMA` and `cHRM` are not looked at, as in
/// most programs.
pub(crate) fn to_srgb(raw: &Raw) -> Result<(Picture, Option<Warning>)> {
    let converted = match raw.icc.as_deref().map(|icc| conversion(icc, raw.layout)) {
        None | Some(Ok(None)) => None,
        Some(Ok(Some(conversion))) => Some(guarded(|| through(&conversion, raw)).and_then(|rgb| rgb)),
        Some(Err(reason)) => Some(Err(reason)),
    };
    let (rgb, warning) = match converted {
        None => (plain(raw), None),
        Some(Ok(rgb)) => (rgb, None),
        Some(Err(reason)) => (plain(raw), Some(Warning::ProfileIgnored { reason })),
    };
    let mut picture = Picture::new(raw.width, raw.height, rgb)?;
    if matches!(raw.layout, Layout::GreyAlpha | Layout::Rgba) {
        let channels = raw.layout.channels();
        let alpha = (0..raw.width * raw.height).map(|p| raw.samples.get(p * channels + channels - 1));
        picture = picture.with_alpha(alpha.collect())?;
    }
    Ok((picture, warning))
}

/// Colours as they are, without a profile.
fn plain(raw: &Raw) -> Vec<f32> {
    let channels = raw.layout.channels();
    let mut rgb = vec![0.0; raw.width * raw.height * 3];
    rgb.par_chunks_mut(CHUNK * 3).enumerate().for_each(|(chunk, out)| {
        for (p, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let sample = |c: usize| raw.samples.get((chunk * CHUNK + p) * channels + c);
            *out = match raw.layout {
                Layout::Grey | Layout::GreyAlpha => [sample(0); 3],
                Layout::Rgb | Layout::Rgba => [sample(0), sample(1), sample(2)],
                Layout::Cmyk => plain_cmyk([sample(0), sample(1), sample(2), sample(3)]),
            };
        }
    });
    rgb
}

/// Colours through a profile, clamped to what sRGB holds.
fn through(conversion: &Conversion, raw: &Raw) -> std::result::Result<Vec<f32>, String> {
    let (channels, colours) = (raw.layout.channels(), raw.layout.colours());
    let mut rgb = vec![0.0; raw.width * raw.height * 3];
    rgb.par_chunks_mut(CHUNK * 3).enumerate().try_for_each(|(chunk, out)| {
        let mut stored = Vec::with_capacity(CHUNK * colours);
        for p in 0..out.len() / 3 {
            let first = (chunk * CHUNK + p) * channels;
            stored.extend((first..first + colours).map(|i| raw.samples.get(i)));
        }
        conversion.apply(&stored, out)?;
        out.iter_mut().for_each(|v| *v = unit(*v));
        Ok::<(), String>(())
    })?;
    Ok(rgb)
}

fn plain_cmyk([c, m, y, k]: [f32; 4]) -> [f32; 3] {
    [c, m, y].map(|ink| (1.0 - ink) * (1.0 - k))
}

/// The conversion to sRGB, or nothing if the profile is sRGB already.
fn conversion(icc: &[u8], layout: Layout) -> std::result::Result<Option<Conversion>, String> {
    let space = match layout {
        Layout::Grey | Layout::GreyAlpha => Space::Grey,
        Layout::Rgb | Layout::Rgba => Space::Rgb,
        Layout::Cmyk => Space::Cmyk,
    };
    let build = || {
        let conversion = Conversion::to_srgb(icc, space)?;
        let same = conversion.is_identity(space)?;
        Ok(if same { None } else { Some(conversion) })
    };
    guarded(build).and_then(|result| result)
}
