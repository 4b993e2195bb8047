//! Running a request to the engine: pieces as they come, then the whole.

use std::ops::ControlFlow;

use assist::generation::{Event, Finish, FinishReason, GenerateRequest, Piece, Prompt, Usage};
use assist::model::ModelInfo;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::state::App;

/// A finished generation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) finish: Finish,
}

/// Tokens of one answer, as the OpenAI dialect counts them.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct TokenUsage {
    /// Tokens of the prompt.
    pub(crate) prompt_tokens: usize,
    /// Tokens written.
    pub(crate) completion_tokens: usize,
    /// Both together.
    pub(crate) total_tokens: usize,
    pub(crate) prompt_tokens_details: PromptTokens,
}

/// More about the tokens of the prompt.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct PromptTokens {
    /// How many came from the KV cache.
    pub(crate) cached_tokens: usize,
}

impl TokenUsage {
    /// Adds another generation of the same request.
    pub(crate) fn add(&mut self, usage: &Usage) {
        self.prompt_tokens += usage.prompt_tokens;
        self.completion_tokens += usage.completion_tokens;
        self.total_tokens = self.prompt_tokens + self.completion_tokens;
        self.prompt_tokens_details.cached_tokens += usage.cached_tokens;
    }
}

impl From<&Usage> for TokenUsage {
    fn from(usage: &Usage) -> Self {
        let mut sum = Self::default();
        sum.add(usage);
        sum
    }
}

/// Generates, and shows each piece to `on_piece`, which may end the generation early.
///
/// # Errors
/// What the engine fails with, and `cancelled`.
pub(crate) async fn run(
    app: &App,
    request: GenerateRequest,
    mut on_piece: impl FnMut(&Piece) -> ControlFlow<()>,
) -> Result<Answer, ApiError> {
    let mut generation = app.assist.engine().generate(request)?;
    let mut text = String::new();
    let mut is_cut = false;
    while let Some(event) = generation.next().await {
        match event {
            // What the worker wrote before it saw the token is not part of the answer.
            Event::Piece(_) if is_cut => {}
            Event::Piece(piece) => {
                text.push_str(&piece.text);
                if on_piece(&piece).is_break() {
                    is_cut = true;
                    generation.cancel_token().cancel();
                }
            }
            Event::Finish(finish) if finish.reason == FinishReason::Cancelled && !is_cut => {
                return Err(ApiError::cancelled());
            }
            Event::Finish(finish) => return Ok(Answer { text, finish }),
            Event::Failed(error) => return Err(error.into()),
        }
    }
    tracing::error!("the engine ended a generation without an answer");
    Err(ApiError::internal())
}

/// The most tokens worth asking for: what is wanted, clipped to the context. A hole's surroundings are
/// shortened to make room for the answer, so there half the context stays theirs.
pub(crate) fn clip_to_context(wanted: usize, prompt: &Prompt, model: &ModelInfo) -> usize {
    let room = match prompt {
        Prompt::Text(_) | Prompt::Chat(_) => model.context_length.saturating_sub(1),
        Prompt::Fim(_) => model.context_length / 2,
    };
    wanted.min(room).max(1)
}

/// `finish_reason` of the OpenAI dialect.
pub(crate) fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::StopText => "stop",
        FinishReason::Length | FinishReason::Context | FinishReason::Deadline | FinishReason::Cancelled => "length",
    }
}
