//! The last step of every layer kernel: from computed values to their place in memory.
#![allow(unsafe_code)]

use super::simd::Simd;
use crate::{
    device::{Activation, Cotangent, Relu, Shape, mask_stride},
    plan::ReluRule,
};

/// Bias, residual sum, ReLU, accumulation and masks applied while a map is stored.
#[derive(Clone, Copy)]
pub struct Finish {
    out: *mut f32,
    channels: usize,
    mask_stride: usize,
    action: Action,
}

#[derive(Clone, Copy)]
enum Action {
    /// Adds `bias` and the map `residual` unless they are null; rectifies if `relu`; notes positive values in `mask` unless
    /// it is null.
    Forward { bias: *const f32, residual: *const f32, relu: bool, mask: *mut u8 },
    /// Adds the destination if `accumulate`; then keeps what the ReLU rule lets pass.
    Backward { accumulate: bool, rule: Option<ReluRule>, mask: *const u8 },
}

// SAFETY: what is written comes from exclusive borrows of whole maps (`forward`, `backward`), what is only read from
// shared ones; parallel jobs store different positions, whose values and mask bytes do not overlap.
unsafe impl Send for Finish {}
// SAFETY: as above.
unsafe impl Sync for Finish {}

impl Finish {
    /// Stores to the map `out` of size `shape` on the way forward. `bias` may be empty.
    pub fn forward(shape: Shape, out: &mut [f32], bias: &[f32], after: Activation<'_>) -> Self {
        assert_eq!(out.len(), shape.len());
        assert!(bias.is_empty() || bias.len() >= shape.channels);
        let bias = if bias.is_empty() { std::ptr::null() } else { bias.as_ptr() };
        let residual = after.residual.map_or(std::ptr::null(), |residual| {
            assert_eq!(residual.len(), shape.len());
            residual.as_ptr()
        });
        let (relu, mask) = match after.relu {
            Relu::Absent => (false, std::ptr::null_mut()),
            Relu::Forget => (true, std::ptr::null_mut()),
            Relu::Note(mask) => {
                assert_eq!(mask.len(), shape.mask_len());
                (true, mask.as_mut_ptr())
            }
        };
        Self::new(shape, out, Action::Forward { bias, residual, relu, mask })
    }

    /// Stores to the cotangent `out` of size `shape` on the way back.
    pub fn backward(shape: Shape, out: &mut [f32], after: Cotangent<'_>) -> Self {
        assert_eq!(out.len(), shape.len());
        let (rule, mask) = match after.relu {
            None => (None, std::ptr::null()),
            Some((rule, mask)) => {
                assert_eq!(mask.len(), shape.mask_len());
                (Some(rule), mask.as_ptr())
            }
        };
        Self::new(shape, out, Action::Backward { accumulate: after.accumulate, rule, mask })
    }

    fn new(shape: Shape, out: &mut [f32], action: Action) -> Self {
        let mask_stride = mask_stride(shape.channels);
        Finish { out: out.as_mut_ptr(), channels: shape.channels, mask_stride, action }
    }

    /// Where values are stored, to be read before they are.
    pub fn destination(&self) -> *const f32 {
        self.out
    }

    /// Stores `LANES` values of `position` from `channel` (a multiple of `LANES`) on.
    ///
    /// # Safety
    /// The position must exist, and `channel + LANES ≤ channels`.
    #[inline(always)]
    pub unsafe fn vector<S: Simd>(&self, position: usize, channel: usize, v: S::V) {
        // SAFETY: the offsets lie inside the map, its residual and its mask, whose lengths the constructors checked.
        unsafe {
            let at = self.out.add(position * self.channels + channel);
            let bits = position * self.mask_stride + channel / 8;
            let mut v = v;
            match self.action {
                Action::Forward { bias, residual, relu, mask } => {
                    if !bias.is_null() {
                        v = S::add(v, S::load(bias.add(channel)));
                    }
                    if !residual.is_null() {
                        v = S::add(v, S::load(residual.add(position * self.channels + channel)));
                    }
                    if relu {
                        v = S::max(v, S::splat(0.0));
                        if !mask.is_null() {
                            S::store_positive(mask.add(bits), v);
                        }
                    }
                }
                Action::Backward { accumulate, rule, mask } => {
                    if accumulate {
                        v = S::add(v, S::load(at));
                    }
                    if let Some(rule) = rule {
                        if rule != ReluRule::Deconv {
                            v = S::keep(v, mask.add(bits));
                        }
                        if rule != ReluRule::Gradient {
                            v = S::max(v, S::splat(0.0));
                        }
                    }
                }
            }
            S::store(at, v);
        }
    }

    /// Stores all channels of `position`, whatever their number.
    ///
    /// # Safety
    /// The position must exist, and `values` must hold `channels` values.
    #[inline(always)]
    pub unsafe fn row<S: Simd>(&self, position: usize, values: *const f32) {
        // SAFETY: `c` stays below `channels`.
        unsafe {
            let mut c = 0;
            while c + S::LANES <= self.channels {
                self.vector::<S>(position, c, S::load(values.add(c)));
                c += S::LANES;
            }
            self.rest(position, c, values.add(c));
        }
    }

    /// Stores the channels from `first` (a multiple of 8) to the last, found at `values`.
    ///
    /// # Safety
    /// The position must exist, and `values` must hold `channels − first` values.
    #[inline(always)]
    pub unsafe fn rest(&self, position: usize, first: usize, values: *const f32) {
        // SAFETY: `c` stays below `channels`.
        unsafe {
            let mut c = first;
            while c < self.channels {
                self.few(position, c, values.add(c - first), (self.channels - c).min(8));
                c += 8;
            }
        }
    }

    /// Stores `count ≤ 8` channels from `first` (a multiple of 8) on, found at `values`, one at a time.
    unsafe fn few(&self, position: usize, first: usize, values: *const f32, count: usize) {
        let bits = position * self.mask_stride + first / 8;
        let mut positive = 0u8;
        // SAFETY: `first + count ≤ channels`, the residual's too; the mask has a bit for every channel.
        unsafe {
            for i in 0..count {
                let at = self.out.add(position * self.channels + first + i);
                let mut v = *values.add(i);
                match self.action {
                    Action::Forward { bias, residual, relu, .. } => {
                        if !bias.is_null() {
                            v += *bias.add(first + i);
                        }
                        if !residual.is_null() {
                            v += *residual.add(position * self.channels + first + i);
                        }
                        if relu {
                            v = v.max(0.0);
                        }
                        positive |= ((v > 0.0) as u8) << i;
                    }
                    Action::Backward { accumulate, rule, mask } => {
                        if accumulate {
                            v += *at;
                        }
                        let kept = |v: f32| if *mask.add(bits) >> i & 1 == 1 { v } else { 0.0 };
                        v = match rule {
                            None => v,
                            Some(ReluRule::Gradient) => kept(v),
                            Some(ReluRule::Guided) => kept(v).max(0.0),
                            Some(ReluRule::Deconv) => v.max(0.0),
                        };
                    }
                }
                *at = v;
            }
            if let Action::Forward { relu: true, mask, .. } = self.action
                && !mask.is_null()
            {
                *mask.add(bits) = positive;
            }
        }
    }
}
