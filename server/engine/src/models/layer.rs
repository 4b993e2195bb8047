//! The parts that blocks of all families are made of: matrices with a bias, what they are grouped to, and norms.

use crate::ops::{Activations, Linear, add, forward_all, layer_norm, layer_norm_in_place, rms_norm, rms_norm_in_place};

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
        self.add_bias(out);
    }

    fn add_bias(&self, out: &mut [f32]) {
        if let Some(bias) = &self.bias {
            for row in out.chunks_exact_mut(bias.len()) {
                add(row, bias);
            }
        }
    }
}

/// Several projections of the same input.
pub(super) fn project<const N: usize>(input: &mut Activations, outputs: [(&Projection, &mut Vec<f32>); N]) {
    let rows = input.rows();
    let mut outputs = outputs.map(|(projection, out)| {
        out.resize(rows * projection.weight.outputs(), 0.0);
        (projection, out)
    });
    if rows == 0 {
        return;
    }
    forward_all(input, outputs.each_mut().map(|(projection, out)| (&projection.weight, &mut out[..])));
    for (projection, out) in outputs {
        projection.add_bias(out);
    }
}

/// What attention's inputs are made with.
pub(super) struct Qkv {
    /// `(heads * head_size, width)`.
    pub(super) q: Projection,
    /// `(kv_heads * head_size, width)`.
    pub(super) k: Projection,
    /// `(kv_heads * head_size, width)`.
    pub(super) v: Projection,
}

/// A feed-forward part: `down(activation(up x))`.
pub(super) struct Mlp {
    /// `(hidden, width)`.
    pub(super) up: Projection,
    /// `(width, hidden)`.
    pub(super) down: Projection,
}

/// A feed-forward part with a gate, `down(activation(gate x) * up x)`: *GLU Variants Improve Transformer* (arXiv
/// 2002.05202).
pub(super) struct GatedMlp {
    /// `(hidden, width)`.
    pub(super) gate: Projection,
    /// `(hidden, width)`.
    pub(super) up: Projection,
    /// `(width, hidden)`.
    pub(super) down: Projection,
}

/// A norm of the residual stream.
pub(super) enum Norm {
    /// Root mean square: *Root Mean Square Layer Normalization* (arXiv 1910.07467).
    Rms { weight: Vec<f32>, epsilon: f32 },
    /// *Layer Normalization* (arXiv 1607.06450).
    Layer { weight: Vec<f32>, bias: Vec<f32>, epsilon: f32 },
}

impl Norm {
    /// A root-mean-square norm that learned nothing.
    pub(super) fn unit_rms(width: usize, epsilon: f32) -> Self {
        Self::Rms { weight: vec![1.0; width], epsilon }
    }

    /// Norms every row of `x`, `(rows, width)`.
    pub(super) fn forward(&self, x: &[f32], out: &mut Activations) {
        match self {
            Self::Rms { weight, epsilon } => {
                rms_norm(x, weight, *epsilon, out.start(x.len() / weight.len(), weight.len()));
            }
            Self::Layer { weight, bias, epsilon } => {
                layer_norm(x, weight, bias, *epsilon, out.start(x.len() / weight.len(), weight.len()));
            }
        }
    }
}

/// A norm of every head of queries or keys, or of rows, which replaces what it reads.
pub(super) enum InPlaceNorm {
    /// Root mean square; as many values as there are weights are normed together.
    Rms { weight: Vec<f32>, epsilon: f32 },
    /// Layer norms without bias, for heads of `size` values; `(heads, size)` weights.
    Layer { weight: Vec<f32>, size: usize, epsilon: f32 },
}

impl InPlaceNorm {
    /// A root-mean-square norm that learned nothing.
    pub(super) fn unit_rms(size: usize, epsilon: f32) -> Self {
        Self::Rms { weight: vec![1.0; size], epsilon }
    }

    /// Norms every head of every row, `(rows, heads, head_size)`, or every row, `(rows, width)`.
    pub(super) fn forward(&self, x: &mut [f32]) {
        match self {
            Self::Rms { weight, epsilon } => rms_norm_in_place(x, weight, *epsilon),
            Self::Layer { weight, size, epsilon } => layer_norm_in_place(x, *size, weight, *epsilon),
        }
    }
}
