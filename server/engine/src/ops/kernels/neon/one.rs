//! A tile times one input, reading the weights where they lie.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

use std::arch::aarch64::*;
use std::arch::asm;

use super::super::product::{Input, advance};
use super::codes::Neon;
use super::dot::{Dot, as_it_is};
use super::{QUADS, TILE, add_block, factors};

/// Eight rows times one input.
#[inline(always)]
pub(super) unsafe fn tile<F: Neon, D: Dot>(
    rows: &[*const u8; TILE],
    blocks: usize,
    input: Input,
) -> [float32x4_t; QUADS] {
    unsafe {
        let mut totals = [vdupq_n_f32(0.0); QUADS];
        for block in 0..blocks {
            let scale = *input.scales.add(block);
            for (total, rows) in totals.iter_mut().zip(rows.as_chunks::<4>().0) {
                let here = advance(rows, block * F::BYTES);
                let (products, offsets) =
                    if F::SCALED { scaled::<F, D>(&here, input, block) } else { plain::<F, D>(&here, input, block) };
                *total = add_block::<F>(*total, products, offsets, factors::<F>(&here), scale);
            }
        }
        totals
    }
}

/// Sums of products and offsets of a block of 32 values.
#[inline(always)]
unsafe fn plain<F: Neon, D: Dot>(rows: &[*const u8; 4], input: Input, block: usize) -> (int32x4_t, int32x4_t) {
    unsafe {
        let x = load(input.codes.add(block * 32));
        let mut parts = [vdupq_n_s32(0); 4];
        for (part, row) in parts.iter_mut().zip(rows) {
            let [low, high] = F::codes(*row, 0);
            *part = D::add(D::add(*part, vreinterpretq_s8_u8(low), x[0]), vreinterpretq_s8_u8(high), x[1]);
        }
        let sums = input.sums.add(block * 2);
        let sum = i32::from(*sums) + i32::from(*sums.add(1));
        (add_lanes(parts), vdupq_n_s32(i32::from(F::OFFSET) * sum))
    }
}

/// Sums of products and offsets of a block of 256 values.
#[inline(always)]
unsafe fn scaled<F: Neon, D: Dot>(rows: &[*const u8; 4], input: Input, block: usize) -> (int32x4_t, int32x4_t) {
    unsafe {
        let zero = vdupq_n_s32(0);
        let codes = input.codes.add(block * 256);
        let sums = input.sums.add(block * 16);
        let mut sums = [vld1q_s16(sums), vld1q_s16(sums.add(8))];
        if !F::HALVES {
            sums[0] = vpaddq_s16(sums[0], sums[1]);
        }
        let (mut parts, mut below) = ([zero; 4], [zero; 4]);
        for row in 0..4 {
            let (scales, offsets) = F::scales(rows[row]);
            for part in 0..if F::HALVES { 2 } else { 1 } {
                below[row] = vmlal_s16(below[row], vget_low_s16(offsets[part]), vget_low_s16(sums[part]));
                below[row] = vmlal_high_s16(below[row], offsets[part], sums[part]);
            }
            parts[row] = row_products::<F, D>(rows[row], scales, codes);
        }
        (add_lanes(parts), add_lanes(below))
    }
}

/// Products of a block of 256 values times their scales, in any lanes.
#[inline(always)]
#[expect(clippy::pointers_in_nomem_asm_block, reason = "no instruction: the pointer only looks like another one")]
unsafe fn row_products<F: Neon, D: Dot>(row: *const u8, scales: [int16x8_t; 2], codes: *const i8) -> int32x4_t {
    unsafe {
        let mut codes = codes;
        // Reads the input for each row: kept for all of them it would take more registers than there are.
        asm!("/* {0} */", inout(reg) codes, options(nomem, nostack, preserves_flags));
        let zero = vdupq_n_s32(0);
        let [a, b] = scales;
        let scales = [vmovl_s16(vget_low_s16(a)), vmovl_high_s16(a), vmovl_s16(vget_low_s16(b)), vmovl_high_s16(b)];
        // Widened four at once: the compiler would widen each by itself.
        let scales = scales.map(|scales| vreinterpretq_s32_s8(as_it_is(vreinterpretq_s8_s32(scales))));
        let mut sum = zero;
        // Written out: lanes are constants.
        macro_rules! add_spans {
            ($($span:literal)*) => {$(
                let x = load(codes.add($span * 32));
                let [low, high] = F::codes(row, $span).map(|codes| vreinterpretq_s8_u8(codes));
                let first = D::add(zero, low, x[0]);
                if F::HALVES {
                    let (second, scales) = (D::add(zero, high, x[1]), scales[$span / 2]);
                    sum = vmlaq_laneq_s32::<{ $span * 2 % 4 }>(sum, first, scales);
                    sum = vmlaq_laneq_s32::<{ $span * 2 % 4 + 1 }>(sum, second, scales);
                } else {
                    sum = vmlaq_laneq_s32::<{ $span % 4 }>(sum, D::add(first, high, x[1]), scales[$span / 4]);
                }
            )*};
        }
        add_spans!(0 1 2 3 4 5 6 7);
        sum
    }
}

/// 32 codes of an input.
#[inline(always)]
unsafe fn load(codes: *const i8) -> [int8x16_t; 2] {
    unsafe { [vld1q_s8(codes), vld1q_s8(codes.add(16))] }
}

/// Sums of the four numbers of each register.
#[inline(always)]
unsafe fn add_lanes([a, b, c, d]: [int32x4_t; 4]) -> int32x4_t {
    unsafe { vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d)) }
}
