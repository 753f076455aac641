//! Pictures in a palette's colours only, or with few bits a channel.

use super::map::CHUNK;
use super::oklab;
use super::palette::{Palette, unit};
use super::srgb;
use crate::picture::Picture;
use rayon::prelude::*;

/// How colours between those that may be used are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dither {
    /// As the nearest one.
    None,
    /// As a mixture of neighbouring pixels: error diffusion (Floyd & Steinberg 1976), every other row from right to left,
    /// in linear light, so that from afar the mixture has the brightness of what it stands for.
    Diffusion,
}

/// `picture` with every colour replaced by that of the palette which is nearest in Oklab.
pub fn reduce(picture: &Picture, palette: &Palette, dither: Dither) -> Picture {
    let lab = palette.lab();
    let colors: Vec<[f32; 3]> = palette.colors().iter().map(|color| unit(*color)).collect();
    choose(picture, dither, |linear| colors[Palette::nearest(oklab::from_linear(linear), &lab)])
}

/// `picture` with `bits` (1 to 16) bits a channel: 2^`bits` levels at equal steps of encoded sRGB.
pub fn reduce_bits(picture: &Picture, bits: u8, dither: Dither) -> Picture {
    let steps = ((1u32 << bits.clamp(1, 16)) - 1) as f32;
    choose(picture, dither, |linear| {
        linear.map(|v| (srgb::encode(v.clamp(0.0, 1.0)).min(1.0) * steps).round() / steps)
    })
}

/// `picture` in the encoded colours that `nearest` names for linear ones.
fn choose(picture: &Picture, dither: Dither, nearest: impl Fn([f32; 3]) -> [f32; 3] + Sync) -> Picture {
    let mut result = picture.clone();
    match dither {
        Dither::None => result.rgb_mut().par_chunks_mut(3 * CHUNK).for_each(|rgb| {
            for rgb in rgb.as_chunks_mut().0 {
                *rgb = nearest(rgb.map(srgb::decode));
            }
        }),
        Dither::Diffusion => diffuse(&mut result, nearest),
    }
    result
}

/// Hands what each choice leaves over to the pixels not yet chosen: 7/16 to the next, 3/16, 5/16 and 1/16 to the row below.
fn diffuse(picture: &mut Picture, nearest: impl Fn([f32; 3]) -> [f32; 3]) {
    let (width, height) = (picture.width(), picture.height());
    let (pixels, _) = picture.rgb_mut().as_chunks_mut::<3>();
    let mut here = vec![[0.0f32; 3]; width];
    let mut below = here.clone();
    for y in 0..height {
        let backwards = y % 2 == 1;
        for step in 0..width {
            let x = if backwards { width - 1 - step } else { step };
            let pixel = &mut pixels[y * width + x];
            let light = pixel.map(srgb::decode);
            // Colours that no mixture can reach would gather errors without end.
            let wanted: [f32; 3] = std::array::from_fn(|c| (light[c] + here[x][c]).clamp(-1.0, 2.0));
            *pixel = nearest(wanted);
            let shown = pixel.map(srgb::decode);
            let give = |row: &mut [[f32; 3]], ahead: bool, behind: bool, share: f32| {
                let to = match (ahead != backwards, ahead || behind) {
                    (_, false) => Some(x),
                    (true, _) => Some(x + 1),
                    (false, _) => x.checked_sub(1),
                };
                if let Some(to) = to.and_then(|x| row.get_mut(x)) {
                    (0..3).for_each(|c| to[c] += share / 16.0 * (wanted[c] - shown[c]));
                }
            };
            give(&mut here, true, false, 7.0);
            give(&mut below, false, true, 3.0);
            give(&mut below, false, false, 5.0);
            give(&mut below, true, false, 1.0);
        }
        std::mem::swap(&mut here, &mut below);
        below.fill([0.0; 3]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{flat, painting};
    use super::*;

    fn mean(picture: &Picture) -> [f64; 3] {
        let (pixels, _) = picture.rgb().as_chunks::<3>();
        let sum = pixels
            .iter()
            .fold([0.0; 3], |sum, rgb| std::array::from_fn(|c| sum[c] + f64::from(srgb::decode(rgb[c]))));
        sum.map(|v| v / pixels.len() as f64)
    }

    #[test]
    fn only_palette_colours_are_left() {
        let picture = painting(64, 48).with_alpha(vec![0.25; 64 * 48]).expect("alpha");
        let palette = Palette::reduced(&picture, 6).expect("a palette");
        let allowed: Vec<[f32; 3]> = palette.colors().iter().map(|color| unit(*color)).collect();
        let distance = |reduced: &Picture| {
            let pairs = reduced.rgb().iter().zip(picture.rgb());
            pairs.map(|(x, y)| f64::from((x - y).abs())).sum::<f64>() / (3.0 * 64.0 * 48.0)
        };
        for dither in [Dither::None, Dither::Diffusion] {
            let reduced = reduce(&picture, &palette, dither);
            assert!(reduced.rgb().as_chunks().0.iter().all(|rgb| allowed.contains(rgb)), "{dither:?}");
            assert!(distance(&reduced) < 0.12, "{dither:?}: {}", distance(&reduced));
            assert_eq!(reduced.alpha(), picture.alpha());
        }
        // Colours that span all others, in whose mixtures all others can be shown.
        let corners: Palette = "black,red,lime,blue,cyan,magenta,yellow,white".parse().expect("colours");
        let [plain, dithered] =
            [Dither::None, Dither::Diffusion].map(|d| mean(&reduce(&picture, &corners, d)));
        let off = |m: [f64; 3]| m.iter().zip(mean(&picture)).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert!(off(dithered) < 0.01 && off(dithered) < off(plain), "{plain:?} {dithered:?}");
    }

    #[test]
    fn dithering_keeps_the_brightness() {
        let palette: Palette = "black,white".parse().expect("colours");
        for grey in [0.25, 0.5, 0.8] {
            let picture = flat(64, 64, [grey; 3]);
            let light = f64::from(srgb::decode(grey));
            let dithered =
                [reduce(&picture, &palette, Dither::Diffusion), reduce_bits(&picture, 1, Dither::Diffusion)];
            for dithered in dithered {
                assert!((mean(&dithered)[0] - light).abs() < 0.01, "{grey}: {:?} {light}", mean(&dithered));
            }
        }
        // One pixel, and a colour that no mixture reaches.
        assert_eq!(reduce(&flat(1, 1, [0.2; 3]), &palette, Dither::Diffusion).rgb(), [0.0; 3]);
        let red: Palette = "red".parse().expect("a colour");
        assert_eq!(reduce(&flat(9, 9, [0.2; 3]), &red, Dither::Diffusion), flat(9, 9, [1.0, 0.0, 0.0]));
    }

    #[test]
    fn bits_are_steps() {
        let picture = painting(40, 30);
        for bits in [1, 3, 8] {
            let steps = ((1 << bits) - 1) as f32;
            for dither in [Dither::None, Dither::Diffusion] {
                let reduced = reduce_bits(&picture, bits, dither);
                assert!(reduced.rgb().iter().all(|v| ((v * steps).round() - v * steps).abs() < 1e-4));
            }
        }
        let fine = reduce_bits(&picture, 16, Dither::None);
        assert!(fine.rgb().iter().zip(picture.rgb()).all(|(x, y)| (x - y).abs() < 2e-5));
    }
}
