//! A tile times one input, reading the weights where they lie.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

use std::arch::x86_64::*;

use super::super::product::{Input, Product, advance};
use super::ahead::Ahead;
use super::codes::{Wide, join};
use super::panel::PAIRS;
use super::{TILE, add_block, distances, factors, fixed_offset, lanes, offsets};

/// The only input times the rows from `first` on.
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn tile<F: Wide>(product: &Product<'_>, first: usize) {
    let rows = product.weights::<TILE>(first);
    let input = product.input(0);
    let ahead = Ahead::new(&rows, product.row_bytes);
    // SAFETY: the sizes have been checked; only the lanes that are there are written.
    unsafe {
        let distances = distances(&rows);
        let mut total = _mm512_setzero_ps();
        for block in 0..product.blocks {
            let here = advance(&rows, block * F::BYTES);
            ahead.ask::<F>(&here, block);
            let factors = factors::<F>(here[0], distances);
            let scale = *input.scales.add(block);
            let (products, offsets) =
                if F::SCALED { scaled::<F>(&here, input, block) } else { plain::<F>(&here, input, block) };
            total = add_block::<F::Sums>(total, products, offsets, factors, scale);
        }
        let valid = product.matrix.outputs - first;
        _mm512_mask_storeu_ps(product.out(0, first), lanes(valid), total);
    }
}

/// Sums of products and offsets of a block of 32 values.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn plain<F: Wide>(rows: &[*const u8; TILE], input: Input, block: usize) -> (__m512i, __m512i) {
    unsafe {
        let x = _mm512_broadcast_i64x4(_mm256_loadu_si256(input.codes.add(block * 32).cast()));
        let zero = _mm512_setzero_si512();
        let mut parts = [zero; 8];
        for (part, [a, b]) in parts.iter_mut().zip(PAIRS) {
            *part = _mm512_dpbusd_epi32(zero, F::two_blocks(rows[a], rows[b], 0), x);
        }
        (add_lanes(parts), offsets(fixed_offset::<F>(), input.sums.add(block * 2)))
    }
}

/// Sums of products and offsets of a block of 256 values.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn scaled<F: Wide>(rows: &[*const u8; TILE], input: Input, block: usize) -> (__m512i, __m512i) {
    unsafe {
        let zero = _mm512_setzero_si512();
        let codes = input.codes.add(block * 256);
        let sums = _mm256_loadu_si256(input.sums.add(block * 16).cast());
        let (mut x, mut spreads) = ([zero; 4], [zero; 4]);
        for index in 0..4 {
            let [a, b] = F::TOGETHER[index];
            let load = |span: usize| _mm256_loadu_si256(codes.add(span * 32).cast());
            x[index] = join(load(a), load(b));
            spreads[index] = spread([a, b]);
        }
        let (mut parts, mut below) = ([zero; 8], [zero; 8]);
        for (pair, [a, b]) in PAIRS.into_iter().enumerate() {
            let mut products = [zero; 2];
            let mut offsets = [_mm256_setzero_si256(); 2];
            for (half, row) in [a, b].into_iter().enumerate() {
                let (scales, both_offsets) = F::scales(rows[row]);
                offsets[half] = _mm256_madd_epi16(both_offsets, sums);
                for index in 0..4 {
                    // At most 4 * 63 * 128: 16 bits and their sign, which the scale's upper half, zero, takes off.
                    let product = _mm512_dpbusd_epi32(zero, F::two_spans(rows[row], index), x[index]);
                    let scale = _mm512_castsi256_si512(scales);
                    let scale = _mm512_maskz_permutexvar_epi16(0x5555_5555, spreads[index], scale);
                    products[half] = _mm512_dpwssd_epi32(products[half], product, scale);
                }
            }
            parts[pair] = fold(products[0], products[1]);
            below[pair] = join(offsets[0], offsets[1]);
        }
        (add_lanes(parts), add_lanes(below))
    }
}

/// Where the scales of two spans are, for the lower 16 bits of each lane, among those of all 16 half-spans.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn spread(spans: [usize; 2]) -> __m512i {
    let (a, b) = (spans[0] as i32 * 2, spans[1] as i32 * 2);
    _mm512_setr_epi32(a, a, a, a, a + 1, a + 1, a + 1, a + 1, b, b, b, b, b + 1, b + 1, b + 1, b + 1)
}

/// The halves of each register added: `a` in the lower half, `b` in the upper one.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn fold(a: __m512i, b: __m512i) -> __m512i {
    let lower = _mm512_inserti64x4::<1>(a, _mm512_castsi512_si256(b));
    let upper = _mm512_shuffle_i64x2::<0b11_10_11_10>(a, b);
    _mm512_add_epi32(lower, upper)
}

/// Sums of the eight numbers of each of sixteen rows, two in a register as [`PAIRS`] says, in the order of the rows.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add_lanes(pairs: [__m512i; 8]) -> __m512i {
    unsafe {
        let [a, b, c, d, e, f, g, h] = pairs;
        let (upper, lower) = (add_quarters([a, b, c, d]), add_quarters([e, f, g, h]));
        _mm512_add_epi32(
            _mm512_shuffle_i32x4::<0b10_00_10_00>(upper, lower),
            _mm512_shuffle_i32x4::<0b11_01_11_01>(upper, lower),
        )
    }
}

/// Sums of the four numbers in each quarter of four registers, in the order of the registers.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add_quarters([a, b, c, d]: [__m512i; 4]) -> __m512i {
    let ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd))
}
