//! A model without the engine around it: token ids in, logits out. For the comparison with other runners under
//! `tests/reference`; nothing in the product uses it.

use std::path::Path;

use crate::EngineError;
use crate::gguf::GgufFile;
use crate::model::{LoadLimits, Model, load};

/// A model and the KV cache of one sequence.
pub struct RawModel(Box<dyn Model>);

impl RawModel {
    /// Loads a GGUF file.
    ///
    /// # Errors
    /// Why it could not be loaded.
    pub fn open(path: &Path, max_context: usize, threads: usize, prefill_chunk: usize) -> Result<Self, EngineError> {
        let limits = LoadLimits { max_context, threads, prefill_chunk };
        load(&GgufFile::open(path)?, limits, &mut |_| {}).map(Self)
    }

    /// Appends tokens and writes the logits of the last one.
    ///
    /// # Errors
    /// When the context is full or a token is out of range.
    pub fn forward(&mut self, tokens: &[u32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        self.0.forward(tokens, logits)
    }

    /// Forgets every position from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
}
