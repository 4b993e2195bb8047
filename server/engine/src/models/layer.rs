//! The parts that blocks of all families are made of: matrices with a bias, and norms.

use crate::ops::{Activations, Linear, add, rms_norm};

/// A matrix with an optional bias.
pub(super) struct Projection {
    pub(super) weight: Linear,
    pub(super) bias: Option<Vec<f32>>,
}

impl Projection {
    /// `out = W x + b` for every row of the input, `(rows, outputs)`.
    pub(super) fn forward(&self, input: &mut Activations, out: &mut Vec<f32>) {
        out.resize(input.rows() * self.weight.outputs(), 0.0);
        if out.is_empty() {
            return;
        }
        self.weight.forward(input, out);
        if let Some(bias) = &self.bias {
            for row in out.chunks_exact_mut(bias.len()) {
                add(row, bias);
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.weight.memory_bytes() + self.bias.as_ref().map_or(0, |bias| size_of_val(&bias[..]))
    }
}

/// Several projections of the same input.
pub(super) fn project<const N: usize>(input: &mut Activations, outputs: [(&Projection, &mut Vec<f32>); N]) {
    for (projection, out) in outputs {
        projection.forward(input, out);
    }
}

/// A norm with learned weights.
pub(super) enum Norm {
    /// Root mean square: *Root Mean Square Layer Normalization* (arXiv 1910.07467).
    Rms { weight: Vec<f32>, epsilon: f32 },
}

impl Norm {
    /// Norms every row of `x`, `(rows, width)`.
    pub(super) fn forward(&self, x: &[f32], out: &mut Activations) {
        match self {
            Self::Rms { weight, epsilon } => {
                rms_norm(x, weight, *epsilon, out.start(x.len() / weight.len(), weight.len()));
            }
        }
    }
}
