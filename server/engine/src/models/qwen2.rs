//! Qwen2 and Qwen2.5, with Qwen2.5-Coder: llama's blocks with biases on Q, K and V, and rope over the two halves of a
//! head.
//!
//! Source of the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `qwen2`); the model:
//! *Qwen2 Technical Report* (arXiv 2407.10671). The small ones have no head of their own.

use super::config::{Config, Keys};
use super::llama::Llama;
use super::runner::Family;
use super::weights::Weights;
use crate::EngineError;
use crate::ops::RopeType;

/// The model of a file.
pub(super) fn read(
    _keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    for layer in 0..config.n_layers {
        let block = weights.block(layer);
        if !block.has("attn_qkv.bias") {
            for bias in ["attn_q.bias", "attn_k.bias", "attn_v.bias"] {
                block.require(bias)?;
            }
        }
    }
    let rope = weights.rope(config, RopeType::Neox)?;
    Ok(Box::new(Llama::read(config, weights, rope, None)?))
}
