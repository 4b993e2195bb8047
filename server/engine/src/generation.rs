//! The answer to a request: a stream of text pieces with one end.

use std::time::Duration;

use tokio::sync::mpsc;

#[cfg(doc)]
use crate::GenerateRequest;
use crate::{CancelToken, EngineError};

/// Text of one or more tokens; never a part of a character.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// New text.
    pub text: String,
    /// Natural logarithm of the probability of the piece's tokens under the mixture, summed.
    pub logprob: f32,
    /// Tokens in this piece.
    pub tokens: usize,
    /// These tokens one by one, where the request asks for it ([`GenerateRequest::logprobs`]); else empty.
    pub choices: Vec<Choice>,
}

/// A token of an answer, and what else was likely there.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it writes; may be a part of a character.
    pub bytes: Vec<u8>,
    /// Natural logarithm of its probability under the mixture; 0 where a constraint left no choice.
    pub logprob: f32,
    /// The most likely tokens there, by what they write, most likely first; nothing for the end of the answer.
    pub top: Vec<(Vec<u8>, f32)>,
}

/// Why a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended the text.
    Stop,
    /// A stop text occurred.
    StopText,
    /// `max_new_tokens` were written.
    Length,
    /// The context is full.
    Context,
    /// The deadline passed.
    Deadline,
    /// The request was cancelled.
    Cancelled,
}

/// Tokens and times of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// How many of them came from the KV cache.
    pub cached_tokens: usize,
    /// Tokens written.
    pub completion_tokens: usize,
    /// Tokens guessed by speculation.
    pub drafted_tokens: usize,
    /// How many of them were what the model then wrote.
    pub accepted_tokens: usize,
    /// Time in the queue.
    pub queued: Duration,
    /// Time of prefill.
    pub prefill: Duration,
    /// Time of decode.
    pub decode: Duration,
}

/// How a generation ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finish {
    /// Why.
    pub reason: FinishReason,
    /// What it cost.
    pub usage: Usage,
}

/// What a generation sends: pieces, then exactly one `Finish` or `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// More text.
    Piece(Piece),
    /// The end.
    Finish(Finish),
    /// The end, without an answer.
    Failed(EngineError),
}

/// A running request. Dropping it cancels the work.
#[derive(Debug)]
pub struct Generation {
    events: mpsc::UnboundedReceiver<Event>,
    cancel: CancelToken,
}

impl Generation {
    pub(crate) fn new(events: mpsc::UnboundedReceiver<Event>, cancel: CancelToken) -> Self {
        Self { events, cancel }
    }

    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The next event, for callers without a runtime.
    pub fn blocking_next(&mut self) -> Option<Event> {
        self.events.blocking_recv()
    }

    /// The token that stops this generation.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// All text and the end.
    ///
    /// # Errors
    /// What the engine failed with.
    pub async fn collect(mut self) -> Result<(String, Finish), EngineError> {
        let mut text = String::new();
        while let Some(event) = self.next().await {
            match event {
                Event::Piece(piece) => text.push_str(&piece.text),
                Event::Finish(finish) => return Ok((text, finish)),
                Event::Failed(error) => return Err(error),
            }
        }
        Err(EngineError::Unavailable("the engine has ended".to_owned()))
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
