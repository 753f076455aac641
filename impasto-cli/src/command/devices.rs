//! `impasto devices`: what networks can run on.

use crate::report::{self, Outcome};
use clap::Args;
use impasto_net::cpu::Isa;
use serde_json::{Value, json};
use std::fmt::Write;

/// List what networks can run on, and check that it computes what it should
///
/// Every graphics processor runs a small network there and back, and the results are compared with the processor's. The
/// memory is the device's own; a plan's maps must fit into what it gives at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Write JSON instead of a table
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  impasto devices
  impasto paint photo.jpg --style painting.jpg -o painted.png --device gpu:0";

/// Lists devices.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let processor = format!("{:?}", Isa::detect());
    let gpus = gpus();
    if arguments.json {
        let cpu = json!({ "device": "cpu", "instructions": processor });
        report::json(&Value::Array(std::iter::once(cpu).chain(gpus).collect()))?;
        return Ok(Outcome::Done);
    }
    // Writing to a String cannot fail.
    let mut text = format!("cpu    this machine's processor ({processor})\n");
    for gpu in &gpus {
        let words = |key: &str| gpu[key].as_str().unwrap_or_default().to_owned();
        let gigabytes = |key: &str| gpu[key].as_f64().map(|bytes| format!("{:.1} GB", bytes / 1e9));
        let _ = writeln!(text, "{:7}{}", words("device"), words("name"));
        let _ = writeln!(text, "       driver  {}, {}", words("interface"), words("driver"));
        let memory = gigabytes("memory_bytes").unwrap_or_else(|| "not told".into());
        let most = gigabytes("largest_plan_bytes").unwrap_or_default();
        let _ = writeln!(text, "       memory  {memory}, at most {most} for a plan's maps");
        let check = match gpu["error"].as_str() {
            Some(error) => format!("failed: {error}"),
            None => format!("passed, results within {:.0e}", gpu["off_by"].as_f64().unwrap_or(f64::NAN)),
        };
        let _ = writeln!(text, "       check   {check}");
        let kind = if gpu["auto"] == true {
            "used by --device auto"
        } else if gpu["real"] == true {
            "used if asked for"
        } else {
            "a program, no graphics processor: used if asked for, and slow"
        };
        let _ = writeln!(text, "       {kind}");
    }
    if gpus.is_empty() {
        text.push_str(NONE);
    }
    report::result(&text)?;
    Ok(Outcome::Done)
}

#[cfg(feature = "gpu")]
const NONE: &str = "no graphics processor with a driver for Vulkan, Metal or DirectX 12 was found\n";
#[cfg(not(feature = "gpu"))]
const NONE: &str = "this program was built without graphics processors\n";

#[cfg(feature = "gpu")]
fn gpus() -> Vec<Value> {
    use impasto_gpu::{Gpu, adapters, auto::is_expected_to_win, check::check};
    let describe = |(number, adapter): (usize, impasto_gpu::Adapter)| {
        let opened = Gpu::open(&adapter).map_err(|error| error.to_string());
        let found = opened.and_then(|gpu| check(&gpu));
        json!({
            "device": format!("gpu:{number}"),
            "name": adapter.name,
            "interface": adapter.interface,
            "driver": adapter.driver,
            "memory_bytes": adapter.memory,
            "largest_plan_bytes": adapter.largest,
            "real": adapter.real,
            "auto": is_expected_to_win(&adapter) && number == 0,
            "off_by": found.as_ref().ok(),
            "error": found.err(),
        })
    };
    adapters().into_iter().enumerate().map(describe).collect()
}

#[cfg(not(feature = "gpu"))]
fn gpus() -> Vec<Value> {
    Vec::new()
}
