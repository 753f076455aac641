//! Sums over blocks of positions that norms and their derivatives are made of.
#![allow(unsafe_code)]

use crate::{
    cpu::{
        isa::Isa,
        simd::{Kernel, Simd},
    },
    jobs,
};

/// Positions that are summed in f32; sums of blocks are then added in order in f64.
pub const BLOCK: usize = 256;

/// For every block of positions and every channel, Σp and Σp·q with p = x − x₀ and q = z − z₀, `[blocks][2][channels]`;
/// `origins` gives a block's x₀ and z₀.
pub fn sums<'a>(
    isa: Isa,
    channels: usize,
    x: &[f32],
    z: &[f32],
    origins: impl Fn(usize) -> [&'a [f32]; 2] + Sync,
) -> Vec<f32> {
    assert!(x.len() == z.len() && x.len().is_multiple_of(channels));
    let mut partials = vec![0.0; (x.len() / channels).div_ceil(BLOCK) * 2 * channels];
    jobs::each_chunk(&mut partials, 2 * channels, |block, partial| {
        let range = block * BLOCK * channels..x.len().min((block + 1) * BLOCK * channels);
        let (sum, product) = partial.split_at_mut(channels);
        let origins = origins(block);
        assert!(origins.iter().all(|origin| origin.len() == channels));
        let block = Block { x: &x[range.clone()], z: &z[range], origins, sum, product };
        // SAFETY: the kernel stays inside these slices: x and z hold whole positions, the others one value a channel.
        unsafe { isa.run(block) }
    });
    partials
}

struct Block<'a> {
    x: &'a [f32],
    z: &'a [f32],
    origins: [&'a [f32]; 2],
    sum: &'a mut [f32],
    product: &'a mut [f32],
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        let channels = self.sum.len();
        let mut c = 0;
        // SAFETY: the vectors taken end within the channels.
        unsafe {
            while c + 4 * S::LANES <= channels {
                self.vectors::<S, 4>(c);
                c += 4 * S::LANES;
            }
            while c + S::LANES <= channels {
                self.vectors::<S, 1>(c);
                c += S::LANES;
            }
        }
        let [x0, z0] = self.origins;
        for (x, z) in self.x.chunks_exact(channels).zip(self.z.chunks_exact(channels)) {
            for i in c..channels {
                let p = x[i] - x0[i];
                self.sum[i] += p;
                self.product[i] += p * (z[i] - z0[i]);
            }
        }
    }
}

impl Block<'_> {
    /// `N` vectors of channels from `first` on.
    ///
    /// # Safety
    /// There must be as many channels; the machine must have `S`.
    #[inline(always)]
    unsafe fn vectors<S: Simd, const N: usize>(&mut self, first: usize) {
        let channels = self.sum.len();
        // SAFETY: offsets stay inside a position, positions inside the slices.
        unsafe {
            let zero = [S::splat(0.0); N];
            let (mut sum, mut product, mut origins) = (zero, zero, [zero; 2]);
            for (vectors, origin) in origins.iter_mut().zip(self.origins) {
                for (j, vector) in vectors.iter_mut().enumerate() {
                    *vector = S::load(origin.as_ptr().add(first + j * S::LANES));
                }
            }
            for at in (first..self.x.len()).step_by(channels) {
                for j in 0..N {
                    let at = at + j * S::LANES;
                    let p = S::sub(S::load(self.x.as_ptr().add(at)), origins[0][j]);
                    let q = S::sub(S::load(self.z.as_ptr().add(at)), origins[1][j]);
                    sum[j] = S::add(sum[j], p);
                    product[j] = S::fma(p, q, product[j]);
                }
            }
            for j in 0..N {
                S::store(self.sum.as_mut_ptr().add(first + j * S::LANES), sum[j]);
                S::store(self.product.as_mut_ptr().add(first + j * S::LANES), product[j]);
            }
        }
    }
}
