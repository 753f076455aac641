//! Samples to sRGB, through the embedded colour profile if there is a usable one.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, TransformExecutor, TransformOptions};
use rayon::prelude::*;

use super::guard::guarded;
use super::{Layout, Raw};
use crate::error::Result;
use crate::open::Warning;
use crate::picture::{Picture, unit};

/// Pixels converted at a time.
const CHUNK: usize = 1 << 14;

type Transform = Arc<dyn TransformExecutor<f32> + Send + Sync>;

/// Converts samples to sRGB.
///
/// Without a profile, grey and RGB are taken as sRGB unchanged, and CMYK becomes R = (1 − C)(1 − K) and so on. With one,
/// colours are converted with perceptual intent. A profile that changes no colour by as much as one 8-bit
/// step is sRGB under another name, and is skipped so that the samples stay exact. A profile that cannot be used is
/// skipped with a [`Warning`]. CMYK profiles are sampled at 17 steps an ink, which costs a few 8-bit steps where colours leave
/// sRGB. PNG's own `gAMA` and `cHRM` are not looked at, as in most programs.
pub(crate) fn to_srgb(raw: &Raw) -> Result<(Picture, Option<Warning>)> {
    let converted = match raw.icc.as_deref().map(|icc| transform_for(icc, raw.layout)) {
        None | Some(Ok(None)) => None,
        Some(Ok(Some(transform))) => Some(guarded(|| through(&transform, raw)).and_then(|rgb| rgb)),
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
fn through(transform: &Transform, raw: &Raw) -> std::result::Result<Vec<f32>, String> {
    let (channels, colours) = (raw.layout.channels(), raw.layout.colours());
    let mut rgb = vec![0.0; raw.width * raw.height * 3];
    rgb.par_chunks_mut(CHUNK * 3).enumerate().try_for_each(|(chunk, out)| {
        let mut stored = Vec::with_capacity(CHUNK * colours);
        for p in 0..out.len() / 3 {
            let first = (chunk * CHUNK + p) * channels;
            stored.extend((first..first + colours).map(|i| raw.samples.get(i)));
        }
        transform.transform(&stored, out).map_err(|e| e.to_string())?;
        out.iter_mut().for_each(|v| *v = unit(*v));
        Ok::<(), String>(())
    })?;
    Ok(rgb)
}

fn plain_cmyk([c, m, y, k]: [f32; 4]) -> [f32; 3] {
    [c, m, y].map(|ink| (1.0 - ink) * (1.0 - k))
}

/// The transform to sRGB, or nothing if the profile is sRGB already.
fn transform_for(icc: &[u8], layout: Layout) -> std::result::Result<Option<Transform>, String> {
    let build = || {
        let profile = ColorProfile::new_from_slice(icc).map_err(|e| e.to_string())?;
        let (space, stored) = match layout {
            Layout::Grey | Layout::GreyAlpha => (DataColorSpace::Gray, moxcms::Layout::Gray),
            Layout::Rgb | Layout::Rgba => (DataColorSpace::Rgb, moxcms::Layout::Rgb),
            Layout::Cmyk => (DataColorSpace::Cmyk, moxcms::Layout::Rgba),
        };
        if profile.color_space != space {
            return Err(format!("it is for {:?}, the picture is {space:?}", profile.color_space));
        }
        let options = TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() };
        let transform = profile
            .create_transform_f32(stored, &ColorProfile::new_srgb(), moxcms::Layout::Rgb, options)
            .map_err(|e| e.to_string())?;
        let same = is_identity(&transform, layout)?;
        Ok(if same { None } else { Some(transform) })
    };
    guarded(build).and_then(|result| result)
}

/// Whether the transform leaves a grid of probe colours where they are.
fn is_identity(transform: &Transform, layout: Layout) -> std::result::Result<bool, String> {
    let steps = || (0..=16u8).map(|k| f32::from(k) / 16.0);
    let (probe, expected): (Vec<f32>, Vec<f32>) = match layout {
        Layout::Grey | Layout::GreyAlpha => (steps().collect(), steps().flat_map(|v| [v; 3]).collect()),
        Layout::Rgb | Layout::Rgba => {
            let cube: Vec<f32> = steps()
                .flat_map(|r| steps().flat_map(move |g| steps().flat_map(move |b| [r, g, b])))
                .collect();
            (cube.clone(), cube)
        }
        // Inks are never sRGB; the probe only shows that the transform works.
        Layout::Cmyk => (vec![0.5; 4], vec![f32::INFINITY; 3]),
    };
    let mut converted = vec![0.0; expected.len()];
    transform.transform(&probe, &mut converted).map_err(|e| e.to_string())?;
    if converted.iter().any(|v| !v.is_finite()) {
        return Err("it yields no numbers".into());
    }
    Ok(converted.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1.0 / 255.0))
}
