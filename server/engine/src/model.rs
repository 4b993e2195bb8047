//! What the worker asks of a model, whatever its family: append tokens, get logits, forget a tail.
//!
//! Entry: [`load`]. The families are in `models`.

use crate::EngineError;
use crate::gguf::GgufFile;

/// A model with the KV cache of one sequence. No policy here: sampling, stopping and reuse are the worker's.
pub(crate) trait Model: Send {
    /// Size of the vocabulary = length of a row of logits.
    fn vocab_size(&self) -> usize;
    /// Positions the KV cache can hold.
    fn context_length(&self) -> usize;
    /// Positions it holds now.
    fn len(&self) -> usize;
    /// Forgets every position from `len` on.
    fn truncate(&mut self, len: usize);
    /// Appends `tokens` (1 or more) and writes the logits of the last one, `vocab_size` values.
    ///
    /// # Errors
    /// When the cache is full or a kernel failed.
    fn forward(&mut self, tokens: &[u32], logits: &mut Vec<f32>) -> Result<(), EngineError>;
    /// Bytes of weights and KV cache.
    fn memory_bytes(&self) -> u64;
}

/// What a model may use, whatever its file asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadLimits {
    /// Longest context, in tokens: the KV cache holds the smaller of this and the model's own limit.
    pub(crate) max_context: usize,
    /// Threads for matrix products and attention.
    pub(crate) threads: usize,
    /// Tokens of the longest pass the worker will ask for; longer ones are split. Bounds the scratch memory.
    pub(crate) prefill_chunk: usize,
}

/// Loads the model of a file. `progress` is called with 0 to 1.
///
/// # Errors
/// `UnsupportedModel` for an architecture or an option we do not compute, `BadModelFile` where tensors or metadata are
/// missing or do not fit together.
pub(crate) fn load(
    file: &GgufFile,
    limits: LoadLimits,
    progress: &mut dyn FnMut(f32),
) -> Result<Box<dyn Model>, EngineError> {
    crate::models::load(file, limits, progress)
}
