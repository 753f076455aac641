//! A slice that parallel jobs write at different places.
#![allow(unsafe_code)]

use std::marker::PhantomData;

/// Exclusive borrow of a slice, handed to jobs as a pointer.
pub struct Disjoint<'a> {
    pointer: *mut f32,
    len: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

// SAFETY: whoever dereferences the pointer promises that no two jobs touch the same value.
unsafe impl Send for Disjoint<'_> {}
// SAFETY: as above.
unsafe impl Sync for Disjoint<'_> {}

impl<'a> Disjoint<'a> {
    /// Takes the slice for as long as jobs may write to it.
    pub fn new(slice: &'a mut [f32]) -> Self {
        Disjoint { pointer: slice.as_mut_ptr(), len: slice.len(), borrow: PhantomData }
    }

    /// The slice's first value.
    pub fn pointer(&self) -> *mut f32 {
        self.pointer
    }

    /// Values in all.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Values `start..end` for one job.
    ///
    /// # Safety
    /// No other job may use any of these values at the same time.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn range(&self, start: usize, end: usize) -> &mut [f32] {
        assert!(start <= end && end <= self.len);
        // SAFETY: inside the borrowed slice; exclusive by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.add(start), end - start) }
    }
}
