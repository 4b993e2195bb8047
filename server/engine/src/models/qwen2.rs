//! Qwen2 and Qwen2.5, with Qwen2.5-Coder: llama with biases on Q, K and V and rope over the two halves of a head.
//!
//! Source of the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `qwen2`); the model:
//! *Qwen2 Technical Report* (arXiv 2407.10671).

use super::config::Config;
use super::decoder::{Decoder, Layer, Projection};
use super::weights::Weights;
use crate::EngineError;
use crate::model::LoadLimits;
use crate::ops::{Pairing, Rope, RopeScaling};

/// The model of a file.
pub(super) fn decoder(config: Config, weights: &mut Weights<'_>, limits: LoadLimits) -> Result<Decoder, EngineError> {
    let (width, hidden) = (config.width, config.hidden);
    let (q_width, kv_width) = (config.heads * config.head_size, config.kv_heads * config.head_size);

    let embedding = weights.embedding("token_embd.weight", width)?; // (vocabulary, width)
    let scaling = RopeScaling { linear: config.rope_linear_scaling, frequency_factors: None };
    let rope = Rope::new(Pairing::Halves, config.rope_dimensions, config.rope_base, &scaling);

    let mut layers = Vec::with_capacity(config.n_layers);
    for index in 0..config.n_layers {
        let name = |part: &str| format!("blk.{index}.{part}");
        let mut biased = |part: &str, outputs| {
            Ok::<_, EngineError>(Projection {
                weight: weights.linear(&name(&format!("{part}.weight")), width, outputs)?,
                bias: Some(weights.vector(&name(&format!("{part}.bias")), outputs)?),
            })
        };
        let q = biased("attn_q", q_width)?; // (heads * head_size, width)
        let k = biased("attn_k", kv_width)?; // (kv_heads * head_size, width)
        let v = biased("attn_v", kv_width)?; // (kv_heads * head_size, width)
        let mut plain = |part: &str, inputs, outputs| {
            let weight = weights.linear(&name(&format!("{part}.weight")), inputs, outputs)?;
            Ok::<_, EngineError>(Projection { weight, bias: None })
        };
        let attention_output = plain("attn_output", q_width, width)?; // (width, heads * head_size)
        let gate = plain("ffn_gate", width, hidden)?; // (hidden, width)
        let up = plain("ffn_up", width, hidden)?; // (hidden, width)
        let down = plain("ffn_down", hidden, width)?; // (width, hidden)
        layers.push(Layer {
            attention_norm: weights.vector(&name("attn_norm.weight"), width)?, // (width)
            q,
            k,
            v,
            attention_output,
            feed_forward_norm: weights.vector(&name("ffn_norm.weight"), width)?, // (width)
            gate,
            up,
            down,
        });
    }
    let output_norm = weights.vector("output_norm.weight", width)?; // (width)
    // The small models have none and use the embedding.
    let head = weights.optional_linear("output.weight", width, embedding.outputs())?; // (vocabulary, width)
    Decoder::new(&config, limits, embedding, rope, layers, output_norm, head)
}
