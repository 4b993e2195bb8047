//! `POST /api/v1/completions`: what comes next in this code, checked by its parser.

use std::path::Path;

use assist::generation::{FinishReason, SamplingParams};
use assist::{
    InlineCompletion, InlineCompletionItem, InlineCompletionRequest, SilenceReason, Snapshot, Source, Trigger,
};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use syntax::Language;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{JsonBody, Query};
use crate::generation::TokenUsage;
use crate::jobs::{self, JobAccepted, JobHandle};
use crate::scope::Scope;
use crate::sse;
use crate::state::App;
use crate::validate::{self, JobQuery, RawSampling, TextOrList};

const ROUTE: &str = "/api/v1/completions";

/// Code with a hole at its end, or before `suffix`.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "def add(a, b):\n    return ", "lang": "python", "max_tokens": 32}))]
pub(crate) struct CompletionRequest {
    /// Text before the hole.
    code: String,
    /// Name, alias or file extension of the language.
    lang: String,
    /// Text after the hole.
    suffix: Option<String>,
    /// Path of the file, for what it says about the code.
    path: Option<String>,
    /// Most tokens to write.
    #[schema(minimum = 1, maximum = 2048, default = 64)]
    max_tokens: Option<i64>,
    /// 0 (the default) takes the most likely token each time.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    /// Keeps the smallest set of tokens whose probability reaches it.
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    /// Keeps this many tokens; 0 is off.
    #[schema(minimum = 0)]
    top_k: Option<i64>,
    /// The same seed repeats the same text.
    seed: Option<i64>,
    /// Texts that end the completion; they are not part of it.
    stop: Option<TextOrList>,
    /// Answer as server-sent events: the text, then an event with everything else, then `[DONE]`.
    /// The text comes in one piece, since it is checked as a whole.
    stream: Option<bool>,
}

struct Checked {
    code: String,
    suffix: String,
    language: Language,
    path: Option<String>,
    max_tokens: usize,
    sampling: Option<SamplingParams>,
    stop: Vec<String>,
}

impl TryFrom<CompletionRequest> for Checked {
    type Error = ApiError;

    fn try_from(raw: CompletionRequest) -> Result<Self, ApiError> {
        let asks_for_sampling =
            raw.temperature.is_some() || raw.top_p.is_some() || raw.top_k.is_some() || raw.seed.is_some();
        let sampling = RawSampling {
            temperature: raw.temperature,
            top_p: raw.top_p,
            top_k: raw.top_k,
            seed: raw.seed,
            ..RawSampling::default()
        };
        let sampling = sampling.check(0.0)?;
        Ok(Self {
            language: validate::language("lang", &raw.lang)?,
            max_tokens: validate::tokens("max_tokens", raw.max_tokens, 64, 2048)?,
            sampling: asks_for_sampling.then_some(sampling),
            stop: validate::stop("stop", raw.stop)?,
            code: raw.code,
            suffix: raw.suffix.unwrap_or_default(),
            path: raw.path,
        })
    }
}

/// The completion.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CompletionAnswer {
    /// The new text only; empty when nothing fits.
    #[schema(example = "a + b")]
    completion: String,
    /// `stop`: the text is whole; `length`: the limit cut it; `syntax`: what the model wrote did not parse.
    #[schema(example = "stop")]
    finish_reason: &'static str,
    /// Why there is no text, as a stable code.
    reason: Option<&'static str>,
    /// Id of the language.
    #[schema(example = "python")]
    lang: &'static str,
    /// `model+analysis` (checked by the parser), `model` (no grammar to check with), or `analysis`.
    #[schema(example = "model+analysis")]
    source: &'static str,
    /// Name of the model.
    model: String,
    job_id: String,
    elapsed_ms: u64,
    /// Tokens, where the model ran.
    usage: Option<TokenUsage>,
}

/// An event of a streamed completion.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompletionPiece<'a> {
    /// New text.
    completion: &'a str,
    /// Null until the last event.
    finish_reason: Option<&'static str>,
    job_id: &'a str,
}

