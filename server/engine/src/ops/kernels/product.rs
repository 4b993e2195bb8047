//! One product of a matrix with rows of inputs, its sizes checked: what both levels of kernels work on.
#![expect(unsafe_code, reason = "threads write disjoint columns of the output through a pointer")]

use super::Matrix;
use super::formats::Format;
use super::quantize::{GROUP, Quantized};

/// A matrix, its inputs and the place for the results.
pub(super) struct Product<'a> {
    pub(super) matrix: Matrix<'a>,
    /// Bytes of a row of weights.
    pub(super) row_bytes: usize,
    /// Blocks of a row of weights.
    pub(super) blocks: usize,
    pub(super) input: &'a Quantized,
    /// Rows of inputs.
    pub(super) rows: usize,
    out: *mut f32,
}

// SAFETY: the output is only written through `columns`, by each thread at places of its own.
unsafe impl Sync for Product<'_> {}

impl<'a> Product<'a> {
    /// Checks what all pointers of the kernels rely on: every part has the size that the shape says.
    pub(super) fn new<F: Format>(matrix: Matrix<'a>, input: &'a Quantized, out: &'a mut [f32]) -> Self {
        let Matrix { weights, inputs, outputs } = matrix;
        let rows = out.len() / outputs;
        let block = F::SPANS * 32;
        let blocks = inputs / block;
        let row_bytes = blocks * F::BYTES;
        assert!(inputs.is_multiple_of(block), "rows are whole blocks");
        assert_eq!(weights.len(), row_bytes * outputs, "the weights are whole rows");
        assert_eq!(out.len(), rows * outputs, "the output is whole rows");
        assert_eq!(input.codes.len(), rows * inputs, "there is an input for each row of the output");
        assert_eq!(input.scales.len(), rows * blocks, "and its scales");
        assert_eq!(input.sums.len(), rows * inputs / GROUP, "and its sums");
        Self { matrix, row_bytes, blocks, input, rows, out: out.as_mut_ptr() }
    }

    /// Pointers to `COUNT` rows of weights from `first` on. Behind the last row of the matrix it stands in for those
    /// that are missing.
    pub(super) fn weights<const COUNT: usize>(&self, first: usize) -> [*const u8; COUNT] {
        let last = self.matrix.outputs - 1;
        std::array::from_fn(|row| self.matrix.weights[(first + row).min(last) * self.row_bytes..].as_ptr())
    }

    /// Pointers to the parts of one row of inputs.
    pub(super) fn input(&self, row: usize) -> Input {
        let inputs = self.matrix.inputs;
        Input {
            codes: self.input.codes[row * inputs..].as_ptr(),
            scales: self.input.scales[row * self.blocks..].as_ptr(),
            sums: self.input.sums[row * (inputs / GROUP)..].as_ptr(),
        }
    }

    /// The place of a row's outputs from `first` on.
    pub(super) fn out(&self, row: usize, first: usize) -> *mut f32 {
        debug_assert!(row < self.rows && first < self.matrix.outputs, "the place lies inside the output");
        // SAFETY: the output has `rows` rows of `outputs` values, checked by `new`.
        unsafe { self.out.add(row * self.matrix.outputs + first) }
    }
}

/// The rows, `bytes` further on.
#[inline(always)]
pub(super) fn advance<const COUNT: usize>(rows: &[*const u8; COUNT], bytes: usize) -> [*const u8; COUNT] {
    // A loop: closures given to `map` are not compiled for the caller's instructions.
    let mut there = *rows;
    for row in &mut there {
        *row = row.wrapping_add(bytes);
    }
    there
}

/// Pointers to the parts of one row of inputs.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) codes: *const i8,
    pub(super) scales: *const f32,
    pub(super) sums: *const i16,
}
