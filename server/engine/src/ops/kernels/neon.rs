//! The kernels for NEON: one input against a tile of eight rows where it lies, many inputs against an unpacked tile.
//!
//! They add the same integers and then the same floats in the same order as the x86-64 kernels: results are equal to the
//! last bit. What differs between processors is how products of bytes are added up, [`Dot`]: by one instruction where
//! there is `sdot`, else by what every aarch64 processor has.
#![expect(unsafe_code, reason = "vector instructions; `Product::new` checks the sizes that all pointers rely on")]

mod codes;
mod dot;
pub(super) mod float;
mod one;
mod panel;

use std::arch::aarch64::*;
use std::cell::RefCell;
use std::ops::Range;

pub(super) use codes::Neon;
use dot::Dot;
pub(super) use dot::{Baseline, Sdot};
use panel::Panel;

use super::product::Product;
use super::quantize::Quantized;
use super::{Job, Matrix};

/// Inputs from which on it pays to unpack a tile.
const PANEL_INPUTS: usize = 4;
/// Inputs that a panel is multiplied with at once: as many sums as there are registers for.
const WIDTH: usize = 4;
/// Registers with a number of each row of a tile.
const QUADS: usize = 2;
/// Rows of a tile.
const TILE: usize = 4 * QUADS;

/// A job whose pieces are tiles.
pub(super) fn prepare<'a, F: Neon, D: Dot>(matrix: Matrix<'a>, input: &'a Quantized, out: &'a mut [f32]) -> Job<'a> {
    let product = Product::new::<F>(matrix, input, out);
    Job {
        pieces: matrix.outputs.div_ceil(TILE),
        work: matrix.inputs * TILE * product.rows,
        run: multiply::<F, D>,
        product,
    }
}

/// # Safety
/// The processor has the instructions of `D`.
unsafe fn multiply<F: Neon, D: Dot>(product: &Product<'_>, tiles: Range<usize>) {
    thread_local! {
        static PANEL: RefCell<Panel> = RefCell::default();
    }
    PANEL.with_borrow_mut(|panel| {
        for tile in tiles {
            // SAFETY: the caller's.
            unsafe { multiply_tile::<F, D>(product, tile * TILE, panel) };
        }
    });
}

unsafe fn multiply_tile<F: Neon, D: Dot>(product: &Product<'_>, first: usize, panel: &mut Panel) {
    let rows = product.weights::<TILE>(first);
    // SAFETY: the caller's; `Product::new` has checked the sizes.
    unsafe {
        if product.rows < PANEL_INPUTS {
            for row in 0..product.rows {
                store(product, row, first, D::one_input::<F>(&rows, product.blocks, product.input(row)));
            }
            return;
        }
        panel.unpack::<F>(&rows, product.blocks);
        let mut row = 0;
        while row + WIDTH <= product.rows {
            let inputs = std::array::from_fn(|index| product.input(row + index));
            for (index, sums) in D::panel::<F, WIDTH>(panel, inputs).into_iter().enumerate() {
                store(product, row + index, first, sums);
            }
            row += WIDTH;
        }
        for row in row..product.rows {
            let [sums] = D::panel::<F, 1>(panel, [product.input(row)]);
            store(product, row, first, sums);
        }
    }
}

fn store(product: &Product<'_>, row: usize, first: usize, sums: [float32x4_t; QUADS]) {
    let mut values = [0.0; TILE];
    let valid = TILE.min(product.matrix.outputs - first);
    // SAFETY: both registers fit the values; row and columns lie inside the output.
    unsafe {
        vst1q_f32(values.as_mut_ptr(), sums[0]);
        vst1q_f32(values.as_mut_ptr().add(4), sums[1]);
        product.out(row, first).copy_from_nonoverlapping(values.as_ptr(), valid);
    }
}

/// Adds a block's exact sums to the running result of four rows. Both kernels end here, with the same integers.
#[inline(always)]
unsafe fn add_block<F: Neon>(
    total: float32x4_t,
    products: int32x4_t,
    offsets: int32x4_t,
    (factor, minimum): (float32x4_t, float32x4_t),
    input_scale: f32,
) -> float32x4_t {
    unsafe {
        let value = if F::MINIMUM_AT.is_some() {
            // With the minimum's sign turned this is rounded as `products * factor - below` is on x86-64.
            let below = vmulq_f32(vcvtq_f32_s32(offsets), minimum);
            vfmaq_f32(below, vcvtq_f32_s32(products), factor)
        } else {
            vmulq_f32(vcvtq_f32_s32(vsubq_s32(products, offsets)), factor)
        };
        vfmaq_n_f32(total, value, input_scale)
    }
}

/// The `f16` factors of four blocks, as `f32`: of the codes, and of the offsets with the sign turned.
#[inline(always)]
unsafe fn factors<F: Neon>(blocks: &[*const u8; 4]) -> (float32x4_t, float32x4_t) {
    unsafe {
        let gather = |at: usize| {
            let half = |row: usize| blocks[row].add(at).cast::<u16>().read_unaligned();
            let halves = [half(0), half(1), half(2), half(3)];
            vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(halves.as_ptr())))
        };
        let minimum = match F::MINIMUM_AT {
            None => vdupq_n_f32(0.0),
            Some((at, true)) => gather(at),
            Some((at, false)) => vnegq_f32(gather(at)),
        };
        (gather(F::FACTOR_AT), minimum)
    }
}
