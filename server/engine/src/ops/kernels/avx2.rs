//! The kernels for AVX2: one input against a tile of eight rows where it lies, many inputs against an unpacked tile.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

mod codes;
pub(super) mod float;
mod panel;

use std::arch::x86_64::*;
use std::cell::RefCell;
use std::ops::Range;

pub(super) use codes::Avx2;
use panel::Panel;

use super::product::{Input, Product};
use super::quantize::Quantized;
use super::{Job, Matrix};

/// Inputs from which on it pays to unpack a tile.
const PANEL_INPUTS: usize = 4;
/// Inputs that a panel is multiplied with at once: as many sums as there are registers for.
const WIDTH: usize = 4;

/// Rows of a tile.
const TILE: usize = 8;

/// A job whose pieces are tiles.
pub(super) fn prepare<'a, F: Avx2>(matrix: Matrix<'a>, input: &'a Quantized, out: &'a mut [f32]) -> Job<'a> {
    let product = Product::new::<F>(matrix, input, out);
    Job {
        pieces: matrix.outputs.div_ceil(TILE),
        work: matrix.inputs * TILE * product.rows,
        run: multiply::<F>,
        product,
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn multiply<F: Avx2>(product: &Product<'_>, tiles: Range<usize>) {
    for tile in tiles {
        // SAFETY: the caller's.
        unsafe { multiply_tile::<F>(product, tile * TILE) };
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn multiply_tile<F: Avx2>(product: &Product<'_>, first: usize) {
    let rows = product.weights::<TILE>(first);
    // SAFETY: the caller's; `Product::new` has checked the sizes.
    unsafe {
        if product.rows < PANEL_INPUTS {
            for row in 0..product.rows {
                store(product, row, first, one_input::<F>(&rows, product.blocks, product.input(row)));
            }
            return;
        }
        thread_local! {
            static PANEL: RefCell<Panel> = RefCell::default();
        }
        PANEL.with_borrow_mut(|panel| {
            panel.unpack::<F>(&rows, product.blocks);
            let mut row = 0;
            while row + WIDTH <= product.rows {
                let inputs = std::array::from_fn(|index| product.input(row + index));
                for (index, sums) in panel.multiply::<F, WIDTH>(inputs).into_iter().enumerate() {
                    store(product, row + index, first, sums);
                }
                row += WIDTH;
            }
            for row in row..product.rows {
                let [sums] = panel.multiply::<F, 1>([product.input(row)]);
                store(product, row, first, sums);
            }
        });
    }
}

#[target_feature(enable = "avx2")]
unsafe fn store(product: &Product<'_>, row: usize, first: usize, sums: __m256) {
    let valid = TILE.min(product.matrix.outputs - first);
    let out = product.out(row, first);
    // SAFETY: row and columns lie inside the output.
    unsafe {
        if valid == TILE {
            _mm256_storeu_ps(out, sums);
        } else {
            let mut values = [0.0; TILE];
            _mm256_storeu_ps(values.as_mut_ptr(), sums);
            out.copy_from_nonoverlapping(values.as_ptr(), valid);
        }
    }
}

/// Adds a block's exact sums to the running result of eight rows. Both kernels end here, with the same integers.
#[inline(always)]
unsafe fn add_block<F: Avx2>(
    total: __m256,
    products: __m256i,
    offsets: __m256i,
    (factor, minimum): (__m256, __m256),
    input_scale: f32,
) -> __m256 {
    unsafe {
        let value = if F::MINIMUM_AT.is_some() {
            let below = _mm256_mul_ps(_mm256_cvtepi32_ps(offsets), minimum);
            _mm256_fmsub_ps(_mm256_cvtepi32_ps(products), factor, below)
        } else {
            _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(products, offsets)), factor)
        };
        _mm256_fmadd_ps(value, _mm256_set1_ps(input_scale), total)
    }
}

/// The `f16` factors of eight blocks, as `f32`: of the codes and of the offsets.
#[inline(always)]
unsafe fn factors<F: Avx2>(rows: &[*const u8; TILE], block: usize) -> (__m256, __m256) {
    unsafe {
        let gather = |at: usize| {
            let mut halves = [0u16; TILE];
            for (half, row) in halves.iter_mut().zip(rows) {
                *half = row.add(block * F::BYTES + at).cast::<u16>().read_unaligned();
            }
            _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()))
        };
        let minimum = match F::MINIMUM_AT {
            None => _mm256_setzero_ps(),
            Some((at, false)) => gather(at),
            Some((at, true)) => _mm256_xor_ps(gather(at), _mm256_set1_ps(-0.0)),
        };
        (gather(F::FACTOR_AT), minimum)
    }
}

