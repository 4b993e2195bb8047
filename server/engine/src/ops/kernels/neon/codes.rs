//! How the codes and scales of each type come into NEON's registers.
#![expect(unsafe_code, reason = "vector instructions on bytes of a tensor; the callers check bounds")]

use std::arch::aarch64::*;

use super::super::formats::{Format, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0, six_bit_scales};

/// A block layout, read into NEON's registers. Pointers point to a whole block; the functions are inlined.
pub(in crate::ops::kernels) trait Neon: Format {
    /// Each half of a span has a scale of its own, otherwise each span. Only where `SCALED`.
    const HALVES: bool = false;

    /// The codes of the 32 values of a span, a byte each.
    unsafe fn codes(block: *const u8, span: usize) -> [uint8x16_t; 2];

    /// Scales and offsets, 16 bits for each span or half; the second registers are of use for halves only. Only where
    /// `SCALED`.
    unsafe fn scales(_block: *const u8) -> ([int16x8_t; 2], [int16x8_t; 2]) {
        unreachable!("the type has no scales inside its blocks")
    }
}

/// The low nibbles, or the high ones.
#[inline(always)]
unsafe fn nibbles(bytes: uint8x16_t, high: bool) -> uint8x16_t {
    unsafe { if high { vshrq_n_u8::<4>(bytes) } else { vandq_u8(bytes, vdupq_n_u8(15)) } }
}

/// 16 bytes to 32 nibbles: the low ones, then the high ones.
#[inline(always)]
unsafe fn both_nibbles(bytes: *const u8) -> [uint8x16_t; 2] {
    unsafe {
        let bytes = vld1q_u8(bytes);
        [nibbles(bytes, false), nibbles(bytes, true)]
    }
}

/// Adds 16 where the 32 bits at `bits` are set.
#[inline(always)]
unsafe fn add_fifth_bits([low, high]: [uint8x16_t; 2], bits: *const u8) -> [uint8x16_t; 2] {
    unsafe {
        let bits = vreinterpretq_u8_u32(vdupq_n_u32(bits.cast::<u32>().read_unaligned()));
        let first = vcombine_u8(vdup_n_u8(0), vdup_n_u8(1));
        // From bit 0 to 7 of a byte to bit 4.
        let shift = vreinterpretq_s8_u64(vdupq_n_u64(0xfdfe_ff00_0102_0304));
        let add = |codes, bytes| vorrq_u8(codes, vandq_u8(vshlq_u8(bytes, shift), vdupq_n_u8(16)));
        let second = vaddq_u8(first, vdupq_n_u8(2));
        [add(low, vqtbl1q_u8(bits, first)), add(high, vqtbl1q_u8(bits, second))]
    }
}

impl Neon for Q4_0 {
    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> [uint8x16_t; 2] {
        unsafe { both_nibbles(block.add(2)) }
    }
}

impl Neon for Q4_1 {
    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> [uint8x16_t; 2] {
        unsafe { both_nibbles(block.add(4)) }
    }
}

impl Neon for Q5_0 {
    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> [uint8x16_t; 2] {
        unsafe { add_fifth_bits(both_nibbles(block.add(6)), block.add(2)) }
    }
}

impl Neon for Q5_1 {
    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> [uint8x16_t; 2] {
        unsafe { add_fifth_bits(both_nibbles(block.add(8)), block.add(4)) }
    }
}

/// 32 bytes.
#[inline(always)]
unsafe fn load(bytes: *const u8) -> [uint8x16_t; 2] {
    unsafe { [vld1q_u8(bytes), vld1q_u8(bytes.add(16))] }
}

impl Neon for Q8_0 {
    #[inline(always)]
    unsafe fn codes(block: *const u8, _span: usize) -> [uint8x16_t; 2] {
        unsafe { load(block.add(2)) }
    }
}

/// The low nibbles of 32 bytes for even spans, the high ones for odd spans.
#[inline(always)]
unsafe fn nibbles_by_span(bytes: *const u8, span: usize) -> [uint8x16_t; 2] {
    unsafe {
        let [low, high] = load(bytes.add(span / 2 * 32));
        [nibbles(low, span % 2 == 1), nibbles(high, span % 2 == 1)]
    }
}

/// The scales and minimums of Q4_K and Q5_K.
#[inline(always)]
unsafe fn span_scales(packed: *const u8) -> ([int16x8_t; 2], [int16x8_t; 2]) {
    unsafe {
        let widen = |bytes| [vreinterpretq_s16_u16(vmovl_u8(vcreate_u8(bytes))), vdupq_n_s16(0)];
        let (scales, minimums) = six_bit_scales(packed);
        (widen(scales), widen(minimums))
    }
}

impl Neon for Q4K {
    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> [uint8x16_t; 2] {
        unsafe { nibbles_by_span(block.add(16), span) }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> ([int16x8_t; 2], [int16x8_t; 2]) {
        unsafe { span_scales(block.add(4)) }
    }
}

impl Neon for Q5K {
    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> [uint8x16_t; 2] {
        unsafe {
            let shift = vdupq_n_s8(4 - span as i8);
            let add = |codes, bits| vorrq_u8(codes, vandq_u8(vshlq_u8(bits, shift), vdupq_n_u8(16)));
            let (low, high) = (nibbles_by_span(block.add(48), span), load(block.add(16)));
            [add(low[0], high[0]), add(low[1], high[1])]
        }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> ([int16x8_t; 2], [int16x8_t; 2]) {
        unsafe { span_scales(block.add(4)) }
    }
}

impl Neon for Q6K {
    const HALVES: bool = true;

    #[inline(always)]
    unsafe fn codes(block: *const u8, span: usize) -> [uint8x16_t; 2] {
        unsafe {
            // A half of 128 values has 64 bytes of low bits and 32 of high bits, two of them for each of four spans.
            let (half, quarter) = (span / 4, span % 4);
            let join = |low, high| {
                let high = match quarter {
                    0 => vshlq_n_u8::<4>(high),
                    1 => vshlq_n_u8::<2>(high),
                    2 => high,
                    _ => vshrq_n_u8::<2>(high),
                };
                vorrq_u8(nibbles(low, quarter >= 2), vandq_u8(high, vdupq_n_u8(0x30)))
            };
            let low = load(block.add(half * 64 + quarter % 2 * 32));
            let high = load(block.add(128 + half * 32));
            [join(low[0], high[0]), join(low[1], high[1])]
        }
    }

    #[inline(always)]
    unsafe fn scales(block: *const u8) -> ([int16x8_t; 2], [int16x8_t; 2]) {
        unsafe {
            let bytes = vld1q_s8(block.add(192).cast());
            let scales = [vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)];
            // `OFFSET` times the scale.
            (scales, [vshlq_n_s16::<5>(scales[0]), vshlq_n_s16::<5>(scales[1])])
        }
    }
}
