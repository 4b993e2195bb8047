//! `POST /v1/completions` in the OpenAI dialect: continuation, or fill in the middle where there is a `suffix`.

mod request;

use std::ops::ControlFlow;

use assist::generation::{FimPrompt, GenerateRequest, Piece, Prompt};
use assist::model::ModelInfo;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{JsonBody, Query};
use crate::generation::{self, TokenUsage, finish_reason};
use crate::jobs::{self, JobAccepted};
use crate::scope::Scope;
use crate::sse::{self, Events};
use crate::state::{App, random_id, unix_seconds};
use crate::validate::JobQuery;
use request::{Checked, OpenAiCompletionRequest};

const ROUTE: &str = "/v1/completions";

/// The completions, or a part of them in a stream.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct OpenAiCompletion {
    #[schema(example = "cmpl-8c1f0a52d3b94e67")]
    id: String,
    /// Always `text_completion`.
    #[schema(example = "text_completion")]
    object: &'static str,
    /// Unix seconds.
    created: u64,
    /// The model that answered, whatever the request called it.
    model: String,
    choices: Vec<Choice>,
    /// Tokens of all choices; in a stream in the last chunk only, and only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<TokenUsage>>,
}

/// One completion.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Choice {
    text: String,
    index: usize,
    /// Present when `logprobs` was 0.
    logprobs: Option<Logprobs>,
    /// `stop` or `length`; null while more follows.
    #[schema(example = "stop")]
    finish_reason: Option<&'static str>,
}

/// How likely each piece was. A piece is one token, save where a character takes several.
#[derive(Clone, Default, Serialize, ToSchema)]
pub(crate) struct Logprobs {
    tokens: Vec<String>,
    /// Natural logarithms.
    token_logprobs: Vec<f32>,
    /// Always null: other candidates are not kept.
    top_logprobs: Option<Vec<f32>>,
    /// Where each piece starts in the text, in characters.
    text_offset: Vec<usize>,
}

impl Logprobs {
    fn push(&mut self, piece: &Piece, offset: &mut usize) {
        self.text_offset.push(*offset);
        *offset += piece.text.chars().count();
        self.tokens.push(piece.text.clone());
        self.token_logprobs.push(piece.logprob);
    }
}

/// Completes text (OpenAI dialect)
///
/// With `suffix` the text between the two is written. Any `model` is accepted; the answer names the one that is served.
#[utoipa::path(
    post,
    path = "/v1/completions",
    operation_id = "create_completion",
    tags = ["OpenAI", "model"],
    params(JobQuery),
    request_body = OpenAiCompletionRequest,
    responses(
        (status = 200, description = "The completions", content((OpenAiCompletion = "application/json"), (String = "text/event-stream"))),
        (status = 202, description = "The job is queued (`?async=true`)", body = JobAccepted),
    )
)]
pub(crate) async fn completions(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<JobQuery>,
    JsonBody(raw): JsonBody<OpenAiCompletionRequest>,
) -> Result<Response, ApiError> {
    let is_stream = raw.stream.unwrap_or(false);
    let run_async = query.is_async(is_stream)?;
    let request = Checked::try_from(raw)?;
    let model = app.model()?;
    if !is_stream {
        return jobs::respond(&app, &scope, ROUTE, run_async, async move |app, _| {
            run(&app, request, model, None).await
        })
        .await;
    }
    sse::respond(&app, &scope, ROUTE, async move |app, _, events| {
        let include_usage = request.include_usage;
        let stream = Stream { events: &events, include_usage };
        let answer = run(&app, request, model, Some(&stream)).await?;
        if include_usage {
            events.send(&OpenAiCompletion { choices: Vec::new(), ..answer.clone() });
        }
        events.send_done();
        Ok(answer)
    })
    .await
}

/// A stream, and whether its chunks carry the `usage` field.
struct Stream<'a> {
    events: &'a Events,
    include_usage: bool,
}

impl Stream<'_> {
    fn send(&self, head: &OpenAiCompletion, choice: Choice) {
        let usage = self.include_usage.then_some(None);
        self.events.send(&OpenAiCompletion { choices: vec![choice], usage, ..head.clone() });
    }
}

async fn run(
    app: &App,
    request: Checked,
    model: ModelInfo,
    stream: Option<&Stream<'_>>,
) -> Result<OpenAiCompletion, ApiError> {
    let head = OpenAiCompletion {
        id: random_id("cmpl-"),
        object: "text_completion",
        created: unix_seconds(),
        model: model.name.clone(),
        choices: Vec::new(),
        usage: None,
    };
    let mut usage = TokenUsage::default();
    let mut choices = Vec::new();
    for prompt in &request.prompts {
        for i in 0..request.n {
            let seat = Seat { index: choices.len(), head: &head, stream };
            choices.push(choice(app, &request, prompt, i, &model, seat, &mut usage).await?);
        }
    }
    Ok(OpenAiCompletion { choices, usage: Some(Some(usage)), ..head })
}

/// Where a choice belongs.
struct Seat<'a> {
    index: usize,
    head: &'a OpenAiCompletion,
    stream: Option<&'a Stream<'a>>,
}

impl Seat<'_> {
    fn send(&self, text: &str, logprobs: Option<Logprobs>, finish_reason: Option<&'static str>) {
        if let Some(stream) = self.stream {
            stream.send(self.head, Choice { text: text.to_owned(), index: self.index, logprobs, finish_reason });
        }
    }
}

async fn choice(
    app: &App,
    request: &Checked,
    prompt: &str,
    i: usize,
    model: &ModelInfo,
    seat: Seat<'_>,
    usage: &mut TokenUsage,
) -> Result<Choice, ApiError> {
    let text = prompt.to_owned();
    let engine_prompt = match &request.suffix {
        Some(suffix) => Prompt::Fim(FimPrompt { prefix: text, suffix: suffix.clone(), ..FimPrompt::default() }),
        None => Prompt::Text(text),
    };
    let mut sampling = request.sampling.clone();
    sampling.seed = sampling.seed.wrapping_add(i as u64);
    let max_new_tokens = generation::clip_to_context(request.max_tokens, &engine_prompt, model);
    let generate =
        GenerateRequest { sampling, stop: request.stop.clone(), ..GenerateRequest::new(engine_prompt, max_new_tokens) };
    let mut offset = 0;
    let mut logprobs = request.logprobs.then(Logprobs::default);
    if request.echo {
        offset = prompt.chars().count();
        seat.send(prompt, None, None);
    }
    let answer = generation::run(app, generate, |piece| {
        let mut of_piece = request.logprobs.then(Logprobs::default);
        if let (Some(all), Some(one)) = (&mut logprobs, &mut of_piece) {
            let mut start = offset;
            one.push(piece, &mut start);
            all.push(piece, &mut offset);
        }
        seat.send(&piece.text, of_piece, None);
        ControlFlow::Continue(())
    })
    .await?;
    usage.add(&answer.finish.usage);
    let finish_reason = Some(finish_reason(answer.finish.reason));
    seat.send("", None, finish_reason);
    let echo = if request.echo { prompt } else { "" };
    Ok(Choice { text: format!("{echo}{}", answer.text), index: seat.index, logprobs, finish_reason })
}
