//! A slice that parallel jobs write at different places.
#![allow(unsafe_code)]

use std::marker::PhantomData;

/// Exclusive borrow of a slice, handed to jobs as a pointer.
pub struct Disjoint<'a> {
    pointer: *mut f32,
    borrow: PhantomData<&'a mut [f32]>,
}

// SAFETY: whoever dereferences the pointer promises that no two jobs touch the same value.
unsafe impl Send for Disjoint<'_> {}
// SAFETY: as above.
unsafe impl Sync for Disjoint<'_> {}

impl<'a> Disjoint<'a> {
    /// Takes the slice for as long as jobs may write to it.
    pub fn new(slice: &'a mut [f32]) -> Self {
        Disjoint { pointer: slice.as_mut_ptr(), borrow: PhantomData }
    }

    /// The slice's first value.
    pub fn pointer(&self) -> *mut f32 {
        self.pointer
    }
}
