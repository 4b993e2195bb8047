//! The input of matrix products: rows of `f32`, quantized on demand and at most once for each kind of weight.

use candle_core::quantized::GgmlType;
use candle_core::quantized::k_quants::{BlockQ8_0, BlockQ8_1, BlockQ8K};

use super::kernels::Quantized;

/// Rows that several matrices are multiplied with. The buffers are kept from one use to the next.
#[derive(Default)]
pub(crate) struct Activations {
    values: Vec<f32>,
    width: usize,
    q8_0: CandleBlocks<BlockQ8_0>,
    q8_1: CandleBlocks<BlockQ8_1>,
    q8k: CandleBlocks<BlockQ8K>,
    by_32: Quantized,
    by_256: Quantized,
    /// Which of the two are of the present values.
    fresh: [bool; 2],
}

/// For candle's own products.
struct CandleBlocks<B> {
    blocks: Vec<B>,
    /// False when the values have changed since.
    fresh: bool,
}

impl<B> Default for CandleBlocks<B> {
    fn default() -> Self {
        Self { blocks: Vec::new(), fresh: false }
    }
}

impl<B: GgmlType> CandleBlocks<B> {
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
        self.fresh = [false; 2];
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

    /// Rounds the values for our kernels, in blocks of 32 or 256.
    pub(super) fn round(&mut self, block: usize) {
        let (quantized, fresh) =
            if block == 32 { (&mut self.by_32, &mut self.fresh[0]) } else { (&mut self.by_256, &mut self.fresh[1]) };
        if !*fresh {
            quantized.update(&self.values, block);
            *fresh = true;
        }
    }

    /// What [`Activations::round`] has made.
    pub(super) fn rounded(&self, block: usize) -> &Quantized {
        let (quantized, fresh) = if block == 32 { (&self.by_32, self.fresh[0]) } else { (&self.by_256, self.fresh[1]) };
        assert!(fresh, "the values have been rounded");
        quantized
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
