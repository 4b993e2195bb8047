//! A model on a server that speaks the OpenAI dialect: vLLM, llama.cpp's server, TGI, Ollama, another ropewalk, or any
//! other.
//!
//! The one module that makes outbound calls, and only to the address that the user named. It is the engine's other way
//! to serve a request: the same [`GenerateRequest`](crate::GenerateRequest) in, the same events out, without the worker
//! thread. What it cannot do is what needs logits: a [`Predictor`](crate::Predictor) is ignored, and there is no
//! tokenizer, so lengths are estimated in bytes.
//!
//! Entry: [`RemoteModel::connect`], [`RemoteModel::submit`].
//!
//! - `source`: what the user says of the server;
//! - `address`: the URL, checked, and whether it is near;
//! - `client`, `failure`, `retry`: one HTTP exchange, what can go wrong with it, and when it is tried again;
//! - `discover`: which server it is and what it can;
//! - `body`, `fit`, `amend`: a request as JSON, shortened to the context, without what the server refuses;
//! - `sse`, `chunk`: the answer's events and what they say;
//! - `run`, `patience`: a generation on its way, and how long it may be silent.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

mod source;

#[cfg(feature = "remote")]
mod address;
#[cfg(feature = "remote")]
mod amend;
#[cfg(feature = "remote")]
mod body;
#[cfg(feature = "remote")]
mod chunk;
#[cfg(feature = "remote")]
mod client;
#[cfg(feature = "remote")]
mod discover;
#[cfg(feature = "remote")]
mod failure;
#[cfg(feature = "remote")]
mod fit;
#[cfg(feature = "remote")]
mod model;
#[cfg(feature = "remote")]
mod patience;
#[cfg(feature = "remote")]
mod retry;
#[cfg(feature = "remote")]
mod run;
#[cfg(feature = "remote")]
mod sse;
#[cfg(not(feature = "remote"))]
mod without;

#[cfg(feature = "remote")]
pub(crate) use model::RemoteModel;
pub use source::{ApiKey, FimMarkers, RemoteSource, RemoteTimeouts};
#[cfg(not(feature = "remote"))]
pub(crate) use without::RemoteModel;

/// What servers do for an engine: requests under way and requests ended.
#[derive(Debug, Default)]
pub(crate) struct RemoteLoad {
    running: AtomicUsize,
    served: AtomicU64,
}

impl RemoteLoad {
    /// Requests under way.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Requests that have ended.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }
}

#[cfg(all(test, feature = "remote"))]
mod tests;
