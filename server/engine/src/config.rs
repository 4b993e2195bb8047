//! What an engine is started with, and where a model comes from.

use std::path::PathBuf;

use crate::{RemoteSource, Script};

/// Options of the engine; none of them can be changed while it runs.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Threads for matrix products; `None` = the number of physical cores.
    pub threads: Option<usize>,
    /// Requests that may wait before further ones are refused.
    pub queue_capacity: usize,
    /// Requests of one priority that are computed together, in the same forward passes.
    pub max_sequences: usize,
    /// Bytes for weights and KV cache together; `None` = the weights and four contexts of full length. What the running
    /// requests do not need of it keeps the beginnings of earlier prompts. While models are exchanged, the old one's
    /// memory comes on top until its last request has ended.
    pub max_memory_bytes: Option<u64>,
    /// How the KV cache is stored. Models whose heads are not whole blocks of 32 values keep `F16`.
    pub kv_cache: KvCacheType,
    /// Longest context used, in tokens, whatever the model allows (bounds the KV cache).
    pub max_context: usize,
    /// Tokens of prefill in one forward pass. A pass is stopped for a more urgent request between any two layers.
    pub prefill_chunk: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            threads: None,
            queue_capacity: 32,
            max_sequences: 8,
            max_memory_bytes: None,
            kv_cache: KvCacheType::F16,
            max_context: 4096,
            prefill_chunk: 256,
        }
    }
}

/// How keys and values are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KvCacheType {
    /// Half precision.
    #[default]
    F16,
    /// Eight bits with a scale for every 32 values: half the memory, and attention reads less.
    Q8_0,
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
    /// A model on a server that speaks the OpenAI dialect.
    Remote(Box<RemoteSource>),
    /// A model that replays a script: for tests of everything around the model.
    Scripted(Script),
}
