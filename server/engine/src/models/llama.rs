//! The llama family: Llama 1 to 3, Mistral, DeepSeek-Coder 1, Yi, SmolLM and many others under one architecture name.
//!
//! Source of the layout: llama.cpp, `convert_hf_to_gguf.py` and `src/llama-arch.cpp` (architecture `llama`). The
//! converter permutes the rows of Q and K, so rope turns neighbouring values. Llama 3.1 and later come with a tensor of
//! factors for rope's frequencies. Most have no biases; some relatives do.

use super::config::Config;
use super::decoder::Decoder;
use super::layer::Biases;
use super::weights::Weights;
use crate::EngineError;
use crate::model::LoadLimits;
use crate::ops::{Pairing, Rope, RopeScaling};

/// The model of a file.
pub(super) fn decoder(config: &Config, weights: &mut Weights<'_>, limits: LoadLimits) -> Result<Decoder, EngineError> {
    let scaling = RopeScaling {
        linear: config.rope_linear_scaling,
        frequency_factors: weights.optional_vector("rope_freqs.weight", config.rope_dimensions / 2)?,
    };
    let rope = Rope::new(Pairing::Interleaved, config.rope_dimensions, config.rope_base, &scaling);
    Decoder::read(config, weights, limits, rope, Biases::WherePresent)
}
