//! Networks on demand, for programs that time them beside others (`bench/compare.py`).
//!
//! `passes NETWORK SIDE PICTURE OUT [WEIGHTS]`: PICTURE holds SIDE · SIDE · 3 interleaved RGB values in [0, 1] as
//! little-endian f32. NETWORK is `vgg-forward` (VGG-19 to relu5_1), `vgg-step` (to all five style layers and back: the
//! picture's gradient of the sum of all their values), `squeezenet` (to logits) or `generator` (a picture painted in
//! one pass, with the parameters in WEIGHTS).
//!
//! When all is ready, a line says so. Each line on standard input, a number of seconds, is answered by a line with the
//! median of passes that take about that long together, at least two, after one that is not counted. At the end of
//! input the maps, `[height, width, channels]`, and `gradient` are written to OUT, a safetensors file.

use impasto_net::{
    Map, Model, Plan, Purpose, ReluRule,
    network::{Padding, Variant, transform},
    weights,
};
use rayon::prelude::*;
use safetensors::{Dtype, tensor::TensorView};
use std::{error::Error, io::BufRead, path::Path, sync::Arc, time::Instant};

const STYLE: [&str; 5] = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"];

/// What NETWORK stands for.
struct Work {
    model: Arc<Model>,
    taps: Vec<String>,
    purpose: Purpose,
}

impl Work {
    fn named(name: &str, weights: Option<&String>) -> Result<Work, Box<dyn Error>> {
        let (network, taps, purpose) = match name {
            "vgg-forward" => ("vgg19", &STYLE[4..], Purpose::Forward),
            "vgg-step" => ("vgg19", &STYLE[..], Purpose::Gradient),
            "squeezenet" => ("squeezenet", &["logits"][..], Purpose::Forward),
            "generator" => {
                let weights = weights::open(Path::new(weights.ok_or("the generator needs WEIGHTS")?))?;
                let network =
                    transform::transform([32, 64, 128], 5, transform::Joining::default(), Padding::Reflect);
                let model = Model::new(network, weights, None)?;
                return Ok(Work { model, taps: vec![transform::OUTPUT.into()], purpose: Purpose::Forward });
            }
            _ => return Err(format!("{name:?} is no work known here").into()),
        };
        let model = Model::named(network, Variant::default(), None)?;
        Ok(Work { model, taps: taps.iter().map(|tap| tap.to_string()).collect(), purpose })
    }
}

/// One picture's passes.
struct Passes {
    plan: Plan,
    purpose: Purpose,
    rgb: Vec<f32>,
    gradient: Vec<f32>,
}

impl Passes {
    /// Seconds of one pass.
    fn run(&mut self) -> f64 {
        let began = Instant::now();
        self.plan.forward(&self.rgb);
        if self.purpose == Purpose::Gradient {
            let mut seed = |_: usize, _: Map<'_>, cotangent: &mut [f32]| {
                cotangent.par_iter_mut().for_each(|g| *g += 1.0)
            };
            self.plan.backward(ReluRule::Gradient, &mut seed, &mut self.gradient);
        }
        began.elapsed().as_secs_f64()
    }

    /// Median of passes that take about `seconds` together.
    fn median(&mut self, seconds: f64) -> f64 {
        self.run();
        let mut times = Vec::new();
        while times.len() < 2 || times.iter().sum::<f64>() < seconds {
            times.push(self.run());
        }
        times.sort_by(f64::total_cmp);
        (times[(times.len() - 1) / 2] + times[times.len() / 2]) / 2.0
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [network, side, picture, out, weights @ ..] = &arguments[..] else {
        return Err("usage: passes NETWORK SIDE PICTURE OUT.safetensors [WEIGHTS.safetensors]".into());
    };
    let side: usize = side.parse()?;
    let data = std::fs::read(picture)?;
    let rgb: Vec<f32> = data.as_chunks().0.iter().map(|v| f32::from_le_bytes(*v)).collect();
    if rgb.len() != side * side * 3 {
        return Err(format!("{picture} holds {} values, not {side}·{side}·3", rgb.len()).into());
    }
    let Work { model, taps, purpose } = Work::named(network, weights.first())?;
    let plan = Plan::new(&model, side, side, &taps, purpose)?;
    let gradient = vec![0.0; if purpose == Purpose::Gradient { rgb.len() } else { 0 }];
    let mut passes = Passes { plan, purpose, rgb, gradient };
    passes.run();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        println!("{}", passes.median(line?.trim().parse()?));
    }

    let mut arrays = Vec::new();
    if purpose == Purpose::Gradient {
        arrays.push(("gradient".to_owned(), vec![side, side, 3], bytes(&passes.gradient)));
    }
    // The way back has overwritten maps.
    passes.plan.forward(&passes.rgb);
    for (tap, name) in taps.into_iter().enumerate() {
        let map = passes.plan.tap(tap);
        arrays.push((name, vec![map.height, map.width, map.channels], bytes(map.data)));
    }
    let mut views = Vec::new();
    for (name, shape, data) in &arrays {
        views.push((name, TensorView::new(Dtype::F32, shape.clone(), data)?));
    }
    safetensors::serialize_to_file(views, None, Path::new(out))?;
    Ok(())
}
