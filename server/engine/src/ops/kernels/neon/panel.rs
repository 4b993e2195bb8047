//! A tile unpacked to bytes, for products with many inputs.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]
#![expect(clippy::needless_range_loop, reason = "the loops over registers are unrolled, and run over several arrays")]

use std::arch::aarch64::*;

use super::super::product::{Input, advance};
use super::codes::Neon;
use super::dot::Dot;
use super::{QUADS, TILE, add_block, factors};

/// A tile unpacked: in every register four rows, in 32-bit lanes; always one register for each quad of rows.
#[derive(Default)]
pub(in crate::ops::kernels) struct Panel {
    blocks: usize,
    /// Codes of the 16 values of half a span, four neighbours of each row in a register. A fixed offset has been taken
    /// off: all but those of Q8_0 are at most 32 in size.
    codes: Vec<[[int8x16_t; 4]; QUADS]>,
    /// Of each span or half.
    scales: Vec<[int32x4_t; QUADS]>,
    /// Stored offsets of each span, of all rows.
    offsets: Vec<int16x8_t>,
    /// For each block.
    factors: Vec<[(float32x4_t, float32x4_t); QUADS]>,
}

impl Panel {
    /// Takes `blocks` blocks of eight rows.
    pub(super) unsafe fn unpack<F: Neon>(&mut self, rows: &[*const u8; TILE], blocks: usize) {
        self.blocks = blocks;
        self.codes.clear();
        self.scales.clear();
        self.offsets.clear();
        self.factors.clear();
        // SAFETY: the rows have `blocks` blocks.
        unsafe {
            let offset = vdupq_n_s8(if F::MINIMUM_AT.is_some() { 0 } else { F::OFFSET as i8 });
            for block in 0..blocks {
                let here = advance(rows, block * F::BYTES);
                let quads = here.as_chunks::<4>().0;
                self.factors.push([factors::<F>(&quads[0]), factors::<F>(&quads[1])]);
                for span in 0..F::SPANS {
                    let mut codes = [[[vdupq_n_s8(0); 4]; QUADS]; 2];
                    for row in 0..TILE {
                        for (half, register) in F::codes(here[row], span).into_iter().enumerate() {
                            codes[half][row / 4][row % 4] = vsubq_s8(vreinterpretq_s8_u8(register), offset);
                        }
                    }
                    self.codes.extend(codes.map(|[a, b]| [columns(a), columns(b)]));
                }
                if F::SCALED {
                    self.unpack_scales::<F>(&here);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn unpack_scales<F: Neon>(&mut self, rows: &[*const u8; TILE]) {
        unsafe {
            let mut scales = [[vdupq_n_s16(0); TILE]; 2];
            let mut offsets = [vdupq_n_s16(0); TILE];
            for row in 0..TILE {
                let (row_scales, row_offsets) = F::scales(rows[row]);
                (scales[0][row], scales[1][row]) = (row_scales[0], row_scales[1]);
                offsets[row] = row_offsets[0];
            }
            for part in 0..if F::HALVES { 2 } else { 1 } {
                for rows in transpose(scales[part]) {
                    self.scales.push([vmovl_s16(vget_low_s16(rows)), vmovl_high_s16(rows)]);
                }
            }
            if F::MINIMUM_AT.is_some() {
                self.offsets.extend(transpose(offsets));
            }
        }
    }

    /// The tile times `N` inputs.
    #[inline(always)]
    pub(super) unsafe fn multiply<F: Neon, D: Dot, const N: usize>(
        &self,
        inputs: [Input; N],
    ) -> [[float32x4_t; QUADS]; N] {
        // SAFETY: the inputs are as long as the tile's rows, and `unpack` has filled the vectors for all blocks.
        unsafe {
            let zero = [[vdupq_n_s32(0); QUADS]; N];
            let mut total = [[vdupq_n_f32(0.0); QUADS]; N];
            for block in 0..self.blocks {
                let mut sums = zero;
                for span in block * F::SPANS..(block + 1) * F::SPANS {
                    let mut products = zero;
                    for half in span * 2..span * 2 + 2 {
                        self.add_products::<F, D, N>(&mut products, inputs, half);
                        if F::SCALED && F::HALVES {
                            add_scaled(&mut sums, products, *self.scales.as_ptr().add(half));
                            products = zero;
                        }
                    }
                    if !F::SCALED {
                        sums = products;
                    } else if !F::HALVES {
                        add_scaled(&mut sums, products, *self.scales.as_ptr().add(span));
                    }
                }
                let offsets = self.offsets::<F, N>(inputs, block);
                let factors = *self.factors.as_ptr().add(block);
                for n in 0..N {
                    let scale = *inputs[n].scales.add(block);
                    for quad in 0..QUADS {
                        let (products, offsets) = (sums[n][quad], offsets[n][quad]);
                        total[n][quad] = add_block::<F>(total[n][quad], products, offsets, factors[quad], scale);
                    }
                }
            }
            total
        }
    }

    /// Adds the products of half a span.
    #[inline(always)]
    unsafe fn add_products<F: Neon, D: Dot, const N: usize>(
        &self,
        sums: &mut [[int32x4_t; QUADS]; N],
        inputs: [Input; N],
        half: usize,
    ) {
        unsafe {
            let codes = *self.codes.as_ptr().add(half);
            for n in 0..N {
                let x = vld1q_s8(inputs[n].codes.add(half * 16));
                for quad in 0..QUADS {
                    sums[n][quad] = D::add_rows::<F>(sums[n][quad], codes[quad], x);
                }
            }
        }
    }

    /// What the offsets that a block stores amount to for each input.
    #[inline(always)]
    unsafe fn offsets<F: Neon, const N: usize>(&self, inputs: [Input; N], block: usize) -> [[int32x4_t; QUADS]; N] {
        unsafe {
            let mut below = [[vdupq_n_s32(0); QUADS]; N];
            if F::MINIMUM_AT.is_none() {
                return below;
            }
            for n in 0..N {
                let sums = inputs[n].sums.add(block * F::SPANS * 2);
                if !F::SCALED {
                    below[n] = [vdupq_n_s32(i32::from(*sums) + i32::from(*sums.add(1))); QUADS];
                    continue;
                }
                let mut spans = [0; 8];
                vst1q_s16(spans.as_mut_ptr(), vpaddq_s16(vld1q_s16(sums), vld1q_s16(sums.add(8))));
                for (span, sum) in spans.into_iter().enumerate() {
                    let offsets = *self.offsets.as_ptr().add(block * F::SPANS + span);
                    below[n][0] = vmlal_n_s16(below[n][0], vget_low_s16(offsets), sum);
                    below[n][1] = vmlal_high_n_s16(below[n][1], offsets, sum);
                }
            }
            below
        }
    }
}

#[inline(always)]
unsafe fn add_scaled<const N: usize>(
    sums: &mut [[int32x4_t; QUADS]; N],
    products: [[int32x4_t; QUADS]; N],
    scales: [int32x4_t; QUADS],
) {
    for n in 0..N {
        for quad in 0..QUADS {
            sums[n][quad] = unsafe { vmlaq_s32(sums[n][quad], products[n][quad], scales[quad]) };
        }
    }
}

/// Turns four rows of four 32-bit numbers into columns.
#[inline(always)]
unsafe fn columns(rows: [int8x16_t; 4]) -> [int8x16_t; 4] {
    unsafe {
        let [a, b, c, d] = rows.map(|row| vreinterpretq_s32_s8(row));
        let pairs = |a, b| (vreinterpretq_s64_s32(vtrn1q_s32(a, b)), vreinterpretq_s64_s32(vtrn2q_s32(a, b)));
        let ((ab_even, ab_odd), (cd_even, cd_odd)) = (pairs(a, b), pairs(c, d));
        [
            vtrn1q_s64(ab_even, cd_even),
            vtrn1q_s64(ab_odd, cd_odd),
            vtrn2q_s64(ab_even, cd_even),
            vtrn2q_s64(ab_odd, cd_odd),
        ]
        .map(|column| vreinterpretq_s8_s64(column))
    }
}

/// Turns eight rows of eight 16-bit numbers into columns.
#[inline(always)]
unsafe fn transpose(rows: [int16x8_t; 8]) -> [int16x8_t; 8] {
    unsafe {
        let [a, b, c, d, e, f, g, h] = rows;
        let four = |a, b, c, d| {
            let pairs = |a, b| [vtrn1q_s16(a, b), vtrn2q_s16(a, b)].map(|pair| vreinterpretq_s32_s16(pair));
            let ([ab_even, ab_odd], [cd_even, cd_odd]) = (pairs(a, b), pairs(c, d));
            [
                vtrn1q_s32(ab_even, cd_even),
                vtrn1q_s32(ab_odd, cd_odd),
                vtrn2q_s32(ab_even, cd_even),
                vtrn2q_s32(ab_odd, cd_odd),
            ]
            .map(|four| vreinterpretq_s64_s32(four))
        };
        let (upper, lower) = (four(a, b, c, d), four(e, f, g, h));
        let mut columns = rows;
        for column in 0..4 {
            columns[column] = vreinterpretq_s16_s64(vtrn1q_s64(upper[column], lower[column]));
            columns[column + 4] = vreinterpretq_s16_s64(vtrn2q_s64(upper[column], lower[column]));
        }
        columns
    }
}
