//! Conversions between a profile's colours and sRGB.

use std::sync::Arc;

use moxcms::{
    ColorProfile, DataColorSpace, Layout, Matrix3d, RenderingIntent, TransformExecutor, TransformOptions,
};

use super::curve::Curve;

/// What the colours of a profile are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Grey,
    Rgb,
    Cmyk,
}

impl Space {
    fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Interleaved colours of one space in [0, 1] to those of another; results may leave that range.
pub(crate) enum Conversion {
    /// One curve for all three channels.
    Grey { from: Curve, to: Curve },
    /// Curves, a matrix between linear lights, and curves (ICC.1:2022, F.3).
    Rgb { from: [Curve; 3], matrix: [[f32; 3]; 3], to: [Curve; 3] },
    /// Tables of colours, which moxcms interpolates.
    Tables(Arc<dyn TransformExecutor<f32> + Send + Sync>),
}

impl Conversion {
    /// From the ICC profile `icc` of `space` to sRGB: relative colorimetric, or perceptual from inks, whose black is
    /// then black.
    pub(crate) fn to_srgb(icc: &[u8], space: Space) -> Result<Self, String> {
        let profile = parse(icc, space)?;
        let srgb = ColorProfile::new_srgb();
        let tables = [
            &profile.lut_a_to_b_perceptual,
            &profile.lut_a_to_b_colorimetric,
            &profile.lut_a_to_b_saturation,
        ];
        if tables.iter().all(|table| table.is_none()) && profile.pcs == DataColorSpace::Xyz {
            match space {
                Space::Grey => {
                    if let (Some(from), Some(to)) = (curve(&profile.gray_trc), curve(&srgb.red_trc)) {
                        return Ok(Self::Grey { from, to });
                    }
                }
                Space::Rgb => return Self::between(&profile, &srgb),
                Space::Cmyk => {}
            }
        }
        let (layout, intent) = match space {
            Space::Grey => (Layout::Gray, RenderingIntent::RelativeColorimetric),
            Space::Rgb => (Layout::Rgb, RenderingIntent::RelativeColorimetric),
            Space::Cmyk => (Layout::Rgba, RenderingIntent::Perceptual),
        };
        Self::tables(&profile, layout, &srgb, intent)
    }

    /// From sRGB to the RGB profile `icc`, relative colorimetric.
    pub(crate) fn from_srgb(icc: &[u8]) -> Result<Self, String> {
        let profile = parse(icc, Space::Rgb)?;
        let srgb = ColorProfile::new_srgb();
        let tables = [
            &profile.lut_b_to_a_perceptual,
            &profile.lut_b_to_a_colorimetric,
            &profile.lut_b_to_a_saturation,
        ];
        if tables.iter().all(|table| table.is_none()) && profile.pcs == DataColorSpace::Xyz {
            return Self::between(&srgb, &profile);
        }
        Self::tables(&srgb, Layout::Rgb, &profile, RenderingIntent::RelativeColorimetric)
    }

    fn between(from: &ColorProfile, to: &ColorProfile) -> Result<Self, String> {
        let curves = |profile: &ColorProfile| {
            let [red, green, blue] = [&profile.red_trc, &profile.green_trc, &profile.blue_trc].map(curve);
            Some([red?, green?, blue?])
        };
        let usable = |matrix: &Matrix3d| matrix.determinant().is_some_and(|det| det.abs() > 1e-6);
        let (Some(from_curves), Some(to_curves)) = (curves(from), curves(to)) else {
            return Err("its tone curves are missing or make no sense".into());
        };
        if !usable(&from.colorant_matrix()) || !usable(&to.colorant_matrix()) {
            return Err("its primary colours make no sense".into());
        }
        let matrix = from.transform_matrix(to).v.map(|row| row.map(|v| v as f32));
        Ok(Self::Rgb { from: from_curves, matrix, to: to_curves })
    }

    fn tables(
        from: &ColorProfile,
        layout: Layout,
        to: &ColorProfile,
        rendering_intent: RenderingIntent,
    ) -> Result<Self, String> {
        let options =
            TransformOptions { rendering_intent, prefer_fixed_point: false, ..TransformOptions::default() };
        let transform = from.create_transform_f32(layout, to, Layout::Rgb, options);
        transform.map(Self::Tables).map_err(|e| e.to_string())
    }

    /// Converts the colours `from` into `to`, which has room for three values a pixel.
    pub(crate) fn apply(&self, from: &[f32], to: &mut [f32]) -> Result<(), String> {
        let to = match self {
            Self::Tables(transform) => return transform.transform(from, to).map_err(|e| e.to_string()),
            _ => to.as_chunks_mut::<3>().0,
        };
        match self {
            Self::Grey { from: linear, to: encoded } => {
                for (to, &from) in to.iter_mut().zip(from) {
                    *to = [encoded.encoded(linear.linear(from)); 3];
                }
            }
            Self::Rgb { from: linear, matrix, to: encoded } => {
                for (to, from) in to.iter_mut().zip(from.as_chunks::<3>().0) {
                    let light: [f32; 3] = std::array::from_fn(|c| linear[c].linear(from[c]));
                    *to = std::array::from_fn(|c| {
                        let [r, g, b] = matrix[c];
                        encoded[c].encoded(r * light[0] + g * light[1] + b * light[2])
                    });
                }
            }
            Self::Tables(_) => {}
        }
        Ok(())
    }

    /// Whether colours of `space` stay where they are up to one 8-bit step, on a grid of probes; an error if the
    /// conversion yields no numbers. Inks never stay.
    pub(crate) fn is_identity(&self, space: Space) -> Result<bool, String> {
        let steps = || (0..=16u8).map(|k| f32::from(k) / 16.0);
        let cube = || steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])));
        let (probe, expected): (Vec<f32>, Vec<f32>) = match space {
            Space::Grey => (steps().collect(), steps().flat_map(|v| [v; 3]).collect()),
            Space::Rgb => (cube().flatten().collect(), cube().flatten().collect()),
            Space::Cmyk => (vec![0.5; 4], vec![f32::INFINITY; 3]),
        };
        debug_assert_eq!(probe.len() * 3, expected.len() * space.channels());
        let mut converted = vec![0.0; expected.len()];
        self.apply(&probe, &mut converted)?;
        if converted.iter().any(|v| !v.is_finite()) {
            return Err("it yields no numbers".into());
        }
        Ok(converted.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1.0 / 255.0))
    }
}

fn parse(icc: &[u8], space: Space) -> Result<ColorProfile, String> {
    let profile = ColorProfile::new_from_slice(icc).map_err(|e| e.to_string())?;
    let expected = match space {
        Space::Grey => DataColorSpace::Gray,
        Space::Rgb => DataColorSpace::Rgb,
        Space::Cmyk => DataColorSpace::Cmyk,
    };
    if profile.color_space != expected {
        return Err(format!("it is for {:?}, the picture is {expected:?}", profile.color_space));
    }
    Ok(profile)
}

fn curve(stated: &Option<moxcms::ToneReprCurve>) -> Option<Curve> {
    stated.as_ref().and_then(Curve::new)
}
