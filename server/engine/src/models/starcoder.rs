//! StarCoder 1 (gpt_bigcode: StarCoderBase, tiny_starcoder): learned positions, one key-value head for all queries,
//! layer norms, a feed-forward part without gate, and a bias on everything.
//!
//! Source of the layout: llama.cpp, `conversion/starcoder.py` and `src/models/starcoder.cpp` (architecture `starcoder`);
//! the model: *StarCoder: may the source be with you!* (arXiv 2305.06161). Q, K and V are one tensor; the activation is
//! the approximation of GELU by `tanh`.

use super::config::{Config, Keys};
use super::layer::{Mlp, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Linear, gelu};

/// The model, in data-flow order.
struct StarCoder {
    embedding_and_head: EmbeddingAndHead,
    /// `(positions, width)`
    positions: Linear,
    attention: AttentionShape,
    layers: Vec<Layer>,
}

struct Layer {
    attention_norm: Norm,
    qkv: Qkv,
    attention_output: Projection,
    feed_forward_norm: Norm,
    mlp: Mlp,
}

/// The model of a file.
pub(super) fn read(
    _keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let output_norm = weights.layer_norm("output_norm", config)?; // (width)
    Ok(Box::new(StarCoder {
        embedding_and_head: weights.embedding_and_head(config, output_norm)?,
        positions: weights.linear("position_embd.weight", config.width, config.trained_context)?, // (positions, width)
        attention: AttentionShape::new(config.heads, config.kv_heads, config.head_size),
        layers: (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?,
    }))
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        Ok(Self {
            attention_norm: block.layer_norm("attn_norm", config)?, // (width)
            qkv: block.qkv(config)?,
            attention_output: block.attention_output(config)?, // (width, heads * head_size)
            feed_forward_norm: block.layer_norm("ffn_norm", config)?, // (width)
            mlp: block.mlp(config)?,
        })
    }
}

impl Family for StarCoder {
    fn embedding_and_head(&self) -> &EmbeddingAndHead {
        &self.embedding_and_head
    }

    fn embedded(&self, pass: &mut Pass) {
        pass.add_positions(&self.positions); // (rows, width)
    }

    fn block(&self, index: usize, pass: &mut Pass, spans: &mut [Span<'_>]) {
        let layer = &self.layers[index];

        layer.attention_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.project(&layer.qkv); // (rows, heads or kv_heads, head_size)
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        pass.add_projected(&layer.attention_output); // (rows, width)

        layer.feed_forward_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.mlp(&layer.mlp, gelu); // (rows, width)
        pass.add_delta();
    }
}
