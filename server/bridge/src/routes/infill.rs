//! `POST /infill`: fill in the middle in the dialect of llama.cpp's server, for the editor plugins written for it.
//!
//! Source of the format: the "infill" section of llama.cpp's `tools/server/README.md`. Samplers and slots
//! have no counterpart here; fields about them are accepted and have no effect.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use assist::generation::{
    ContextFile, FimPrompt, FinishReason, GenerateRequest, Piece, Priority, Prompt, SamplingParams,
};
use assist::model::ModelInfo;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{JsonBody, Query};
use crate::generation::{self, Answer};
use crate::jobs::{self, JobAccepted};
use crate::scope::Scope;
use crate::sse;
use crate::state::App;
use crate::validate::{self, JobQuery, RawSampling, TextOrList};

const ROUTE: &str = "/infill";

/// A hole and what is around it.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "input_prefix": "def add(a, b):\n", "input_suffix": "\n\nprint(add(1, 2))\n", "prompt": "    return ",
    "n_predict": 32, "temperature": 0.0
}))]
pub(crate) struct InfillRequest {
    /// Text before the hole.
    input_prefix: String,
    /// Text after the hole.
    input_suffix: String,
    /// Text of other files, the ones that change least first.
    input_extra: Option<Vec<ExtraFile>>,
    /// What is already typed of the hole: follows `input_prefix`.
    prompt: Option<String>,
    /// Most tokens to write; -1 is as many as fit, 0 only reads the prompt into the cache.
    #[schema(minimum = -1, default = -1)]
    n_predict: Option<i64>,
    /// Milliseconds from the first token on after which the text ends, once it has a line end; 0 is off.
    #[schema(default = 0)]
    t_max_predict_ms: Option<i64>,
    /// Answer as server-sent events.
    stream: Option<bool>,
    /// 0 or less (the default) takes the most likely token each time.
    #[schema(maximum = 2)]
    temperature: Option<f64>,
    /// Keeps this many tokens; 0 or less is off.
    top_k: Option<i64>,
    /// Keeps the smallest set of tokens whose probability reaches it.
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    /// Drops tokens less likely than this share of the most likely one.
    #[schema(minimum = 0, maximum = 1)]
    min_p: Option<f64>,
    /// Makes recent tokens less likely; 1 is off.
    #[schema(minimum = 0.1, maximum = 10)]
    repeat_penalty: Option<f64>,
    /// The same seed repeats the same text; -1 is a random one.
    seed: Option<i64>,
    /// Texts that end the generation; they are not part of it.
    stop: Option<TextOrList>,
    /// Answer with these fields only; `a/b` is field `b` of field `a`.
    response_fields: Option<Vec<String>>,
}

/// Text of another file.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ExtraFile {
    /// Its path.
    filename: Option<String>,
    /// The text.
    text: String,
}

struct Checked {
    prompt: FimPrompt,
    n_predict: Predict,
    predict_time: Option<Duration>,
    sampling: SamplingParams,
    stop: Vec<String>,
    fields: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Predict {
    /// Only reads the prompt: the editor warms the cache up.
    Nothing,
    UpTo(usize),
}

impl TryFrom<InfillRequest> for Checked {
    type Error = ApiError;

    fn try_from(raw: InfillRequest) -> Result<Self, ApiError> {
        let sampling = RawSampling {
            temperature: raw.temperature.map(|it| it.max(0.0)),
            top_p: raw.top_p,
            top_k: raw.top_k.map(|it| it.max(0)),
            min_p: raw.min_p,
            repetition_penalty: ("repeat_penalty", raw.repeat_penalty),
            // llama.cpp writes "random" as -1, also where it has become an unsigned number.
            seed: raw.seed.filter(|it| *it != -1 && *it != i64::from(u32::MAX)),
        };
        let n_predict = match raw.n_predict {
            Some(0) => Predict::Nothing,
            None | Some(-1) => Predict::UpTo(validate::MAX_TOKENS as usize),
            Some(n) => Predict::UpTo(validate::in_range("n_predict", n, -1..=validate::MAX_TOKENS)? as usize),
        };
        let extra = raw.input_extra.unwrap_or_default().into_iter();
        Ok(Self {
            sampling: sampling.check(0.0)?,
            stop: validate::stop("stop", raw.stop)?,
            n_predict,
            predict_time: raw
                .t_max_predict_ms
                .and_then(|it| u64::try_from(it).ok())
                .filter(|it| *it > 0)
                .map(Duration::from_millis),
            prompt: FimPrompt {
                context: extra.map(|it| ContextFile { path: it.filename.unwrap_or_default(), text: it.text }).collect(),
                prefix: raw.input_prefix + raw.prompt.unwrap_or_default().as_str(),
                suffix: raw.input_suffix,
                ..FimPrompt::default()
            },
            fields: raw.response_fields,
        })
    }
}

/// The text and what it cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct InfillAnswer {
    index: usize,
    /// The new text; in a stream's last event empty.
    #[schema(example = "a + b")]
    content: String,
    id_slot: usize,
    /// Always true: this is the end.
    stop: bool,
    /// Name of the model.
    model: String,
    /// Tokens written.
    tokens_predicted: usize,
    /// Tokens of the prompt.
    tokens_evaluated: usize,
    /// Tokens of the prompt that came from the cache.
    tokens_cached: usize,
    generation_settings: InfillSettings,
    has_new_line: bool,
    /// The context was full before the text ended.
    truncated: bool,
    /// `eos`, `word` (a stop text) or `limit`.
    #[schema(example = "eos")]
    stop_type: &'static str,
    timings: Timings,
}

