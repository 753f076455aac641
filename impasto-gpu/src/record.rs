//! A plan's dispatches, written down once and replayed in every pass.

use crate::{gpu::Inner, kernel::Kernel};
use impasto_net::engine::EngineError;
use wgpu::{BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, ComputePass};

/// An offset that says: nothing there (`NONE` in the shaders).
pub const NONE: u32 = u32::MAX;

/// Words of a [`Finish`]: parameters follow.
pub const FINISH: usize = 8;

/// How a kernel stores its values (`Finish` in the shaders).
#[derive(Clone, Copy, Debug)]
pub struct Finish {
    /// First value.
    pub at: usize,
    /// Distance between positions.
    pub stride: usize,
    /// Channels of the result.
    pub channels: usize,
    /// A map that is added.
    pub residual: Option<usize>,
    /// max(x, 0), and at most the ceiling.
    pub relu: Option<f32>,
    /// Adds what is there.
    pub accumulate: bool,
    /// Then passes a ReLU's rule, by the mask that begins at this word.
    pub rule: Option<usize>,
}

impl Finish {
    /// Stores a map of `channels` planes from `at` on as it is.
    pub fn plain(at: usize, channels: usize) -> Finish {
        Finish { at, stride: channels, channels, residual: None, relu: None, accumulate: false, rule: None }
    }

    fn words(&self) -> [u32; FINISH] {
        let flags = u32::from(self.residual.is_some())
            + 2 * u32::from(self.relu.is_some())
            + 4 * u32::from(self.accumulate)
            + 8 * u32::from(self.rule.is_some());
        [
            self.at as u32,
            self.stride as u32,
            self.channels as u32,
            flags,
            self.residual.unwrap_or(0) as u32,
            self.rule.unwrap_or(0) as u32,
            // WGSL knows no infinity.
            self.relu.unwrap_or(f32::MAX).min(f32::MAX).to_bits(),
            0,
        ]
    }
}

/// A kernel to be run with parameters.
pub struct Op {
    pub kernel: Kernel,
    pub words: Vec<u32>,
    /// What it reads besides maps: a number in the plan's list of buffers, or none.
    pub data: Option<usize>,
    /// Groups along three axes.
    pub groups: [u32; 3],
}

impl Op {
    /// With `parameters` behind `finish`, and as many groups as `groups` says.
    pub fn new(kernel: Kernel, finish: &Finish, parameters: &[u32], groups: [u32; 3]) -> Op {
        let mut words = finish.words().to_vec();
        words.extend_from_slice(parameters);
        words.resize(words.len().next_multiple_of(4), 0);
        Op { kernel, words, data: None, groups }
    }

    /// With one invocation for each of `count` values or words.
    pub fn each(kernel: Kernel, finish: &Finish, parameters: &[u32], count: usize) -> Op {
        Op::new(kernel, finish, parameters, rows(count.div_ceil(256)))
    }

    /// With a buffer to read.
    pub fn reading(mut self, data: usize) -> Op {
        self.data = Some(data);
        self
    }
}

/// So many groups, laid out in rows: a row has at most 65535.
pub fn rows(groups: usize) -> [u32; 3] {
    let lines = groups.div_ceil(32768).max(1);
    [groups.div_ceil(lines).max(1) as u32, lines as u32, 1]
}

/// Buffers that all of a plan's dispatches see.
#[derive(Clone)]
pub struct Shared {
    pub arena: Buffer,
    pub notes: Buffer,
    pub pass: Buffer,
    /// In the place of data, where a kernel reads none.
    pub nothing: Buffer,
}

impl Shared {
    /// Of what is no plan's: `arena` alone.
    ///
    /// # Errors
    /// [`EngineError::Memory`].
    pub fn alone(gpu: &Inner, arena: Buffer) -> Result<Shared, EngineError> {
        let (notes, pass) = (gpu.storage("nothing", 16)?, gpu.uniform(&[0; 4]));
        Ok(Shared { arena, notes, pass, nothing: gpu.storage("nothing", 16)? })
    }
}

/// An [`Op`] with everything it needs.
pub struct Dispatch {
    kernel: Kernel,
    group: BindGroup,
    groups: [u32; 3],
    /// Its parameters.
    pub uniform: Buffer,
}

impl Dispatch {
    /// Binds an operation to buffers.
    pub fn new(gpu: &Inner, shared: &Shared, op: &Op, data: Option<&Buffer>) -> Dispatch {
        let uniform = gpu.uniform(&op.words);
        let buffers = [&shared.arena, data.unwrap_or(&shared.nothing), &shared.notes, &uniform, &shared.pass];
        let entries: Vec<BindGroupEntry<'_>> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let group = gpu.device.create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &gpu.layout,
            entries: &entries,
        });
        // Compiled now, not in the first pass.
        gpu.pipeline(op.kernel);
        Dispatch { kernel: op.kernel, group, groups: op.groups, uniform }
    }

    /// Writes it into a pass.
    pub fn run(&self, gpu: &Inner, pass: &mut ComputePass<'_>) {
        pass.set_pipeline(gpu.pipeline(self.kernel));
        pass.set_bind_group(0, &self.group, &[]);
        let [x, y, z] = self.groups;
        pass.dispatch_workgroups(x, y, z);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_laid_out_in_rows() {
        assert_eq!(rows(0), [1, 1, 1]);
        assert_eq!(rows(5), [5, 1, 1]);
        for groups in [32768, 32769, 100_000, 70_000_000] {
            let [x, y, _] = rows(groups);
            assert!(x <= 65535 && y <= 65535 && x as usize * y as usize >= groups, "{groups}: {x} {y}");
            assert!((x as usize - 1) * (y as usize) < groups, "{groups}: {x} {y}");
        }
    }
}
