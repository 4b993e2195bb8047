//! The input of matrix products: rows of `f32`, quantized on demand and at most once for each kind of weight.

use candle_core::quantized::GgmlType;
use candle_core::quantized::k_quants::{BlockQ8_0, BlockQ8_1, BlockQ8K};

/// Rows that several matrices are multiplied with. The buffers are kept from one use to the next.
#[derive(Default)]
pub(crate) struct Activations {
    values: Vec<f32>,
    width: usize,
    q8_0: Quantized<BlockQ8_0>,
    q8_1: Quantized<BlockQ8_1>,
    q8k: Quantized<BlockQ8K>,
}

struct Quantized<B> {
    blocks: Vec<B>,
    /// False when the values have changed since.
    fresh: bool,
}

impl<B> Default for Quantized<B> {
    fn default() -> Self {
        Self { blocks: Vec::new(), fresh: false }
    }
}

impl<B: GgmlType> Quantized<B> {
    fn update(&mut self, values: &[f32]) -> &[B] {
        if !self.fresh {
            self.blocks.resize(values.len() / B::BLCK_SIZE, B::zeros());
            B::from_float(values, &mut self.blocks);
            self.fresh = true;
        }
        &self.blocks
    }
}

impl Activations {
    /// Gives the `rows * width` values to be written anew; what they were is unspecified.
    pub(crate) fn start(&mut self, rows: usize, width: usize) -> &mut [f32] {
        self.width = width;
        self.values.resize(rows * width, 0.0);
        (self.q8_0.fresh, self.q8_1.fresh, self.q8k.fresh) = (false, false, false);
        &mut self.values
    }

    pub(crate) fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Row by row.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(super) fn q8_0(&mut self) -> &[BlockQ8_0] {
        self.q8_0.update(&self.values)
    }

    pub(super) fn q8_1(&mut self) -> &[BlockQ8_1] {
        self.q8_1.update(&self.values)
    }

    pub(super) fn q8k(&mut self) -> &[BlockQ8K] {
        self.q8k.update(&self.values)
    }
}