/// Completes code
///
/// The text is cut where the construct ends, does not repeat what follows the hole, and is checked by the language's parser.
#[utoipa::path(
    post,
    path = "/api/v1/completions",
    operation_id = "complete_code",
    tag = "model",
    params(JobQuery),
    request_body = CompletionRequest,
    responses(
        (status = 200, description = "The completion", content((CompletionAnswer = "application/json"), (String = "text/event-stream"))),
        (status = 202, description = "The job is queued (`?async=true`)", body = JobAccepted),
    )
)]
pub(crate) async fn completions(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<JobQuery>,
    JsonBody(raw): JsonBody<CompletionRequest>,
) -> Result<Response, ApiError> {
    let is_stream = raw.stream.unwrap_or(false);
    let run_async = query.is_async(is_stream)?;
    let request = Checked::try_from(raw)?;
    let model = app.model()?.name;
    if !is_stream {
        return jobs::respond(&app, &scope, ROUTE, run_async, |app, job| complete(app, job, request, model)).await;
    }
    sse::respond(&app, &scope, ROUTE, async move |app, job, events| {
        let id = job.id.clone();
        let answer = complete(app, job, request, model).await?;
        if !answer.completion.is_empty() {
            events.send(&CompletionPiece { completion: &answer.completion, finish_reason: None, job_id: &id });
        }
        events.send(&CompletionAnswer { completion: String::new(), ..answer.clone() });
        events.send_done();
        Ok(answer)
    })
    .await
}

async fn complete(app: App, job: JobHandle, request: Checked, model: String) -> Result<CompletionAnswer, ApiError> {
    let text = format!("{}{}", request.code, request.suffix);
    let offset = request.code.len();
    let snapshot = Snapshot::of_text(&text, request.language, request.path.as_deref().map(Path::new));
    let answer = assist::inline_completion(
        &app.assist,
        &snapshot,
        InlineCompletionRequest {
            offset,
            trigger: Trigger::Invoked,
            selected: None,
            max_tokens: Some(request.max_tokens),
            sampling: request.sampling,
            stop: request.stop,
            cancel: job.cancel.clone(),
        },
    )
    .await?;
    let (completion, finish_reason, reason) = judge(&answer, &text, offset)?;
    Ok(CompletionAnswer {
        completion,
        finish_reason,
        reason,
        lang: request.language.id(),
        source: source(&answer, request.language),
        model,
        job_id: job.id,
        elapsed_ms: job.scope.elapsed_ms(),
        usage: answer.usage.as_ref().map(TokenUsage::from),
    })
}

/// Text, finish reason, and why there is no text.
fn judge(
    answer: &InlineCompletion,
    text: &str,
    offset: usize,
) -> Result<(String, &'static str, Option<&'static str>), ApiError> {
    if let Some(item) = answer.items.first() {
        let finish = match item.finish {
            FinishReason::Length | FinishReason::Context | FinishReason::Deadline => "length",
            FinishReason::Stop | FinishReason::StopText | FinishReason::Cancelled => "stop",
        };
        return Ok((new_text(item, text, offset), finish, None));
    }
    let silence = answer.silence.unwrap_or(SilenceReason::Empty);
    let finish = match silence {
        SilenceReason::NoModel => return Err(ApiError::model_not_loaded(false)),
        SilenceReason::ModelLoading => return Err(ApiError::model_not_loaded(true)),
        SilenceReason::NoFim => {
            return Err(ApiError::invalid_field("suffix", "fim_not_supported", "the loaded model cannot fill a hole"));
        }
        SilenceReason::Disabled => {
            return Err(ApiError::forbidden("disabled", "completion is turned off in the server's configuration"));
        }
        SilenceReason::SecretFile => {
            return Err(ApiError::forbidden("secret_file", "files that hold secrets by their name are not completed"));
        }
        SilenceReason::Cancelled => return Err(ApiError::cancelled()),
        SilenceReason::Timeout => return Err(ApiError::timeout()),
        SilenceReason::QueueFull => return Err(ApiError::queue_full(0)),
        SilenceReason::EngineFailed => return Err(ApiError::internal()),
        SilenceReason::SyntaxError => "syntax",
        SilenceReason::LongLine
        | SilenceReason::MidWord
        | SilenceReason::TextRightOfCursor
        | SilenceReason::LowConfidence
        | SilenceReason::Rejected
        | SilenceReason::DuplicateOfSuffix
        | SilenceReason::Empty => "stop",
    };
    Ok((String::new(), finish, Some(silence.code())))
}

/// An item may replace text around the cursor (an auto-closed bracket, say): what is new is what lies between.
fn new_text(item: &InlineCompletionItem, text: &str, offset: usize) -> String {
    let before = text.get(item.range.start.min(offset)..offset).unwrap_or_default();
    let after = text.get(offset..item.range.end.max(offset)).unwrap_or_default();
    let new = item.insert_text.strip_prefix(before).unwrap_or(&item.insert_text);
    new.strip_suffix(after).unwrap_or(new).to_owned()
}

fn source(answer: &InlineCompletion, language: Language) -> &'static str {
    match answer.items.first().map(|it| it.source) {
        Some(Source::Copy | Source::Edit) => "analysis",
        // Analysis saw that nothing belongs here, and the model was not asked.
        None if answer.usage.is_none() => "analysis",
        _ if language.grammar().is_some() => "model+analysis",
        _ => "model",
    }
}
