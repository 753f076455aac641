//! The devices that this suite is about: this machine's processor with every instruction set it has.

use impasto_net::{
    Model, Plan, Purpose,
    cpu::{Cpu, Isa},
};
use std::sync::Arc;

/// Random graphs that are tried.
pub const GRAPHS: u32 = 200;

/// What tells them apart.
pub type Device = Isa;

/// A plan on each of them.
pub fn plans(
    model: &Arc<Model>,
    size: (usize, usize),
    taps: &[String],
    purpose: Purpose,
) -> Vec<(Device, Plan)> {
    let on = |isa| (isa, Plan::on(Cpu { isa, precise: false }, model, size, taps, purpose).unwrap());
    Isa::available().into_iter().map(on).collect()
}
