//! Products of `f32`, `f16` and `bf16` rows with AVX-512: four rows of weights with up to six inputs at once.
//!
//! A product is added up in sixteen lanes, in the order of the values, and the lanes are added in a fixed order: it has
//! the same bits however many inputs and rows are multiplied in one call.
#![expect(unsafe_code, reason = "vector instructions; `multiply` checks the sizes that all pointers rely on")]
#![expect(clippy::needless_range_loop, reason = "the loops over registers are unrolled, and run over several arrays")]

use std::arch::x86_64::*;
use std::ops::Range;

use half::{bf16, f16};

use crate::ops::threads::for_ranges;

/// Numbers of a register.
const LANES: usize = 16;
/// Rows of weights at once.
const ROWS: usize = 4;
/// Inputs at once: with the rows, as many sums as there are registers for.
const WIDTH: usize = 6;
/// Groups of rows that stay in the second-level cache while all inputs pass.
const GROUPS: usize = 8;

/// A type of weights that is widened to `f32` in a register.
pub(in crate::ops::kernels) trait Float {
    const BYTES: usize;
    /// As many of sixteen values as the mask says, widened, and zeros.
    unsafe fn load(weights: *const u8, mask: __mmask16) -> __m512;
}

impl Float for f32 {
    const BYTES: usize = 4;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn load(weights: *const u8, mask: __mmask16) -> __m512 {
        unsafe { _mm512_maskz_loadu_ps(mask, weights.cast()) }
    }
}

impl Float for f16 {
    const BYTES: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn load(weights: *const u8, mask: __mmask16) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, weights.cast())) }
    }
}

impl Float for bf16 {
    const BYTES: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn load(weights: *const u8, mask: __mmask16) -> __m512 {
        unsafe {
            let wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, weights.cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(wide))
        }
    }
}

/// A matrix, its inputs and the place for the results.
struct Product<'a> {
    weights: &'a [u8],
    x: &'a [f32],
    inputs: usize,
    outputs: usize,
    /// Rows of inputs.
    rows: usize,
    out: *mut f32,
}

// SAFETY: the output is only written through `out`, by each thread at columns of its own.
unsafe impl Sync for Product<'_> {}

/// Multiplies rows of `inputs` values; `out` gets a row of a value for each row of weights.
///
/// # Safety
/// The processor has the instructions of `Level::Avx512`.
pub(in crate::ops::kernels) unsafe fn multiply<T: Float>(weights: &[u8], inputs: usize, x: &[f32], out: &mut [f32]) {
    let (rows, outputs) = (x.len() / inputs, weights.len() / (inputs * T::BYTES));
    assert_eq!(weights.len(), outputs * inputs * T::BYTES, "the weights are whole rows");
    assert_eq!(x.len(), rows * inputs, "the inputs are whole rows");
    assert_eq!(out.len(), rows * outputs, "there is a place for each product");
    let product = Product { weights, x, inputs, outputs, rows, out: out.as_mut_ptr() };
    let least = ((1 << 15) / (inputs * ROWS * rows).max(1)).max(1);
    // SAFETY: the caller's; the groups are disjoint.
    for_ranges(outputs.div_ceil(ROWS), least, |groups| unsafe { multiply_groups::<T>(&product, groups) });
}

#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn multiply_groups<T: Float>(product: &Product<'_>, groups: Range<usize>) {
    for first in groups.clone().step_by(GROUPS) {
        let mut row = 0;
        while row < product.rows {
            let mut count = 0;
            for group in first..groups.end.min(first + GROUPS) {
                // SAFETY: the caller's; rows and groups lie inside the product.
                count = unsafe {
                    match product.rows - row {
                        1 => tile::<T, 1>(product, row, group * ROWS),
                        2 => tile::<T, 2>(product, row, group * ROWS),
                        3..6 => tile::<T, 3>(product, row, group * ROWS),
                        _ => tile::<T, WIDTH>(product, row, group * ROWS),
                    }
                };
            }
            row += count;
        }
    }
}

/// `N` inputs from `row` on times four rows of weights from `first` on. Returns `N`.
#[inline(never)]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn tile<T: Float, const N: usize>(product: &Product<'_>, row: usize, first: usize) -> usize {
    let Product { weights, x, inputs, outputs, .. } = *product;
    // The last group may have fewer rows: its last one stands in for those that are missing.
    let mut lines = [weights.as_ptr(); ROWS];
    for line in 0..ROWS {
        lines[line] = weights[(first + line).min(outputs - 1) * inputs * T::BYTES..].as_ptr();
    }
    let x = x[row * inputs..][..N * inputs].as_ptr();
    let mut sums = [[_mm512_setzero_ps(); ROWS]; N];
    for at in (0..inputs).step_by(LANES) {
        let mask = if at + LANES <= inputs { !0 } else { (1 << (inputs - at)) - 1 };
        // SAFETY: the masked lanes lie inside the rows.
        unsafe {
            let mut parts = [_mm512_setzero_ps(); ROWS];
            for line in 0..ROWS {
                parts[line] = T::load(lines[line].add(at * T::BYTES), mask);
            }
            for n in 0..N {
                let x = _mm512_maskz_loadu_ps(mask, x.add(n * inputs + at));
                for line in 0..ROWS {
                    sums[n][line] = _mm512_fmadd_ps(parts[line], x, sums[n][line]);
                }
            }
        }
    }
    let mask = if first + ROWS <= outputs { 0b1111 } else { (1 << (outputs - first)) - 1 };
    for n in 0..N {
        // SAFETY: the masked lanes lie inside the row of the output.
        unsafe { _mm_mask_storeu_ps(product.out.add((row + n) * outputs + first), mask, add_lanes(sums[n])) };
    }
    N
}

/// Sums of the numbers of each register.
#[inline]
#[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
fn add_lanes([a, b, c, d]: [__m512; ROWS]) -> __m128 {
    let ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    let cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    let low = _mm512_shuffle_ps::<0b01_00_01_00>(ab, cd);
    let high = _mm512_shuffle_ps::<0b11_10_11_10>(ab, cd);
    let quarters = _mm512_add_ps(low, high);
    let halves = _mm256_add_ps(_mm512_castps512_ps256(quarters), _mm512_extractf32x8_ps::<1>(quarters));
    _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps::<1>(halves))
}
