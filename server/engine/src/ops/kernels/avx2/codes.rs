//! How the codes and scales of each type come into 256-bit registers.
#![expect(unsafe_code, reason = "vector instructions on bytes of a tensor; the callers check features and bounds")]

use std::arch::x86_64::*;

use super::super::formats::{Format, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0, six_bit_scales};

/// A block layout, read into 256-bit registers. Pointers point to a whole block; the functions are inlined into code
/// compiled for AVX2.
pub(in crate::ops::kernels) trait Avx2: Format {
    /// Products of four neighbours each that can be added up in 16 bits:
    /// `2 * highest code * 127 * STEP <= 32767`. For signed codes, one.
    const STEP: usize;

    /// The codes of the 32 values of a span, a byte each.
    unsafe fn codes(block: *const u8, span: usize) -> __m256i;

    /// Scales and offsets, 16 bits for each 16 values. Only where `SCALED`.
    unsafe fn scales(_block: *const u8) -> (__m256i, __m256i) {
        unreachable!("the type has no scales inside its blocks")
    }
}

/// 16 bytes to 32 nibbles: the low ones, then the high ones.
#[inline(always)]
unsafe fn nibbles(bytes: *const u8) -> __m256i {
    unsafe {
        let bytes = _mm_loadu_si128(bytes.cast());
        let both = _mm256_set_m128i(_mm_srli_epi16(bytes, 4), bytes);
        _mm256_and_si256(both, _mm256_set1_epi8(15))
    }
}

/// The 32 bits at `bits`, each as 16 or 0 in a byte.
#[inline(always)]
unsafe fn fifth_bits(bits: *const u8) -> __m256i {
    unsafe {
        let bits = _mm256_set1_epi32(bits.cast::<i32>().read_unaligned());
        let spread = _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303);
        let bytes = _mm256_shuffle_epi8(bits, spread);
        let mask = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
        let set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, mask), mask);
        _mm256_and_si256(set, _mm256_set1_epi8(16))
    }
}

/// The eight scales and minimums of Q4_K and Q5_K, each twice, in 16 bits.
#[inline(always)]
unsafe fn scales_twice(packed: *const u8) -> (__m256i, __m256i) {
    unsafe {
        let twice = |bytes: u64| {
            let bytes = _mm_cvtsi64_si128(bytes as i64);
            _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(bytes, bytes))
        };
        let (scales, minimums) = six_bit_scales(packed);
        (twice(scales), twice(minimums))
    }
}

impl Avx2 for Q4_0 {
    const STEP: usize = 8;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { nibbles(block.add(2)) }
    }
}

impl Avx2 for Q4_1 {
    const STEP: usize = 8;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { nibbles(block.add(4)) }
    }
}

impl Avx2 for Q5_0 {
    const STEP: usize = 4;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { _mm256_or_si256(nibbles(block.add(6)), fifth_bits(block.add(2))) }
    }
}

impl Avx2 for Q5_1 {
    const STEP: usize = 4;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { _mm256_or_si256(nibbles(block.add(8)), fifth_bits(block.add(4))) }
    }
}

impl Avx2 for Q8_0 {
    const STEP: usize = 1;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { _mm256_loadu_si256(block.add(2).cast()) }
    }
}

/// The low nibbles of 32 bytes for even spans, the high ones for odd spans.
#[inline(always)]
unsafe fn nibbles_by_span(bytes: *const u8, span: usize) -> __m256i {
    unsafe {
        let bytes = _mm256_loadu_si256(bytes.add(span / 2 * 32).cast());
        let bytes = if span.is_multiple_of(2) { bytes } else { _mm256_srli_epi16(bytes, 4) };
        _mm256_and_si256(bytes, _mm256_set1_epi8(15))
    }
}

impl Avx2 for Q4K {
    const STEP: usize = 8;

    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> __m256i {
        unsafe { nibbles_by_span(block.add(16), span) }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> (__m256i, __m256i) {
        unsafe { scales_twice(block.add(4)) }
    }
}

impl Avx2 for Q5K {
    const STEP: usize = 4;

    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> __m256i {
        unsafe {
            let mask = _mm256_set1_epi8((1u8 << span) as i8);
            let high = _mm256_and_si256(_mm256_loadu_si256(block.add(16).cast()), mask);
            let high = _mm256_and_si256(_mm256_cmpeq_epi8(high, mask), _mm256_set1_epi8(16));
            _mm256_or_si256(nibbles_by_span(block.add(48), span), high)
        }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> (__m256i, __m256i) {
        unsafe { scales_twice(block.add(4)) }
    }
}

impl Avx2 for Q6K {
    const STEP: usize = 2;

    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> __m256i {
        unsafe {
            // A half of 128 values has 64 bytes of low bits and 32 of high bits, two of them for each of four spans.
            let (half, quarter) = (span / 4, span % 4);
            let low = _mm256_loadu_si256(block.add(half * 64 + quarter % 2 * 32).cast());
            let low = if quarter < 2 { low } else { _mm256_srli_epi16(low, 4) };
            let high = _mm256_loadu_si256(block.add(128 + half * 32).cast());
            let high = match quarter {
                0 => _mm256_slli_epi16(high, 4),
                1 => _mm256_slli_epi16(high, 2),
                2 => high,
                _ => _mm256_srli_epi16(high, 2),
            };
            let low = _mm256_and_si256(low, _mm256_set1_epi8(0x0f));
            _mm256_or_si256(low, _mm256_and_si256(high, _mm256_set1_epi8(0x30)))
        }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> (__m256i, __m256i) {
        unsafe {
            let scales = _mm256_cvtepi8_epi16(_mm_loadu_si128(block.add(192).cast()));
            // `OFFSET` times the scale.
            (scales, _mm256_slli_epi16(scales, 5))
        }
    }
}
