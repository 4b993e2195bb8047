//! A generation on its way: sent, read event by event, ended by whatever comes first of the model's own end, a stop
//! text, the deadline, and nobody wanting it any more. Whenever it ends here the connection is closed, and the server
//! stops working for it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep_until, timeout, timeout_at};

use super::amend::Amendments;
use super::body::{Body, CHAT};
use super::chunk::{Chunk, Counts};
use super::client::{self, Client};
use super::failure::Failure;
use super::patience::Patience;
use super::sse::Decoder;
use crate::stop::StopTexts;
use crate::{CancelToken, Event, Finish, FinishReason, Piece, Usage};

/// How long the counts are waited for once the text has ended.
const EPILOGUE: Duration = Duration::from_millis(500);
/// Bytes of text that a token has at most; the longest of real vocabularies are runs of 128 to 256 blanks.
const BYTES_PER_TOKEN: usize = 512;
/// Bytes around the text of a token in an event, with names of models and probabilities.
const FRAME: usize = 8 << 10;

/// A request that was written, and what is known of how to end it.
pub(super) struct Ask {
    pub(super) body: Body,
    pub(super) max_new_tokens: usize,
    pub(super) stop: Vec<String>,
    pub(super) deadline: Option<Instant>,
    pub(super) cancel: CancelToken,
    /// What the server has refused so far.
    pub(super) amendments: Arc<Amendments>,
}

/// Serves a request to its end.
/// `under_way` is dropped before the last event is sent: who sees the event sees the count.
pub(super) async fn run<T>(client: &Client, ask: Ask, events: &UnboundedSender<Event>, under_way: T) {
    let mut relay = Relay::new(ask.stop.clone(), ask.max_new_tokens, events);
    let outcome = tokio::select! {
        // Nobody gets text behind the end.
        biased;
        () = ask.cancel.cancelled() => Ok(FinishReason::Cancelled),
        () = events.closed() => Ok(FinishReason::Cancelled),
        () = deadline(ask.deadline) => Ok(FinishReason::Deadline),
        outcome = exchange(client, &ask, &mut relay) => outcome,
    };
    drop(under_way);
    match outcome {
        Ok(reason) => relay.finish(reason),
        Err(failure) => {
            let error = failure.into_error(&client.address, client.has_key, ask.body.prompt_bytes);
            tracing::warn!(%error, "a request to the model server failed");
            // Nobody listens any more: nothing is lost.
            let _ = events.send(Event::Failed(error));
        }
    }
}

async fn deadline(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Sends and reads, until the answer has an end.
async fn exchange(client: &Client, ask: &Ask, relay: &mut Relay<'_>) -> Result<FinishReason, Failure> {
    let mut patience = Patience::new(client.timeouts, Instant::now());
    let mut response = open(client, ask).await?;
    if !is_stream(&response) {
        return whole(response, patience, relay).await;
    }
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    let mut received = 0;
    loop {
        let bytes = match timeout_at(patience.until.into(), response.chunk()).await {
            // The counts alone are missing.
            Err(_) if relay.end.is_some() => break,
            Err(_) => return Err(Failure::Silent(patience.limit)),
            Ok(bytes) => bytes.map_err(|error| client::broke_off(&error))?,
        };
        match &bytes {
            Some(bytes) => {
                received += bytes.len();
                if received > relay.max_new_tokens.saturating_add(1).saturating_mul(FRAME + BYTES_PER_TOKEN) {
                    return Err(Failure::Broken("answers with far more than was asked for".to_owned()));
                }
                decoder
                    .push(bytes, &mut events)
                    .map_err(|_| Failure::Broken("answers with an endless event".to_owned()))?;
            }
            None => events.extend(std::mem::take(&mut decoder).finish()),
        }
        for event in events.drain(..) {
            let chunk = Chunk::parse(&event)?;
            patience.hear(Instant::now(), !chunk.text.is_empty());
            if relay.take(chunk) {
                return relay.end(response).await;
            }
        }
        if relay.end.is_some() {
            patience.until = patience.until.min(Instant::now() + EPILOGUE);
        }
        if bytes.is_none() {
            break;
        }
    }
    relay.end.ok_or_else(|| Failure::Broken("ended in the middle of an answer".to_owned()))
}

/// Sends the request, and again without a field that the server refuses.
async fn open(client: &Client, ask: &Ask) -> Result<Response, Failure> {
    let Ask { body, deadline, amendments, .. } = ask;
    let mut json = Cow::Borrowed(&body.json);
    loop {
        let failure = match client.open(body.path, &json, client.timeouts.first_token, *deadline).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        // A field that is gone is not refused again.
        if body.path != CHAT || !amendments.learn(&failure, &json) {
            return Err(failure);
        }
        amendments.apply(json.to_mut());
    }
}

fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    kind.is_none_or(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
}

/// A server that does not stream answers all at once.
async fn whole(response: Response, patience: Patience, relay: &mut Relay<'_>) -> Result<FinishReason, Failure> {
    let bytes = timeout_at(patience.until.into(), client::bytes(response)).await;
    let bytes = bytes.map_err(|_| Failure::Silent(patience.limit))??;
    relay.take(Chunk::parse(&String::from_utf8_lossy(&bytes))?);
    Ok(relay.end.unwrap_or(FinishReason::Stop))
}

/// The answer so far, on its way to the client.
struct Relay<'a> {
    events: &'a UnboundedSender<Event>,
    stop: StopTexts,
    max_new_tokens: usize,
    started: Instant,
    first_text: Option<Instant>,
    /// Tokens whose text is held back, and the sum of their logarithms.
    unsent: (usize, f32),
    tokens: usize,
    counts: Option<Counts>,
    /// How the text ended; counts may follow.
    end: Option<FinishReason>,
    /// The server has nothing more to say.
    is_complete: bool,
}

