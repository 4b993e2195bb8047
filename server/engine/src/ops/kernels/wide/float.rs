//! Products of `f32`, `f16` and `bf16` rows with AVX-512: the registers that `float.rs` computes in.
#![expect(unsafe_code, reason = "vector instructions; the callers check features and bounds")]

use std::arch::x86_64::*;

use half::{bf16, f16};

use super::super::float::{self, Float, Product, ROWS, Vector};

/// Sixteen numbers.
pub(in crate::ops::kernels) type Register = __m512;

impl Vector for Register {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn load(values: *const f32) -> Self {
        unsafe { _mm512_loadu_ps(values) }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        unsafe { _mm512_fmadd_ps(a, b, self) }
    }

    #[inline(always)]
    unsafe fn add_lanes([a, b, c, d]: [Self; ROWS]) -> [f32; ROWS] {
        unsafe {
            let ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
            let cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
            let low = _mm512_shuffle_ps::<0b01_00_01_00>(ab, cd);
            let high = _mm512_shuffle_ps::<0b11_10_11_10>(ab, cd);
            let quarters = _mm512_add_ps(low, high);
            let halves = _mm256_add_ps(_mm512_castps512_ps256(quarters), _mm512_extractf32x8_ps::<1>(quarters));
            let sums = _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps::<1>(halves));
            let mut out = [0.0; ROWS];
            _mm_storeu_ps(out.as_mut_ptr(), sums);
            out
        }
    }

    #[inline(never)]
    #[target_feature(enable = "avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn tile<T: Float<Self>, const N: usize>(product: &Product<'_>, row: usize, first: usize) -> usize {
        unsafe { float::tile::<Self, T, N>(product, row, first) }
    }
}

impl Float<Register> for f32 {
    const BYTES: usize = 4;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe { _mm512_loadu_ps(weights.cast()) }
    }
}

impl Float<Register> for f16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(weights.cast())) }
    }
}

impl Float<Register> for bf16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe {
            let wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(weights.cast()));
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(wide))
        }
    }
}
