//! What an engine says of itself.

/// Order of a fill-in-the-middle prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FimOrder {
    /// Prefix, suffix, middle.
    Psm,
    /// Suffix, then prefix and middle as one run: what is typed stays at the end of the prompt.
    Spm,
}

/// A loaded model, from its file's own metadata. Of one on a server, what the server says: 0 and `unknown` where it says
/// nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInfo {
    /// `general.name`, or the file's name.
    pub name: String,
    /// `general.architecture`.
    pub architecture: String,
    /// Number of weights.
    pub parameters: u64,
    /// The most frequent tensor type by bytes, such as `Q4_K`.
    pub quantization: String,
    /// Tokens of context used: the smaller of the model's and the engine's limit.
    pub context_length: usize,
    /// Size of the vocabulary.
    pub vocab_size: usize,
    /// Number of layers.
    pub n_layers: usize,
    /// Width of the residual stream.
    pub embedding_length: usize,
    /// Bytes of the weights, and of the KV cache when it is full.
    pub memory_bytes: u64,
    /// The server that has the model, such as `vLLM at http://gpu1:8000`; `None` for a model of this process.
    pub server: Option<String>,
    /// Fill-in-the-middle order; `None` for a model without FIM tokens.
    pub fim: Option<FimOrder>,
    /// Where the training stood, from the file's metadata.
    pub checkpoint: Option<String>,
    /// Training step, likewise.
    pub step: Option<u64>,
    /// Validation loss in nats a token, likewise.
    pub val_loss: Option<f32>,
    /// Milliseconds it took to load.
    pub load_ms: u64,
}

impl ModelInfo {
    /// Number of weights to decide by how much the model is shown: who runs a server and does not tell has a large one.
    pub fn parameters_or_many(&self) -> u64 {
        if self.parameters == 0 && self.server.is_some() { u64::MAX } else { self.parameters }
    }
}

/// State of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelState {
    /// No model was asked for.
    None,
    /// One is being loaded.
    Loading {
        /// 0 to 1.
        progress: f32,
    },
    /// One is ready (and stays in service while another is loaded).
    Ready(ModelInfo),
    /// The last load failed, and there is no older model.
    Failed(String),
}

/// State of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStatus {
    /// Requests being served.
    pub running: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Most that may wait.
    pub capacity: usize,
}

/// State of the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineStatus {
    /// The model.
    pub model: ModelState,
    /// The queue.
    pub queue: QueueStatus,
    /// Model forward passes since the start: tests and status prove with it that the model was not asked.
    pub forward_passes: u64,
    /// Tokens in these passes: those of prompts that no cache had, those of answers, and guesses that were wrong.
    pub evaluated_tokens: u64,
    /// Requests whose prompt was taken up since the start.
    pub prompts_begun: u64,
    /// Tokens of these prompts.
    pub prompt_tokens: u64,
    /// How many of them the prefix cache or another request had.
    pub cached_tokens: u64,
    /// Requests served since the start.
    pub served: u64,
    /// Tokens of a prompt that the model in service reads in a second, from its last passes over at least
    /// [`EngineStatus::MIN_PREFILL`] tokens; `None` before the first one, and for a model on a server.
    pub prefill_tokens_per_second: Option<f32>,
}

impl EngineStatus {
    /// Passes over fewer tokens say nothing of how fast prompts are read.
    pub const MIN_PREFILL: usize = 32;
}
