//! `POST /generate` and `POST /stream`: plain continuation in the text-generation dialect.

use std::ops::ControlFlow;

use assist::generation::{GenerateRequest, Piece, Prompt, SamplingParams};
use assist::model::ModelInfo;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{JsonBody, Query};
use crate::generation::{self, finish_reason};
use crate::jobs::{self, JobAccepted};
use crate::scope::Scope;
use crate::sse;
use crate::state::App;
use crate::validate::{self, JobQuery, RawSampling, TextOrList};

/// Tokens written when the request does not say how many.
const DEFAULT_TOKENS: usize = 512;

/// Most tokens of one request.
const MOST_TOKENS: i64 = 2048;

/// Temperature of a request that names none.
const DEFAULT_TEMPERATURE: f32 = 0.7;

/// Text to be continued.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"prompt": "def fibonacci(n):\n", "max_tokens": 48, "temperature": 0.0}))]
pub(crate) struct GenerateBody {
    /// The text.
    prompt: String,
    /// Most tokens to write.
    #[schema(minimum = 1, maximum = 2048, default = 512)]
    max_tokens: Option<i64>,
    /// Another name of `max_tokens`, which wins.
    #[schema(minimum = 1, maximum = 2048)]
    max_length: Option<i64>,
    /// 0 takes the most likely token each time, and repeats exactly.
    #[schema(minimum = 0, maximum = 2, default = 0.7)]
    temperature: Option<f64>,
    /// Keeps this many tokens; 0 is off.
    #[schema(minimum = 0, default = 0)]
    top_k: Option<i64>,
    /// Keeps the smallest set of tokens whose probability reaches it.
    #[schema(minimum = 0, maximum = 1, default = 1)]
    top_p: Option<f64>,
    /// Makes recent tokens less likely; 1 is off.
    #[schema(minimum = 0.1, maximum = 10, default = 1)]
    repetition_penalty: Option<f64>,
    /// Texts that end the generation; they are not part of it.
    stop_sequences: Option<TextOrList>,
    /// A line end ends the generation.
    stop_on_newline: Option<bool>,
    /// The same seed repeats the same text.
    seed: Option<i64>,
}

struct Checked {
    prompt: String,
    max_tokens: usize,
    sampling: SamplingParams,
    stop: Vec<String>,
}

impl TryFrom<GenerateBody> for Checked {
    type Error = ApiError;

    fn try_from(raw: GenerateBody) -> Result<Self, ApiError> {
        let sampling = RawSampling {
            temperature: raw.temperature,
            top_p: raw.top_p,
            top_k: raw.top_k,
            repetition_penalty: ("repetition_penalty", raw.repetition_penalty),
            seed: raw.seed,
            ..RawSampling::default()
        };
        let max_length = validate::tokens("max_length", raw.max_length, DEFAULT_TOKENS, MOST_TOKENS)?;
        let mut stop = validate::stop("stop_sequences", raw.stop_sequences)?;
        if raw.stop_on_newline.unwrap_or(false) {
            stop.push("\n".to_owned());
        }
        if raw.prompt.is_empty() {
            return Err(ApiError::invalid_field("prompt", "out_of_range", "expected a text that is not empty"));
        }
        Ok(Self {
            max_tokens: validate::tokens("max_tokens", raw.max_tokens, max_length, MOST_TOKENS)?,
            sampling: sampling.check(DEFAULT_TEMPERATURE)?,
            stop,
            prompt: raw.prompt,
        })
    }
}

/// The continued text.
#[derive(Serialize, ToSchema)]
pub(crate) struct GenerateAnswer {
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
    prompt: String,
    /// Prompt and continuation.
    response: String,
    /// The same.
    generated_text: String,
    /// Tokens written.
    tokens_generated: usize,
    /// `stop` or `length`.
    #[schema(example = "stop")]
    finish_reason: &'static str,
    /// Name of the model.
    model: String,
}

/// A piece of a stream.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamPiece<'a> {
    /// New text.
    token: &'a str,
}

/// The event before `[DONE]`.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamEnd<'a> {
    /// Always true.
    done: bool,
    #[serde(flatten)]
    answer: &'a GenerateAnswer,
}

/// Continues a text
#[utoipa::path(
    post,
    path = "/generate",
    tags = ["text generation", "model"],
    params(JobQuery),
    request_body = GenerateBody,
    responses(
        (status = 200, description = "The continued text", body = GenerateAnswer),
        (status = 202, description = "The job is queued (`?async=true`)", body = JobAccepted),
    )
)]
pub(crate) async fn generate(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<JobQuery>,
    JsonBody(raw): JsonBody<GenerateBody>,
) -> Result<Response, ApiError> {
    let run_async = query.is_async(false)?;
    let request = Checked::try_from(raw)?;
    let model = app.model()?;
    jobs::respond(&app, &scope, "/generate", run_async, async move |app, _| run(&app, request, model, |_| {}).await)
        .await
}

/// Continues a text, piece by piece
///
/// One event a piece, `{"token": …}`; then the whole answer with `"done": true`; then `[DONE]`.
#[utoipa::path(
    post,
    path = "/stream",
    tags = ["text generation", "model"],
    request_body = GenerateBody,
    responses((status = 200, description = "The pieces", body = String, content_type = "text/event-stream"))
)]
pub(crate) async fn stream(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<JobQuery>,
    JsonBody(raw): JsonBody<GenerateBody>,
) -> Result<Response, ApiError> {
    query.is_async(true)?;
    let request = Checked::try_from(raw)?;
    let model = app.model()?;
    sse::respond(&app, &scope, "/stream", async move |app, _, events| {
        let answer = run(&app, request, model, |piece| events.send(&StreamPiece { token: &piece.text })).await?;
        events.send(&StreamEnd { done: true, answer: &answer });
        events.send_done();
        Ok(answer)
    })
    .await
}

async fn run(
    app: &App,
    request: Checked,
    model: ModelInfo,
    mut on_piece: impl FnMut(&Piece),
) -> Result<GenerateAnswer, ApiError> {
    let prompt = Prompt::Text(request.prompt.clone());
    let max_new_tokens = generation::clip_to_context(request.max_tokens, &prompt, &model);
    let generate = GenerateRequest {
        sampling: request.sampling,
        stop: request.stop,
        ..GenerateRequest::new(prompt, max_new_tokens)
    };
    let answer = generation::run(app, generate, |piece| {
        on_piece(piece);
        ControlFlow::Continue(())
    })
    .await?;
    let response = request.prompt.clone() + answer.text.as_str();
    Ok(GenerateAnswer {
        status: "success",
        prompt: request.prompt,
        generated_text: response.clone(),
        response,
        tokens_generated: answer.finish.usage.completion_tokens,
        finish_reason: finish_reason(answer.finish.reason),
        model: model.name,
    })
}
