//! The weights of one block, in data-flow order, by the names that GGUF files of all families use.

use super::config::Config;
use super::weights::Weights;
use crate::EngineError;
use crate::ops::{Activations, Linear, add};

/// Which projections have a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Biases {
    /// Q, K and V, always.
    OnQkv,
    /// Those for which the file has one.
    WherePresent,
}

/// A matrix with an optional bias.
pub(super) struct Projection {
    weight: Linear,
    bias: Option<Vec<f32>>,
}

impl Projection {
    pub(super) fn forward(&self, input: &mut Activations, out: &mut [f32]) {
        self.weight.forward(input, out);
        if let Some(bias) = &self.bias {
            for row in out.chunks_exact_mut(bias.len()) {
                add(row, bias);
            }
        }
    }

    fn memory_bytes(&self) -> usize {
        self.weight.memory_bytes() + self.bias.as_ref().map_or(0, |bias| size_of_val(&bias[..]))
    }
}

/// The weights of one block.
pub(super) struct Layer {
    pub(super) attention_norm: Vec<f32>,
    pub(super) q: Projection,
    pub(super) k: Projection,
    pub(super) v: Projection,
    pub(super) attention_output: Projection,
    pub(super) feed_forward_norm: Vec<f32>,
    pub(super) gate: Projection,
    pub(super) up: Projection,
    pub(super) down: Projection,
}

impl Layer {
    pub(super) fn read(
        weights: &mut Weights<'_>,
        index: usize,
        config: &Config,
        biases: Biases,
    ) -> Result<Self, EngineError> {
        let (width, hidden) = (config.width, config.hidden);
        let (q_width, kv_width) = (config.heads * config.head_size, config.kv_heads * config.head_size);
        let name = |part: &str| format!("blk.{index}.{part}");
        let attention_norm = weights.vector(&name("attn_norm.weight"), width)?; // (width)
        let feed_forward_norm = weights.vector(&name("ffn_norm.weight"), width)?; // (width)
        let mut projection = |part: &str, inputs, outputs| {
            let bias = name(&format!("{part}.bias"));
            Ok::<_, EngineError>(Projection {
                weight: weights.linear(&name(&format!("{part}.weight")), inputs, outputs)?,
                bias: match biases {
                    Biases::WherePresent => weights.optional_vector(&bias, outputs)?,
                    Biases::OnQkv if matches!(part, "attn_q" | "attn_k" | "attn_v") => {
                        Some(weights.vector(&bias, outputs)?)
                    }
                    Biases::OnQkv => None,
                },
            })
        };
        Ok(Self {
            attention_norm,
            q: projection("attn_q", width, q_width)?, // (heads * head_size, width)
            k: projection("attn_k", width, kv_width)?, // (kv_heads * head_size, width)
            v: projection("attn_v", width, kv_width)?, // (kv_heads * head_size, width)
            attention_output: projection("attn_output", q_width, width)?, // (width, heads * head_size)
            feed_forward_norm,
            gate: projection("ffn_gate", width, hidden)?, // (hidden, width)
            up: projection("ffn_up", width, hidden)?,     // (hidden, width)
            down: projection("ffn_down", hidden, width)?, // (width, hidden)
        })
    }

    /// Bytes of all matrices and biases.
    pub(super) fn memory_bytes(&self) -> usize {
        let Self { q, k, v, attention_output, gate, up, down, .. } = self;
        [q, k, v, attention_output, gate, up, down].map(Projection::memory_bytes).iter().sum()
    }
}
