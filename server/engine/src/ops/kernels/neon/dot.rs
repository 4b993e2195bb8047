//! How products of bytes are added up in 32 bits, with and without the dot product instructions.
#![expect(unsafe_code, reason = "vector instructions; code for a processor feature is called after asking for it")]

use std::arch::aarch64::*;
use std::arch::asm;

use super::super::product::Input;
use super::codes::Neon;
use super::panel::Panel;
use super::{QUADS, TILE, one};

/// The instructions for products, and both kernels compiled for them.
///
/// The kernels are inlined into the functions here, which are compiled for the instructions.
pub(in crate::ops::kernels) trait Dot {
    /// See [`one::tile`].
    unsafe fn one_input<F: Neon>(rows: &[*const u8; TILE], blocks: usize, input: Input) -> [float32x4_t; QUADS];

    /// See [`Panel::multiply`].
    unsafe fn panel<F: Neon, const N: usize>(panel: &Panel, inputs: [Input; N]) -> [[float32x4_t; QUADS]; N];

    /// Adds the products of all bytes to the lanes of `sum`, no matter which to which lane.
    unsafe fn add(sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t;

    /// Adds products of four neighbours to the lane of their row: of each register of `codes`, which has four rows, with
    /// the four bytes of `x` that belong to it.
    unsafe fn add_rows<F: Neon>(sum: int32x4_t, codes: [int8x16_t; 4], x: int8x16_t) -> int32x4_t;
}

/// `sdot`: all processors since about 2018.
pub(in crate::ops::kernels) struct Sdot;

impl Dot for Sdot {
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn one_input<F: Neon>(rows: &[*const u8; TILE], blocks: usize, input: Input) -> [float32x4_t; QUADS] {
        unsafe { one::tile::<F, Self>(rows, blocks, input) }
    }

    #[target_feature(enable = "neon,dotprod")]
    unsafe fn panel<F: Neon, const N: usize>(panel: &Panel, inputs: [Input; N]) -> [[float32x4_t; QUADS]; N] {
        unsafe { panel.multiply::<F, Self, N>(inputs) }
    }

    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn add(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
        // The compiler's own function for it is not stable yet.
        unsafe {
            asm!(
                "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
                sum = inout(vreg) sum, a = in(vreg) a, b = in(vreg) b,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        sum
    }

    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    unsafe fn add_rows<F: Neon>(sum: int32x4_t, codes: [int8x16_t; 4], x: int8x16_t) -> int32x4_t {
        let sum = sdot_lane::<0>(sum, codes[0], x);
        let sum = sdot_lane::<1>(sum, codes[1], x);
        let sum = sdot_lane::<2>(sum, codes[2], x);
        sdot_lane::<3>(sum, codes[3], x)
    }
}

/// Adds products with the four bytes of `x` from `4 * LANE` on.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn sdot_lane<const LANE: usize>(mut sum: int32x4_t, codes: int8x16_t, x: int8x16_t) -> int32x4_t {
    // SAFETY: an instruction on registers.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {codes:v}.16b, {x:v}.4b[{lane}]",
            sum = inout(vreg) sum, codes = in(vreg) codes, x = in(vreg) x, lane = const LANE,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// What every aarch64 processor has: products in 16 bits, added up there as far as they fit.
pub(in crate::ops::kernels) struct Baseline;

impl Dot for Baseline {
    #[inline(never)]
    unsafe fn one_input<F: Neon>(rows: &[*const u8; TILE], blocks: usize, input: Input) -> [float32x4_t; QUADS] {
        unsafe { one::tile::<F, Self>(rows, blocks, input) }
    }

    #[inline(never)]
    unsafe fn panel<F: Neon, const N: usize>(panel: &Panel, inputs: [Input; N]) -> [[float32x4_t; QUADS]; N] {
        unsafe { panel.multiply::<F, Self, N>(inputs) }
    }

    #[inline(always)]
    unsafe fn add(sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
        unsafe {
            // What the compiler knows of codes makes it multiply them in 16 bits.
            let a = as_it_is(a);
            // Two products: at most 2 * 128 * 127, as inputs are never -128.
            let products = vmlal_high_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), a, b);
            vpadalq_s16(sum, products)
        }
    }

    #[inline(always)]
    unsafe fn add_rows<F: Neon>(mut sum: int32x4_t, codes: [int8x16_t; 4], x: int8x16_t) -> int32x4_t {
        unsafe {
            let x = vreinterpretq_s32_s8(x);
            let x =
                [vdupq_laneq_s32::<0>(x), vdupq_laneq_s32::<1>(x), vdupq_laneq_s32::<2>(x), vdupq_laneq_s32::<3>(x)];
            let x = x.map(|x| vreinterpretq_s8_s32(x));
            if F::SIGNED {
                for (codes, x) in codes.into_iter().zip(x) {
                    let low = vmull_s8(vget_low_s8(codes), vget_low_s8(x));
                    sum = vpadalq_s16(sum, vpaddq_s16(low, vmull_high_s8(codes, x)));
                }
                return sum;
            }
            let (mut low, mut high) = (vdupq_n_s16(0), vdupq_n_s16(0));
            for (codes, x) in codes.into_iter().zip(x) {
                low = vmlal_s8(low, vget_low_s8(codes), vget_low_s8(x));
                high = vmlal_high_s8(high, codes, x);
            }
            // Codes of panels are at most 32 in size: the pairs, eight products, are at most 8 * 32 * 127.
            vpadalq_s16(sum, vpaddq_s16(low, high))
        }
    }
}

/// The same register, and nothing that the compiler knows of what is in it.
#[inline(always)]
pub(super) fn as_it_is(mut register: int8x16_t) -> int8x16_t {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0:v} */", inout(vreg) register, options(pure, nomem, nostack, preserves_flags)) };
    register
}
