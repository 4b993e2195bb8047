//! The engine's errors: one variant for each different reaction of a caller.

/// Why a model could not be loaded or a request not be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// There is no model (yet).
    #[error("no model is loaded")]
    NoModel {
        /// One is being loaded: trying again makes sense.
        loading: bool,
    },
    /// The file cannot be read or is not a sound GGUF file.
    #[error("{0}")]
    BadModelFile(String),
    /// The file is sound, but holds something this engine does not know.
    #[error("{0}")]
    UnsupportedModel(String),
    /// Too many requests wait already.
    #[error("the queue is full: {waiting} requests wait")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// The prompt does not fit into the context, even after shortening what may be shortened.
    #[error("the prompt has {tokens} tokens, the context holds {limit}")]
    ContextTooLong {
        /// Length of the prompt.
        tokens: usize,
        /// What fits.
        limit: usize,
    },
    /// A parameter is out of range, or asks for what the model cannot do (fill-in-the-middle, say).
    #[error("{field}: {message}")]
    InvalidRequest {
        /// Name of the parameter.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A model server cannot be reached, failed, or refused the request; the message says which and what to do.
    #[error("{0}")]
    Remote(String),
    /// The machine or the engine cannot serve this now, and nothing failed: no thread or no KV cache is left, or the
    /// engine has ended.
    #[error("{0}")]
    Unavailable(String),
    /// The worker failed while it served this request; it has been restarted.
    #[error("the model worker failed: {0}")]
    WorkerFailed(String),
}
