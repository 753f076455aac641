//! Sums over many values: of 4096 a group, then of the groups'.

use crate::{
    kernel::Kernel,
    record::{Finish, NONE, Op, rows},
};

/// Groups that add up `count` values.
pub fn groups(count: usize) -> usize {
    count.div_ceil(4096)
}

/// A kernel that adds up over `count` values (`groups.wgsl`).
pub fn in_groups(kernel: Kernel, parameters: &[u32], count: usize) -> Op {
    Op::new(kernel, &Finish::plain(0, 1), parameters, rows(groups(count)))
}

/// The sum of `count` values from `at` on, put at `out`.
pub fn total(at: usize, count: usize, out: usize) -> Op {
    scaled_total(at, count, out, NONE, NONE)
}

/// The same times the value at `factor`, and taken from that at `minuend`, where there are such.
pub fn scaled_total(at: usize, count: usize, out: usize, factor: u32, minuend: u32) -> Op {
    let words = [at as u32, count as u32, out as u32, factor, minuend, 0, 0, 0];
    Op::new(Kernel::Total, &Finish::plain(0, 1), &words, [1, 1, 1])
}
