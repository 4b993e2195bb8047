//! Products of quantized rows with AVX2, for the types people use. Other types and processors use candle's.
//!
//! A *tile* is eight rows of weights; a result register has one row in each lane. A *block* is the type's own, of 32 or
//! 256 values; a *span* is 32 values of it. Within a block everything is exact integer arithmetic, and blocks are added
//! up in their order, so the product of a row with an input is the same to the last bit in both kernels: one input at a
//! time, reading the weights where they lie (decode), and many inputs, for which a tile is first unpacked (prefill).
//!
//! Entry: [`Kernel::find`], [`float_kernel`].

#[cfg(target_arch = "x86_64")]
mod float;
#[cfg(target_arch = "x86_64")]
mod formats;
#[cfg(target_arch = "x86_64")]
mod panel;
mod quantize;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod tile;

use candle_core::quantized::GgmlDType;

pub(super) use quantize::Quantized;

/// A matrix in its file's layout.
#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no kernel reads it"))]
pub(super) struct Matrix<'a> {
    pub(super) weights: &'a [u8],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

type Multiply = fn(Matrix<'_>, &Quantized, &mut [f32]);

/// How one type is multiplied.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    block: usize,
    multiply: Multiply,
}

impl Kernel {
    /// The kernel for a type, where there is one and this processor can run it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn find(dtype: GgmlDType) -> Option<Self> {
        if !super::cpu::has_avx2() {
            return None;
        }
        let multiply: Multiply = match dtype {
            GgmlDType::Q4_0 => tile::multiply::<formats::Q4_0>,
            GgmlDType::Q4_1 => tile::multiply::<formats::Q4_1>,
            GgmlDType::Q5_0 => tile::multiply::<formats::Q5_0>,
            GgmlDType::Q5_1 => tile::multiply::<formats::Q5_1>,
            GgmlDType::Q8_0 => tile::multiply::<formats::Q8_0>,
            GgmlDType::Q4K => tile::multiply::<formats::Q4K>,
            GgmlDType::Q5K => tile::multiply::<formats::Q5K>,
            GgmlDType::Q6K => tile::multiply::<formats::Q6K>,
            _ => return None,
        };
        Some(Self { block: dtype.block_size(), multiply })
    }

    /// There are kernels for x86-64 only.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn find(_dtype: GgmlDType) -> Option<Self> {
        None
    }

    /// Values of a block of the input that belongs to this type: 32 or 256.
    pub(super) fn block(&self) -> usize {
        self.block
    }

    /// Multiplies the rows of `input`, which has been rounded in blocks of `block`.
    pub(super) fn multiply(&self, matrix: Matrix<'_>, input: &Quantized, out: &mut [f32]) {
        (self.multiply)(matrix, input, out);
    }
}

/// Multiplies a row of weights, as bytes, with inputs of the same length: one product each.
pub(super) type DotRows = fn(&[u8], &[f32], &mut [f32]);

/// The kernel for a type that is not quantized, where this processor can run it.
#[cfg(target_arch = "x86_64")]
pub(super) fn float_kernel(dtype: GgmlDType) -> Option<DotRows> {
    if !super::cpu::has_avx2() {
        return None;
    }
    match dtype {
        GgmlDType::F32 => Some(float::dot_rows::<f32>),
        GgmlDType::F16 => Some(float::dot_rows::<half::f16>),
        GgmlDType::BF16 => Some(float::dot_rows::<half::bf16>),
        _ => None,
    }
}

/// There are kernels for x86-64 only.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn float_kernel(_dtype: GgmlDType) -> Option<DotRows> {
    None
}
