//! The block layouts of ggml's quantized types, as the kernels see them: 8-bit codes, integer scales and offsets for
//! each 16 values, and one or two `f16` factors for the block. A weight is `factor * (code * scale - offset)` in types
//! with one factor and `factor * code * scale - minimum * offset` in types with two; the scale is 1 in blocks of 32.
//!
//! Layouts: `ggml-common.h` and `ggml-quants.c` of the ggml project.
#![expect(unsafe_code, reason = "vector instructions on bytes of a tensor; the callers check features and bounds")]

use std::arch::x86_64::*;

/// A block layout. Pointers point to a whole block; the functions are inlined into code compiled for AVX2.
pub(super) trait Format {
    /// Bytes of a block.
    const BYTES: usize;
    /// Spans of 32 values in a block.
    const SPANS: usize;
    /// Products of four neighbours each that can be added up in 16 bits:
    /// `2 * highest code * 127 * STEP <= 32767`. For signed codes, one.
    const STEP: usize;
    /// The codes are signed.
    const SIGNED: bool = false;
    /// Each 16 or 32 values have an integer scale and an offset (types with blocks of 256).
    const SCALED: bool = false;
    /// The offset of all values, where it is not stored.
    const OFFSET: i16 = 0;
    /// Where the factor is.
    const FACTOR_AT: usize = 0;
    /// Where the offsets' own factor is, if they have one, and whether its sign is turned.
    const MINIMUM_AT: Option<(usize, bool)> = None;

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

/// The eight 6-bit scales and minimums of Q4_K and Q5_K, each twice, in 16 bits.
#[inline(always)]
unsafe fn six_bit_scales(packed: *const u8) -> (__m256i, __m256i) {
    unsafe {
        let read = |index| packed.cast::<u32>().add(index).read_unaligned();
        let (a, b, c) = (read(0), read(1), read(2));
        let join = |low: u32, high: u32| i64::from(low) | (u64::from(high) << 32) as i64;
        let scales = join(a & 0x3f3f_3f3f, (c & 0x0f0f_0f0f) | (((a >> 6) & 0x0303_0303) << 4));
        let minimums = join(b & 0x3f3f_3f3f, ((c >> 4) & 0x0f0f_0f0f) | (((b >> 6) & 0x0303_0303) << 4));
        let twice = |bytes: i64| {
            let bytes = _mm_cvtsi64_si128(bytes);
            _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(bytes, bytes))
        };
        (twice(scales), twice(minimums))
    }
}

pub(super) struct Q4_0;

impl Format for Q4_0 {
    const BYTES: usize = 18;
    const SPANS: usize = 1;
    const STEP: usize = 8;
    const OFFSET: i16 = 8;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { nibbles(block.add(2)) }
    }
}

pub(super) struct Q4_1;

impl Format for Q4_1 {
    const BYTES: usize = 20;
    const SPANS: usize = 1;
    const STEP: usize = 8;
    const OFFSET: i16 = 1;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, true));

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { nibbles(block.add(4)) }
    }
}

pub(super) struct Q5_0;

impl Format for Q5_0 {
    const BYTES: usize = 22;
    const SPANS: usize = 1;
    const STEP: usize = 4;
    const OFFSET: i16 = 16;

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { _mm256_or_si256(nibbles(block.add(6)), fifth_bits(block.add(2))) }
    }
}

pub(super) struct Q5_1;

impl Format for Q5_1 {
    const BYTES: usize = 24;
    const SPANS: usize = 1;
    const STEP: usize = 4;
    const OFFSET: i16 = 1;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, true));

    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> __m256i {
        unsafe { _mm256_or_si256(nibbles(block.add(8)), fifth_bits(block.add(4))) }
    }
}

pub(super) struct Q8_0;

impl Format for Q8_0 {
    const BYTES: usize = 34;
    const SPANS: usize = 1;
    const STEP: usize = 1;
    const SIGNED: bool = true;

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

pub(super) struct Q4K;

impl Format for Q4K {
    const BYTES: usize = 144;
    const SPANS: usize = 8;
    const STEP: usize = 8;
    const SCALED: bool = true;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, false));

    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> __m256i {
        unsafe { nibbles_by_span(block.add(16), span) }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> (__m256i, __m256i) {
        unsafe { six_bit_scales(block.add(4)) }
    }
}

pub(super) struct Q5K;

impl Format for Q5K {
    const BYTES: usize = 176;
    const SPANS: usize = 8;
    const STEP: usize = 4;
    const SCALED: bool = true;
    const MINIMUM_AT: Option<(usize, bool)> = Some((2, false));

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
        unsafe { six_bit_scales(block.add(4)) }
    }
}

pub(super) struct Q6K;

impl Format for Q6K {
    const BYTES: usize = 210;
    const SPANS: usize = 8;
    const STEP: usize = 2;
    const SCALED: bool = true;
    const FACTOR_AT: usize = 208;

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
            // Codes stand for -32 to 31.
            (scales, _mm256_slli_epi16(scales, 5))
        }
    }
}
