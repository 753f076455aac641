//! Temporary memory of a thread, kept between calls.

use std::cell::RefCell;

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Lends `len` values of this thread's memory with whatever they held before. Must not be nested.
pub fn with<R>(len: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < len {
            // The old values are not wanted: freeing them first halves the peak.
            *scratch = Vec::new();
            scratch.resize(len, 0.0);
        }
        f(&mut scratch[..len])
    })
}
