//! Qwen3: llama's blocks with a norm of every head of queries and keys, no biases, and a head size of its own.
//!
//! Source of the layout: llama.cpp, `conversion/qwen.py` and `src/models/qwen3.cpp` (architecture `qwen3`); the model:
//! *Qwen3 Technical Report* (arXiv 2505.09388). Rope turns the two halves of a head.

use super::config::{Config, Keys};
use super::layer::{GatedMlp, InPlaceNorm, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeType, silu_mul};

/// The model, in data-flow order.
struct Qwen3 {
    embedding_and_head: EmbeddingAndHead,
    rope: [Rope; 1],
    attention: AttentionShape,
    layers: Vec<Layer>,
}

struct Layer {
    attention_norm: Norm,
    qkv: Qkv,
    q_norm: InPlaceNorm,
    k_norm: InPlaceNorm,
    attention_output: Projection,
    feed_forward_norm: Norm,
    mlp: GatedMlp,
}

/// The model of a file.
pub(super) fn read(
    _keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let output_norm = weights.rms_norm("output_norm", config)?; // (width)
    Ok(Box::new(Qwen3 {
        embedding_and_head: weights.embedding_and_head(config, output_norm)?,
        rope: [weights.rope(config, RopeType::Neox)?],
        attention: AttentionShape::new(config.heads, config.kv_heads, config.head_size),
        layers: (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?,
    }))
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        Ok(Self {
            attention_norm: block.rms_norm("attn_norm", config)?, // (width)
            qkv: block.qkv(config)?,
            q_norm: block.head_rms_norm("attn_q_norm", config)?, // (head_size)
            k_norm: block.head_rms_norm("attn_k_norm", config)?, // (head_size)
            attention_output: block.attention_output(config)?,   // (width, heads * head_size)
            feed_forward_norm: block.rms_norm("ffn_norm", config)?, // (width)
            mlp: block.gated_mlp(config)?,
        })
    }
}

impl Family for Qwen3 {
    fn embedding_and_head(&self) -> &EmbeddingAndHead {
        &self.embedding_and_head
    }

    fn ropes(&self) -> &[Rope] {
        &self.rope
    }

    fn block(&self, index: usize, pass: &mut Pass, spans: &mut [Span<'_>]) {
        let layer = &self.layers[index];

        layer.attention_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.project(&layer.qkv); // (rows, heads or kv_heads, head_size)
        layer.q_norm.forward(&mut pass.q); // (rows, heads, head_size)
        layer.k_norm.forward(&mut pass.k); // (rows, kv_heads, head_size)
        pass.rope(&self.rope, 0, self.attention);
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        pass.add_projected(&layer.attention_output); // (rows, width)

        layer.feed_forward_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.gated_mlp(&layer.mlp, silu_mul); // (rows, width)
        pass.add_delta();
    }
}