/// What the request amounted to.
#[derive(Serialize, ToSchema)]
pub(crate) struct InfillSettings {
    n_ctx: usize,
    n_predict: usize,
    temperature: f32,
    top_k: usize,
    top_p: f32,
    min_p: f32,
    repeat_penalty: f32,
    seed: u64,
    stop: Vec<String>,
}

/// Where the time went.
#[derive(Serialize, ToSchema)]
pub(crate) struct Timings {
    /// Tokens of the prompt that came from the cache.
    cache_n: usize,
    /// Tokens of the prompt that were computed.
    prompt_n: usize,
    prompt_ms: f64,
    prompt_per_token_ms: f64,
    prompt_per_second: f64,
    /// Tokens written.
    predicted_n: usize,
    predicted_ms: f64,
    predicted_per_token_ms: f64,
    predicted_per_second: f64,
}

/// An event of a stream before the last.
#[derive(Serialize, ToSchema)]
pub(crate) struct InfillPiece<'a> {
    index: usize,
    content: &'a str,
    id_slot: usize,
    stop: bool,
    /// Tokens written so far.
    tokens_predicted: usize,
}

/// Fills a hole (llama.cpp dialect)
#[utoipa::path(
    post,
    path = "/infill",
    tags = ["editors", "model"],
    params(JobQuery),
    request_body = InfillRequest,
    responses(
        (status = 200, description = "The text", content((InfillAnswer = "application/json"), (String = "text/event-stream"))),
        (status = 202, description = "The job is queued (`?async=true`)", body = JobAccepted),
    )
)]
pub(crate) async fn infill(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<JobQuery>,
    JsonBody(raw): JsonBody<InfillRequest>,
) -> Result<Response, ApiError> {
    let is_stream = raw.stream.unwrap_or(false);
    let run_async = query.is_async(is_stream)?;
    let mut request = Checked::try_from(raw)?;
    let model = app.model()?;
    if !is_stream {
        return jobs::respond(&app, &scope, ROUTE, run_async, async move |app, _| {
            let fields = request.fields.take();
            let answer = run(&app, request, model, |_| {}).await?;
            Ok(select(answer, fields.as_deref()))
        })
        .await;
    }
    sse::respond(&app, &scope, ROUTE, async move |app, _, events| {
        let mut tokens_predicted = 0;
        let answer = run(&app, request, model, |piece| {
            tokens_predicted += piece.tokens;
            events.send(&InfillPiece { index: 0, content: &piece.text, id_slot: 0, stop: false, tokens_predicted });
        })
        .await?;
        let content = answer.content.clone();
        let last = InfillAnswer { content: String::new(), ..answer };
        events.send(&last);
        Ok(InfillAnswer { content, ..last })
    })
    .await
}

