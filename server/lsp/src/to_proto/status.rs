//! The answer of `ropewalk.status`.

use assist::AssistStatus;
use assist::model::{FimOrder, ModelInfo, ModelState};
use serde_json::{Map, Value, json};

/// The server's state.
pub(crate) fn status(status: &AssistStatus) -> Value {
    let silences: Map<String, Value> =
        status.silences.iter().map(|(code, count)| ((*code).to_owned(), json!(count))).collect();
    let (engine, acceptance) = (&status.engine, &status.acceptance);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "model": model(&engine.model),
        "queue": {
            "running": engine.queue.running,
            "waiting": engine.queue.waiting,
            "capacity": engine.queue.capacity,
        },
        "forwardPasses": engine.forward_passes,
        "evaluatedTokens": engine.evaluated_tokens,
        "promptsBegun": engine.prompts_begun,
        "promptTokens": engine.prompt_tokens,
        "cachedTokens": engine.cached_tokens,
        "served": engine.served,
        "cacheHits": status.cache_hits,
        "acceptance": {
            "offered": acceptance.offered,
            "shown": acceptance.shown,
            "accepted": acceptance.accepted,
            "partiallyAccepted": acceptance.partially_accepted,
            "acceptedCharacters": acceptance.accepted_characters,
        },
        "silences": silences,
        "openDocuments": status.open_documents,
    })
}

/// A loaded model.
pub(crate) fn model_info(info: &ModelInfo) -> Value {
    json!({
        "name": info.name,
        "architecture": info.architecture,
        "parameters": info.parameters,
        "quantization": info.quantization,
        "contextLength": info.context_length,
        "vocabSize": info.vocab_size,
        "layers": info.n_layers,
        "embeddingLength": info.embedding_length,
        "memoryBytes": info.memory_bytes,
        "server": info.server,
        "fim": info.fim.map(|order| match order {
            FimOrder::Psm => "psm",
            FimOrder::Spm => "spm",
        }),
        "checkpoint": info.checkpoint,
        "step": info.step,
        "valLoss": info.val_loss,
        "loadMs": info.load_ms,
    })
}

fn model(state: &ModelState) -> Value {
    match state {
        ModelState::None => json!({ "state": "none" }),
        ModelState::Loading { progress } => json!({ "state": "loading", "progress": progress }),
        ModelState::Ready(info) => json!({ "state": "ready", "info": model_info(info) }),
        ModelState::Failed(message) => json!({ "state": "failed", "message": message }),
    }
}
