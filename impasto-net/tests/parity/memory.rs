//! A network so small that an interpreter that checks every memory access, Miri, gets through it.
//!
//! `docs/performance.md` has the command. Without Miri this is one more comparison.

use crate::case::{Case, Chain, average, max, norm, same};
use impasto_net::network::{Convolution, Op, Padding};

/// Transformed and direct convolutions, with whole and cut tiles, both poolings, copies, a mean, masks, several readers.
#[test]
fn every_kind_of_kernel_stays_in_its_memory() {
    // Under Miri a second thread would spend most of the time spinning.
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    rayon.install(|| {
        let mut chain = Chain::new();
        chain.then(same(16, 1));
        let relu = chain.then(Op::Relu);
        let tiles = chain.from(&[relu], same(16, 3));
        let tiles = chain.from(&[tiles], Op::Relu);
        let mirrored = chain.from(&[relu], Op::Convolution(Convolution::same(5, 3, Padding::Reflect)));
        let both = chain.from(&[tiles, mirrored], Op::Concat);
        let largest = chain.from(&[both], max(2, 1));
        let means = chain.from(&[largest], average(2, 1));
        let strided =
            Convolution { outputs: 3, kernel: 2, stride: 2, before: 1, after: 0, padding: Padding::Zero };
        let strided = chain.from(&[means], Op::Convolution(strided));
        let mean = chain.from(&[strided], Op::Mean);
        Case::new(&chain.network, (3, 5), &[tiles, both, mean]).check_briefly();
    });
}

/// Norms apart from and over their input, with whole and cut vectors; sums joined and alone; enlargement joined and alone;
/// derivatives by parameters.
#[test]
fn every_kernel_of_generators_stays_in_its_memory() {
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    rayon.install(|| {
        let mut chain = Chain::new();
        let conv = chain.then(same(19, 1));
        let normed = chain.from(&[conv], norm());
        let relu = chain.from(&[normed], Op::Relu);
        let other = chain.from(&[relu], same(19, 3));
        let other = chain.from(&[other], norm());
        let sum = chain.from(&[relu, other], Op::Add);
        let twice = chain.from(&[sum, sum], Op::Add);
        let large = chain.from(&[twice], Op::Upsample);
        let joined = chain.from(&[large], same(16, 3));
        let larger = chain.from(&[joined], Op::Upsample);
        let last = chain.from(&[larger], norm());
        Case::new(&chain.network, (3, 2), &[last]).check_training_briefly();
    });
}
