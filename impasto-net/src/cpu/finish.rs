//! The last step of every layer kernel: from computed values to their place in memory.
#![allow(unsafe_code)]

use super::simd::Simd;
use crate::{
    device::{Activation, Cotangent, Shape, mask_stride},
    plan::ReluRule,
};

/// Values from which on a map is not expected to stay in any cache (32 MB).
const LARGE: usize = 8 << 20;

/// Bias, activation, accumulation and ReLU masks applied while a map is stored.
#[derive(Clone, Copy)]
pub struct Finish {
    out: *mut f32,
    channels: usize,
    mask_stride: usize,
    action: Action,
    stream: bool,
}

#[derive(Clone, Copy)]
enum Action {
    /// Adds `bias`; rectifies if `relu`; notes positive values in `mask` unless it is null.
    Forward { bias: *const f32, relu: bool, mask: *mut u8 },
    /// Adds the destination where it accumulates; then keeps what the ReLU rule lets pass.
    Backward { accumulate: Accumulate, rule: Option<ReluRule>, mask: *const u8 },
}

/// Where the destination is added.
#[derive(Clone, Copy)]
enum Accumulate {
    Nowhere,
    Everywhere,
    Within(Border),
}

/// The positions of a map near its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Columns of the map.
    pub width: u32,
    /// Rows of the map that do not belong to the border.
    pub rows: (u32, u32),
    /// Columns of the map that do not belong to the border.
    pub columns: (u32, u32),
}

impl Border {
    /// The columns of a row that do not belong to the border.
    pub fn inner_columns(&self, row: usize) -> std::ops::Range<usize> {
        match (self.rows.0..self.rows.1).contains(&(row as u32)) {
            true => self.columns.0 as usize..self.columns.1 as usize,
            false => self.width as usize..self.width as usize,
        }
    }

    /// Whether a position belongs to the border.
    #[inline(always)]
    pub fn contains(&self, position: usize) -> bool {
        let (row, column) = (position as u32 / self.width, position as u32 % self.width);
        row < self.rows.0 || row >= self.rows.1 || column < self.columns.0 || column >= self.columns.1
    }
}

impl Accumulate {
    #[inline(always)]
    fn at(&self, position: usize) -> bool {
        match self {
            Accumulate::Nowhere => false,
            Accumulate::Everywhere => true,
            Accumulate::Within(border) => border.contains(position),
        }
    }
}

// SAFETY: the pointers come from exclusive borrows of whole maps (`forward`, `backward`); parallel jobs store different
// positions, whose values and mask bytes do not overlap.
unsafe impl Send for Finish {}
// SAFETY: as above.
unsafe impl Sync for Finish {}

impl Finish {
    /// Stores to the map `out` of size `shape` on the way forward. `bias` may be empty.
    pub fn forward(shape: Shape, out: &mut [f32], bias: &[f32], after: Activation<'_>) -> Self {
        assert_eq!(out.len(), shape.len());
        assert!(bias.is_empty() || bias.len() >= shape.channels);
        let bias = if bias.is_empty() { std::ptr::null() } else { bias.as_ptr() };
        let (relu, mask) = match after {
            Activation::Linear => (false, std::ptr::null_mut()),
            Activation::Relu(None) => (true, std::ptr::null_mut()),
            Activation::Relu(Some(mask)) => {
                assert_eq!(mask.len(), shape.mask_len());
                (true, mask.as_mut_ptr())
            }
        };
        Self::new(shape, out, Action::Forward { bias, relu, mask })
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
        let accumulate = if after.accumulate { Accumulate::Everywhere } else { Accumulate::Nowhere };
        Self::new(shape, out, Action::Backward { accumulate, rule, mask })
    }

    /// Adds the destination within `border` at least, where something was put beforehand.
    pub fn accumulating(mut self, border: Border) -> Self {
        if let Action::Backward { accumulate: accumulate @ Accumulate::Nowhere, .. } = &mut self.action {
            *accumulate = Accumulate::Within(border);
        }
        self
    }

