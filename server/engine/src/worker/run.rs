//! One request on its way: the tokens so far and what has been told to the client. A run takes one forward pass a
//! step, so that the worker can look up between any two of them; put aside and taken up again, it goes on where it
//! stood, whatever the KV cache holds by then.

use std::time::Instant;

use crate::model::Span;
use crate::sampler::{Opinion, Sampler};
use crate::service::Service;
use crate::shared::{Job, Shared};
use crate::stop::StopTexts;
use crate::tokenizer::Detokenizer;
use crate::{
    Continuation, EngineError, Event, Finish, FinishReason, GenerateRequest, Piece, Prediction, Predictor, Priority,
    Usage,
};

/// Longest beginning of a continuation, in bytes, that is looked at for its first token.
const CONTINUATION_HEAD: usize = 128;

/// A request that was begun.
pub(super) struct Run {
    job: Box<Job>,
    /// The prompt and the answer so far.
    tokens: Vec<u32>,
    prompt_len: usize,
    /// How much of the prompt the cache held when the run began.
    cached: Option<usize>,
    /// Number of the request since the start of the worker.
    number: usize,
    sampler: Sampler,
    stop: StopTexts,
    detokenizer: Detokenizer,
    /// The answer as text, with what `stop` holds back: what predictors see.
    generated: String,
    /// Tokens chosen whose text is held back, and the sum of their logarithms.
    unsent: (usize, f32),
    usage: Usage,
}

impl Run {
    /// Takes a request up: writes its prompt as tokens. On an error the job comes back.
    pub(super) fn begin(mut job: Box<Job>, number: usize, service: &Service) -> Result<Self, (Box<Job>, EngineError)> {
        let usage = Usage { queued: crate::shared::since(job.queued_at), ..Usage::default() };
        let GenerateRequest { prompt, max_new_tokens, sampling, .. } = &job.request;
        let encoded = service.format.encode(prompt, &service.tokenizer, service.info.context_length, *max_new_tokens);
        let tokens = match encoded {
            Ok(tokens) => tokens,
            Err(error) => return Err((job, error)),
        };
        let mut sampler = Sampler::new(sampling.clone());
        for token in &tokens {
            sampler.accept(*token);
        }
        let stop = StopTexts::new(std::mem::take(&mut job.request.stop));
        let mut run = Self {
            job,
            prompt_len: tokens.len(),
            tokens,
            cached: None,
            number,
            sampler,
            stop,
            detokenizer: Detokenizer::default(),
            generated: String::new(),
            unsent: (0, 0.0),
            usage,
        };
        run.usage.prompt_tokens = run.prompt_len;
        Ok(run)
    }

    pub(super) fn priority(&self) -> Priority {
        self.job.request.priority
    }

    /// Makes the KV cache hold nothing but a beginning of this run's tokens, as long a one as possible.
    pub(super) fn attach(&mut self, service: &mut Service) {
        let same = service.cached.iter().zip(&self.tokens).take_while(|(a, b)| a == b).count();
        // The last token is always passed again: its logits are wanted.
        let kept = same.min(self.tokens.len() - 1);
        service.sequence.truncate(kept);
        service.cached.truncate(kept);
        // Taken up again after it was put aside, it has reported its first beginning already.
        self.usage.cached_tokens = *self.cached.get_or_insert(kept);
        if let Some(cue) = &service.cue {
            cue.set(service.sequence.id(), self.number, self.prompt_len);
        }
    }

    /// Why the run has to end before its next pass, if it has to.
    pub(super) fn interrupted(&self, now: Instant) -> Option<FinishReason> {
        let GenerateRequest { cancel, deadline, .. } = &self.job.request;
        if cancel.is_cancelled() || self.job.events.is_closed() {
            Some(FinishReason::Cancelled)
        } else if deadline.is_some_and(|deadline| deadline <= now) {
            Some(FinishReason::Deadline)
        } else {
            None
        }
    }

