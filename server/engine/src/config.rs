//! What an engine is started with, and where a model comes from.

use std::path::PathBuf;

use crate::Script;

/// Options of the engine; none of them can be changed while it runs.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Threads for matrix products; `None` = the number of physical cores.
    pub threads: Option<usize>,
    /// Requests that may wait before further ones are refused.
    pub queue_capacity: usize,
    /// Longest context used, in tokens, whatever the model allows (bounds the KV cache).
    pub max_context: usize,
    /// Tokens of one prefill chunk; cancellation is checked between chunks.
    pub prefill_chunk: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { threads: None, queue_capacity: 32, max_context: 4096, prefill_chunk: 64 }
    }
}

/// Where a model comes from.
#[derive(Clone, Debug)]
pub enum ModelSource {
    /// A GGUF file.
    File(PathBuf),
    /// A GGUF image in memory (the built-in model).
    Bytes {
        /// Name shown to people.
        name: String,
        /// The file's bytes.
        bytes: &'static [u8],
    },
    /// A model that replays a script: for tests of everything around the model.
    Scripted(Script),
}
