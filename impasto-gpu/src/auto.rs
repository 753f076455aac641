//! The device that is taken where nobody chose one.

use crate::{Adapter, Gpu, adapters};
use impasto_net::engine::{Engine, EngineError, Executor, Job};
use std::sync::OnceLock;

/// Values that the maps of a plan must have together to be worth a device's while: those of VGG-19 at about 128 × 128.
const WORTH: usize = 1 << 21;

/// Takes the best device that [`is_expected_to_win`], if there is one, for plans that are worth it; drivers are not touched
/// before the first such plan.
#[derive(Default)]
pub struct Auto {
    /// None if there is no such device.
    gpu: OnceLock<Option<Gpu>>,
}

/// Whether this machine can have a graphics processor at all, as far as is told without its driver, which takes time to load
/// and may write messages of its own: on Linux one has a device file.
fn may_be_there() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let rendering = nodes.into_iter().any(|node| node.file_name().to_string_lossy().starts_with("renderD"));
    rendering || ["/dev/nvidia0", "/dev/dxg"].iter().any(|node| std::path::Path::new(node).exists())
}

/// Whether plans on a device are expected to be done sooner than on the processor: one with memory of its own, and no program
/// that pretends to be one. Devices that share the processor's memory are left to who asks for them.
pub fn is_expected_to_win(adapter: &Adapter) -> bool {
    adapter.real && (adapter.discrete || adapter.interface == "Metal")
}

impl Engine for Auto {
    fn name(&self) -> &str {
        self.gpu.get().and_then(Option::as_ref).map_or("graphics processor", Engine::name)
    }

    fn plan(&self, job: &Job<'_>) -> Result<Box<dyn Executor>, EngineError> {
        if job.schedule.values.iter().map(|value| value.shape.len()).sum::<usize>() < WORTH {
            return Err(EngineError::Declined);
        }
        let gpu = self.gpu.get_or_init(|| {
            if !may_be_there() {
                return None;
            }
            let mut found = adapters().into_iter().filter(is_expected_to_win);
            found.find_map(|adapter| Gpu::open(&adapter).ok())
        });
        gpu.as_ref().ok_or(EngineError::Declined)?.plan(job)
    }
}
