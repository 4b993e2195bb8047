//! A tile unpacked to bytes, for products with many inputs.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

use std::arch::x86_64::*;

use super::super::product::{Input, advance};
use super::{Avx2, TILE, add_block, factors, fixed_offset, products};

/// A tile unpacked: in every register the eight rows, in 32-bit lanes.
#[derive(Default)]
pub(super) struct Panel {
    blocks: usize,
    /// Codes of four neighbours of each row, eight registers a span.
    codes: Vec<__m256i>,
    /// Scale of the first and of the second 16 values of a span, twice in 16 bits.
    scales: Vec<[__m256i; 2]>,
    /// Both offsets of a span, in 16 bits.
    offsets: Vec<__m256i>,
    /// For each block.
    factors: Vec<(__m256, __m256)>,
}

impl Panel {
    /// Takes `blocks` blocks of eight rows.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) unsafe fn unpack<F: Avx2>(&mut self, rows: &[*const u8; TILE], blocks: usize) {
        self.blocks = blocks;
        self.codes.clear();
        self.scales.clear();
        self.offsets.clear();
        self.factors.clear();
        // SAFETY: the rows have `blocks` blocks.
        unsafe {
            for block in 0..blocks {
                let here = advance(rows, block * F::BYTES);
                self.factors.push(factors::<F>(rows, block));
                for span in 0..F::SPANS {
                    self.codes.extend(transpose(here.map(|row| F::codes(row, span))));
                }
                if F::SCALED {
                    let both = here.map(|row| F::scales(row));
                    for pair in transpose(both.map(|(scales, _)| scales)) {
                        let first = _mm256_blend_epi16::<0xaa>(pair, _mm256_slli_epi32(pair, 16));
                        let second = _mm256_blend_epi16::<0x55>(pair, _mm256_srli_epi32(pair, 16));
                        self.scales.push([first, second]);
                    }
                    self.offsets.extend(transpose(both.map(|(_, offsets)| offsets)));
                }
            }
        }
    }

    /// The tile times `N` inputs.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) unsafe fn multiply<F: Avx2, const N: usize>(&self, inputs: [Input; N]) -> [__m256; N] {
        // SAFETY: the inputs are as long as the tile's rows, and `unpack` has filled the vectors for all blocks.
        unsafe {
            let ones = _mm256_set1_epi16(1);
            let mut total = [_mm256_setzero_ps(); N];
            for block in 0..self.blocks {
                let mut sums = [_mm256_setzero_si256(); N];
                let mut below = [_mm256_setzero_si256(); N];
                for span in block * F::SPANS..(block + 1) * F::SPANS {
                    let codes = self.codes.as_ptr().add(span * 8);
                    for step in 0..8 / F::STEP {
                        let mut short = [_mm256_setzero_si256(); N];
                        for group in step * F::STEP..(step + 1) * F::STEP {
                            let weights = *codes.add(group);
                            for n in 0..N {
                                let x = everywhere(inputs[n].codes.add(span * 32 + group * 4));
                                short[n] = _mm256_add_epi16(short[n], products::<F>(weights, x));
                            }
                        }
                        // Types with a step of all eight groups have the same scale for both halves.
                        let scale =
                            if F::SCALED { (*self.scales.as_ptr().add(span))[step * F::STEP / 4] } else { ones };
                        for n in 0..N {
                            sums[n] = _mm256_add_epi32(sums[n], _mm256_madd_epi16(short[n], scale));
                        }
                    }
                    if F::SCALED {
                        let offsets = *self.offsets.as_ptr().add(span);
                        for n in 0..N {
                            let x = everywhere(inputs[n].sums.add(span * 2));
                            below[n] = _mm256_add_epi32(below[n], _mm256_madd_epi16(offsets, x));
                        }
                    }
                }
                let factors = *self.factors.as_ptr().add(block);
                for n in 0..N {
                    let offsets = if F::SCALED { below[n] } else { fixed_offset::<F>(inputs[n].sums.add(block * 2)) };
                    total[n] = add_block::<F>(total[n], sums[n], offsets, factors, *inputs[n].scales.add(block));
                }
            }
            total
        }
    }
}

/// Four bytes, or two 16-bit numbers, in every lane.
#[inline(always)]
unsafe fn everywhere<T>(pointer: *const T) -> __m256i {
    unsafe { _mm256_set1_epi32(pointer.cast::<i32>().read_unaligned()) }
}

/// Turns eight rows of eight 32-bit numbers into columns.
#[inline(always)]
unsafe fn transpose(rows: [__m256i; 8]) -> [__m256i; 8] {
    unsafe {
        let [a, b, c, d, e, f, g, h] = rows;
        let pairs = |a, b| (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let ((ab_low, ab_high), (cd_low, cd_high)) = (pairs(a, b), pairs(c, d));
        let ((ef_low, ef_high), (gh_low, gh_high)) = (pairs(e, f), pairs(g, h));
        let fours = |a, b| (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
        let ((r0, r1), (r2, r3)) = (fours(ab_low, cd_low), fours(ab_high, cd_high));
        let ((s0, s1), (s2, s3)) = (fours(ef_low, gh_low), fours(ef_high, gh_high));
        let low = |r, s| _mm256_permute2x128_si256::<0x20>(r, s);
        let high = |r, s| _mm256_permute2x128_si256::<0x31>(r, s);
        [low(r0, s0), low(r1, s1), low(r2, s2), low(r3, s3), high(r0, s0), high(r1, s1), high(r2, s2), high(r3, s3)]
    }
}
