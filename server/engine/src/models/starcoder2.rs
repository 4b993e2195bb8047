//! StarCoder 2 (and Granite models that use its layout): StarCoder with rope and grouped key-value heads.
//!
//! Source of the layout: llama.cpp, `conversion/starcoder.py` and `src/models/starcoder2.cpp` (architecture
//! `starcoder2`); the model: *StarCoder 2 and The Stack v2* (arXiv 2402.19173). Rope turns the two halves of a head;
//! the activation is the approximation of GELU by `tanh`. The window of 4096 positions that the 3B and 7B models were
//! trained with is not in the files, and llama.cpp attends to all positions.

use super::config::{Config, Keys};
use super::layer::{Mlp, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeType, gelu};

/// The model, in data-flow order.
struct StarCoder2 {
    embedding_and_head: EmbeddingAndHead,
    rope: [Rope; 1],
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
    keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let output_norm = weights.layer_norm("output_norm", config)?; // (width)
    let attention = AttentionShape::new(config.heads, config.kv_heads, config.head_size);
    Ok(Box::new(StarCoder2 {
        embedding_and_head: weights.embedding_and_head(config, output_norm)?,
        rope: [weights.rope(config, RopeType::Neox)?],
        attention: AttentionShape { window: keys.sliding_window(), ..attention },
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

impl Family for StarCoder2 {
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
        pass.rope(&self.rope, 0, self.attention);
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        pass.add_projected(&layer.attention_output); // (rows, width)

        layer.feed_forward_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.mlp(&layer.mlp, gelu); // (rows, width)
        pass.add_delta();
    }
}
