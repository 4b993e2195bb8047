//! Qwen2 and Qwen2.5, with Qwen2.5-Coder: llama with biases on Q, K and V and rope over the two halves of a head.
//!
//! Source of the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `qwen2`); the model:
//! *Qwen2 Technical Report* (arXiv 2407.10671). The small ones have no head of their own.

use super::config::Config;
use super::decoder::Decoder;
use super::layer::Biases;
use super::weights::Weights;
use crate::EngineError;
use crate::model::LoadLimits;
use crate::ops::{Pairing, Rope, RopeScaling};

/// The model of a file.
pub(super) fn decoder(config: &Config, weights: &mut Weights<'_>, limits: LoadLimits) -> Result<Decoder, EngineError> {
    let scaling = RopeScaling { linear: config.rope_linear_scaling, frequency_factors: None };
    let rope = Rope::new(Pairing::Halves, config.rope_dimensions, config.rope_base, &scaling);
    Decoder::read(config, weights, limits, rope, Biases::OnQkv)
}
