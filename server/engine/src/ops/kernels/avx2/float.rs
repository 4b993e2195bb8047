//! Products of `f32`, `f16` and `bf16` rows with AVX2. As with quantized rows, a product has the same bits however many
//! inputs are multiplied in one call.
#![expect(unsafe_code, reason = "vector instructions; `dot_rows` checks the sizes that all pointers rely on")]

use std::arch::x86_64::*;

use half::{bf16, f16};

/// Inputs that a row is multiplied with at once.
const WIDTH: usize = 4;

/// A type of weights that is widened to `f32` in a register.
pub(in crate::ops::kernels) trait Float {
    const BYTES: usize;
    /// Eight values, widened.
    unsafe fn eight(weights: *const u8) -> __m256;
    /// One value, widened.
    fn one(bytes: &[u8]) -> f32;
}

impl Float for f32 {
    const BYTES: usize = 4;

    #[inline(always)]
    unsafe fn eight(weights: *const u8) -> __m256 {
        unsafe { _mm256_loadu_ps(weights.cast()) }
    }

    fn one(bytes: &[u8]) -> f32 {
        Self::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }
}

impl Float for f16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn eight(weights: *const u8) -> __m256 {
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(weights.cast())) }
    }

    fn one(bytes: &[u8]) -> f32 {
        Self::from_le_bytes([bytes[0], bytes[1]]).to_f32()
    }
}

impl Float for bf16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn eight(weights: *const u8) -> __m256 {
        unsafe {
            let wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(weights.cast()));
            _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16))
        }
    }

    fn one(bytes: &[u8]) -> f32 {
        Self::from_le_bytes([bytes[0], bytes[1]]).to_f32()
    }
}

/// See `DotRows`; `float_kernel` hands it out only where there is AVX2.
pub(in crate::ops::kernels) fn dot_rows<T: Float>(weights: &[u8], x: &[f32], out: &mut [f32]) {
    let len = weights.len() / T::BYTES;
    assert_eq!(weights.len(), len * T::BYTES, "the weights are whole numbers");
    assert_eq!(x.len(), len * out.len(), "there is an input for each product");
    let (x_groups, x_rest) = x.split_at(out.len() / WIDTH * WIDTH * len);
    let (groups, rest) = out.as_chunks_mut::<WIDTH>();
    // SAFETY: this processor has AVX2, and every input is as long as the weights.
    unsafe {
        for (x, out) in x_groups.chunks_exact((WIDTH * len).max(1)).zip(groups) {
            *out = dots::<T, WIDTH>(weights, std::array::from_fn(|n| &x[n * len..(n + 1) * len]));
        }
        for (x, out) in x_rest.chunks_exact(len.max(1)).zip(rest) {
            [*out] = dots::<T, 1>(weights, [x]);
        }
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn dots<T: Float, const N: usize>(weights: &[u8], x: [&[f32]; N]) -> [f32; N] {
    let len = weights.len() / T::BYTES;
    let whole = len / 16 * 16;
    let mut sums = [[_mm256_setzero_ps(); 2]; N];
    for at in (0..whole).step_by(16) {
        for (half, at) in [at, at + 8].into_iter().enumerate() {
            // SAFETY: sixteen values from `at` on lie inside the row and inside every input.
            unsafe {
                let weights = T::eight(weights.as_ptr().add(at * T::BYTES));
                for (sums, x) in sums.iter_mut().zip(&x) {
                    sums[half] = _mm256_fmadd_ps(weights, _mm256_loadu_ps(x.as_ptr().add(at)), sums[half]);
                }
            }
        }
    }
    let mut out = [0.0; N];
    for ((out, sums), x) in out.iter_mut().zip(sums).zip(x) {
        let mut lanes = [0.0; 8];
        // SAFETY: `lanes` has room for a register.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), _mm256_add_ps(sums[0], sums[1])) };
        let sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
        let rest = weights[whole * T::BYTES..].chunks_exact(T::BYTES).zip(&x[whole..]);
        *out = sum + rest.map(|(weight, x)| T::one(weight) * x).sum::<f32>();
    }
    out
}
