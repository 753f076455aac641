//! What networks run on.

use crate::failure::Failure;
use std::{fmt, str::FromStr};

#[cfg(feature = "gpu")]
use {
    crate::report,
    impasto_gpu::{Adapter, Auto, Gpu, adapters},
    impasto_net::engine::{self, Placement},
    std::sync::Arc,
};

/// What `--device` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A graphics processor where one is expected to be faster, otherwise the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A graphics processor: number N of those that there are, or the first.
    Gpu(Option<usize>),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "auto" => Ok(DeviceChoice::Auto),
            None if text == "cpu" => Ok(DeviceChoice::Cpu),
            None if text == "gpu" => Ok(DeviceChoice::Gpu(None)),
            Some(("gpu", number)) => match number.parse() {
                Ok(number) => Ok(DeviceChoice::Gpu(Some(number))),
                Err(_) => Err("the number behind `gpu:` is that of `impasto devices`, from 0".into()),
            },
            _ => Err("it must be auto, cpu, gpu or gpu:N".into()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => f.write_str("auto"),
            DeviceChoice::Cpu => f.write_str("cpu"),
            DeviceChoice::Gpu(None) => f.write_str("gpu"),
            DeviceChoice::Gpu(Some(number)) => write!(f, "gpu:{number}"),
        }
    }
}

/// Lets the models made from now on live where `choice` says. Drivers are not touched unless a graphics processor is asked
/// for by name or, with `auto`, until a plan is worth one.
#[cfg(feature = "gpu")]
pub fn choose(choice: DeviceChoice) -> anyhow::Result<()> {
    let hear = || Box::new(|note: &str| report::warn(note));
    match choice {
        DeviceChoice::Cpu => {}
        DeviceChoice::Auto => {
            engine::set_default(Some(Placement::new(Arc::new(Auto::default()), true, hear())));
        }
        DeviceChoice::Gpu(number) => {
            let adapter = named(number)?;
            let gpu = Gpu::open(&adapter).map_err(|error| {
                Failure::job(format_args!("{} cannot be used: {error}", adapter.name)).hint(ELSEWHERE)
            })?;
            engine::set_default(Some(Placement::new(Arc::new(gpu), false, hear())));
        }
    }
    Ok(())
}

/// Fails if the graphics processor that was asked for by name failed while it ran; the processor has done the work then.
#[cfg(feature = "gpu")]
pub fn settle() -> anyhow::Result<()> {
    let Some(placement) = engine::default_placement() else { return Ok(()) };
    match placement.failure() {
        None => Ok(()),
        Some(failure) => Err(Failure::job(format_args!(
            "{} failed, and the processor went on: {failure}",
            placement.engine().name()
        ))
        .hint(ELSEWHERE)
        .into()),
    }
}

#[cfg(feature = "gpu")]
const ELSEWHERE: &str = "use --device cpu, or another of `impasto devices`";

/// Number `number` of the graphics processors, or the first.
#[cfg(feature = "gpu")]
fn named(number: Option<usize>) -> anyhow::Result<Adapter> {
    let mut found = adapters();
    let (count, wanted) = (found.len(), number.unwrap_or(0));
    if wanted < count {
        return Ok(found.swap_remove(wanted));
    }
    Err(match count {
        0 => Failure::job("no graphics processor with a driver for Vulkan, Metal or DirectX 12 was found")
            .hint("install its driver, or use --device cpu"),
        _ => Failure::usage(format_args!("there is no graphics processor number {wanted}"))
            .hint(format_args!("`impasto devices` lists them: gpu:0 to gpu:{}", count - 1)),
    }
    .into())
}

/// Without graphics processors, only the processor can be asked for.
#[cfg(not(feature = "gpu"))]
pub fn choose(choice: DeviceChoice) -> anyhow::Result<()> {
    match choice {
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(()),
        DeviceChoice::Gpu(_) => Err(Failure::usage("this program was built without graphics processors")
            .hint("build it with the feature `gpu`, or use --device cpu")
            .into()),
    }
}

/// Nothing can have failed.
#[cfg(not(feature = "gpu"))]
pub fn settle() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read() {
        let read = |text: &str| text.parse::<DeviceChoice>();
        assert_eq!(read("auto"), Ok(DeviceChoice::Auto));
        assert_eq!(read("cpu"), Ok(DeviceChoice::Cpu));
        assert_eq!(read("gpu"), Ok(DeviceChoice::Gpu(None)));
        assert_eq!(read("gpu:2"), Ok(DeviceChoice::Gpu(Some(2))));
        for text in ["auto", "cpu", "gpu", "gpu:2"] {
            assert_eq!(read(text).map(|choice| choice.to_string()).as_deref(), Ok(text));
        }
        for wrong in ["", "gpu:", "gpu:-1", "cuda", "cpu:0", "auto:1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
