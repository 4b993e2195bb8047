//! Ghost text: what the user may want to write at the cursor.
//!
//! The way of a request ([`attempt`]): what the document forbids; what follows from a change elsewhere
//! (`crate::next_edit`); an earlier suggestion that still fits; where ghost text would disturb; else a copy that is sure;
//! else, after a moment's wait where it is slow, the model, mixed with the copy engine, stopped as soon as the answer is
//! decided, or the copy where that is surer; without a model the copy engine alone. What comes back is fitted to its
//! place and checked by the parser. Every empty answer has a reason.

mod ahead;
mod attempt;
pub(crate) mod flight;
mod gate;
pub(crate) mod pace;
mod place;
mod postprocess;
pub(crate) mod prompt;
pub(crate) mod scene;
mod site;
mod stream;
pub(crate) mod suggestion_cache;
mod syntax_check;
mod worth;

use engine::{CancelToken, FinishReason, SamplingParams, Usage};
use syntax::TextRange;

use crate::workspace::Lane;
use crate::{Assist, AssistError, Snapshot};

/// What made the client ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Typing or a cursor move.
    Automatic,
    /// The user asked.
    Invoked,
}

/// A request for ghost text.
#[derive(Clone, Debug)]
pub struct InlineCompletionRequest {
    /// Cursor, in bytes.
    pub offset: usize,
    /// What made the client ask.
    pub trigger: Trigger,
    /// The menu item now selected (LSP `selectedCompletionInfo`): range and text. A suggestion extends that text.
    pub selected: Option<(TextRange, String)>,
    /// Most tokens, where the caller has a wish; else the configuration decides.
    pub max_tokens: Option<usize>,
    /// Sampling, where the caller has a wish; else greedy.
    pub sampling: Option<SamplingParams>,
    /// Further stop texts.
    pub stop: Vec<String>,
    /// Stops the work when tripped.
    pub cancel: CancelToken,
}

impl InlineCompletionRequest {
    /// A request at a cursor, without wishes of its own.
    pub(crate) fn automatic(offset: usize, cancel: CancelToken) -> Self {
        Self {
            offset,
            trigger: Trigger::Automatic,
            selected: None,
            max_tokens: None,
            sampling: None,
            stop: Vec::new(),
            cancel,
        }
    }

    /// Without wishes of its own: what it gets may serve others, and the other way round.
    fn is_ordinary(&self) -> bool {
        self.sampling.is_none() && self.max_tokens.is_none() && self.stop.is_empty()
    }
}

/// Who wrote a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The model, mixed with the copy engine, checked by the parser where there is a grammar.
    Model,
    /// The copy engine alone.
    Copy,
    /// A suggestion made earlier that still fits.
    Cache,
    /// Nobody: it follows from what the user changed elsewhere in the file.
    Edit,
}

impl Source {
    /// The stable code for reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Copy => "copy",
            Self::Cache => "cache",
            Self::Edit => "edit",
        }
    }
}

/// One suggestion.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineCompletionItem {
    /// Number by which the client reports back what became of it.
    pub id: u64,
    /// What is replaced: starts at or before the cursor, ends at or after it, within one line.
    pub range: TextRange,
    /// What stands there when the suggestion is accepted.
    pub insert_text: String,
    /// Who wrote it.
    pub source: Source,
    /// Probability, 0 to 1, that its first line is right, as the model and the places copied from have it.
    pub confidence: f32,
    /// Why the text ended.
    pub finish: FinishReason,
}

/// Why there is no suggestion. Each has a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "code() says it")]
pub enum SilenceReason {
    NoModel,
    ModelLoading,
    NoFim,
    Disabled,
    SecretFile,
    LongLine,
    MidWord,
    TextRightOfCursor,
    Cancelled,
    LowConfidence,
    Rejected,
    DuplicateOfSuffix,
    SyntaxError,
    Empty,
    Timeout,
    QueueFull,
    EngineFailed,
}

impl SilenceReason {
    /// The stable code for logs and `ropewalk.status`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoModel => "no_model",
            Self::ModelLoading => "model_loading",
            Self::NoFim => "no_fim",
            Self::Disabled => "disabled",
            Self::SecretFile => "secret_file",
            Self::LongLine => "long_line",
            Self::MidWord => "mid_word",
            Self::TextRightOfCursor => "text_right_of_cursor",
            Self::Cancelled => "cancelled",
            Self::LowConfidence => "low_confidence",
            Self::Rejected => "rejected",
            Self::DuplicateOfSuffix => "duplicate_of_suffix",
            Self::SyntaxError => "syntax_error",
            Self::Empty => "empty",
            Self::Timeout => "timeout",
            Self::QueueFull => "queue_full",
            Self::EngineFailed => "engine_failed",
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct InlineCompletion {
    /// Suggestions, best first.
    pub items: Vec<InlineCompletionItem>,
    /// Why there is none.
    pub silence: Option<SilenceReason>,
    /// Tokens and times, when the model ran. A generation that was stopped because the answer was decided may know its
    /// written tokens only.
    pub usage: Option<Usage>,
}

/// Ghost text at a cursor. A newer request for the same document cancels this one.
///
/// # Errors
/// [`AssistError::Cancelled`] when the request was cancelled; everything else that prevents a suggestion is a [`SilenceReason`].
pub async fn inline_completion(
    assist: &Assist,
    snapshot: &Snapshot,
    request: InlineCompletionRequest,
) -> Result<InlineCompletion, AssistError> {
    let may_look_ahead = ahead::is_wanted(&request);
    let answer = in_lane(assist, snapshot, request, Lane::Inline).await;
    if may_look_ahead && let Ok(InlineCompletion { items, .. }) = &answer {
        ahead::look(assist, snapshot, items);
    }
    answer
}

/// The same; a newer request cancels the older one of its lane only.
pub(crate) async fn in_lane(
    assist: &Assist,
    snapshot: &Snapshot,
    request: InlineCompletionRequest,
    lane: Lane,
) -> Result<InlineCompletion, AssistError> {
    let answer = attempt::answer(assist, snapshot, request, lane).await;
    let silence = match &answer {
        Ok(answer) => answer.silence,
        Err(AssistError::Cancelled) => Some(SilenceReason::Cancelled),
        Err(_) => Some(SilenceReason::EngineFailed),
    };
    if let Some(reason) = silence {
        tracing::debug!(reason = reason.code(), document = snapshot.id().as_str(), "no inline completion");
        let is_open = snapshot.revision().is_some();
        assist.record_silence(reason, is_open.then(|| snapshot.id().clone()));
    }
    answer
}

/// The text to insert at `offset` when the user asks for it: what a program without an editor wants.
///
/// # Errors
/// [`AssistError::Cancelled`].
pub async fn complete_text(
    assist: &Assist,
    snapshot: &Snapshot,
    offset: usize,
    cancel: CancelToken,
) -> Result<InlineCompletion, AssistError> {
    let request =
        InlineCompletionRequest { trigger: Trigger::Invoked, ..InlineCompletionRequest::automatic(offset, cancel) };
    inline_completion(assist, snapshot, request).await
}

#[cfg(test)]
pub(crate) mod tests;