    /// One forward pass: a chunk of what the cache lacks and, when it lacks nothing any more, the next token.
    pub(super) fn step(
        &mut self,
        service: &mut Service,
        shared: &Shared,
        chunk: usize,
        logits: &mut Vec<f32>,
    ) -> Result<Option<FinishReason>, EngineError> {
        let start = Instant::now();
        let from = service.cached.len();
        let to = self.tokens.len().min(from + chunk.max(1));
        let prefill = from < self.prompt_len;
        shared.count_pass();
        let wanted = usize::from(to == self.tokens.len());
        let span = Span { sequence: &mut service.sequence, tokens: &self.tokens[from..to], wanted };
        service.model.forward(&mut [span], logits)?;
        service.cached.extend_from_slice(&self.tokens[from..to]);
        let result = if to == self.tokens.len() { self.next_token(service, logits) } else { Ok(None) };
        let time = if prefill { &mut self.usage.prefill } else { &mut self.usage.decode };
        *time += start.elapsed();
        result
    }

    fn next_token(&mut self, service: &Service, logits: &mut [f32]) -> Result<Option<FinishReason>, EngineError> {
        let predictor = self.job.request.predictor.as_deref_mut();
        let pending = self.detokenizer.pending();
        let opinion = predictor.map(|predictor| opinion(predictor, &self.generated, pending, service));
        let masked = if self.job.request.ignore_eos { &service.masked_with_ends } else { &service.masked };
        let chosen = self
            .sampler
            .choose(logits, masked, opinion.as_ref())
            .ok_or_else(|| EngineError::WorkerFailed("the model gave no finite logit".to_owned()))?;
        if service.format.ends.contains(&chosen.token) {
            return Ok(Some(FinishReason::Stop));
        }
        self.tokens.push(chosen.token);
        self.sampler.accept(chosen.token);
        self.usage.completion_tokens += 1;
        self.unsent.0 += 1;
        self.unsent.1 += chosen.logprob;
        let text = self.detokenizer.push(service.tokenizer.vocab().written(chosen.token));
        self.generated.push_str(&text);
        let passed = self.stop.push(&text);
        self.send(passed.text);
        Ok(if passed.stopped {
            Some(FinishReason::StopText)
        } else if self.usage.completion_tokens >= self.job.request.max_new_tokens {
            Some(FinishReason::Length)
        } else if self.tokens.len() >= service.info.context_length {
            Some(FinishReason::Context)
        } else {
            None
        })
    }

    /// Sends text with the tokens that were chosen since the last piece.
    fn send(&mut self, text: String) {
        if !text.is_empty() {
            let (tokens, logprob) = std::mem::take(&mut self.unsent);
            // A closed channel is noticed before the next pass.
            let _ = self.job.events.send(Event::Piece(Piece { text, logprob, tokens }));
        }
    }

    /// The end of the run.
    pub(super) fn finish(mut self, reason: FinishReason, shared: &Shared) {
        if reason != FinishReason::StopText {
            let rest = self.stop.finish();
            self.send(rest);
        }
        shared.count_end();
        let _ = self.job.events.send(Event::Finish(Finish { reason, usage: self.usage }));
    }

    /// The end of the run without an answer.
    pub(super) fn fail(self, error: EngineError, shared: &Shared) {
        fail(self.job, error, shared);
    }
}

/// Ends a request that was begun without an answer.
pub(super) fn fail(job: Box<Job>, error: EngineError, shared: &Shared) {
    shared.count_end();
    let _ = job.events.send(Event::Failed(error));
}

/// A predictor's continuations as first tokens. They continue `generated`; of a character that is not whole yet the
/// bytes `pending` are written already.
fn opinion(predictor: &mut dyn Predictor, generated: &str, pending: &[u8], service: &Service) -> Opinion {
    let Prediction { weight, continuations } = predictor.predict(generated);
    let mut tokens = Vec::new();
    if weight > 0.0 {
        for Continuation { text, share } in &continuations {
            tokens.extend(first_token(text, pending, service).map(|token| (token, *share)));
        }
    }
    Opinion { weight, tokens }
}

/// The token of a continuation that comes behind the bytes `written`; `None` where they do not fit.
fn first_token(text: &str, written: &[u8], service: &Service) -> Option<u32> {
    if text.is_empty() && written.is_empty() {
        return Some(service.format.eos);
    }
    let head = &text[..text.floor_char_boundary(CONTINUATION_HEAD)];
    let mut rest = written;
    for token in service.tokenizer.encode_continuation(head) {
        if rest.is_empty() {
            return Some(token);
        }
        rest = rest.strip_prefix(service.tokenizer.vocab().written(token))?;
    }
    None
}
