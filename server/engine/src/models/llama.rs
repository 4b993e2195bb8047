//! The llama family: Llama 1 to 3, Mistral, DeepSeek-Coder 1, Yi, SmolLM and many others under one architecture name.
//!
//! Source of the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `llama`). The
//! converter permutes the rows of Q and K, so rope turns neighbouring values.

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
    let scaling = RopeScaling {
        linear: config.rope_linear_scaling,
        frequency_factors: weights.optional_vector("rope_freqs.weight", config.rope_dimensions / 2)?,
    };
    let rope = Rope::new(Pairing::Interleaved, config.rope_dimensions, config.rope_base, &scaling);

    let mut layers = Vec::with_capacity(config.n_layers);
    for index in 0..config.n_layers {
        let name = |part: &str| format!("blk.{index}.{part}");
        // Most llama files have no biases; some relatives do.
        let mut projection = |part: &str, inputs, outputs| {
            Ok::<_, EngineError>(Projection {
                weight: weights.linear(&name(&format!("{part}.weight")), inputs, outputs)?,
                bias: weights.optional_vector(&name(&format!("{part}.bias")), outputs)?,
            })
        };
        let q = projection("attn_q", width, q_width)?; // (heads * head_size, width)
        let k = projection("attn_k", width, kv_width)?; // (kv_heads * head_size, width)
        let v = projection("attn_v", width, kv_width)?; // (kv_heads * head_size, width)
        let attention_output = projection("attn_output", q_width, width)?; // (width, heads * head_size)
        let gate = projection("ffn_gate", width, hidden)?; // (hidden, width)
        let up = projection("ffn_up", width, hidden)?; // (hidden, width)
        let down = projection("ffn_down", hidden, width)?; // (width, hidden)
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
    let head = weights.optional_linear("output.weight", width, embedding.outputs())?; // (vocabulary, width)
    Decoder::new(&config, limits, embedding, rope, layers, output_norm, head)
}
