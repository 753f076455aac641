//! Objectives, optimisers, painting and seeing, against values computed elsewhere and as their callers see them.

#[path = "../../../impasto-net/tests/common/mod.rs"]
mod expected;

mod bands;
mod before;
mod erasing;
mod objectives;
mod optimisers;
mod painting;
mod recipes;
mod reference;
mod regions;
mod resuming;
mod seeing;
mod strength;
