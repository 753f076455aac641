//! Register blocks on their way to a map.
#![allow(unsafe_code)]

use super::{Action, Finish, border::Accumulate};
use crate::{cpu::simd::Simd, plan::ReluRule};

impl Finish {
    /// Stores channels from `first` on, a multiple of `LANES`, at the positions `at`: the first, the distance between
    /// them, their number. At each go the next `width` values, or as many as there are channels.
    ///
    /// # Safety
    /// The positions must exist, and `values` must hold `width` values for each.
    #[inline(always)]
    pub unsafe fn block<S: Simd>(
        &self,
        at: (usize, usize, usize),
        first: usize,
        width: usize,
        values: *const f32,
    ) {
        // SAFETY: the caller's promise. Each arm has a copy whose action is known to the compiler, so that its loop does
        // not ask at every vector.
        unsafe {
            match self.action {
                Action::Forward { bias, residual, relu: true, ceiling: f32::INFINITY, mask }
                    if residual.is_null() =>
                {
                    let (residual, ceiling) = (std::ptr::null(), f32::INFINITY);
                    let action = Action::Forward { bias, residual, relu: true, ceiling, mask };
                    Finish { action, ..*self }.each::<S>(at, first, width, values);
                }
                Action::Forward { bias, residual, relu: false, .. } if residual.is_null() => {
                    let (residual, mask) = (std::ptr::null(), std::ptr::null_mut());
                    let action =
                        Action::Forward { bias, residual, relu: false, ceiling: f32::INFINITY, mask };
                    Finish { action, ..*self }.each::<S>(at, first, width, values);
                }
                Action::Backward {
                    accumulate: Accumulate::Nowhere,
                    rule: Some(ReluRule::Gradient),
                    mask,
                } => {
                    let (accumulate, rule) = (Accumulate::Nowhere, Some(ReluRule::Gradient));
                    let action = Action::Backward { accumulate, rule, mask };
                    Finish { action, ..*self }.each::<S>(at, first, width, values);
                }
                _ => self.each::<S>(at, first, width, values),
            }
        }
    }

    /// Stores all channels of `count` neighbouring positions from `first` on, for maps of so few that they fill no vector.
    ///
    /// # Safety
    /// The positions must exist.
    #[inline(always)]
    pub unsafe fn line<S: Simd>(&self, first: usize, count: usize, values: &[f32]) {
        let values = &values[..count * self.channels];
        // SAFETY: the caller's positions lie inside the map, and `values` holds all their channels.
        unsafe {
            let out = self.out.add(first * self.channels);
            let apart = self.stride != self.channels;
            match self.action {
                Action::Backward { accumulate: Accumulate::Nowhere, rule: None, .. } => {
                    out.copy_from_nonoverlapping(values.as_ptr(), values.len());
                }
                Action::Forward { bias, residual, relu: false, .. } if residual.is_null() && !apart => {
                    for (i, values) in values.chunks_exact(self.channels).enumerate() {
                        for (c, value) in values.iter().enumerate() {
                            let bias = if bias.is_null() { 0.0 } else { *bias.add(c) };
                            *out.add(i * self.channels + c) = value + bias;
                        }
                    }
                }
                _ => {
                    for (i, values) in values.chunks_exact(self.channels).enumerate() {
                        self.row::<S>(first + i, values.as_ptr());
                    }
                }
            }
        }
    }

    /// As [`Finish::block`].
    #[inline(always)]
    unsafe fn each<S: Simd>(
        &self,
        (position, step, positions): (usize, usize, usize),
        first: usize,
        width: usize,
        values: *const f32,
    ) {
        let count = width.min(self.channels.saturating_sub(first));
        for i in 0..positions {
            // SAFETY: as in `block`; `c` stays below `count`.
            unsafe {
                let (position, values) = (position + i * step, values.add(i * width));
                let mut c = 0;
                while c + S::LANES <= count {
                    self.vector::<S>(position, first + c, S::load(values.add(c)));
                    c += S::LANES;
                }
                while c < count {
                    self.few(position, first + c, values.add(c), (count - c).min(8));
                    c += 8;
                }
            }
        }
    }
}
