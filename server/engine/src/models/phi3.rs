//! Phi-3, Phi-3.5 and Phi-4 with their small models: llama's blocks with Q, K, V in one tensor and gate, up in another.
//!
//! Source of the layout: llama.cpp, `conversion/phi.py` and `src/models/phi3.cpp` (architecture `phi3`); the model:
//! *Phi-3 Technical Report* (arXiv 2404.14219). Rope turns the two halves of a head or of its first part; models for long
//! contexts have two sets of factors for its frequencies (*LongRoPE*, arXiv 2402.13753). The 4k models attend to a window
//! of 2047 positions, as transformers does; llama.cpp (0c1e570) reads its size and attends to all of them.

use super::config::{Config, Keys};
use super::llama::Llama;
use super::runner::Family;
use super::weights::Weights;
use crate::EngineError;
use crate::ops::RopeType;

/// The model of a file.
pub(super) fn read(
    keys: &Keys<'_>,
    config: &Config,
    weights: &mut Weights<'_>,
) -> Result<Box<dyn Family>, EngineError> {
    let rope = weights.rope(config, RopeType::Neox)?;
    Ok(Box::new(Llama::read(config, weights, rope, keys.sliding_window())?))
}