impl<'a> Relay<'a> {
    fn new(stop: Vec<String>, max_new_tokens: usize, events: &'a UnboundedSender<Event>) -> Self {
        Self {
            events,
            stop: StopTexts::new(stop),
            max_new_tokens,
            started: Instant::now(),
            first_text: None,
            unsent: (0, 0.0),
            tokens: 0,
            counts: None,
            end: None,
            is_complete: false,
        }
    }

    /// Takes what an event says; true when nothing more has to be read.
    fn take(&mut self, chunk: Chunk) -> bool {
        self.counts = chunk.counts.or(self.counts);
        if !chunk.text.is_empty() && self.end.is_none() {
            self.first_text.get_or_insert_with(Instant::now);
            self.tokens += chunk.tokens;
            self.unsent.0 += chunk.tokens;
            self.unsent.1 += chunk.logprob;
            let passed = self.stop.push(&chunk.text);
            self.send(passed.text);
            if passed.stopped {
                self.end = Some(FinishReason::StopText);
                return true;
            }
        }
        self.end = self.end.or(chunk.finish);
        self.is_complete = chunk.is_last;
        chunk.is_last
    }

    /// The end of a stream that was read as far as it says something. Read to its end, the connection can be used again;
    /// that must not take long.
    async fn end(&self, mut response: Response) -> Result<FinishReason, Failure> {
        if self.is_complete {
            let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
            // A server that keeps it open loses it.
            let _ = timeout(EPILOGUE / 10, rest).await;
        }
        self.end.ok_or_else(|| Failure::Broken("ended an answer without saying why".to_owned()))
    }

    /// Sends text with the tokens that came since the last piece.
    fn send(&mut self, text: String) {
        if !text.is_empty() {
            let (tokens, logprob) = std::mem::take(&mut self.unsent);
            // A closed channel ends the exchange.
            let _ = self.events.send(Event::Piece(Piece { text, logprob, tokens, choices: Vec::new() }));
        }
    }

    fn finish(mut self, reason: FinishReason) {
        if reason != FinishReason::StopText {
            let rest = self.stop.finish();
            self.send(rest);
        }
        let first = self.first_text.unwrap_or_else(Instant::now);
        let counts = self.counts.unwrap_or(Counts { prompt: 0, cached: 0, completion: self.tokens });
        let usage = Usage {
            prompt_tokens: counts.prompt,
            cached_tokens: counts.cached,
            // A server that does not count says 0.
            completion_tokens: if counts.completion == 0 { self.tokens } else { counts.completion },
            queued: Duration::ZERO,
            prefill: first.saturating_duration_since(self.started),
            decode: first.elapsed(),
            ..Usage::default()
        };
        let _ = self.events.send(Event::Finish(Finish { reason, usage }));
    }
}
