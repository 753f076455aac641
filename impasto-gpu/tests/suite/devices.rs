//! The devices that this suite is about: graphics processors.

use crate::common::{gpus, placement};
use impasto_net::{
    Model, Plan, Purpose,
    network::{Layer, Op},
};
use std::sync::Arc;

/// Random graphs that are tried; software drivers are slow.
pub const GRAPHS: u32 = 12;

/// What tells them apart.
pub type Device = &'static str;

/// A plan on each of them; none for training depthwise convolutions, which they leave to the processor.
pub fn plans(
    model: &Arc<Model>,
    size: (usize, usize),
    taps: &[String],
    purpose: Purpose,
) -> Vec<(Device, Plan)> {
    let depthwise = |layer: &Layer| matches!(layer.op, Op::Depthwise(_));
    if purpose == Purpose::Training && model.network().layers.iter().any(depthwise) {
        return Vec::new();
    }
    let on = |(name, gpu): &'static (String, impasto_gpu::Gpu)| {
        let model = model.on(Some(placement(gpu)));
        let plan = Plan::new(&model, size.0, size.1, taps, purpose).unwrap();
        assert!(plan.device_memory().is_some(), "the plan is not on the device");
        (&name[..], plan)
    };
    gpus().iter().map(on).collect()
}

/// The model where each of them has it.
pub fn placed(model: &Arc<Model>) -> Vec<Arc<Model>> {
    gpus().iter().map(|(_, gpu)| model.on(Some(placement(gpu)))).collect()
}
