//! A model with the requests it serves: their passes, one after the other. Where sequences come from is in
//! `stage/sequences.rs`, what happens after a panic in `stage/recovery.rs`, who takes part in a pass in `plan.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::message;
use super::plan::{Demand, Share, plan};
use super::prefix_cache::PrefixCache;
use super::run::{self, Run};
use crate::model::{Progress, Span};
use crate::service::Service;
use crate::shared::{Job, Shared};
use crate::{CancelToken, EngineConfig, EngineError, Event, FinishReason, Priority};

mod recovery;
mod sequences;

/// Fewest tokens of prefill in a pass; below this a pass is all overhead.
const MIN_CHUNK: usize = 16;

/// Rows of a pass that decodes, at most: with so many a row still costs less than half of what it costs alone, so even a
/// draft that is wrong every other time pays.
const DECODE_ROWS: usize = 32;

/// How many priorities there are.
const PRIORITIES: usize = Priority::Interactive as usize + 1;

/// A model in service.
pub(super) struct Stage {
    shared: Arc<Shared>,
    config: EngineConfig,
    /// `None` after a panic from which the model could not be started again.
    service: Option<Service>,
    /// Another model serves what comes.
    retired: bool,
    /// Requests that were begun, the oldest first.
    runs: Vec<Run>,
    cache: PrefixCache,
    /// Requests begun so far.
    begun: usize,
    /// Tokens of prefill in the next pass, for each priority: fewer after passes that had to be stopped, so that a long
    /// prefill gets on between keystrokes.
    chunks: [usize; PRIORITIES],
    demands: Vec<Demand>,
    shares: Vec<Share>,
    logits: Vec<f32>,
    /// Tokens of the pass under way.
    pass_tokens: usize,
}

impl Stage {
    pub(super) fn new(service: Service, shared: Arc<Shared>, config: EngineConfig) -> Self {
        Self {
            shared,
            chunks: [config.prefill_chunk.max(1); PRIORITIES],
            config,
            service: Some(service),
            retired: false,
            runs: Vec::new(),
            cache: PrefixCache::default(),
            begun: 0,
            demands: Vec::new(),
            shares: Vec::new(),
            logits: Vec::new(),
            pass_tokens: 0,
        }
    }

    /// Another model serves what comes; this one finishes what it began.
    pub(super) fn retire(&mut self) {
        self.retired = true;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.runs.is_empty()
    }

    /// The highest priority among the requests.
    pub(super) fn priority(&self) -> Option<Priority> {
        self.runs.iter().map(Run::priority).max()
    }

    /// Requests of a priority.
    pub(super) fn count(&self, priority: Priority) -> usize {
        self.runs.iter().filter(|run| run.priority() == priority).count()
    }

    /// Takes a request up; the passes follow.
    pub(super) fn begin(&mut self, job: Box<Job>) {
        let Some(service) = &self.service else {
            run::fail(job, EngineError::NoModel { loading: false }, &self.shared);
            return;
        };
        let number = self.begun;
        self.begun += 1;
        // A tokenizer may panic; the job goes with it, so its events stay here to be answered.
        let events = job.events.clone();
        match catch_unwind(AssertUnwindSafe(|| Run::begin(job, number, service))) {
            Ok(Ok(run)) => self.runs.push(run),
            Ok(Err((job, error))) => run::fail(job, error, &self.shared),
            Err(panic) => {
                self.shared.count_end();
                let _ = events.send(Event::Failed(EngineError::WorkerFailed(message(&*panic))));
            }
        }
    }

    /// Ends requests that are cancelled or late: they are answered now, not when their turn comes.
    pub(super) fn end_interrupted(&mut self) {
        let now = Instant::now();
        for index in (0..self.runs.len()).rev() {
            if let Some(reason) = self.runs[index].interrupted(now) {
                self.finish(index, reason);
            }
        }
    }

    /// Ends all requests: the engine ends.
    pub(super) fn cancel_all(&mut self) {
        for run in self.runs.drain(..) {
            run.finish(FinishReason::Cancelled, &self.shared);
        }
    }

