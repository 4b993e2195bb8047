//! StableLM and Stable Code: layer norms, rope on a part of each head, a SiLU-gated feed-forward part.
//!
//! Source of the layout: llama.cpp, `conversion/stablelm.py` and `src/models/stablelm.cpp` (architecture `stablelm`); the
//! model: *Stable Code Technical Report* (arXiv 2404.01226). Rope turns the two halves of that part. StableLM 2 1.6B has
//! biases on Q, K and V. StableLM 2 12B has a norm for every head of queries and keys, and its two half-blocks read the
//! same normed rows: its files have no `ffn_norm`, which decides it here as in llama.cpp, since the entry
//! `use_parallel_residual` is true in files of models that are not built like that.

use super::config::{Config, Keys};
use super::layer::{GatedMlp, InPlaceNorm, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeType, silu_mul};

/// The model, in data-flow order.
struct StableLm {
    embedding_and_head: EmbeddingAndHead,
    rope: [Rope; 1],
    attention: AttentionShape,
    layers: Vec<Layer>,
}

struct Layer {
    attention_norm: Norm,
    qkv: Qkv,
    q_norm: Option<InPlaceNorm>,
    k_norm: Option<InPlaceNorm>,
    attention_output: Projection,
    /// `None`: the feed-forward part reads what attention reads.
    feed_forward_norm: Option<Norm>,
    mlp: GatedMlp,
}

/// The model of a file.
pub(super) fn read(
    _keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let output_norm = weights.layer_norm("output_norm", config)?; // (width)
    Ok(Box::new(StableLm {
        embedding_and_head: weights.embedding_and_head(config, output_norm)?,
        rope: [weights.rope(config, RopeType::Neox)?],
        attention: AttentionShape::new(config.heads, config.kv_heads, config.head_size),
        layers: (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?,
    }))
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        let sequential = block.has("ffn_norm.weight");
        Ok(Self {
            attention_norm: block.layer_norm("attn_norm", config)?, // (width)
            qkv: block.qkv(config)?,
            q_norm: block.head_layer_norms("attn_q_norm", config.heads, config)?, // (heads, head_size)
            k_norm: block.head_layer_norms("attn_k_norm", config.kv_heads, config)?, // (kv_heads, head_size)
            attention_output: block.attention_output(config)?,                    // (width, heads * head_size)
            feed_forward_norm: sequential.then(|| block.layer_norm("ffn_norm", config)).transpose()?, // (width)
            mlp: block.gated_mlp(config)?,
        })
    }
}

impl Family for StableLm {
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
        if let Some(norm) = &layer.q_norm {
            norm.forward(&mut pass.q); // (rows, heads, head_size)
        }
        if let Some(norm) = &layer.k_norm {
            norm.forward(&mut pass.k); // (rows, kv_heads, head_size)
        }
        pass.rope(&self.rope, 0, self.attention);
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        layer.attention_output.forward(&mut pass.input, &mut pass.delta); // (rows, width)
        if layer.feed_forward_norm.is_none() {
            // Before the sum: the rows that attention read.
            layer.attention_norm.forward(&pass.x, &mut pass.input); // (rows, width)
        }
        pass.add_delta();

        if let Some(norm) = &layer.feed_forward_norm {
            norm.forward(&pass.x, &mut pass.input); // (rows, width)
        }
        pass.gated_mlp(&layer.mlp, silu_mul); // (rows, width)
        pass.add_delta();
    }
}
