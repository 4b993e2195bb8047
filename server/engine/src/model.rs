//! What the worker asks of a model, whatever its family: append tokens, get logits, forget a tail.

use crate::EngineError;

/// A model with the KV cache of one sequence. No policy here: sampling, stopping and reuse are the worker's.
#[expect(dead_code)]
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