    /// One forward pass for the requests whose turn it is.
    pub(super) fn pass(&mut self) {
        let Some(priority) = self.priority() else { return };
        self.guess(priority);
        self.demand(priority);
        plan(&self.demands, self.chunks[priority as usize], &mut self.shares);
        self.attach();
        self.make_room();
        let start = Instant::now();
        match self.forward() {
            Ok(Ok(Progress::Done)) => {
                let chunk = &mut self.chunks[priority as usize];
                *chunk = (*chunk * 2).min(self.config.prefill_chunk.max(1));
                self.advance(start);
            }
            Ok(Ok(Progress::Stopped)) => {
                let chunk = &mut self.chunks[priority as usize];
                *chunk = (*chunk / 2).max(MIN_CHUNK.min(*chunk));
            }
            Ok(Err(error)) => self.fail_shares(&error),
            Err(panic) => self.recover(message(&*panic)),
        }
    }

    /// Lets the requests that decode guess ahead. Several share the rows that a pass has for little.
    fn guess(&mut self, priority: Priority) {
        let Some(service) = &self.service else { return };
        let most = (DECODE_ROWS / self.count(priority)).saturating_sub(1);
        for run in self.runs.iter_mut().filter(|run| run.priority() == priority) {
            run.guess(most, service);
        }
    }

    fn forward(&mut self) -> std::thread::Result<Result<Progress, EngineError>> {
        let Self { service, runs, shares, logits, shared, pass_tokens, .. } = self;
        let Some(service) = service else { return Ok(Err(EngineError::NoModel { loading: false })) };
        let Some(first) = shares.first() else { return Ok(Ok(Progress::Stopped)) };
        let priority = runs[first.run].priority();
        let only = (shares.len() == 1).then(|| runs[first.run].cancel().clone());
        let stop = || shared.is_urgent(priority) || only.as_ref().is_some_and(CancelToken::is_cancelled);
        let mut members = shares.iter().peekable();
        let mut spans: Vec<Span<'_>> = Vec::with_capacity(shares.len());
        for (index, run) in runs.iter_mut().enumerate() {
            if let Some(share) = members.next_if(|share| share.run == index) {
                spans.push(run.span(share.tokens));
            }
        }
        *pass_tokens = spans.iter().map(|span| span.tokens.len()).sum();
        shared.count_pass(*pass_tokens);
        catch_unwind(AssertUnwindSafe(|| service.model.forward(&mut spans, logits, &stop)))
    }

    /// Gives every request of the pass its logits, and ends those that end by them.
    fn advance(&mut self, start: Instant) {
        let mut ended = Vec::new();
        if let Some(service) = &self.service {
            let time = start.elapsed();
            if !self.retired {
                self.shared.count_prefill(self.pass_tokens, time);
            }
            let mut logits = &mut self.logits[..];
            for share in &self.shares {
                let run = &mut self.runs[share.run];
                run.count(time);
                let wanted = run.rows() * service.model.vocab_size();
                if wanted == 0 {
                    continue;
                }
                let rows = logits.split_off_mut(..wanted).expect("the pass has the rows that its spans want");
                // Predictors are foreign code.
                let chosen = catch_unwind(AssertUnwindSafe(|| run.advance(service, rows)));
                let chosen = chosen.unwrap_or_else(|panic| Err(EngineError::WorkerFailed(message(&*panic))));
                if let Some(end) = chosen.transpose() {
                    ended.push((share.run, end));
                }
            }
        }
        for (index, end) in ended.into_iter().rev() {
            match end {
                Ok(reason) => self.finish(index, reason),
                Err(error) => self.fail(index, error),
            }
        }
    }

    /// Answers a request and keeps its sequence for those that begin alike.
    fn finish(&mut self, index: usize, reason: FinishReason) {
        let mut run = self.runs.remove(index);
        if let Some(sequence) = run.take_sequence() {
            self.forget_cue(&sequence);
            self.cache.put(sequence, run.tokens().to_vec());
        }
        run.finish(reason, &self.shared);
    }

    fn fail(&mut self, index: usize, error: EngineError) {
        self.release(index);
        self.runs.remove(index).fail(error, &self.shared);
    }

    fn fail_shares(&mut self, error: &EngineError) {
        for share in std::mem::take(&mut self.shares).iter().rev() {
            self.fail(share.run, error.clone());
        }
    }
}
