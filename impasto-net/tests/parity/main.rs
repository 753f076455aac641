//! The engine, on every instruction set of this machine, against a plain implementation in f64.

mod case;
mod chain;
mod convolutions;
mod cotangents;
mod depthwise;
mod devices;
mod distance;
mod folds;
mod generators;
mod graphs;
mod memory;
mod naive;
mod padding;
mod parameters;
mod random_graphs;
mod recompute;
mod slack;
mod smooth;
mod statistics;
mod threads;
mod training;
