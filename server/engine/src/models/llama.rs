//! The llama family: Llama 1 to 3, Mistral, Code Llama, DeepSeek-Coder 1, Yi, SmolLM and many others under one name.
//!
//! Pre-norm blocks of grouped-query attention and a SiLU-gated feed-forward part: *Llama 2* (arXiv 2307.09288). Source of
//! the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `llama`). The converter permutes
//! the rows of Q and K, so rope turns neighbouring values. Llama 3.1 and later come with a tensor of factors for rope's
//! frequencies. Most have no biases; some relatives do.

use super::config::{Config, Keys};
use super::layer::{GatedMlp, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeType, silu_mul};

/// The model, in data-flow order.
pub(super) struct Llama {
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
    mlp: GatedMlp,
}

/// The model of a file.
pub(super) fn read(
    _keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let rope = weights.rope(config, RopeType::Norm)?;
    Ok(Box::new(Llama::read(config, weights, rope, None)?))
}

impl Llama {
    /// The weights of this family and of those that have the same blocks.
    pub(super) fn read(
        config: &Config,
        weights: &mut Weights<'_>,
        rope: Rope,
        window: Option<usize>,
    ) -> Result<Self, EngineError> {
        let output_norm = weights.rms_norm("output_norm", config)?; // (width)
        let embedding_and_head = weights.embedding_and_head(config, output_norm)?;
        let layers = (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?;
        let attention =
            AttentionShape { window, ..AttentionShape::new(config.heads, config.kv_heads, config.head_size) };
        Ok(Self { embedding_and_head, rope: [rope], attention, layers })
    }
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        Ok(Self {
            attention_norm: block.rms_norm("attn_norm", config)?, // (width)
            qkv: block.qkv(config)?,
            attention_output: block.attention_output(config)?, // (width, heads * head_size)
            feed_forward_norm: block.rms_norm("ffn_norm", config)?, // (width)
            mlp: block.gated_mlp(config)?,
        })
    }
}

impl Family for Llama {
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
        pass.gated_mlp(&layer.mlp, silu_mul); // (rows, width)
        pass.add_delta();
    }
}
