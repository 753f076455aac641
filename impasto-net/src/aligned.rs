//! Memory that begins at a cache line.

use std::ops::{Deref, DerefMut};

/// Values to a cache line: vectors that begin at a multiple of it never straddle two.
pub const LINE: usize = 16;

/// A slice of f32 whose first value begins a cache line.
#[derive(Default)]
pub struct Aligned {
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    /// `len` zeros. Pages that are never written take no memory.
    pub fn zeros(len: usize) -> Aligned {
        let memory = vec![0.0f32; len + LINE];
        let start = memory.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        Aligned { memory, start, len }
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[self.start..self.start + self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..self.start + self.len]
    }
}
