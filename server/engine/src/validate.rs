//! Requests that cannot be served whatever the model writes: parameters out of range.

use crate::{EngineError, GenerateRequest, ModelInfo, SamplingParams};

/// Highest temperature: above it the distribution is nearly flat and the text is noise.
const MAX_TEMPERATURE: f32 = 2.0;
/// Highest repetition penalty, and its inverse the lowest.
const MAX_PENALTY: f32 = 10.0;
/// Most tokens with a bias of their own: each is looked up for every token.
const MAX_BIASES: usize = 1024;
/// Most alternatives to each token.
const MAX_LOGPROBS: usize = 20;
/// Most stop texts: each is looked for after every token.
const MAX_STOP_TEXTS: usize = 64;

/// Checks what does not depend on the model.
///
/// # Errors
/// `InvalidRequest` with the field's name.
pub(crate) fn check(request: &GenerateRequest) -> Result<(), EngineError> {
    let SamplingParams {
        temperature,
        repetition_penalty,
        frequency_penalty,
        presence_penalty,
        ref logit_bias,
        top_k: _,
        top_p,
        min_p,
        seed: _,
    } = request.sampling;
    require(request.max_new_tokens >= 1, "max_new_tokens", "must be at least 1", request.max_new_tokens)?;
    // Comparisons with NaN are false, so NaN is refused everywhere.
    let range = |ok: bool, field, expected, value: f32| require(ok, field, expected, value);
    range((0.0..=MAX_TEMPERATURE).contains(&temperature), "temperature", "must be between 0 and 2", temperature)?;
    range(
        (1.0 / MAX_PENALTY..=MAX_PENALTY).contains(&repetition_penalty),
        "repetition_penalty",
        "must be between 0.1 and 10",
        repetition_penalty,
    )?;
    for (field, penalty) in [("frequency_penalty", frequency_penalty), ("presence_penalty", presence_penalty)] {
        range((-2.0..=2.0).contains(&penalty), field, "must be between -2 and 2", penalty)?;
    }
    require(logit_bias.len() <= MAX_BIASES, "logit_bias", "must be at most 1024 tokens", logit_bias.len())?;
    for (_, bias) in logit_bias {
        range((-100.0..=100.0).contains(bias), "logit_bias", "must be between -100 and 100", *bias)?;
    }
    range(top_p > 0.0 && top_p <= 1.0, "top_p", "must be above 0 and at most 1", top_p)?;
    range((0.0..=1.0).contains(&min_p), "min_p", "must be between 0 and 1", min_p)?;
    let logprobs = request.logprobs.unwrap_or(0);
    require(logprobs <= MAX_LOGPROBS, "logprobs", "must be at most 20", logprobs)?;
    require(request.stop.len() <= MAX_STOP_TEXTS, "stop", "must be at most 64 texts", request.stop.len())?;
    require(!request.stop.iter().any(String::is_empty), "stop", "must not hold an empty text", "\"\"")
}

/// Checks that the model can fill in the middle.
///
/// # Errors
/// `InvalidRequest` for the prompt.
pub(crate) fn check_fim(info: &ModelInfo) -> Result<(), EngineError> {
    match info.fim {
        Some(_) => Ok(()),
        None => Err(EngineError::InvalidRequest {
            field: "prompt",
            message: format!("the model {} cannot fill in the middle", info.name),
        }),
    }
}

fn require(ok: bool, field: &'static str, expected: &str, got: impl std::fmt::Display) -> Result<(), EngineError> {
    if ok { Ok(()) } else { Err(EngineError::InvalidRequest { field, message: format!("{expected}, got {got}") }) }
}

#[cfg(test)]
mod tests;
