//! The kernels for AVX-512 with VNNI: tiles of sixteen rows, 32-bit sums of four products in one instruction.
//!
//! They add the same integers and then the same floats in the same order as the AVX2 kernels: results are equal to the
//! last bit. The instruction multiplies unsigned with signed bytes, so signed codes are shifted by 128 and the inputs'
//! sum, 128 times, is taken off again.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

mod ahead;
mod codes;
pub(super) mod float;
mod one;
mod panel;

use std::arch::x86_64::*;
use std::cell::RefCell;
use std::ops::Range;

use codes::Sums;
pub(super) use codes::Wide;
use panel::{PANEL_ROWS, Panel};

use super::product::Product;
use super::quantize::Quantized;
use super::{Job, Matrix};

/// Rows of a tile: the 32-bit lanes of a register.
const TILE: usize = 16;
/// Inputs that a part of a panel is multiplied with at once: with two tiles, as many sums as there are registers for.
const WIDTH: usize = 6;
/// Values of a row that are unpacked at once: with all rows of a panel they fit the first-level cache.
const PART: usize = 1024;

/// A job whose pieces are tiles for one input, and panels for several.
pub(super) fn prepare<'a, F: Wide>(matrix: Matrix<'a>, input: &'a Quantized, out: &'a mut [f32]) -> Job<'a> {
    let product = Product::new::<F>(matrix, input, out);
    let (rows, run): (_, unsafe fn(&Product<'_>, Range<usize>)) =
        if product.rows == 1 { (TILE, one_input::<F>) } else { (PANEL_ROWS, many_inputs::<F>) };
    Job { pieces: matrix.outputs.div_ceil(rows), work: matrix.inputs * rows * product.rows, run, product }
}

#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn one_input<F: Wide>(product: &Product<'_>, tiles: Range<usize>) {
    for tile in tiles {
        // SAFETY: the caller's.
        unsafe { one::tile::<F>(product, tile * TILE) };
    }
}

#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn many_inputs<F: Wide>(product: &Product<'_>, panels: Range<usize>) {
    for panel in panels {
        // SAFETY: the caller's.
        unsafe { many::<F>(product, panel * PANEL_ROWS) };
    }
}

/// Several inputs times the panel that begins with the row `first`.
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn many<F: Wide>(product: &Product<'_>, first: usize) {
    thread_local! {
        static PANEL: RefCell<Panel> = RefCell::default();
    }
    let valid = product.matrix.outputs - first;
    let rows = product.weights::<PANEL_ROWS>(first);
    // Parts of about the same length.
    let parts = product.matrix.inputs.div_ceil(PART);
    let length = product.blocks.div_ceil(parts);
    PANEL.with_borrow_mut(|panel| {
        let mut start = 0;
        while start < product.blocks {
            let blocks = length.min(product.blocks - start);
            // SAFETY: the part lies inside the rows; the rows of inputs lie inside the product.
            unsafe {
                panel.unpack::<F>(&rows, product.row_bytes, start, blocks);
                let mut row = 0;
                while row < product.rows {
                    // Few variants: each is compiled for every type.
                    let count = match product.rows - row {
                        1 => panel.multiply::<F::Sums, 1>(product, start, row, first, valid),
                        2 => panel.multiply::<F::Sums, 2>(product, start, row, first, valid),
                        3..6 => panel.multiply::<F::Sums, 3>(product, start, row, first, valid),
                        _ => panel.multiply::<F::Sums, WIDTH>(product, start, row, first, valid),
                    };
                    row += count;
                }
            }
            start += blocks;
        }
    });
}

/// Adds a block's exact sums to the running result of sixteen rows: `avx2::add_block`, in wider registers.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add_block<S: Sums>(
    total: __m512,
    products: __m512i,
    offsets: __m512i,
    (factor, minimum): (__m512, __m512),
    input_scale: f32,
) -> __m512 {
    let value = if S::MINIMUM {
        let below = _mm512_mul_ps(_mm512_cvtepi32_ps(offsets), minimum);
        _mm512_fmsub_ps(_mm512_cvtepi32_ps(products), factor, below)
    } else {
        _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(products, offsets)), factor)
    };
    _mm512_fmadd_ps(value, _mm512_set1_ps(input_scale), total)
}

/// The `f16` factors of a block of sixteen rows, as `f32`: of the codes and of the offsets. `rows` are the distances of
/// the rows from `block`, in bytes.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn factors<F: Wide>(block: *const u8, rows: __m512i) -> (__m512, __m512) {
    unsafe {
        let widen = |halves: __m512i| _mm512_cvtph_ps(_mm512_cvtepi32_epi16(halves));
        // Four bytes are read of each row, so the two before a factor at the end of a block and not those behind it.
        let back = if F::FACTOR_AT + 4 > F::BYTES { 2 } else { 0 };
        let read = _mm512_i32gather_epi32::<1>(rows, block.add(F::FACTOR_AT - back).cast());
        let factor = widen(if back == 0 { read } else { _mm512_srli_epi32::<16>(read) });
        match F::MINIMUM_AT {
            None => (factor, _mm512_setzero_ps()),
            Some((at, negative)) => {
                // In all these types the second factor follows the first.
                debug_assert_eq!(at, F::FACTOR_AT + 2);
                let minimum = widen(_mm512_srli_epi32::<16>(read));
                (factor, if negative { _mm512_xor_ps(minimum, _mm512_set1_ps(-0.0)) } else { minimum })
            }
        }
    }
}

/// The distances of rows from the first one, for [`factors`].
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn distances(rows: &[*const u8; TILE]) -> __m512i {
    unsafe {
        let mut distances = [0i32; TILE];
        for (distance, row) in distances.iter_mut().zip(rows) {
            *distance = (row.addr() - rows[0].addr()) as i32;
        }
        _mm512_loadu_si512(distances.as_ptr().cast())
    }
}

/// The offset of all values of a block, where the type stores none. Signed codes have been shifted by 128.
const fn fixed_offset<F: Wide>() -> i32 {
    if F::SIGNED { 128 } else { F::OFFSET as i32 }
}

/// What a fixed offset amounts to for the inputs of a block with these sums.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn offsets(offset: i32, sums: *const i16) -> __m512i {
    // SAFETY: a block of 32 has two sums.
    let sum = unsafe { i32::from(*sums) + i32::from(*sums.add(1)) };
    _mm512_set1_epi32(offset * sum)
}

/// Which lanes a tile with `valid` rows has.
#[inline(always)]
fn lanes(valid: usize) -> __mmask16 {
    if valid >= TILE { !0 } else { (1 << valid) - 1 }
}
