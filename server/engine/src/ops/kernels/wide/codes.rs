//! How the codes of each type come into 512-bit registers.
#![expect(unsafe_code, reason = "vector instructions on bytes of a tensor; the callers check features and bounds")]

use std::arch::x86_64::*;

use super::super::avx2::Avx2;
use super::super::formats::{Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};

/// How products with a panel are added up. Types that do it alike share the code.
pub(in crate::ops::kernels) trait Sums {
    /// How the sum of a span's products meets its scale.
    const SCALING: Scaling = Scaling::Not;
    /// The offsets have a factor of their own.
    const MINIMUM: bool = false;
}

/// See [`Sums::SCALING`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ops::kernels) enum Scaling {
    /// There is none.
    Not,
    /// Both halves have the same, and the sum over a half fits 16 bits.
    HalfIn16,
    /// Both halves have the same; the sum needs 32 bits.
    Span,
    /// Each half has its own; the sums need 32 bits.
    Half,
}

/// Blocks of 32 with a fixed offset.
pub(in crate::ops::kernels) struct Plain;
impl Sums for Plain {}

/// Blocks of 32 with a minimum.
pub(in crate::ops::kernels) struct WithMinimum;
impl Sums for WithMinimum {
    const MINIMUM: bool = true;
}

/// A block layout, read into 512-bit registers. Codes are unsigned: signed ones are shifted by 128.
pub(in crate::ops::kernels) trait Wide: Avx2 {
    /// How the panel kernel adds up.
    type Sums: Sums;
    /// The spans that [`Wide::two_spans`] returns together. Only where there are scales.
    const TOGETHER: [[usize; 2]; 4] = [[0; 2]; 4];

    /// The codes of a span of two blocks, a block in each half.
    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, span: usize) -> __m512i {
        unsafe { join(Self::codes(a, span), Self::codes(b, span)) }
    }

    /// The codes of two spans of a block. Only where there are scales.
    unsafe fn two_spans(_block: *const u8, _index: usize) -> __m512i {
        unreachable!("the block has one span")
    }
}

#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn join(low: __m256i, high: __m256i) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}

/// The nibbles of 16 bytes of two blocks: of each the low ones, then the high ones.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn nibbles(a: *const u8, b: *const u8) -> __m512i {
    unsafe {
        let both = _mm256_set_m128i(_mm_loadu_si128(b.cast()), _mm_loadu_si128(a.cast()));
        let twice = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 0, 1, 2, 3, 2, 3), _mm512_castsi256_si512(both));
        let shifted = _mm512_srlv_epi64(twice, _mm512_setr_epi64(0, 0, 4, 4, 0, 0, 4, 4));
        _mm512_and_si512(shifted, _mm512_set1_epi8(15))
    }
}

/// Adds 16 where the 32 bits at `a` and then those at `b` are set.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add_fifth_bits(codes: __m512i, a: *const u8, b: *const u8) -> __m512i {
    unsafe {
        let (a, b) = (a.cast::<u32>().read_unaligned(), b.cast::<u32>().read_unaligned());
        let set = u64::from(a) | u64::from(b) << 32;
        _mm512_mask_add_epi8(codes, set, codes, _mm512_set1_epi8(16))
    }
}

impl Wide for Q4_0 {
    type Sums = Plain;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, _span: usize) -> __m512i {
        unsafe { nibbles(a.add(2), b.add(2)) }
    }
}

impl Wide for Q4_1 {
    type Sums = WithMinimum;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, _span: usize) -> __m512i {
        unsafe { nibbles(a.add(4), b.add(4)) }
    }
}

impl Wide for Q5_0 {
    type Sums = Plain;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, _span: usize) -> __m512i {
        unsafe { add_fifth_bits(nibbles(a.add(6), b.add(6)), a.add(2), b.add(2)) }
    }
}

impl Wide for Q5_1 {
    type Sums = WithMinimum;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, _span: usize) -> __m512i {
        unsafe { add_fifth_bits(nibbles(a.add(8), b.add(8)), a.add(4), b.add(4)) }
    }
}

impl Wide for Q8_0 {
    type Sums = Plain;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_blocks(a: *const u8, b: *const u8, span: usize) -> __m512i {
        unsafe { _mm512_xor_si512(join(Self::codes(a, span), Self::codes(b, span)), _mm512_set1_epi8(i8::MIN)) }
    }
}

/// The low or the high nibbles of 64 bytes.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn nibbles_of(bytes: *const u8, high: bool) -> __m512i {
    unsafe {
        let bytes = _mm512_loadu_si512(bytes.cast());
        let bytes = if high { _mm512_srli_epi16::<4>(bytes) } else { bytes };
        _mm512_and_si512(bytes, _mm512_set1_epi8(15))
    }
}

/// 64 bytes of nibbles are four spans: the low nibbles of the first half, the high ones, and so the second half.
const NIBBLE_SPANS: [[usize; 2]; 4] = [[0, 2], [1, 3], [4, 6], [5, 7]];

impl Sums for Q4K {
    const SCALING: Scaling = Scaling::HalfIn16;
    const MINIMUM: bool = true;
}

impl Wide for Q4K {
    type Sums = Self;

    const TOGETHER: [[usize; 2]; 4] = NIBBLE_SPANS;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_spans(block: *const u8, index: usize) -> __m512i {
        unsafe { nibbles_of(block.add(16 + index / 2 * 64), index % 2 == 1) }
    }
}

impl Sums for Q5K {
    const SCALING: Scaling = Scaling::Span;
    const MINIMUM: bool = true;
}

impl Wide for Q5K {
    type Sums = Self;

    const TOGETHER: [[usize; 2]; 4] = NIBBLE_SPANS;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_spans(block: *const u8, index: usize) -> __m512i {
        unsafe {
            let high = _mm512_broadcast_i64x4(_mm256_loadu_si256(block.add(16).cast()));
            let bit = |span: usize| _mm256_set1_epi8((1u8 << span) as i8);
            let [a, b] = Self::TOGETHER[index];
            let set = _mm512_test_epi8_mask(high, join(bit(a), bit(b)));
            let low = nibbles_of(block.add(48 + index / 2 * 64), index % 2 == 1);
            _mm512_mask_add_epi8(low, set, low, _mm512_set1_epi8(16))
        }
    }
}

impl Sums for Q6K {
    const SCALING: Scaling = Scaling::Half;
}

impl Wide for Q6K {
    type Sums = Self;

    const TOGETHER: [[usize; 2]; 4] = [[0, 1], [2, 3], [4, 5], [6, 7]];

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn two_spans(block: *const u8, index: usize) -> __m512i {
        unsafe {
            let low = nibbles_of(block.add(index / 2 * 64), index % 2 == 1);
            let high = _mm512_broadcast_i64x4(_mm256_loadu_si256(block.add(128 + index / 2 * 32).cast()));
            let halves = |a, b| join(_mm256_set1_epi64x(a), _mm256_set1_epi64x(b));
            let high = if index.is_multiple_of(2) {
                _mm512_sllv_epi64(high, halves(4, 2))
            } else {
                _mm512_srlv_epi64(high, halves(0, 2))
            };
            _mm512_or_si512(low, _mm512_and_si512(high, _mm512_set1_epi8(0x30)))
        }
    }
}
