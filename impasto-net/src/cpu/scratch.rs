//! Temporary memory of a thread, kept between calls.

use crate::aligned::Aligned;
use std::cell::RefCell;

thread_local! {
    static SCRATCH: RefCell<Aligned> = RefCell::new(Aligned::default());
}

/// Lends `len` values of this thread's memory with whatever they held before. Must not be nested.
pub fn with<R>(len: usize, f: impl FnOnce(&mut [f32]) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < len {
            // The old values are not wanted: freeing them first halves the peak.
            *scratch = Aligned::default();
            *scratch = Aligned::zeros(len);
        }
        f(&mut scratch[..len])
    })
}
