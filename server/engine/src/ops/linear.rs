//! Matrix products with weights as they lie in the file: `y = W x`, row by row of the input.

use candle_core::quantized::k_quants::{
    BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K, BlockQ6K, BlockQ8_0,
};
use candle_core::quantized::{GgmlDType, GgmlType};
use half::{bf16, f16};
use rayon::prelude::*;

use super::activations::Activations;
use super::blocks::blocks;
use super::dequantize;
use super::vector::dot;
use crate::gguf::Slice;

/// A matrix of `outputs` rows with `inputs` values each.
#[derive(Debug)]
pub(crate) struct Linear {
    weights: Slice,
    dtype: GgmlDType,
    inputs: usize,
    outputs: usize,
}

impl Linear {
    /// `weights` holds `inputs * outputs` values of the type.
    pub(crate) fn new(weights: Slice, dtype: GgmlDType, inputs: usize, outputs: usize) -> Self {
        assert_eq!(
            weights.len(),
            inputs / dtype.block_size() * dtype.type_size() * outputs,
            "the shape fits the bytes"
        );
        Self { weights, dtype, inputs, outputs }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Bytes of weights.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.weights.len()
    }

    fn row_bytes(&self) -> usize {
        self.inputs / self.dtype.block_size() * self.dtype.type_size()
    }

    /// The weights of one output, as `f32`: an embedding row.
    pub(crate) fn row(&self, index: usize, out: &mut [f32]) {
        let size = self.row_bytes();
        dequantize(self.dtype, &self.weights[index * size..(index + 1) * size], out);
    }

    /// Multiplies every row of `input`; `out` gets `input.rows()` rows of `outputs` values.
    pub(crate) fn forward(&self, input: &mut Activations, out: &mut [f32]) {
        assert_eq!(input.width(), self.inputs, "the input has the matrix's width");
        assert_eq!(out.len(), input.rows() * self.outputs, "the output has the matrix's height");
        match self.dtype {
            GgmlDType::F32 => self.rows(input.values(), out, |row, x| dot(blocks(row), x)),
            GgmlDType::F16 => self.rows(input.values(), out, |row, x| {
                blocks::<f16>(row).iter().zip(x).map(|(w, x)| w.to_f32() * x).sum()
            }),
            GgmlDType::BF16 => self.rows(input.values(), out, |row, x| {
                blocks::<bf16>(row).iter().zip(x).map(|(w, x)| w.to_f32() * x).sum()
            }),
            GgmlDType::Q4_0 => self.quantized::<BlockQ4_0>(input.q8_0(), out),
            GgmlDType::Q4_1 => self.quantized::<BlockQ4_1>(input.q8_1(), out),
            GgmlDType::Q5_0 => self.quantized::<BlockQ5_0>(input.q8_0(), out),
            GgmlDType::Q5_1 => self.quantized::<BlockQ5_1>(input.q8_1(), out),
            GgmlDType::Q8_0 => self.quantized::<BlockQ8_0>(input.q8_0(), out),
            GgmlDType::Q2K => self.quantized::<BlockQ2K>(input.q8k(), out),
            GgmlDType::Q3K => self.quantized::<BlockQ3K>(input.q8k(), out),
            GgmlDType::Q4K => self.quantized::<BlockQ4K>(input.q8k(), out),
            GgmlDType::Q5K => self.quantized::<BlockQ5K>(input.q8k(), out),
            GgmlDType::Q6K => self.quantized::<BlockQ6K>(input.q8k(), out),
            GgmlDType::Q8_1 | GgmlDType::Q8K => unreachable!("the file reader refuses {:?}", self.dtype),
        }
    }

    fn quantized<B: GgmlType>(&self, input: &[B::VecDotType], out: &mut [f32]) {
        self.rows(input, out, |row, x| B::vec_dot(self.inputs, blocks(row), x));
    }

    fn rows<X: Sync>(&self, input: &[X], out: &mut [f32], dot: impl Fn(&[u8], &[X]) -> f32 + Sync) {
        let row_bytes = self.row_bytes();
        let x_len = input.len() / (out.len() / self.outputs);
        for (x, out) in input.chunks_exact(x_len).zip(out.chunks_exact_mut(self.outputs)) {
            out.par_chunks_mut(64).enumerate().for_each(|(tile, out)| {
                for (index, out) in out.iter_mut().enumerate() {
                    let start = (tile * 64 + index) * row_bytes;
                    *out = dot(&self.weights[start..start + row_bytes], x);
                }
            });
        }
    }
}
