//! The last step of every layer kernel: from computed values to their place in memory.
#![allow(unsafe_code)]

mod block;
mod border;

pub use border::Border;

use super::simd::Simd;
use crate::{
    device::{Activation, Among, Cotangent, PoolNotes, Relu, Shape, mask_stride},
    plan::ReluRule,
};
use border::Accumulate;

/// Values of a map from which on it is streamed: more than last-level caches hold beside what else is in use.
const STREAMED: usize = 6 << 20;

/// Bias, residual sum, ReLU, accumulation and masks applied while a map is stored.
#[derive(Clone, Copy)]
pub struct Finish {
    /// The first position's first value.
    out: *mut f32,
    channels: usize,
    /// Distance between positions.
    stride: usize,
    mask_stride: usize,
    /// The map is too large to be found in a cache when it is read: it is written past the caches.
    stream: bool,
    action: Action,
}

#[derive(Clone, Copy)]
enum Action {
    /// Adds `bias` and the map `residual` unless they are null; if `relu`, rectifies, letting at most `ceiling` pass; notes
    /// values that pass unchanged in `mask` unless it is null.
    Forward { bias: *const f32, residual: *const f32, relu: bool, ceiling: f32, mask: *mut u8 },
    /// Adds `bias`, rectifies and keeps the largest value of every 2×2 window; notes positive ones in `mask` and their
    /// places in `switches` unless these are null.
    Pool { bias: *const f32, mask: *mut u8, switches: *mut u8 },
    /// Adds the destination where it accumulates; then keeps what the ReLU rule lets pass.
    Backward { accumulate: Accumulate, rule: Option<ReluRule>, mask: *const u8 },
}

// SAFETY: what is written comes from exclusive borrows of whole maps (`forward`, `backward`), what is only read from
// shared ones; parallel jobs store different positions, whose values and mask bytes do not overlap.
unsafe impl Send for Finish {}
// SAFETY: as above.
unsafe impl Sync for Finish {}

impl Finish {
    /// Stores to the map `out` of size `shape`, or to some planes of a map as large, on the way forward. `bias` may be
    /// empty.
    pub fn forward(shape: Shape, out: &mut [f32], bias: &[f32], after: Activation<'_>) -> Self {
        let Among { channels, first } = after.among.unwrap_or(Among { channels: shape.channels, first: 0 });
        assert!(out.len() == shape.positions() * channels && first + shape.channels <= channels);
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
        let ceiling = after.ceiling.unwrap_or(f32::INFINITY);
        let mut finish = Self::new(shape, out, Action::Forward { bias, residual, relu, ceiling, mask });
        if after.among.is_some() {
            assert!(mask.is_null(), "a mask is of a map's own");
            (finish.out, finish.stride, finish.stream) = (out[first..].as_mut_ptr(), channels, false);
        }
        finish
    }

    /// Stores to the map `out` of size `shape` the largest values of 2×2 windows, rectified. `bias` may be empty.
    pub fn pooling(shape: Shape, out: &mut [f32], bias: &[f32], notes: Option<PoolNotes<'_>>) -> Self {
        assert_eq!(out.len(), shape.len());
        assert!(bias.is_empty() || bias.len() >= shape.channels);
        let bias = if bias.is_empty() { std::ptr::null() } else { bias.as_ptr() };
        let (mask, switches) = match notes {
            None => (std::ptr::null_mut(), std::ptr::null_mut()),
            Some(PoolNotes { mask, switches }) => {
                assert_eq!((mask.len(), switches.len()), (shape.mask_len(), 2 * shape.mask_len()));
                (mask.as_mut_ptr(), switches.as_mut_ptr())
            }
        };
        Self::new(shape, out, Action::Pool { bias, mask, switches })
    }

    /// Whether it takes windows ([`Finish::pooled`]) instead of single values.
    #[inline(always)]
    pub fn pools(&self) -> bool {
        matches!(self.action, Action::Pool { .. })
    }

