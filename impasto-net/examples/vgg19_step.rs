//! VGG-19 on demand, for programs that time it beside others.
//!
//! `vgg19_step SIDE PICTURE MAPS.safetensors`: PICTURE holds SIDE · SIDE · 3 interleaved RGB values in [0, 1] as
//! little-endian f32. Each line on standard input, `forward` (to relu5_1) or `step` (all five style layers and the
//! picture's gradient of the sum of all their values), is answered by a line with the seconds it took. At the end of
//! input the style layers' maps, `[height, width, channels]`, and `gradient` are written to MAPS.

use impasto_net::{Map, Model, Plan, Purpose, ReluRule, network::Variant};
use safetensors::{Dtype, tensor::TensorView};
use std::{error::Error, io::BufRead, path::Path, time::Instant};

const STYLE: [&str; 5] = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"];

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [side, picture, maps] = &arguments[..] else {
        return Err("usage: vgg19_step SIDE PICTURE MAPS.safetensors".into());
    };
    let side: usize = side.parse()?;
    let data = std::fs::read(picture)?;
    let rgb: Vec<f32> = data.as_chunks().0.iter().map(|v| f32::from_le_bytes(*v)).collect();
    if rgb.len() != side * side * 3 {
        return Err(format!("{picture} holds {} values, not {side}·{side}·3", rgb.len()).into());
    }
    let model = Model::named("vgg19", Variant::default(), None)?;
    let taps = STYLE.map(str::to_owned);
    let mut forward = Plan::new(&model, side, side, &taps[4..], Purpose::Forward)?;
    let mut step = Plan::new(&model, side, side, &taps, Purpose::Gradient)?;
    let mut gradient = vec![0.0; rgb.len()];
    let mut seed = |_: usize, _: Map<'_>, cotangent: &mut [f32]| cotangent.iter_mut().for_each(|g| *g += 1.0);
    for line in std::io::stdin().lock().lines() {
        let began = Instant::now();
        match line?.trim() {
            "forward" => forward.forward(&rgb),
            "step" => {
                step.forward(&rgb);
                step.backward(ReluRule::Gradient, &mut seed, &mut gradient);
            }
            other => return Err(format!("{other:?} is neither forward nor step").into()),
        }
        println!("{}", began.elapsed().as_secs_f64());
    }
    step.forward(&rgb);
    let mut arrays = vec![("gradient".to_owned(), vec![side, side, 3], bytes(&gradient))];
    for (tap, name) in taps.into_iter().enumerate() {
        let map = step.tap(tap);
        arrays.push((name, vec![map.height, map.width, map.channels], bytes(map.data)));
    }
    let mut views = Vec::new();
    for (name, shape, data) in &arrays {
        views.push((name, TensorView::new(Dtype::F32, shape.clone(), data)?));
    }
    safetensors::serialize_to_file(views, None, Path::new(maps))?;
    Ok(())
}
