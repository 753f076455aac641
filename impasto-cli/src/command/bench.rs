//! `impasto bench`: how fast the engine is on this machine.

use crate::arguments::{NetworkArguments, SIZE, count, describe};
use crate::command::apply::brush::Brush;
use crate::failure::Failure;
use crate::memory::{self, Pass};
use crate::report::{self, Outcome};
use clap::Args;
use impasto_net::cpu::{self, Cpu, Isa};
use impasto_net::engine::Question;
use impasto_net::network::Variant;
use impasto_net::plan::Memory;
use impasto_net::statistics::Affine;
use impasto_net::{Keeping, Map, Model, Plan, Purpose, ReluRule, Seed};
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

/// Measure how fast the engine is here
///
/// Measured are a network's forward pass to a layer, and the same with the picture's gradient; on the way back a VGG's
/// style layers up to there are read too, as a style transfer does.
///
/// Times are medians over the repetitions, after one pass that is not counted. The environment variable IMPASTO_ISA picks
/// an instruction set: avx512, avx2, neon, portable.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Side of the square picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = SIZE, value_parser = count, allow_negative_numbers = true)]
    size: usize,

    /// Passes to take the median of
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = count, allow_negative_numbers = true)]
    repeat: usize,

    /// Deepest layer computed [default: relu5_1; squeezenet: logits]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,

    /// Measure the generator of this style instead: a built-in one's name, or a generator's FILE or FILE:NAME
    #[arg(long, value_name = "NAME|FILE", conflicts_with_all = ["layer", "net"])]
    style: Option<String>,

    /// Also show what the plans' memory is for and the most the process has held
    #[arg(long)]
    memory: bool,

    /// Compute the largest map again on the way back instead of keeping it
    #[arg(long)]
    recompute: bool,

    /// Write a JSON object instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    network: NetworkArguments,
}

const EXAMPLES: &str = "\
Examples:
  impasto bench
  impasto --threads 1 bench --size 256 --repeat 20 --json";

/// Measures.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (model, network) = match &arguments.style {
        Some(style) => (generator(style)?, style.clone()),
        None => {
            let network = arguments.network.resolve("vgg19");
            (network.load(Variant::default())?, describe(&network))
        }
    };
    let deepest = match &arguments.style {
        Some(_) => model.network().last(),
        None if model.classes().is_some() => "logits",
        None => "relu5_1",
    };
    let layer = arguments.layer.clone().unwrap_or_else(|| deepest.into());
    let taps = [layer.clone()];
    let style = if arguments.style.is_some() { taps.to_vec() } else { style_taps(&model, &layer) };
    let side = arguments.size;
    let (what, flag, purpose) = ("the picture", "--size", Purpose::Gradient);
    memory::check(&[Pass { what, flag, size: (side, side), taps: &style, purpose }], || Ok(model.clone()))?;

    let rgb = pattern(side);
    let forward = measure(&model, &rgb, &taps, arguments, Purpose::Forward)?;
    let gradient = measure(&model, &rgb, &style, arguments, Purpose::Gradient)?;
    let (threads, peak) = (rayon::current_num_threads(), memory::peak());
    let device = model.placement().filter(|_| gradient.there).map(|placement| placement.engine().name());
    let isa = device.unwrap_or(Isa::detect().name());
    if arguments.json {
        report::json(&json!({
            "network": network,
            "layer": layer,
            "size": side,
            "repeat": arguments.repeat,
            "threads": threads,
            "instruction_set": Isa::detect().name(),
            "device": device.unwrap_or("cpu"),
            "forward_seconds": forward.seconds,
            "gradient_seconds": gradient.seconds,
            "forward_memory_bytes": forward.memory.total(),
            "gradient_memory_bytes": gradient.memory.total(),
            "forward_memory_by_purpose": by_purpose(forward.memory),
            "gradient_memory_by_purpose": by_purpose(gradient.memory),
            "threads_memory_bytes": cpu::scratch_bytes(),
            "peak_memory_bytes": peak,
        }))?;
        return Ok(Outcome::Done);
    }
    // Writing to a String cannot fail.
    let mut text = String::new();
    let _ = writeln!(text, "{network} to {layer} at {side}×{side}, {isa}, {threads} threads");
    let _ = writeln!(text, "forward             {:.4} s", forward.seconds);
    let _ = writeln!(text, "forward + gradient  {:.4} s", gradient.seconds);
    if arguments.memory {
        text.push_str(&table(forward.memory, gradient.memory));
        let _ = writeln!(text, "threads, temporary  {:.1} MB", cpu::scratch_bytes() as f64 / 1e6);
        if let Some(peak) = peak {
            let _ = writeln!(text, "process, at most    {:.1} MB", peak as f64 / 1e6);
        }
    }
    report::result(&text)?;
    Ok(Outcome::Done)
}

