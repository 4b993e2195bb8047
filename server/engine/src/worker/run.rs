//! One request on its way: the tokens so far, the sequence that holds some of them, and what has been told to the client.
//! It takes part in passes as the worker plans them; put aside and taken up again, even without its sequence, it goes
//! on where it stood.

use std::time::{Duration, Instant};

use crate::model::{Sequence, Span};
use crate::sampler::{Opinion, Sampler};
use crate::service::Service;
use crate::shared::{Job, Shared};
use crate::stop::StopTexts;
use crate::tokenizer::Detokenizer;
use crate::{
    CancelToken, Continuation, EngineError, Event, Finish, FinishReason, GenerateRequest, Piece, Prediction, Predictor,
    Priority, Usage,
};

/// Longest beginning of a continuation, in bytes, that is looked at for its first token.
const CONTINUATION_HEAD: usize = 128;

/// A request that was begun.
pub(super) struct Run {
    job: Box<Job>,
    /// The prompt and the answer so far.
    tokens: Vec<u32>,
    prompt_len: usize,
    /// What the model has seen of the tokens; `None` before the first pass and after its memory was given away.
    sequence: Option<Sequence>,
    /// How much of the prompt was computed already when the run began.
    cached: Option<usize>,
    /// Number of the request since the start of the worker.
    number: usize,
    /// It computes alone: a pass that it took part in failed.
    pub(super) alone: bool,
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
            sequence: None,
            cached: None,
            number,
            alone: false,
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

    pub(super) fn cancel(&self) -> &CancelToken {
        &self.job.request.cancel
    }

    /// The prompt and the answer so far.
    pub(super) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    pub(super) fn sequence(&self) -> Option<&Sequence> {
        self.sequence.as_ref()
    }

    /// Gives the sequence away; the run goes on with another one.
    pub(super) fn take_sequence(&mut self) -> Option<Sequence> {
        self.sequence.take()
    }

    /// Tokens that the model has not seen.
    pub(super) fn pending(&self) -> usize {
        self.tokens.len() - self.sequence.as_ref().map_or(0, Sequence::len)
    }

    /// Takes a sequence that holds nothing but a beginning of this run's tokens.
    pub(super) fn attach(&mut self, mut sequence: Sequence, service: &Service) {
        // The last token is always passed again: its logits are wanted.
        sequence.truncate(self.tokens.len() - 1);
        // Taken up again after it was put aside, it has reported its first beginning already.
        self.usage.cached_tokens = *self.cached.get_or_insert(sequence.len());
        if let Some(cue) = &service.cue {
            cue.set(sequence.id(), self.number, self.prompt_len);
        }
        self.sequence = Some(sequence);
    }

    /// The first `count` pending tokens (or all), for a pass; the last one's logits are wanted when nothing is pending then.
    pub(super) fn span(&mut self, count: usize) -> Span<'_> {
        let sequence = self.sequence.as_mut().expect("a run has a sequence before it takes part in a pass");
        let from = sequence.len();
        let count = count.min(self.tokens.len() - from);
        let wanted = usize::from(from + count == self.tokens.len());
        Span { sequence, tokens: &self.tokens[from..from + count], wanted }
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

    /// Counts a pass that this run took part in.
    pub(super) fn count(&mut self, pass: Duration) {
        let time = if self.tokens.len() == self.prompt_len { &mut self.usage.prefill } else { &mut self.usage.decode };
        *time += pass;
    }

    /// Chooses the next token by the logits of the last one; the end of the run, if that is it.
    ///
    /// # Errors
    /// When no token can be chosen.
    pub(super) fn choose(
        &mut self,
        service: &Service,
        logits: &mut [f32],
    ) -> Result<Option<FinishReason>, EngineError> {
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
        return service.format.eos;
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