    fn new(shape: Shape, out: &mut [f32], action: Action) -> Self {
        let mask_stride = mask_stride(shape.channels);
        Finish { out: out.as_mut_ptr(), channels: shape.channels, mask_stride, action, stream: false }
    }

    /// Stores a map that no cache will hold until it is read past the caches, which saves reading what is overwritten.
    /// For kernels that write whole cache lines of it and end with [`Finish::done`].
    pub fn streaming(mut self, shape: Shape) -> Self {
        let added = matches!(self.action, Action::Backward { accumulate: Accumulate::Everywhere, .. });
        let aligned = self.out.addr().is_multiple_of(64) && self.channels.is_multiple_of(16);
        self.stream = aligned && !added && shape.len() >= LARGE;
        self
    }

    /// Ends a job that stored through this or a copy.
    ///
    /// # Safety
    /// The machine must have `S`.
    #[inline(always)]
    pub unsafe fn done<S: Simd>(&self) {
        if self.stream {
            // SAFETY: the caller's promise.
            unsafe { S::fence() };
        }
    }

    /// Stores `LANES` values of `position` from `channel` (a multiple of `LANES`) on.
    ///
    /// # Safety
    /// The position must exist, and `channel + LANES ≤ channels`.
    #[inline(always)]
    pub unsafe fn vector<S: Simd>(&self, position: usize, channel: usize, v: S::V) {
        // SAFETY: the offsets lie inside the map and its mask, whose lengths the constructors checked.
        unsafe {
            let at = self.out.add(position * self.channels + channel);
            let bits = position * self.mask_stride + channel / 8;
            let mut v = v;
            match self.action {
                Action::Forward { bias, relu, mask } => {
                    if !bias.is_null() {
                        v = S::add(v, S::load(bias.add(channel)));
                    }
                    if relu {
                        v = S::max(v, S::splat(0.0));
                        if !mask.is_null() {
                            S::store_positive(mask.add(bits), v);
                        }
                    }
                }
                Action::Backward { accumulate, rule, mask } => {
                    if accumulate.at(position) {
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
            if self.stream {
                S::stream(at, v);
            } else {
                S::store(at, v);
            }
        }
    }

    /// Stores all channels of `position`, whatever their number.
    ///
    /// # Safety
    /// The position must exist, and `values` must hold `channels` values.
    #[inline(always)]
    pub unsafe fn row<S: Simd>(&self, position: usize, values: *const f32) {
        // SAFETY: the caller's promise.
        unsafe { self.span::<S>(position, 0, self.channels, values) }
    }

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
                Action::Forward { bias, relu: true, mask } => {
                    let action = Action::Forward { bias, relu: true, mask };
                    Finish { action, ..*self }.each::<S>(at, first, width, values);
                }
                Action::Forward { bias, relu: false, mask } => {
                    let action = Action::Forward { bias, relu: false, mask };
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
            // SAFETY: as in `block`.
            unsafe { self.span::<S>(position + i * step, first, count, values.add(i * width)) };
        }
    }

    /// Stores `count` channels of `position` from `first` on, a multiple of `LANES`; `count` too, or up to the last channel.
    #[inline(always)]
    unsafe fn span<S: Simd>(&self, position: usize, first: usize, count: usize, values: *const f32) {
        // SAFETY: as in `block`; `c` stays below `count`.
        unsafe {
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

    /// Stores `count ≤ 8` channels, `values`, from `first` (a multiple of 8) on, one at a time.
    unsafe fn few(&self, position: usize, first: usize, values: *const f32, count: usize) {
        let bits = position * self.mask_stride + first / 8;
        let mut positive = 0u8;
        // SAFETY: `first + count ≤ channels`; the mask has a bit for every channel.
        unsafe {
            for i in 0..count {
                let at = self.out.add(position * self.channels + first + i);
                let mut v = *values.add(i);
                match self.action {
                    Action::Forward { bias, relu, .. } => {
                        if !bias.is_null() {
                            v += *bias.add(first + i);
                        }
                        if relu {
                            v = v.max(0.0);
                        }
                        positive |= ((v > 0.0) as u8) << i;
                    }
                    Action::Backward { accumulate, rule, mask } => {
                        if accumulate.at(position) {
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
