//! The request of `POST /v1/completions`: as it arrives, and checked.

use assist::generation::SamplingParams;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::validate::{self, RawSampling, TextOrList};

/// Tokens written when the request does not say how many, clipped to the context.
const DEFAULT_TOKENS: usize = 4096;

/// Temperature of a request that names none.
const DEFAULT_TEMPERATURE: f32 = 0.7;

/// Most completions of one request.
const MAX_CHOICES: usize = 16;

/// Text to be continued, or a hole to be filled.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"model": "any", "prompt": "def add(a, b):\n    return ", "suffix": "\n\nprint(add(1, 2))\n", "max_tokens": 16, "temperature": 0.0}))]
pub(crate) struct OpenAiCompletionRequest {
    /// Any name; the served model answers.
    model: Option<String>,
    /// The text, or several. Token numbers are not taken.
    prompt: TextOrList,
    /// Text after the hole.
    suffix: Option<String>,
    /// Most tokens to write.
    #[schema(minimum = 1, maximum = 32768, default = 4096)]
    max_tokens: Option<i64>,
    /// Another name of `max_tokens`, which wins.
    #[schema(minimum = 1, maximum = 32768)]
    max_completion_tokens: Option<i64>,
    /// 0 takes the most likely token each time.
    #[schema(minimum = 0, maximum = 2, default = 0.7)]
    temperature: Option<f64>,
    /// Keeps the smallest set of tokens whose probability reaches it.
    #[schema(minimum = 0, maximum = 1, default = 1)]
    top_p: Option<f64>,
    /// Keeps this many tokens; 0 is off.
    #[schema(minimum = 0, default = 0)]
    top_k: Option<i64>,
    /// Completions of each prompt.
    #[schema(minimum = 1, maximum = 16, default = 1)]
    n: Option<i64>,
    /// Texts that end the completion; they are not part of it.
    stop: Option<TextOrList>,
    /// The same seed repeats the same text.
    seed: Option<i64>,
    /// 0: tell how likely each token was. More than 0 (other candidates) is refused.
    #[schema(minimum = 0, maximum = 0)]
    logprobs: Option<i64>,
    /// The completion starts with the prompt.
    echo: Option<bool>,
    /// Answer as server-sent events, closed by `[DONE]`.
    pub(super) stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

/// What a stream tells besides the text.
#[derive(Deserialize, ToSchema)]
pub(crate) struct StreamOptions {
    /// A last chunk with the tokens used.
    include_usage: Option<bool>,
}

/// The same, checked.
pub(super) struct Checked {
    pub(super) prompts: Vec<String>,
    pub(super) suffix: Option<String>,
    pub(super) max_tokens: usize,
    pub(super) sampling: SamplingParams,
    pub(super) n: usize,
    pub(super) stop: Vec<String>,
    pub(super) logprobs: bool,
    pub(super) echo: bool,
    pub(super) include_usage: bool,
}

impl TryFrom<OpenAiCompletionRequest> for Checked {
    type Error = ApiError;

    fn try_from(raw: OpenAiCompletionRequest) -> Result<Self, ApiError> {
        if let Some(model) = &raw.model {
            tracing::debug!(model, "the served model answers");
        }
        let sampling = RawSampling {
            temperature: raw.temperature,
            top_p: raw.top_p,
            top_k: raw.top_k,
            seed: raw.seed,
            ..RawSampling::default()
        };
        let completion_tokens =
            validate::tokens("max_completion_tokens", raw.max_completion_tokens, DEFAULT_TOKENS, validate::MAX_TOKENS)?;
        let n = validate::tokens("n", raw.n, 1, MAX_CHOICES as i64)?;
        let prompts = raw.prompt.into_vec();
        if prompts.is_empty() || prompts.len() * n > MAX_CHOICES {
            let message = format!("expected 1 to {MAX_CHOICES} completions in all, got {}", prompts.len() * n);
            return Err(ApiError::invalid_field("prompt", "out_of_range", message));
        }
        let suffix = raw.suffix.filter(|it| !it.is_empty());
        if suffix.is_none() && prompts.iter().any(String::is_empty) {
            return Err(ApiError::invalid_field("prompt", "out_of_range", "expected a text that is not empty"));
        }
        Ok(Self {
            max_tokens: validate::tokens("max_tokens", raw.max_tokens, completion_tokens, validate::MAX_TOKENS)?,
            sampling: sampling.check(DEFAULT_TEMPERATURE)?,
            stop: validate::stop("stop", raw.stop)?,
            logprobs: raw.logprobs.map(|it| validate::in_range("logprobs", it, 0..=0)).transpose()?.is_some(),
            echo: raw.echo.unwrap_or(false),
            include_usage: raw.stream_options.and_then(|it| it.include_usage).unwrap_or(false),
            prompts,
            suffix,
            n,
        })
    }
}
