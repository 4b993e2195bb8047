//! How keys and values are written in words of 16 bits, and read back. Nothing here knows where they lie.

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};

use crate::KvCacheType;
use crate::ops::cpu::vectorized;

/// Values with a scale of their own in `q8_0`, the block of GGUF files of that name.
pub(super) const Q8_BLOCK: usize = 32;
/// Words of such a block: the scale as `f16`, then the codes, two in a word.
const Q8_WORDS: usize = 1 + Q8_BLOCK / 2;

/// Words that this many values take.
pub(super) fn words(kind: KvCacheType, values: usize) -> usize {
    match kind {
        KvCacheType::F16 => values,
        KvCacheType::Q8_0 => values / Q8_BLOCK * Q8_WORDS,
    }
}

/// Writes values.
pub(super) fn narrow(kind: KvCacheType, values: &[f32], words: &mut [u16]) {
    match kind {
        KvCacheType::F16 => words.reinterpret_cast_mut::<f16>().convert_from_f32_slice(values),
        KvCacheType::Q8_0 => narrow_q8(values, words),
    }
}

/// Reads values.
#[inline(always)]
pub(super) fn widen(kind: KvCacheType, words: &[u16], values: &mut [f32]) {
    match kind {
        KvCacheType::F16 => widen_f16(words, values),
        KvCacheType::Q8_0 => widen_q8(words, values),
    }
}

#[cfg(not(target_arch = "aarch64"))]
#[inline(always)]
fn widen_f16(words: &[u16], values: &mut [f32]) {
    words.reinterpret_cast::<f16>().convert_to_f32_slice(values);
}

/// With the instruction that every processor of the kind has; the library asks for arithmetic in `f16`, which is rarer,
/// and asks again for each few values.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn widen_f16(words: &[u16], values: &mut [f32]) {
    use std::arch::aarch64::{vcvt_f32_f16, vld1_u16, vreinterpret_f16_u16, vst1q_f32};
    let (words, words_rest) = words.as_chunks::<4>();
    let (values, values_rest) = values.as_chunks_mut::<4>();
    for (words, values) in words.iter().zip(values) {
        #[expect(unsafe_code, reason = "vector instructions")]
        // SAFETY: four numbers each.
        unsafe {
            vst1q_f32(values.as_mut_ptr(), vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(words.as_ptr()))));
        }
    }
    words_rest.reinterpret_cast::<f16>().convert_to_f32_slice(values_rest);
}

vectorized! {
    fn narrow_q8(values: &[f32], words: &mut [u16]) {
        for (values, words) in values.as_chunks::<Q8_BLOCK>().0.iter().zip(words.as_chunks_mut::<Q8_WORDS>().0) {
            let largest = values.iter().fold(0f32, |largest, value| largest.max(value.abs()));
            words[0] = f16::from_f32(largest / 127.0).to_bits();
            let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
            for (pair, word) in values.as_chunks::<2>().0.iter().zip(&mut words[1..]) {
                let [low, high] = pair.map(|value| (value * inverse).round_ties_even() as i8 as u8);
                *word = u16::from_le_bytes([low, high]);
            }
        }
    }
}

vectorized! {
    fn widen_q8(words: &[u16], values: &mut [f32]) {
        for (words, values) in words.as_chunks::<Q8_WORDS>().0.iter().zip(values.as_chunks_mut::<Q8_BLOCK>().0) {
            let scale = f16::from_bits(words[0]).to_f32();
            for (word, pair) in words[1..].iter().zip(values.as_chunks_mut::<2>().0) {
                *pair = word.to_le_bytes().map(|code| f32::from(code as i8) * scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{narrow, widen, words};
    use crate::KvCacheType::{F16, Q8_0};
    use crate::models::testing::Noise;

    #[test]
    fn values_come_back_within_half_a_step() {
        let mut values = Noise::new(2).values(320, 3.0);
        values[64..96].fill(0.0);
        values[100] = -1000.0;
        for (kind, step) in [(F16, 1.0 / 1024.0), (Q8_0, 1.1 / 127.0)] {
            let mut written = vec![0; words(kind, values.len())];
            narrow(kind, &values, &mut written);
            let mut read = vec![f32::NAN; values.len()];
            widen(kind, &written, &mut read);
            for (block, read) in values.as_chunks::<32>().0.iter().zip(read.as_chunks::<32>().0) {
                let largest = block.iter().fold(0f32, |largest, value| largest.max(value.abs()));
                for (value, read) in block.iter().zip(read) {
                    assert!(
                        (value - read).abs() <= largest * step / 2.0 + 1e-7,
                        "{kind:?}: {value} came back as {read}"
                    );
                }
            }
        }
        assert_eq!((words(F16, 64), words(Q8_0, 64)), (64, 34));
    }
}