/// Sums of neighbouring products of codes and inputs, in 16 bits.
#[inline(always)]
unsafe fn products<F: Avx2>(codes: __m256i, input: __m256i) -> __m256i {
    unsafe {
        if F::SIGNED {
            // The instruction takes one operand without sign: the sign moves to the other one.
            _mm256_maddubs_epi16(_mm256_abs_epi8(codes), _mm256_sign_epi8(input, codes))
        } else {
            _mm256_maddubs_epi16(codes, input)
        }
    }
}

/// What all 32 inputs of a block with one fixed offset amount to.
#[inline(always)]
unsafe fn fixed_offset<F: Avx2>(sums: *const i16) -> __m256i {
    unsafe {
        let sum = i32::from(*sums) + i32::from(*sums.add(1));
        _mm256_set1_epi32(i32::from(F::OFFSET) * sum)
    }
}

/// Sums of the eight 32-bit numbers of each register.
#[inline(always)]
unsafe fn add_lanes(v: &[__m256i; TILE]) -> __m256i {
    unsafe {
        let a = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
        let b = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));
        _mm256_add_epi32(_mm256_permute2x128_si256::<0x20>(a, b), _mm256_permute2x128_si256::<0x31>(a, b))
    }
}

/// Eight rows times one input, reading the weights where they lie.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn one_input<F: Avx2>(rows: &[*const u8; TILE], blocks: usize, input: Input) -> __m256 {
    unsafe {
        let ones = _mm256_set1_epi16(1);
        // Copies a pair of 16-bit scales: the first to the first 16 values, the second to the others.
        let spread = _mm256_set_m128i(_mm_set1_epi16(0x0302), _mm_set1_epi16(0x0100));
        let mut total = _mm256_setzero_ps();
        for block in 0..blocks {
            let codes = input.codes.add(block * F::SPANS * 32);
            let sums = input.sums.add(block * F::SPANS * 2);
            let mut parts = [_mm256_setzero_si256(); TILE];
            let mut below = [_mm256_setzero_si256(); TILE];
            for row in 0..TILE {
                let weights = rows[row].add(block * F::BYTES);
                if !F::SCALED {
                    let x = _mm256_loadu_si256(codes.cast());
                    parts[row] = _mm256_madd_epi16(products::<F>(F::codes(weights, 0), x), ones);
                    continue;
                }
                let (scales, offsets) = F::scales(weights);
                below[row] = _mm256_madd_epi16(offsets, _mm256_loadu_si256(sums.cast()));
                let mut pairs = [0i32; 8];
                _mm256_storeu_si256(pairs.as_mut_ptr().cast(), scales);
                for (span, &pair) in pairs.iter().enumerate().take(F::SPANS) {
                    let x = _mm256_loadu_si256(codes.add(span * 32).cast());
                    let product = products::<F>(F::codes(weights, span), x);
                    let scale = _mm256_shuffle_epi8(_mm256_set1_epi32(pair), spread);
                    parts[row] = _mm256_add_epi32(parts[row], _mm256_madd_epi16(product, scale));
                }
            }
            let offsets = if F::SCALED { add_lanes(&below) } else { fixed_offset::<F>(sums) };
            let factors = factors::<F>(rows, block);
            total = add_block::<F>(total, add_lanes(&parts), offsets, factors, *input.scales.add(block));
        }
        total
    }
}
