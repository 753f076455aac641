//! The engine's suite of comparisons with a plain implementation in f64, on graphics processors instead of instruction
//! sets: the same networks, sizes and tolerances. Then the reference values, and what objectives ask.
// Parts of the suite that concern the processor alone are not here, and they are who calls some of this.
#![allow(dead_code, unused_imports)]

#[path = "../../../impasto-net/tests/parity/case.rs"]
mod case;
#[path = "../../../impasto-net/tests/parity/chain.rs"]
mod chain;
#[path = "../common/mod.rs"]
mod common;
#[path = "../../../impasto-net/tests/parity/convolutions.rs"]
mod convolutions;
#[path = "../../../impasto-net/tests/parity/depthwise.rs"]
mod depthwise;
mod devices;
#[path = "../../../impasto-net/tests/parity/distance.rs"]
mod distance;
#[path = "../../../impasto-net/tests/common/mod.rs"]
mod expected;
#[path = "../../../impasto-net/tests/parity/generators.rs"]
mod generators;
#[path = "../../../impasto-net/tests/parity/graphs.rs"]
mod graphs;
#[path = "../../../impasto-net/tests/parity/naive/mod.rs"]
mod naive;
#[path = "../../../impasto-net/tests/parity/random_graphs.rs"]
mod random_graphs;
mod reference;
#[path = "../../../impasto-net/tests/suite/reference_generator.rs"]
mod reference_generator;
#[path = "../../../impasto-net/tests/parity/slack.rs"]
mod slack;
mod space;
mod statistics;
mod training;
mod winograd;
