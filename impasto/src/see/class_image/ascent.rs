//! The loop that raises a unit's value.

use super::canvas::Canvas;
use super::{Rule, Settings, Space};
use crate::Error;
use crate::see::{Eye, Unit, noise::gaussian, show};
use impasto_image::Picture;
use impasto_net::ReluRule;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::ops::ControlFlow;

/// Adam's decay rates and the number that keeps its division finite.
const BETAS: [f64; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;
/// Full contrast about a mean colour.
const FULL: f32 = 0.5;

/// Where an ascent stands before a step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Steps made so far.
    pub number: usize,
    /// The unit's value for the picture as it was just moved.
    pub value: f64,
}

/// A picture of the size that `eye` is made for which raises `unit`, from noise by `seed`.
///
/// `report` hears of every step; `Break` ends the ascent with the picture as it is.
/// The result is cut off at [0, 1]; in [`Space::Pixels`] its contrast is raised before. The same seed gives the same picture, whatever the number of threads.
///
/// # Errors
/// [`Error::NoUnit`]; [`Error::NotFinite`] if a step was too large.
pub fn class_image(
    eye: &mut Eye,
    unit: Unit,
    settings: &Settings,
    seed: u64,
    report: &mut dyn FnMut(Step) -> ControlFlow<()>,
) -> Result<Picture, Error> {
    eye.require(unit)?;
    let size = eye.size();
    let (height, width) = size;
    let mut canvas = Canvas::new(settings.space, size, eye.input());
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut variable: Vec<f32> = (0..canvas.len()).map(|_| settings.noise * gaussian(&mut random)).collect();
    let mut climber = Climber::new(settings, variable.len());
    for number in 0..settings.iterations {
        let rgb = canvas.render(&variable);
        let warp = settings.transforms.draw(&mut random, size);
        eye.look(&warp.apply(&rgb));
        let value = eye.value(unit);
        if !value.is_finite() {
            return Err(Error::NotFinite { width, height });
        }
        if report(Step { number, value }).is_break() {
            break;
        }
        let mut gradient = warp.back(&eye.project(ReluRule::Gradient, &[unit]));
        smooth(&mut gradient, &rgb, width, settings.variation as f32);
        let gradient = canvas.back(&gradient);
        climber.step(&mut variable, &gradient);
        if settings.blur_every > 0 && settings.blur > 0.0 && (number + 1) % settings.blur_every == 0 {
            canvas.blur(&mut variable, settings.blur);
        }
        canvas.clip(&mut variable, &gradient, settings);
    }
    let mut rgb = canvas.render(&variable);
    if settings.space == Space::Pixels {
        stretch(&mut rgb, &canvas.render(&vec![0.0; variable.len()]));
    }
    rgb.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
    Ok(Picture::new(width, height, rgb)?)
}

/// Raises the contrast of `rgb` about `ground` until it is full, as the papers' pictures are printed: free pixels move little
/// before a network is sure.
fn stretch(rgb: &mut [f32], ground: &[f32]) {
    let moved: Vec<f32> = rgb.iter().zip(ground).map(|(v, ground)| v - ground).collect();
    let gain = (FULL / show::full_contrast(&moved)).max(1.0);
    rgb.iter_mut().zip(ground).zip(moved).for_each(|((v, ground), moved)| *v = ground + gain * moved);
}

/// Takes `weight` times the derivative of the sum of squared differences of neighbours off `gradient`.
fn smooth(gradient: &mut [f32], rgb: &[f32], width: usize, weight: f32) {
    if weight == 0.0 {
        return;
    }
    let line = 3 * width;
    for i in 0..rgb.len() {
        let mut pull = |other: usize| {
            let slope = 2.0 * weight * (rgb[other] - rgb[i]);
            gradient[i] += slope;
            gradient[other] -= slope;
        };
        if i % line + 3 < line {
            pull(i + 3);
        }
        if i + line < rgb.len() {
            pull(i + line);
        }
    }
}

/// Steps under a rule.
struct Climber<'s> {
    settings: &'s Settings,
    /// Steps made.
    count: i32,
    /// Adam's means of derivatives and of their squares.
    moments: [Vec<f32>; 2],
}

