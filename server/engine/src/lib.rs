//! The local model: load, tokenize, schedule, decode; or a model on a server, behind the same handle.
//!
//! An [`Engine`] is a handle: prompt in, stream of text out. One worker thread owns the
//! weights. It knows tokens, prompts and budgets; it does not know documents, languages
//! or editors. Special tokens occur in `prompt.rs` and nowhere else.
//!
//! Entry: [`Engine::start`], [`Engine::load`], [`Engine::generate`].

mod cancel;
mod config;
mod constraint;
mod cores;
mod draft;
mod engine;
mod error;
mod generation;
mod gguf;
mod healing;
mod model;
mod models;
mod ops;
mod prompt;
mod queue;
#[cfg(any(test, feature = "raw"))]
#[doc(hidden)]
pub mod raw;
mod remote;
mod request;
mod sampler;
mod scripted;
mod service;
mod shared;
mod status;
mod stop;
mod tokenizer;
mod validate;
mod worker;

pub use cancel::CancelToken;
pub use config::{EngineConfig, KvCacheType, ModelSource};
pub use constraint::Constraint;
pub use engine::{Engine, Load};
pub use error::EngineError;
pub use generation::{Choice, Event, Finish, FinishReason, Generation, Piece, Usage};
pub use remote::{ApiKey, FimMarkers, RemoteSource, RemoteTimeouts};
pub use request::{
    ChatMessage, ChatPrompt, ChatRole, ContextFile, Continuation, FimPrompt, GenerateRequest, Landmark, Prediction,
    Predictor, Priority, Prompt, SamplingParams,
};
pub use scripted::{Script, ScriptClock};
pub use status::{EngineStatus, FimOrder, ModelInfo, ModelState, QueueStatus};
