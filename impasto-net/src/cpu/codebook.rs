//! Weights stored as indices of a table, turned into values.
#![allow(unsafe_code)]

use super::isa::Isa;

/// What indices of one byte stand for.
pub struct Table {
    values: [f32; 256],
    /// The values' bytes, least significant first, as four tables.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    bytes: [[u8; 256]; 4],
}

impl Table {
    /// The table with these values.
    pub fn new(values: &[f32; 256]) -> Table {
        let bytes = std::array::from_fn(|byte| values.map(|value| value.to_le_bytes()[byte]));
        Table { values: *values, bytes }
    }
}

/// Writes the value of every index to `values`.
pub fn decode(isa: Isa, table: &Table, indices: &[u8], values: &mut [f32]) {
    assert_eq!(indices.len(), values.len());
    #[cfg(target_arch = "x86_64")]
    if isa == Isa::Avx512 && is_x86_feature_detected!("avx512vbmi") && indices.len().is_multiple_of(64) {
        // SAFETY: the machine has the instructions; both slices hold as many values, a multiple of 64.
        unsafe { vbmi::decode(&table.bytes, indices, values) };
        return;
    }
    let _ = isa;
    for (value, &index) in values.iter_mut().zip(indices) {
        *value = table.values[usize::from(index)];
    }
}

#[cfg(target_arch = "x86_64")]
mod vbmi {
    use std::arch::x86_64::*;

    /// Looks 64 indices up at a time: each byte of the values is a table of 256 bytes, which four registers hold.
    ///
    /// # Safety
    /// The machine must have AVX-512 F, BW and VBMI; lengths must be equal and multiples of 64.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub unsafe fn decode(bytes: &[[u8; 256]; 4], indices: &[u8], values: &mut [f32]) {
        // SAFETY: `bytes` holds four registers a byte; the offsets stay below the slices' lengths.
        unsafe {
            let mut tables = [[_mm512_setzero_si512(); 4]; 4];
            for (tables, bytes) in tables.iter_mut().zip(bytes) {
                for (quarter, table) in tables.iter_mut().enumerate() {
                    *table = _mm512_loadu_si512(bytes.as_ptr().add(64 * quarter).cast());
                }
            }
            // Unpacking works within quarters of a register: with the indices in this order it restores theirs.
            let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            for at in (0..indices.len()).step_by(64) {
                let index = _mm512_loadu_si512(indices.as_ptr().add(at).cast());
                let index = _mm512_permutexvar_epi32(order, index);
                let upper = _mm512_movepi8_mask(index);
                let mut byte = [_mm512_setzero_si512(); 4];
                for (byte, table) in byte.iter_mut().zip(&tables) {
                    let low = _mm512_permutex2var_epi8(table[0], index, table[1]);
                    let high = _mm512_permutex2var_epi8(table[2], index, table[3]);
                    *byte = _mm512_mask_blend_epi8(upper, low, high);
                }
                let (low, low_end) =
                    (_mm512_unpacklo_epi8(byte[0], byte[1]), _mm512_unpackhi_epi8(byte[0], byte[1]));
                let (high, high_end) =
                    (_mm512_unpacklo_epi8(byte[2], byte[3]), _mm512_unpackhi_epi8(byte[2], byte[3]));
                let found = [
                    _mm512_unpacklo_epi16(low, high),
                    _mm512_unpackhi_epi16(low, high),
                    _mm512_unpacklo_epi16(low_end, high_end),
                    _mm512_unpackhi_epi16(low_end, high_end),
                ];
                for (i, found) in found.into_iter().enumerate() {
                    _mm512_storeu_si512(values.as_mut_ptr().add(at + 16 * i).cast(), found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_finds_its_value() {
        let table: [f32; 256] = std::array::from_fn(|i| (i as f32 - 100.5) * 1.37e-3);
        let indices: Vec<u8> = (0..640).map(|i| (i * 37 % 256) as u8).collect();
        for isa in Isa::available() {
            let mut values = vec![0.0; 640];
            decode(isa, &Table::new(&table), &indices, &mut values);
            for (value, &index) in values.iter().zip(&indices) {
                assert_eq!(*value, table[usize::from(index)], "{isa:?}, {index}");
            }
        }
    }
}
