//! Numbers as files store them, turned into f32.

use half::{bf16, f16};
use rayon::prelude::*;

/// Values in a unit of parallel work.
const CHUNK: usize = 1 << 16;

/// A type of number in a weights file, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    U8,
    I8,
    I16,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,
}

impl Element {
    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self {
            Element::U8 | Element::I8 => 1,
            Element::I16 | Element::F16 | Element::BF16 => 2,
            Element::I32 | Element::F32 => 4,
            Element::I64 | Element::F64 => 8,
        }
    }

    /// The values that `bytes` hold, each rounded to the nearest f32.
    pub fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Element::U8 => convert(bytes, |[b]: [u8; 1]| f32::from(b)),
            Element::I8 => convert(bytes, |b| f32::from(i8::from_le_bytes(b))),
            Element::I16 => convert(bytes, |b| f32::from(i16::from_le_bytes(b))),
            Element::I32 => convert(bytes, |b| i32::from_le_bytes(b) as f32),
            Element::I64 => convert(bytes, |b| i64::from_le_bytes(b) as f32),
            Element::F16 => convert(bytes, |b| f16::from_le_bytes(b).to_f32()),
            Element::BF16 => convert(bytes, |b| bf16::from_le_bytes(b).to_f32()),
            Element::F32 => convert(bytes, f32::from_le_bytes),
            Element::F64 => convert(bytes, |b| f64::from_le_bytes(b) as f32),
        }
    }
}

/// Values of `N` bytes each through `value`, in parallel; a rest shorter than `N` is left out.
fn convert<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32 + Sync) -> Vec<f32> {
    let (whole, _) = bytes.as_chunks::<N>();
    let mut values = vec![0.0; whole.len()];
    values.par_chunks_mut(CHUNK).zip(whole.par_chunks(CHUNK)).for_each(|(values, whole)| {
        for (to, &from) in values.iter_mut().zip(whole) {
            *to = value(from);
        }
    });
    values
}

/// Whether no value is infinite or undefined.
pub fn finite(values: &[f32]) -> bool {
    // Without its sign, a finite number's bits are less than infinity's. Integers, because their maximum vectorises.
    let magnitude = |value: &f32| value.to_bits() & 0x7fff_ffff;
    values.par_chunks(CHUNK).all(|chunk| {
        chunk.iter().fold(0, |largest, value| magnitude(value).max(largest)) < f32::INFINITY.to_bits()
    })
}
