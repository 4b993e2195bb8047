//! A plain GPT in the style of nanoGPT's descendants (modded-nanogpt, nanochat), for small research checkpoints: rotary
//! attention, a squared-ReLU feed-forward part without gate, root-mean-square norms that learned nothing, no biases, a
//! head of its own.
//!
//! The layout is ours, since llama.cpp knows no such architecture: `tests/reference/convert_gpt.py` writes it and says
//! which keys and tensors there are; `tests/reference/gpt.py` is the model in torch. Rope turns the two halves of a head.
//! Options in the file: a norm of the embedding, a norm of every head of queries and keys, a soft limit for logits.

use super::config::{Config, Keys};
use super::layer::{InPlaceNorm, Mlp, Norm, Projection, Qkv};
use super::pass::Pass;
use super::runner::{EmbeddingAndHead, Family};
use super::weights::Weights;
use crate::EngineError;
use crate::model::Span;
use crate::ops::{AttentionShape, Rope, RopeType, squared_relu};

/// The model, in data-flow order.
struct Gpt {
    embedding_and_head: EmbeddingAndHead,
    embedding_norm: Option<InPlaceNorm>,
    rope: [Rope; 1],
    attention: AttentionShape,
    /// Of the residual stream, the same before every half-block.
    norm: Norm,
    /// Of queries and keys.
    head_norm: Option<InPlaceNorm>,
    layers: Vec<Layer>,
}

struct Layer {
    qkv: Qkv,
    attention_output: Projection,
    mlp: Mlp,
}

/// The model of a file.
pub(super) fn read(
    keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let option = |key: &str| keys.bool(key).unwrap_or(false);
    let embedding_and_head = weights.embedding_and_head(config, Norm::unit_rms(config.width, config.norm_epsilon))?;
    Ok(Box::new(Gpt {
        embedding_and_head: EmbeddingAndHead { logit_softcap: keys.logit_softcap()?, ..embedding_and_head },
        embedding_norm: option("embedding_norm").then(|| InPlaceNorm::unit_rms(config.width, config.norm_epsilon)),
        rope: [weights.rope(config, RopeType::Neox)?],
        attention: AttentionShape::new(config.heads, config.kv_heads, config.head_size),
        norm: Norm::unit_rms(config.width, config.norm_epsilon),
        head_norm: option("attention.qk_norm").then(|| InPlaceNorm::unit_rms(config.head_size, config.norm_epsilon)),
        layers: (0..config.n_layers).map(|index| Layer::read(weights, index, config)).collect::<Result<_, _>>()?,
    }))
}

impl Layer {
    fn read(weights: &mut Weights<'_>, index: usize, config: &Config) -> Result<Self, EngineError> {
        let mut block = weights.block(index);
        Ok(Self {
            qkv: block.qkv(config)?,
            attention_output: block.attention_output(config)?, // (width, heads * head_size)
            mlp: block.mlp(config)?,
        })
    }
}

impl Family for Gpt {
    fn embedding_and_head(&self) -> &EmbeddingAndHead {
        &self.embedding_and_head
    }

    fn ropes(&self) -> &[Rope] {
        &self.rope
    }

    fn embedded(&self, pass: &mut Pass) {
        if let Some(norm) = &self.embedding_norm {
            norm.forward(&mut pass.x); // (rows, width)
        }
    }

    fn block(&self, index: usize, pass: &mut Pass, spans: &mut [Span<'_>]) {
        let layer = &self.layers[index];

        self.norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.project(&layer.qkv); // (rows, heads or kv_heads, head_size)
        if let Some(norm) = &self.head_norm {
            norm.forward(&mut pass.q); // (rows, heads, head_size)
            norm.forward(&mut pass.k); // (rows, kv_heads, head_size)
        }
        pass.rope(&self.rope, 0, self.attention);
        pass.attend(index, self.attention, spans); // (rows, heads, head_size)
        pass.add_projected(&layer.attention_output); // (rows, width)

        self.norm.forward(&pass.x, &mut pass.input); // (rows, width)
        pass.mlp(&layer.mlp, squared_relu); // (rows, width)
        pass.add_delta();
    }
}
