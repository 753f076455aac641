//! The devices that tests run on: all that drivers are installed for, software included.

use impasto_gpu::{Gpu, adapters};
use impasto_net::engine::Placement;
use std::sync::{Arc, OnceLock};

/// The devices, opened, with their names. Tests pass, and say so, where there is none, unless the environment variable
/// IMPASTO_NEED_GPU is 1.
pub fn gpus() -> &'static [(String, Gpu)] {
    static GPUS: OnceLock<Vec<(String, Gpu)>> = OnceLock::new();
    GPUS.get_or_init(|| {
        let open = |adapter| (format!("{adapter:?}"), Gpu::open(&adapter).expect("a device that opens"));
        let gpus: Vec<(String, Gpu)> = adapters().into_iter().map(open).collect();
        if gpus.is_empty() {
            let needed = std::env::var("IMPASTO_NEED_GPU").is_ok_and(|value| value == "1");
            assert!(!needed, "no driver for a graphics processor, not even a software one, is installed");
            println!("left out: no driver for a graphics processor, not even a software one, is installed");
        }
        gpus
    })
}

/// Where models live that are to be planned there and nowhere else: a plan that goes on elsewhere is an error.
pub fn placement(gpu: &Gpu) -> Placement {
    Placement::new(Arc::new(gpu.clone()), false, Box::new(|note| panic!("{note}")))
}
