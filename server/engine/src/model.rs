//! What the worker asks of a model, whatever its family: append tokens to sequences, get logits.
//!
//! Entry: [`load`]. The families are in `models`.

use crate::gguf::GgufFile;
pub(crate) use crate::ops::{KvPool, Sequence};
use crate::{EngineError, KvCacheType};

/// Tokens that a pass appends to one sequence.
#[derive(Debug)]
pub(crate) struct Span<'a> {
    pub(crate) sequence: &'a mut Sequence,
    /// 1 or more.
    pub(crate) tokens: &'a [u32],
    /// How many of the last tokens' logits are wanted: the tokens whose flag `logits` is set in a `llama_batch`.
    pub(crate) wanted: usize,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The tokens are part of their sequences.
    Done,
    /// It was stopped on the way: the sequences are as they were.
    Stopped,
}

/// Asked between layers: true stops the pass.
pub(crate) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A loaded model. No policy here: sampling, stopping, what to compute together and what to remember are the worker's.
pub(crate) trait Model: Send {
    /// Size of the vocabulary = length of a row of logits.
    fn vocab_size(&self) -> usize;
    /// Positions that one sequence can have.
    fn context_length(&self) -> usize;
    /// Where the sequences' memory comes from.
    fn kv_pool(&self) -> &KvPool;
    /// Appends the tokens of every span to its sequence and writes the wanted rows of logits, `vocab_size` values each,
    /// in the order of the spans. On the CPU what a sequence gets does not depend on the others, to the last bit.
    ///
    /// # Errors
    /// When a sequence would become too long, the pool has no memory for it or a token is none of the vocabulary's; the
    /// sequences are unchanged then.
    fn forward(
        &mut self,
        spans: &mut [Span<'_>],
        logits: &mut Vec<f32>,
        stop: Stop<'_>,
    ) -> Result<Progress, EngineError>;
    /// Bytes of the weights.
    fn memory_bytes(&self) -> u64;
}

/// What a model may use, whatever its file asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoadLimits {
    /// Longest context, in tokens; a sequence holds the smaller of this and the model's own limit.
    pub(crate) max_context: usize,
    /// Threads for matrix products and attention.
    pub(crate) threads: usize,
    /// Bytes for weights and the KV cache of all sequences together; one sequence of full length always fits.
    pub(crate) memory: Memory,
    /// How keys and values are stored, where the model's heads allow it.
    pub(crate) kv_cache: KvCacheType,
}

/// How much memory a model may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Weights and KV cache together, in bytes.
    AtMost(u64),
    /// This many sequences of full length, beside the weights.
    Sequences(usize),
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
