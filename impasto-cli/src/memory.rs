//! Whether a piece of work fits into the machine's memory: asked beforehand, because running out would end the program
//! without a word.

use crate::failure::Failure;
use impasto::{Objective, Request};
use impasto_net::{Model, Plan, Purpose};
use std::sync::Arc;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Bytes a pixel that no plan of the networks here exceeds; work below it needs no closer look.
const PLENTY: f64 = 8_192.0;

/// Side of the picture at which a plan is tried to learn its memory per pixel.
const TRIAL_SIDE: usize = 256;

/// Bytes a pixel of copies of the picture: as read, resampled, as the optimiser's variable, gradient and direction, and
/// three curvature pairs.
const COPIES: f64 = 280.0;

/// Bytes that do not depend on the size: weights in the forms the plan wants them in, and the program itself.
const ALWAYS: f64 = 200e6;

/// A pass of a network over a picture.
pub struct Pass<'a> {
    /// What it is for, in words.
    pub what: &'static str,
    /// The flag that decides its size.
    pub flag: &'static str,
    /// Columns and rows.
    pub size: (usize, usize),
    /// Layers it reads.
    pub taps: &'a [String],
    /// Whether the way back is needed.
    pub purpose: Purpose,
}

/// [`check`] of what the objective of `request` asks for: the way there and back for a picture of `size` (columns, rows),
/// called `what`, and the way there for each of its styles.
pub fn check_painting(
    what: &'static str,
    request: &Request<'_>,
    objective: &Objective,
    size: (usize, usize),
) -> anyhow::Result<()> {
    let long = size.0.max(size.1);
    let taps = objective.taps();
    let style_taps: Vec<String> = objective.style_layers().iter().map(|l| l.name.clone()).collect();
    let mut passes = vec![Pass { what, flag: "--size", size, taps: &taps, purpose: Purpose::Gradient }];
    for style in request.styles().filter(|_| !style_taps.is_empty()) {
        let size = request.style_size_at(style.picture, long, long);
        let (what, flag, purpose) = ("the style", "--style-size", Purpose::Forward);
        passes.push(Pass { what, flag, size, taps: &style_taps, purpose });
    }
    check(&passes, || Ok(request.network.load(request.recipe.variant())?))
}

/// Fails, with numbers, if one of `passes` (which happen one after another) needs more memory than there is.
///
/// `model` is loaded only where it is close.
pub fn check(passes: &[Pass<'_>], model: impl FnOnce() -> anyhow::Result<Arc<Model>>) -> anyhow::Result<()> {
    let pixels = |pass: &Pass<'_>| pass.size.0 as f64 * pass.size.1 as f64;
    let available = available();
    let largest = passes.iter().map(pixels).fold(0.0, f64::max);
    if largest * (PLENTY + COPIES) + ALWAYS < available {
        return Ok(());
    }
    let model = model()?;
    if model.placement().is_some_and(|placement| !placement.is_lenient()) {
        // Asked for by name, it tells itself what does not fit.
        return Ok(());
    }
    // What another device has no room for is done here.
    let model = model.on(None);
    for pass in passes {
        let trial = Plan::new(&model, TRIAL_SIDE, TRIAL_SIDE, pass.taps, pass.purpose)
            .map_err(impasto::Error::from)?;
        let per_pixel = trial.memory().of_size() as f64 / (TRIAL_SIDE * TRIAL_SIDE) as f64;
        let needed = pixels(pass) * (per_pixel + COPIES) + ALWAYS;
        if needed > available {
            let (width, height) = pass.size;
            let affordable = ((available - ALWAYS).max(0.0) / (per_pixel + COPIES)).sqrt();
            return Err(Failure::job(format_args!(
                "{} at {width}×{height} pixels needs about {} of memory, but {} are available",
                pass.what,
                gigabytes(needed),
                gigabytes(available)
            ))
            .hint(format_args!(
                "use a smaller {}: a square of about {affordable:.0} pixels a side fits",
                pass.flag
            ))
            .into());
        }
    }
    Ok(())
}

/// Bytes that can still be had, on this machine and in this process's control group.
fn available() -> f64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::everything());
    // Where the system does not say, nothing is refused.
    let Ok(system) = System::new_with_specifics(memory) else { return f64::INFINITY };
    let free = system.available_memory() + system.free_swap();
    let group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.free_memory + limits.free_swap);
    let free = if free == 0 { u64::MAX } else { free.min(group) };
    free.min(address_space().unwrap_or(u64::MAX)) as f64
}

/// What is left of this process's address space where it is limited (`ulimit -v`); only Linux tells.
fn address_space() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(limit.saturating_sub(status("VmSize:")?))
}

/// Most memory this process has held so far, in bytes; only Linux tells.
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// A size in bytes from Linux's account of this process.
fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn gigabytes(bytes: f64) -> String {
    if bytes < 1e9 { format!("{:.0} MB", bytes / 1e6) } else { format!("{:.1} GB", bytes / 1e9) }
}
