//! Taking the steps.

use super::plan::{Plan, Ready};
use crate::interrupt;
use crate::progress::Meter;
use crate::report;
use impasto::Network;
use impasto_image::color::{self, Dither, Palette, adjust};
use impasto_image::{Mask, Picture, Turn, resize};
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// A prepared picture.
pub struct Done {
    pub picture: Picture,
    /// What was done, step by step.
    pub steps: Vec<Value>,
    /// What was taken out, for measuring.
    pub erased: Vec<Erased>,
}

/// A picture before and after something was taken out.
pub struct Erased {
    pub mask: PathBuf,
    pub before: Picture,
    pub after: Picture,
    /// What was not taken out.
    pub background: Mask,
}

/// Takes all steps.
pub fn carry_out(plan: &Plan, picture: &Picture, network: &Network, seed: u64) -> anyhow::Result<Done> {
    let mut done = Done { picture: picture.clone(), steps: Vec::new(), erased: Vec::new() };
    for step in &plan.steps {
        let record = take(step, &mut done, network, seed)?;
        done.steps.push(record);
    }
    Ok(done)
}

/// Takes a step; returns what the record tells of it.
fn take(step: &Ready, done: &mut Done, network: &Network, seed: u64) -> anyhow::Result<Value> {
    let picture = &done.picture;
    let dots = |dither: &Dither| *dither == Dither::Diffusion;
    let (picture, record) = match step {
        Ready::Size(width, height) => {
            (resize(picture, *width, *height)?, json!({ "step": "size", "width": width, "height": height }))
        }
        Ready::Crop(part) => (
            picture.cropped(*part)?,
            json!({ "step": "crop", "left": part.left, "top": part.top, "width": part.width, "height": part.height }),
        ),
        Ready::Turn(turn) => (picture.turned(*turn), turn_record(*turn)),
        Ready::Erase(mask, erasure) => {
            report::note(format_args!("erasing what {} covers", mask.file.path.display()));
            let mut meter = Meter::new();
            let painting = erasure.paint(picture, network, seed, &mut |progress| {
                meter.show(progress);
                if interrupt::requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            meter.finish();
            let painting = painting?;
            let record = json!({
                "step": "erase",
                "mask": mask.file,
                "share": erasure.hole().share(),
                "evaluations": painting.evaluations,
                "interrupted": painting.interrupted,
            });
            done.erased.push(Erased {
                mask: mask.file.path.clone(),
                before: picture.clone(),
                after: painting.picture.clone(),
                background: erasure.hole().inverted(),
            });
            (painting.picture, record)
        }
        Ready::Brightness(x) => {
            (adjust::brightness(picture, *x as f32), json!({ "step": "brightness", "offset": x }))
        }
        Ready::Contrast(x) => {
            (adjust::contrast(picture, *x as f32), json!({ "step": "contrast", "factor": x }))
        }
        Ready::Saturation(x) => {
            (adjust::saturation(picture, *x as f32), json!({ "step": "saturation", "factor": x }))
        }
        Ready::Match(input, strength) => (
            color::match_moments(picture, &input.picture, *strength as f32),
            json!({ "step": "recolor", "picture": input.file(), "strength": strength }),
        ),
        Ready::Recolor(palette, strength) => (
            color::recolor(picture, palette, *strength as f32),
            json!({ "step": "recolor", "colors": palette.to_string(), "strength": strength }),
        ),
        Ready::Reduce(count, dither) => {
            let palette = Palette::reduced(picture, *count)?;
            let record = json!({ "step": "palette", "colors": palette.to_string(), "dither": dots(dither) });
            (color::reduce(picture, &palette, *dither), record)
        }
        Ready::Palette(palette, dither) => (
            color::reduce(picture, palette, *dither),
            json!({ "step": "palette", "colors": palette.to_string(), "dither": dots(dither) }),
        ),
        Ready::ChannelBits(bits, dither) => (
            color::reduce_bits(picture, *bits, *dither),
            json!({ "step": "channel-bits", "bits": bits, "dither": dots(dither) }),
        ),
    };
    done.picture = picture;
    Ok(record)
}

/// What the record tells of a turn, in the words of the command line.
fn turn_record(turn: Turn) -> Value {
    let flip = |axis: &str| json!({ "step": "flip", "axis": axis });
    let rotate = |degrees: u16| json!({ "step": "rotate", "degrees": degrees });
    match turn {
        Turn::FlipHorizontal => flip("horizontal"),
        Turn::FlipVertical => flip("vertical"),
        Turn::Quarter => rotate(90),
        Turn::Half => rotate(180),
        Turn::ThreeQuarters => rotate(270),
    }
}
