//! Beginnings of cotangents at taps, computed where the maps are.

use crate::{
    gpu::Inner,
    kernel::Kernel,
    lower::{Reading, moved},
    record::{Dispatch, FINISH, Finish, NONE, Op, Shared},
};
use impasto_net::{
    device::Shape,
    engine::{EngineError, Start},
    statistics::Affine,
};
use wgpu::Buffer;

/// Kinds of beginnings that are computed alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Values,
    /// With a matrix, and by the weights of this number.
    Affine(Option<u64>),
    /// Without a matrix.
    Diagonal(Option<u64>),
    /// To the target of this number.
    Difference(u64),
}

impl Kind {
    /// The kind of a beginning.
    pub fn of(start: &Start<'_>) -> Kind {
        match start {
            Start::Values(_) => Kind::Values,
            Start::Affine(affine, positions) => {
                let weights = positions.map(|positions| positions.number());
                if affine.matrix.is_empty() { Kind::Diagonal(weights) } else { Kind::Affine(weights) }
            }
            Start::Difference { target, .. } => Kind::Difference(target.number()),
        }
    }

    /// The number of the target or of the weights that it is made for.
    pub fn reads(self) -> Option<u64> {
        match self {
            Kind::Difference(target) => Some(target),
            Kind::Affine(weights) | Kind::Diagonal(weights) => weights,
            Kind::Values => None,
        }
    }
}

/// A beginning written down: what changes from pass to pass is written into its buffers.
pub struct Prepared {
    pub dispatch: Dispatch,
    words: Vec<u32>,
    /// What it reads.
    pub data: Buffer,
    /// Where further values begin there.
    pub tail: usize,
}

/// Number of the factor among the words of `begin.wgsl`.
const FACTOR: usize = FINISH + 4;

impl Prepared {
    /// For a map at `map` of size `shape`, stored as `finish` says; `target` holds that of a difference, `shares` the weights of
    /// positions, where they count by such. What it reads has room for `tail` further values.
    ///
    /// # Errors
    /// [`EngineError::Memory`].
    pub fn new(
        gpu: &Inner,
        shared: &Shared,
        kind: Kind,
        (map, shape): (usize, Shape),
        finish: &Finish,
        (target, shares): (Option<&Buffer>, Option<&[f32]>),
        tail: usize,
    ) -> Result<Prepared, EngineError> {
        let (count, channels) = (shape.len(), shape.channels);
        let width = channels.next_multiple_of(4);
        let values = match kind {
            Kind::Values => count,
            Kind::Affine(_) => (channels + 1) * width,
            Kind::Diagonal(_) => 2 * channels,
            Kind::Difference(_) => 0,
        };
        let len = values + shares.map_or(0, |shares| shares.len().next_multiple_of(4));
        let data = match target {
            Some(target) => target.clone(),
            None => {
                let data = gpu.storage("the beginning of a cotangent", 4 * (len + tail) as u64)?;
                if let Some(shares) = shares {
                    gpu.queue.write_buffer(&data, 4 * values as u64, bytemuck::cast_slice(shares));
                }
                data
            }
        };
        let behind = |unit: usize| shares.map(|_| (values / unit) as u32);
        let what = match kind {
            Kind::Values => 0,
            Kind::Difference(_) => 1,
            Kind::Affine(_) | Kind::Diagonal(_) => 2,
        };
        let op = match kind {
            Kind::Affine(_) => {
                let offset = (channels * width / 4) as u32;
                Reading::pointwise(map, shape).direct(finish, offset, behind(4))
            }
            _ => {
                let parameters =
                    [map as u32, count as u32, channels as u32, what, 0, behind(1).unwrap_or(NONE), 0, 0];
                Op::each(Kernel::Begin, finish, &parameters, count)
            }
        };
        let dispatch = Dispatch::new(gpu, shared, &op, Some(&data));
        Ok(Prepared { dispatch, words: op.words, data, tail: len })
    }

    /// Writes what `start` says for the next pass.
    pub fn write(&mut self, gpu: &Inner, start: &Start<'_>, channels: usize) {
        match *start {
            Start::Values(values) => gpu.queue.write_buffer(&self.data, 0, bytemuck::cast_slice(values)),
            Start::Affine(affine, _) => {
                let values = arranged(affine, channels);
                gpu.queue.write_buffer(&self.data, 0, bytemuck::cast_slice(&values));
            }
            Start::Difference { factor, .. } => {
                self.words[FACTOR] = factor.to_bits();
                gpu.queue.write_buffer(&self.dispatch.uniform, 0, bytemuck::cast_slice(&self.words));
            }
        }
    }
}

/// The matrix in rows of whole vectors, its diagonal added, then the offset; or, where there is none, factors and offset.
fn arranged(affine: &Affine, channels: usize) -> Vec<f32> {
    let of = |values: &[f32], c: usize| values.get(c).copied().unwrap_or(0.0);
    if affine.matrix.is_empty() {
        let parts = [&affine.diagonal, &affine.offset];
        return parts.iter().flat_map(|part| (0..channels).map(|c| of(part, c))).collect();
    }
    let width = channels.next_multiple_of(4);
    let mut values = vec![0.0; (channels + 1) * width];
    for (k, (row, values)) in
        affine.matrix.chunks_exact(channels).zip(values.chunks_exact_mut(width)).enumerate()
    {
        values[..channels].copy_from_slice(row);
        values[k] += of(&affine.diagonal, k);
    }
    for c in 0..channels {
        values[channels * width + c] = of(&affine.offset, c);
    }
    values
}

/// Stores zeros.
pub fn zeros(gpu: &Inner, shared: &Shared, finish: &Finish, count: usize) -> Dispatch {
    Dispatch::new(gpu, shared, &moved(finish, None, 0, 0.0, count), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affine_images_are_arranged_in_vectors() {
        let affine =
            Affine { matrix: vec![1.0, 2.0, 2.0, 3.0], diagonal: vec![10.0, 20.0], offset: vec![5.0, 6.0] };
        assert_eq!(arranged(&affine, 2), [11., 2., 0., 0., 2., 23., 0., 0., 5., 6., 0., 0.]);
        let affine = Affine { matrix: Vec::new(), ..affine };
        assert_eq!(arranged(&affine, 2), [10.0, 20.0, 5.0, 6.0]);
        let none = Affine { offset: Vec::new(), ..affine };
        assert_eq!(arranged(&none, 2), [10.0, 20.0, 0.0, 0.0]);
    }
}
