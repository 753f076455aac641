//! The engine, on every instruction set of this machine, against a plain implementation in f64.

mod case;
mod convolutions;
mod cotangents;
mod graphs;
mod memory;
mod naive;
mod padding;
mod parameters;
mod random_graphs;
mod smooth;
mod statistics;
mod threads;
