//! The answer of `ropewalk.status`.

use assist::model::{FimOrder, ModelInfo, ModelState};
use assist::{AssistStatus, DocumentId, KeptCounts};
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
        "expectedLatencyMs": status.expected_latency.map(|latency| latency.as_secs_f64() * 1e3),
        "acceptance": {
            "offered": acceptance.offered,
            "shown": acceptance.shown,
            "accepted": acceptance.accepted,
            "partiallyAccepted": acceptance.partially_accepted,
            "rejected": acceptance.rejected,
            "acceptedCharacters": acceptance.accepted_characters,
            "kept": { "after30s": kept(&acceptance.kept_30s), "after2min": kept(&acceptance.kept_2min) },
        },
        "silences": silences,
        "lastSilence": status.last_silence.as_ref().map(|last| json!({
            "reason": last.reason,
            "uri": last.document.as_ref().map(DocumentId::as_str),
            "agoMs": last.ago.as_secs_f64() * 1e3,
        })),
        "openDocuments": status.open_documents,
    })
}

fn kept(counts: &KeptCounts) -> Value {
    json!({
        "suggestions": counts.suggestions,
        "whole": counts.whole,
        "acceptedCharacters": counts.accepted_characters,
        "keptCharacters": counts.kept_characters,
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