impl<'s> Climber<'s> {
    fn new(settings: &'s Settings, len: usize) -> Climber<'s> {
        let len = if settings.rule == Rule::Adam { len } else { 0 };
        Climber { settings, count: 0, moments: [vec![0.0; len], vec![0.0; len]] }
    }

    /// One step up along `gradient`, with penalty and decay.
    fn step(&mut self, variable: &mut [f32], gradient: &[f32]) {
        let Settings { rate, penalty, decay, .. } = *self.settings;
        let (penalty, kept) = (2.0 * penalty as f32, 1.0 - decay as f32);
        self.count += 1;
        match self.settings.rule {
            Rule::Gradient => {
                let rate = rate as f32;
                for (v, g) in variable.iter_mut().zip(gradient) {
                    *v = kept * (*v + rate * (g - penalty * *v));
                }
            }
            Rule::Adam => {
                let [b1, b2] = BETAS.map(|b| b as f32);
                let rate = (rate / (1.0 - BETAS[0].powi(self.count))) as f32;
                let correct = (1.0 / (1.0 - BETAS[1].powi(self.count))) as f32;
                let [first, second] = &mut self.moments;
                let moments = first.iter_mut().zip(second);
                for ((v, g), (m, s)) in variable.iter_mut().zip(gradient).zip(moments) {
                    let g = g - penalty * *v;
                    *m = b1 * *m + (1.0 - b1) * g;
                    *s = b2 * *s + (1.0 - b2) * g * g;
                    *v = kept * (*v + rate * *m / ((*s * correct).sqrt() + EPSILON));
                }
            }
        }
    }
}

#[cfg(all(test, feature = "embedded-models"))]
mod tests {
    use super::super::Preset;
    use super::*;
    use crate::see::Place;
    use impasto_net::{Model, network::Variant};

    /// The first and the last value of a short ascent, and its picture.
    fn short(preset: Preset, threads: usize) -> (f64, f64, Picture) {
        let model = Model::named("squeezenet", Variant::default(), None).unwrap();
        let size = (64, 64);
        let mut eye = Eye::new(&model, "logits", size).unwrap();
        let unit = Unit { plane: 1, place: Place::At(0, 0) };
        let settings = Settings { iterations: 12, ..preset.settings() };
        let mut values = Vec::new();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let picture = pool.install(|| {
            class_image(&mut eye, unit, &settings, 7, &mut |step| {
                values.push(step.value);
                ControlFlow::Continue(())
            })
        });
        (values[0], values[values.len() - 1], picture.unwrap())
    }

    #[test]
    fn values_rise() {
        for preset in [Preset::Simonyan2014, Preset::Yosinski2015, Preset::Lucid] {
            let (first, last, _) = short(preset, 1);
            assert!(last > first, "{preset:?}: {first} {last}");
        }
    }

    #[test]
    fn clipping_leaves_the_ground_bare() {
        let model = Model::named("squeezenet", Variant::default(), None).unwrap();
        let mut eye = Eye::new(&model, "logits", (64, 64)).unwrap();
        let unit = Unit { plane: 1, place: Place::At(0, 0) };
        let preset = Preset::Yosinski2015.settings();
        for (norm_percentile, contribution_percentile) in [(75.0, 0.0), (0.0, 75.0)] {
            let settings = Settings { iterations: 6, norm_percentile, contribution_percentile, ..preset };
            let picture = class_image(&mut eye, unit, &settings, 7, &mut |_| ControlFlow::Continue(()));
            let picture = picture.unwrap();
            let pixels = picture.rgb().as_chunks::<3>().0;
            let bare = pixels.iter().filter(|pixel| **pixel == pixels[0]).count();
            let most = pixels.iter().map(|pixel| pixels.iter().filter(|p| *p == pixel).count()).max();
            assert!(bare == 3072 || most == Some(3072), "{bare} {most:?}");
        }
    }

    #[test]
    fn same_seed_same_bytes() {
        assert_eq!(short(Preset::Lucid, 1).2.rgb(), short(Preset::Lucid, 2).2.rgb());
    }
}