/// The network that paints in a style.
fn generator(style: &str) -> anyhow::Result<Arc<Model>> {
    let model = Brush::of_style(style, None)?.model()?;
    model.ok_or_else(|| Failure::usage(format_args!("{style} is no generator")).into())
}

/// What a style transfer reads on the way to `layer`, which comes last: the first ReLU of every block of a VGG.
fn style_taps(model: &Model, layer: &str) -> Vec<String> {
    let before = model.layers().into_iter().take_while(|name| name != layer);
    let style = before.filter(|name| name.starts_with("relu") && name.ends_with("_1"));
    style.chain([layer.to_owned()]).collect()
}

/// Median time and memory of a plan.
struct Measured {
    seconds: f64,
    memory: Memory,
    /// Whether it ran on a graphics processor.
    there: bool,
}

fn measure(
    model: &Arc<Model>,
    rgb: &[f32],
    taps: &[String],
    arguments: &Arguments,
    purpose: Purpose,
) -> anyhow::Result<Measured> {
    let side = arguments.size;
    let keeping = if arguments.recompute { Keeping::Recompute } else { Keeping::Keep };
    let plan = match keeping {
        Keeping::Keep => Plan::new(model, side, side, taps, purpose),
        Keeping::Recompute => Plan::with(Cpu::default(), model, (side, side), taps, purpose, keeping),
    };
    let mut plan = plan.map_err(impasto::Error::from)?;
    let there = plan.device_memory().is_some();
    let energy =
        |tap: usize| Affine { diagonal: vec![1.0; plan.tap_shape(tap).channels], ..Affine::default() };
    let energies: Vec<Affine> = (0..taps.len()).map(energy).collect();
    let seeds: Vec<(usize, Seed<'_>)> =
        energies.iter().map(|energy| Seed::Affine(energy, None)).enumerate().collect();
    let mut gradient = vec![0.0; rgb.len()];
    let mut pass = || {
        let began = Instant::now();
        plan.forward(rgb);
        if purpose == Purpose::Gradient {
            // The gradient of half the maps' energy.
            if there {
                plan.backward_from(ReluRule::Gradient, &seeds, &mut gradient);
            } else {
                let seed = &mut |_, _, map: Map<'_>, out: &mut [f32]| out.copy_from_slice(map.data);
                plan.backward_by_rows(ReluRule::Gradient, seed, &mut gradient);
            }
        } else if there {
            // What was only submitted is not done yet: wait for the last map's statistics.
            plan.ask(&[Question::Moments { value: taps.len() - 1, full: false, positions: None }]);
        }
        began.elapsed().as_secs_f64()
    };
    pass();
    let mut times: Vec<f64> = (0..arguments.repeat).map(|_| pass()).collect();
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let seconds =
        if times.len() % 2 == 1 { times[middle] } else { (times[middle - 1] + times[middle]) / 2.0 };
    Ok(Measured { seconds, memory: plan.device_memory().unwrap_or(plan.memory()), there })
}

/// A plan's memory for machines, in bytes.
fn by_purpose(memory: Memory) -> Value {
    json!({
        "maps": memory.maps,
        "masks": memory.masks,
        "switches": memory.switches,
        "workspace": memory.workspace,
        "filters": memory.filters,
        "gradients": memory.gradients,
    })
}

/// Both plans' memory for people.
fn table(forward: Memory, gradient: Memory) -> String {
    let mut text = format!("{:18}{:>14}{:>22}\n", "memory", "forward", "forward + gradient");
    let mut row = |name: &str, forward: usize, gradient: usize| {
        let (forward, gradient) = (forward as f64 / 1e6, gradient as f64 / 1e6);
        let _ = writeln!(text, "{name:18}{forward:>11.1} MB{gradient:>19.1} MB");
    };
    row("maps, cotangents", forward.maps, gradient.maps);
    row("ReLU masks", forward.masks, gradient.masks);
    row("pool switches", forward.switches, gradient.switches);
    row("workspace", forward.workspace, gradient.workspace);
    row("filters", forward.filters, gradient.filters);
    row("plan, all", forward.total(), gradient.total());
    text
}

/// A picture of smooth and fine structure, the same everywhere.
fn pattern(side: usize) -> Vec<f32> {
    let value =
        |i: usize| 0.5 + 0.5 * ((i % (3 * side)) as f32 * 0.37).sin() * ((i / side) as f32 * 0.011).cos();
    (0..side * side * 3).map(value).collect()
}