async fn run(
    app: &App,
    request: Checked,
    model: ModelInfo,
    mut on_piece: impl FnMut(&Piece),
) -> Result<InfillAnswer, ApiError> {
    let prompt = Prompt::Fim(request.prompt);
    let is_warm_up = request.n_predict == Predict::Nothing;
    let n_predict = match request.n_predict {
        Predict::Nothing => 1,
        Predict::UpTo(n) => generation::clip_to_context(n, &prompt, &model),
    };
    let generate = GenerateRequest {
        sampling: request.sampling.clone(),
        stop: request.stop.clone(),
        // Nobody waits for a cache to be warm, and somebody types while this is answered.
        priority: if is_warm_up { Priority::Background } else { Priority::Interactive },
        ..GenerateRequest::new(prompt, n_predict)
    };
    let mut limit = request.predict_time.map(PredictLimit::new);
    let mut answer = generation::run(app, generate, |piece| {
        if is_warm_up {
            return ControlFlow::Break(());
        }
        on_piece(piece);
        let is_over = limit.as_mut().is_some_and(|it| it.is_over(&piece.text, Instant::now()));
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .await?;
    if is_warm_up {
        answer.text.clear();
        answer.finish.usage.completion_tokens = 0;
    }
    let settings = InfillSettings {
        n_ctx: model.context_length,
        n_predict: if is_warm_up { 0 } else { n_predict },
        temperature: request.sampling.temperature,
        top_k: request.sampling.top_k,
        top_p: request.sampling.top_p,
        min_p: request.sampling.min_p,
        repeat_penalty: request.sampling.repetition_penalty,
        seed: request.sampling.seed,
        stop: request.stop,
    };
    Ok(whole(answer, settings, model.name))
}

/// `t_max_predict_ms`: counts from the first token, and ends the text only after a line end.
struct PredictLimit {
    limit: Duration,
    first: Option<Instant>,
    has_new_line: bool,
}

impl PredictLimit {
    fn new(limit: Duration) -> Self {
        Self { limit, first: None, has_new_line: false }
    }

    fn is_over(&mut self, piece: &str, now: Instant) -> bool {
        let first = *self.first.get_or_insert(now);
        self.has_new_line |= piece.contains('\n');
        self.has_new_line && now.duration_since(first) >= self.limit
    }
}

fn whole(answer: Answer, generation_settings: InfillSettings, model: String) -> InfillAnswer {
    let usage = answer.finish.usage;
    InfillAnswer {
        index: 0,
        has_new_line: answer.text.contains('\n'),
        content: answer.text,
        id_slot: 0,
        stop: true,
        model,
        tokens_predicted: usage.completion_tokens,
        tokens_evaluated: usage.prompt_tokens,
        tokens_cached: usage.cached_tokens,
        generation_settings,
        truncated: answer.finish.reason == FinishReason::Context,
        stop_type: match answer.finish.reason {
            FinishReason::Stop => "eos",
            FinishReason::StopText => "word",
            FinishReason::Length | FinishReason::Context | FinishReason::Deadline | FinishReason::Cancelled => "limit",
        },
        timings: timings(&usage),
    }
}

fn timings(usage: &assist::generation::Usage) -> Timings {
    let prompt_n = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    // JSON has no infinity: where nothing was measured the rate is 0.
    let rate = |count: usize, ms: f64| if ms > 0.0 { count as f64 / ms * 1e3 } else { 0.0 };
    let each = |count: usize, ms: f64| if count > 0 { ms / count as f64 } else { 0.0 };
    let (prompt_ms, predicted_ms) = (ms(usage.prefill), ms(usage.decode));
    Timings {
        cache_n: usage.cached_tokens,
        prompt_n,
        prompt_ms,
        prompt_per_token_ms: each(prompt_n, prompt_ms),
        prompt_per_second: rate(prompt_n, prompt_ms),
        predicted_n: usage.completion_tokens,
        predicted_ms,
        predicted_per_token_ms: each(usage.completion_tokens, predicted_ms),
        predicted_per_second: rate(usage.completion_tokens, predicted_ms),
    }
}

/// The answer, or the fields of it that were asked for, under the names they were asked by.
fn select(answer: InfillAnswer, fields: Option<&[String]>) -> Value {
    let answer = serde_json::to_value(answer).expect("the answer has text keys and finite numbers");
    let Some(fields) = fields else { return answer };
    let picked = fields.iter().filter_map(|field| {
        let value = field.split('/').try_fold(&answer, |it, key| it.get(key))?;
        Some((field.clone(), value.clone()))
    });
    Value::Object(picked.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predict_limit_waits_for_a_line_end() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut limit = PredictLimit::new(Duration::from_millis(100));
        assert!(!limit.is_over("a", at(0)));
        assert!(!limit.is_over("b", at(200)));
        assert!(limit.is_over("\n", at(201)));

        let mut limit = PredictLimit::new(Duration::from_millis(100));
        assert!(!limit.is_over("\n", at(50)));
        assert!(!limit.is_over("c", at(149)));
        assert!(limit.is_over("d", at(150)));
    }
}
