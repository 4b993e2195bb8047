//! One request on its way: the tokens so far, the sequence that holds some of them, and what has been told to the client.
//! It takes part in passes as the worker plans them; put aside and taken up again, even without its sequence, it goes
//! on where it stood.

use std::time::{Duration, Instant};

use crate::draft::Draft;
use crate::model::{Sequence, Span};
use crate::service::Service;
use crate::shared::{Job, Shared};
use crate::worker::prefix_cache::PrefixCache;
use crate::{CancelToken, Choice, EngineError, Event, Finish, FinishReason, GenerateRequest, Piece, Priority, Usage};

mod answer;

use answer::Answer;

/// A request that was begun.
pub(super) struct Run {
    job: Box<Job>,
    /// The prompt and the answer so far.
    tokens: Vec<u32>,
    prompt_len: usize,
    /// What the model has seen of the tokens; `None` before the first pass and after its memory was given away.
    sequence: Option<Sequence>,
    /// Guesses what comes next; `None` where the request forbids it.
    draft: Option<Draft>,
    /// The last token and the draft behind it, for the next pass; empty without a draft.
    ahead: Vec<u32>,
    /// How much of the prompt was computed already when the run began.
    cached: Option<usize>,
    /// Number of the request since the start of the worker.
    number: usize,
    /// Up to this many tokens it computes alone: a pass that was to lead there failed.
    suspect_until: usize,
    /// How many of the first tokens the prefix cache holds, after so many changes of it.
    kept: Option<(u64, usize)>,
    answer: Answer,
    /// Tokens chosen whose text is held back: how many, the sum of their logarithms, and what was asked of each.
    unsent: (usize, f32, Vec<Choice>),
    usage: Usage,
}

impl Run {
    /// Takes a request up: writes its prompt as tokens. On an error the job comes back.
    pub(super) fn begin(mut job: Box<Job>, number: usize, service: &Service) -> Result<Self, (Box<Job>, EngineError)> {
        let usage = Usage { queued: crate::shared::since(job.queued_at), ..Usage::default() };
        let GenerateRequest { prompt, max_new_tokens, .. } = &job.request;
        let encoded = service.format.encode(prompt, &service.tokenizer, service.info.context_length, *max_new_tokens);
        let begun = encoded.and_then(|mut tokens| {
            let answer = Answer::begin(&mut job.request, &mut tokens, service)?;
            Ok((tokens, answer))
        });
        let (tokens, answer) = match begun {
            Ok(begun) => begun,
            Err(error) => return Err((job, error)),
        };
        let draft = job.request.speculate.then(|| Draft::new(&tokens));
        let mut run = Self {
            job,
            prompt_len: tokens.len(),
            tokens,
            sequence: None,
            draft,
            ahead: Vec::new(),
            cached: None,
            number,
            suspect_until: 0,
            kept: None,
            answer,
            unsent: (0, 0.0, Vec::new()),
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
        self.ahead.clear();
        self.sequence.take()
    }

    /// Tokens that the model has not seen, with those of the draft.
    pub(super) fn pending(&self) -> usize {
        let unseen = self.tokens.len() - self.sequence.as_ref().map_or(0, Sequence::len);
        unseen.max(self.ahead.len())
    }

    /// Makes a draft of at most `most` tokens where the model has seen all tokens but the last.
    pub(super) fn guess(&mut self, most: usize, service: &Service) {
        self.ahead.clear();
        let pending = self.pending();
        let (Some(draft), Some(last), 1) = (&mut self.draft, self.tokens.last(), pending) else { return };
        let expected = self.answer.expected(service);
        // A token of the answer comes after the draft in any case.
        let left = self.job.request.max_new_tokens - self.usage.completion_tokens - 1;
        let room = service.info.context_length - self.tokens.len() - 1;
        let guess = draft.propose(most.min(left).min(room), &expected);
        if !guess.is_empty() {
            self.ahead.push(*last);
            self.ahead.extend_from_slice(guess);
        }
    }

    /// Takes a sequence that holds nothing but a beginning of this run's tokens.
    pub(super) fn attach(&mut self, mut sequence: Sequence, service: &Service, shared: &Shared) {
        // The last token is always passed again: its logits are wanted.
        sequence.truncate(self.tokens.len() - 1);
        // Taken up again after it was put aside, it has reported its first beginning already.
        self.usage.cached_tokens = *self.cached.get_or_insert_with(|| {
            shared.count_prompt(self.prompt_len, sequence.len());
            sequence.len()
        });
        if let Some(cue) = &service.cue {
            cue.set(sequence.id(), self.number, self.prompt_len);
        }
        self.sequence = Some(sequence);
    }

    /// How many of the first tokens the cache holds.
    pub(super) fn kept_in(&mut self, cache: &PrefixCache) -> usize {
        match self.kept {
            Some((changes, len)) if changes == cache.changes() => len,
            _ => {
                let len = cache.longest(&self.tokens);
                self.kept = Some((cache.changes(), len));
                len
            }
        }
    }

    /// A pass over the next `count` tokens failed: it may be the cause.
    pub(super) fn suspect(&mut self, count: usize) {
        self.suspect_until = self.sequence.as_ref().map_or(0, Sequence::len) + count;
    }

    /// It computes alone: what made a pass fail may still lie before it.
    pub(super) fn is_suspect(&self) -> bool {
        self.sequence.as_ref().map_or(0, Sequence::len) < self.suspect_until
    }

    /// The first `count` pending tokens (or all), for a pass. Where the last token is among them, its logits are wanted,
    /// and those of the draft behind it.
    pub(super) fn span(&mut self, count: usize) -> Span<'_> {
        let sequence = self.sequence.as_mut().expect("a run has a sequence before it takes part in a pass");
        if !self.ahead.is_empty() {
            self.ahead.truncate(count);
            return Span { sequence, tokens: &self.ahead, wanted: self.ahead.len() };
        }
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
        if !self.is_suspect() {
            self.suspect_until = 0;
        }
    }