    /// Stores `LANES` values of the pooled map's `position` from `channel` (a multiple of `LANES`) on: the largest of the
    /// window's four, which come row by row.
    ///
    /// # Safety
    /// It must pool; the position must exist, and `channel + LANES ≤ channels`.
    #[inline(always)]
    pub unsafe fn pooled<S: Simd>(&self, position: usize, channel: usize, window: [S::V; 4]) {
        let Action::Pool { bias, mask, switches } = self.action else { return };
        // SAFETY: as in `vector`; switches are two planes of bits, each laid out like the mask.
        unsafe {
            let zero = S::splat(0.0);
            let bias = if bias.is_null() { zero } else { S::load(bias.add(channel)) };
            let mut v = window;
            for v in &mut v {
                *v = S::max(S::add(*v, bias), zero);
            }
            let (upper, lower) = (S::max(v[0], v[1]), S::max(v[2], v[3]));
            let largest = S::max(upper, lower);
            if !mask.is_null() {
                S::store_positive(mask.add(position * self.mask_stride + channel / 8), largest);
                let at = switches.add(2 * position * self.mask_stride + channel / 8);
                S::store_places(at, at.add(self.mask_stride), v);
            }
            self.put::<S>(self.out.add(position * self.stride + channel), largest);
        }
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
        let accumulates = matches!(action, Action::Backward { accumulate: Accumulate::Everywhere, .. });
        let stream = shape.len() >= STREAMED && !accumulates;
        let channels = shape.channels;
        Finish { out: out.as_mut_ptr(), channels, stride: channels, mask_stride, stream, action }
    }

    /// Stores a finished vector.
    ///
    /// # Safety
    /// `at` must have room for it.
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, at: *mut f32, v: S::V) {
        // SAFETY: the caller's promise.
        unsafe { if self.stream { S::stream(at, v) } else { S::store(at, v) } }
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
            let at = self.out.add(position * self.stride + channel);
            let bits = position * self.mask_stride + channel / 8;
            let mut v = v;
            match self.action {
                Action::Pool { .. } => {}
                Action::Forward { bias, residual, relu, ceiling, mask } => {
                    if !bias.is_null() {
                        v = S::add(v, S::load(bias.add(channel)));
                    }
                    if !residual.is_null() {
                        v = S::add(v, S::load(residual.add(position * self.channels + channel)));
                    }
                    if relu {
                        v = S::max(v, S::splat(0.0));
                        let mut passes = v;
                        if ceiling < f32::INFINITY {
                            let below = S::greater(S::splat(ceiling), v);
                            passes = S::select(below, v, S::splat(0.0));
                            v = S::select(below, v, S::splat(ceiling));
                        }
                        if !mask.is_null() {
                            S::store_positive(mask.add(bits), passes);
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
            self.put::<S>(at, v);
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
            self.end(position, c, values.add(c));
        }
    }

    /// Stores the channels from `first` (a multiple of 8) to the last, found at `values`.
    ///
    /// # Safety
    /// The position must exist, and `values` must hold `channels − first` values.
    #[inline(always)]
    pub unsafe fn end(&self, position: usize, first: usize, values: *const f32) {
        // SAFETY: `c` stays below `channels`.
        unsafe {
            let mut c = first;
            while c < self.channels {
                self.few(position, c, values.add(c - first), (self.channels - c).min(8));
                c += 8;
            }
        }
    }

    /// Stores the lanes of `v` that are channels of `position` from `channel` (a multiple of `LANES`) on.
    ///
    /// # Safety
    /// The position and the channel must exist.
    #[inline(always)]
    pub unsafe fn part<S: Simd>(&self, position: usize, channel: usize, v: S::V) {
        // SAFETY: fewer channels than lanes are left, and `lanes` holds every vector's.
        unsafe {
            if channel + S::LANES <= self.channels {
                return self.vector::<S>(position, channel, v);
            }
            let mut lanes = [0.0; 16];
            S::store(lanes.as_mut_ptr(), v);
            self.end(position, channel, lanes.as_ptr());
        }
    }

    /// Stores `count ≤ 8` channels from `first` (a multiple of 8) on, found at `values`, one at a time.
    unsafe fn few(&self, position: usize, first: usize, values: *const f32, count: usize) {
        let bits = position * self.mask_stride + first / 8;
        let mut positive = 0u8;
        // SAFETY: `first + count ≤ channels`, the residual's too; the mask has a bit for every channel.
        unsafe {
            for i in 0..count {
                let at = self.out.add(position * self.stride + first + i);
                let mut v = *values.add(i);
                match self.action {
                    Action::Pool { .. } => {}
                    Action::Forward { bias, residual, relu, ceiling, .. } => {
                        if !bias.is_null() {
                            v += *bias.add(first + i);
                        }
                        if !residual.is_null() {
                            v += *residual.add(position * self.channels + first + i);
                        }
                        if relu {
                            v = v.max(0.0).min(ceiling);
                        }
                        positive |= ((v > 0.0 && v < ceiling) as u8) << i;
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
