//! Temporary memory of a thread, kept between calls.

use crate::aligned::Aligned;
use std::{
    cell::RefCell,
    sync::atomic::{AtomicUsize, Ordering},
};

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Bytes of all threads' memory.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Bytes that kernels' threads hold for the next call, all threads of the process together.
pub fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// Memory that is counted.
#[derive(Default)]
struct Scratch(Aligned);

impl Scratch {
    fn new(len: usize) -> Self {
        HELD.fetch_add(4 * len, Ordering::Relaxed);
        Scratch(Aligned::zeros(len))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        HELD.fetch_sub(4 * self.0.len(), Ordering::Relaxed);
    }
}

/// Lends `len` values of this thread's memory with whatever they held before. Must not be nested.
pub fn with<R>(len: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.0.len() < len {
            // The old values are not wanted: freeing them first halves the peak.
            *scratch = Scratch::default();
            *scratch = Scratch::new(len);
        }
        f(&mut scratch.0[..len])
    })
}