    /// Rows of logits that the pass just made has for this run.
    pub(super) fn rows(&self) -> usize {
        match (&self.sequence, self.ahead.len()) {
            (Some(sequence), 0) => usize::from(sequence.len() == self.tokens.len()),
            (_, drafted) => drafted,
        }
    }

    /// Chooses tokens by the rows of the pass: one, and one more for each token of the draft that was right. The end of
    /// the run, if that is it.
    ///
    /// # Errors
    /// When no token can be chosen.
    pub(super) fn advance(
        &mut self,
        service: &Service,
        logits: &mut [f32],
    ) -> Result<Option<FinishReason>, EngineError> {
        let ahead = std::mem::take(&mut self.ahead);
        let (seen, guess) = (self.tokens.len(), ahead.get(1..).unwrap_or_default());
        let mut end = None;
        for (index, row) in logits.chunks_exact_mut(service.model.vocab_size()).enumerate() {
            // A row says what follows the guess up to it.
            let chosen = &self.tokens[seen..];
            if end.is_some() || !guess.starts_with(chosen) {
                break;
            }
            // A constraint may have chosen several tokens at once.
            if chosen.len() == index {
                end = self.choose(service, row)?;
            }
        }
        if !guess.is_empty() {
            let right = self.tokens[seen..].iter().zip(guess).take_while(|(chosen, guess)| chosen == guess).count();
            // What follows a wrong guess is not part of this text.
            if let Some(sequence) = &mut self.sequence {
                sequence.truncate(seen + right);
            }
            if let Some(draft) = &mut self.draft {
                draft.report(guess.len(), right);
            }
            self.usage.drafted_tokens += guess.len();
            self.usage.accepted_tokens += right;
        }
        // The buffer is used again.
        self.ahead = ahead;
        self.ahead.clear();
        Ok(end)
    }

    /// Chooses the next token by the logits of the last one, and writes it with those that have to follow; the end of
    /// the run, if that is it.
    fn choose(&mut self, service: &Service, logits: &mut [f32]) -> Result<Option<FinishReason>, EngineError> {
        let Some(chosen) = self.answer.choose(service, logits)? else { return Ok(Some(FinishReason::Stop)) };
        let logprobs = self.job.request.logprobs;
        let top = logprobs.map(|count| self.answer.most_likely(service, logits, count)).unwrap_or_default();
        let mut end = self.write(chosen.token, chosen.logprob, top, service);
        let mut forced = self.answer.forced()?.into_iter();
        while end.is_none()
            && let Some(token) = forced.next()
        {
            end = self.write(token, 0.0, Vec::new(), service);
        }
        let is_complete = forced.len() == 0 && self.answer.is_complete();
        Ok(if is_complete && end != Some(FinishReason::StopText) { Some(FinishReason::Stop) } else { end })
    }

    /// Adds a token to the answer; the end of the run, if that is it.
    fn write(&mut self, token: u32, logprob: f32, top: Vec<(Vec<u8>, f32)>, service: &Service) -> Option<FinishReason> {
        self.tokens.push(token);
        if let Some(draft) = &mut self.draft {
            draft.push(token);
        }
        self.usage.completion_tokens += 1;
        self.unsent.0 += 1;
        self.unsent.1 += logprob;
        if self.job.request.logprobs.is_some() {
            let bytes = service.tokenizer.vocab().written(token).to_vec();
            self.unsent.2.push(Choice { bytes, logprob, top });
        }
        let passed = self.answer.write(token, service);
        self.send(passed.text);
        if passed.stopped {
            Some(FinishReason::StopText)
        } else if self.usage.completion_tokens >= self.job.request.max_new_tokens {
            Some(FinishReason::Length)
        } else if self.tokens.len() >= service.info.context_length {
            Some(FinishReason::Context)
        } else {
            None
        }
    }

    /// Sends text with the tokens that were chosen since the last piece.
    fn send(&mut self, text: String) {
        if !text.is_empty() {
            self.send_piece(text);
        }
    }

    fn send_piece(&mut self, text: String) {
        let (tokens, logprob, choices) = std::mem::take(&mut self.unsent);
        // A closed channel is noticed before the next pass.
        let _ = self.job.events.send(Event::Piece(Piece { text, logprob, tokens, choices }));
    }

    /// The end of the run.
    pub(super) fn finish(mut self, reason: FinishReason, shared: &Shared) {
        if reason != FinishReason::StopText {
            let rest = self.answer.rest();
            // Who asked for probabilities gets those of tokens that add no text, too.
            if !rest.is_empty() || !self.unsent.2.is_empty() {
                self.send_piece(rest);
            }
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
