//! Products of `f32`, `f16` and `bf16` rows with NEON: the registers that `float.rs` computes in.
#![expect(unsafe_code, reason = "vector instructions; the callers check bounds")]

use std::arch::aarch64::*;

use half::{bf16, f16};

use super::super::float::{self, Float, Product, ROWS, Vector};

/// Four numbers.
pub(in crate::ops::kernels) type Register = float32x4_t;

impl Vector for Register {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { vdupq_n_f32(0.0) }
    }

    #[inline(always)]
    unsafe fn load(values: *const f32) -> Self {
        unsafe { vld1q_f32(values) }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        unsafe { vfmaq_f32(self, a, b) }
    }

    #[inline(always)]
    unsafe fn add_lanes([a, b, c, d]: [Self; ROWS]) -> [f32; ROWS] {
        let mut out = [0.0; ROWS];
        unsafe { vst1q_f32(out.as_mut_ptr(), vpaddq_f32(vpaddq_f32(a, b), vpaddq_f32(c, d))) };
        out
    }

    #[inline(never)]
    unsafe fn tile<T: Float<Self>, const N: usize>(product: &Product<'_>, row: usize, first: usize) -> usize {
        unsafe { float::tile::<Self, T, N>(product, row, first) }
    }
}

impl Float<Register> for f32 {
    const BYTES: usize = 4;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe { vreinterpretq_f32_u8(vld1q_u8(weights)) }
    }
}

impl Float<Register> for f16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe { vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(weights))) }
    }
}

impl Float<Register> for bf16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load(weights: *const u8) -> Register {
        unsafe { vreinterpretq_f32_u32(vshll_n_u16::<16>(vreinterpret_u16_u8(vld1_u8(weights)))) }
    }
}
