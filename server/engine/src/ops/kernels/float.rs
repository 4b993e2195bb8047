//! Products of `f32`, `f16` and `bf16` rows: four rows of weights with up to six inputs at once, for any vectors that
//! have registers enough for it. AVX2 has not: `avx2/float.rs`.
//!
//! A product is added up in the lanes of a register, in the order of the values, and the lanes are added in a fixed
//! order: it has the same bits however many inputs and rows are multiplied in one call.
#![expect(unsafe_code, reason = "vector instructions; `multiply` checks the sizes that all pointers rely on")]
#![expect(clippy::needless_range_loop, reason = "the loops over registers are unrolled, and run over several arrays")]

use std::ops::Range;

use crate::ops::threads::for_ranges;

/// Rows of weights at once.
pub(super) const ROWS: usize = 4;
/// Inputs at once: with the rows, as many sums as there are registers for.
const WIDTH: usize = 6;
/// Groups of rows that stay in the second-level cache while all inputs pass.
const GROUPS: usize = 8;

/// A register of `f32`.
pub(super) trait Vector: Copy {
    /// Numbers of a register, at most 16.
    const LANES: usize;

    unsafe fn zero() -> Self;
    unsafe fn load(values: *const f32) -> Self;
    /// `self + a * b`, rounded once.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// Sums of the numbers of each register.
    unsafe fn add_lanes(registers: [Self; ROWS]) -> [f32; ROWS];

    /// [`tile`], compiled for the instructions.
    unsafe fn tile<T: Float<Self>, const N: usize>(product: &Product<'_>, row: usize, first: usize) -> usize;
}

/// A type of weights that is widened to `f32` in a register.
pub(super) trait Float<V: Vector> {
    const BYTES: usize;
    /// As many values as a register has, widened.
    unsafe fn load(weights: *const u8) -> V;
}

/// A matrix, its inputs and the place for the results.
pub(super) struct Product<'a> {
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
/// The processor has the instructions of `V`.
pub(super) unsafe fn multiply<V: Vector, T: Float<V>>(weights: &[u8], inputs: usize, x: &[f32], out: &mut [f32]) {
    let (rows, outputs) = (x.len() / inputs, weights.len() / (inputs * T::BYTES));
    assert_eq!(weights.len(), outputs * inputs * T::BYTES, "the weights are whole rows");
    assert_eq!(x.len(), rows * inputs, "the inputs are whole rows");
    assert_eq!(out.len(), rows * outputs, "there is a place for each product");
    let product = Product { weights, x, inputs, outputs, rows, out: out.as_mut_ptr() };
    let least = ((1 << 15) / (inputs * ROWS * rows).max(1)).max(1);
    // SAFETY: the caller's; the groups are disjoint.
    for_ranges(outputs.div_ceil(ROWS), least, |groups| unsafe { multiply_groups::<V, T>(&product, groups) });
}

unsafe fn multiply_groups<V: Vector, T: Float<V>>(product: &Product<'_>, groups: Range<usize>) {
    for first in groups.clone().step_by(GROUPS) {
        let mut row = 0;
        while row < product.rows {
            let mut count = 0;
            for group in first..groups.end.min(first + GROUPS) {
                // SAFETY: the caller's; rows and groups lie inside the product.
                count = unsafe {
                    match product.rows - row {
                        1 => V::tile::<T, 1>(product, row, group * ROWS),
                        2 => V::tile::<T, 2>(product, row, group * ROWS),
                        3..6 => V::tile::<T, 3>(product, row, group * ROWS),
                        _ => V::tile::<T, WIDTH>(product, row, group * ROWS),
                    }
                };
            }
            row += count;
        }
    }
}

/// `N` inputs from `row` on times four rows of weights from `first` on. Returns `N`.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, T: Float<V>, const N: usize>(
    product: &Product<'_>,
    row: usize,
    first: usize,
) -> usize {
    let Product { weights, x, inputs, outputs, .. } = *product;
    // The last group may have fewer rows: its last one stands in for those that are missing.
    let mut lines = [weights.as_ptr(); ROWS];
    for line in 0..ROWS {
        lines[line] = weights[(first + line).min(outputs - 1) * inputs * T::BYTES..].as_ptr();
    }
    let x = x[row * inputs..][..N * inputs].as_ptr();
    // SAFETY: what is read lies inside the rows, or in the copies of their ends; what is written, inside the output.
    unsafe {
        let mut sums = [[V::zero(); ROWS]; N];
        let whole = inputs / V::LANES * V::LANES;
        for at in (0..whole).step_by(V::LANES) {
            let mut parts = [V::zero(); ROWS];
            for line in 0..ROWS {
                parts[line] = T::load(lines[line].add(at * T::BYTES));
            }
            for n in 0..N {
                add(&mut sums[n], parts, V::load(x.add(n * inputs + at)));
            }
        }
        if whole < inputs {
            let rest = inputs - whole;
            let mut parts = [V::zero(); ROWS];
            for line in 0..ROWS {
                let mut end = [0u8; 16 * 4];
                end.as_mut_ptr().copy_from_nonoverlapping(lines[line].add(whole * T::BYTES), rest * T::BYTES);
                parts[line] = T::load(end.as_ptr());
            }
            for n in 0..N {
                let mut end = [0f32; 16];
                end.as_mut_ptr().copy_from_nonoverlapping(x.add(n * inputs + whole), rest);
                add(&mut sums[n], parts, V::load(end.as_ptr()));
            }
        }
        let valid = ROWS.min(outputs - first);
        for n in 0..N {
            let values = V::add_lanes(sums[n]);
            product.out.add((row + n) * outputs + first).copy_from_nonoverlapping(values.as_ptr(), valid);
        }
    }
    N
}

#[inline(always)]
unsafe fn add<V: Vector>(sums: &mut [V; ROWS], weights: [V; ROWS], x: V) {
    for line in 0..ROWS {
        sums[line] = unsafe { sums[line].add_product(weights[line], x) };
    }
}
