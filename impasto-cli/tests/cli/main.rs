//! The real binary on real pictures.

mod bad_input;
mod dreaming;
mod folder;
mod interrupt;
mod measuring;
mod painting;
mod preparing;
mod replaying;
mod seeing;
