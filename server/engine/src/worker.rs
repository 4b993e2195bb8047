//! The one thread that touches the weights: takes requests in order of priority, puts a running one aside for a more
//! urgent one, exchanges the model between requests, and keeps a panic inside the request that met it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crate::service::Service;
use crate::shared::{InService, Incoming, Job, Poll, Shared, Task};
use crate::{EngineConfig, EngineError, FinishReason};

mod run;

use run::Run;

/// The worker's own state; everything that handles may see is in [`Shared`].
pub(crate) struct Worker {
    shared: Arc<Shared>,
    config: EngineConfig,
    service: Option<Service>,
    /// Requests put aside for more urgent ones, the most urgent last.
    parked: Vec<Run>,
    /// Requests begun so far with the model in service.
    begun: usize,
    logits: Vec<f32>,
}

/// How the passes of a run ended.
enum Outcome {
    Finished(FinishReason),
    GaveWay,
    Failed(EngineError),
    Panicked(String),
}

impl Worker {
    /// A worker without a model.
    pub(crate) fn new(shared: Arc<Shared>, config: EngineConfig) -> Self {
        Self { shared, config, service: None, parked: Vec::new(), begun: 0, logits: Vec::new() }
    }

    /// Works until all handles are gone.
    pub(crate) fn run(mut self) {
        loop {
            end_interrupted(&mut self.parked, &self.shared);
            match self.shared.next_task(self.parked.last().map(Run::priority)) {
                Task::Run(job) => self.begin(job),
                Task::Resume => {
                    if let Some(run) = self.parked.pop() {
                        self.go_on(run);
                    }
                }
                Task::Swap(incoming) => self.swap(incoming),
                Task::Unload => {
                    self.service = None;
                    self.shared.fail_waiting();
                }
                Task::End => break,
            }
        }
        for run in std::mem::take(&mut self.parked) {
            run.finish(FinishReason::Cancelled, &self.shared);
        }
        self.shared.cancel_waiting();
    }

    fn swap(&mut self, incoming: Incoming) {
        let Incoming { service, reply } = incoming;
        let info = service.info.clone();
        let in_service = InService { info: info.clone(), tokenizer: Arc::clone(&service.tokenizer) };
        // The old model's memory is free before the new one is announced.
        self.service = None;
        self.service = Some(*service);
        self.begun = 0;
        self.shared.put_in_service(in_service);
        tracing::info!(name = %info.name, load_ms = info.load_ms, fim = ?info.fim, "a model is in service");
        let _ = reply.send(Ok(info));
    }

    fn begin(&mut self, job: Box<Job>) {
        let Some(service) = &self.service else {
            run::fail(job, EngineError::NoModel { loading: false }, &self.shared);
            return;
        };
        let number = self.begun;
        self.begun += 1;
        // A tokenizer may panic as well; the job must survive it to be answered, so only its events go along.
        let events = job.events.clone();
        match catch_unwind(AssertUnwindSafe(|| Run::begin(job, number, service))) {
            Ok(Ok(run)) => self.go_on(run),
            Ok(Err((job, error))) => run::fail(job, error, &self.shared),
            Err(panic) => {
                self.restart();
                self.shared.count_end();
                let _ = events.send(crate::Event::Failed(EngineError::WorkerFailed(message(&*panic))));
            }
        }
    }

    fn go_on(&mut self, mut run: Run) {
        let outcome = match &mut self.service {
            Some(service) => {
                let passes =
                    || Self::passes(&mut run, service, &self.shared, &self.config, &mut self.parked, &mut self.logits);
                catch_unwind(AssertUnwindSafe(passes)).unwrap_or_else(|panic| Outcome::Panicked(message(&*panic)))
            }
            None => Outcome::Failed(EngineError::NoModel { loading: false }),
        };
        match outcome {
            Outcome::Finished(reason) => run.finish(reason, &self.shared),
            Outcome::GaveWay => self.parked.push(run),
            Outcome::Failed(error) => {
                // What the cache holds after a failed pass is unknown.
                if let Some(service) = &mut self.service {
                    service.sequence.truncate(0);
                    service.cached.clear();
                }
                run.fail(error, &self.shared);
            }
            Outcome::Panicked(message) => {
                tracing::error!(message, "the model worker panicked; the model is started again");
                // Restarted before the answer: who sees the answer can go on at once.
                self.restart();
                run.fail(EngineError::WorkerFailed(message), &self.shared);
            }
        }
    }

    /// Takes steps until the run ends or has to give way.
    fn passes(
        run: &mut Run,
        service: &mut Service,
        shared: &Shared,
        config: &EngineConfig,
        parked: &mut Vec<Run>,
        logits: &mut Vec<f32>,
    ) -> Outcome {
        run.attach(service);
        loop {
            let now = Instant::now();
            if let Some(reason) = run.interrupted(now) {
                return Outcome::Finished(reason);
            }
            match shared.poll(run.priority(), now) {
                Poll::GoOn => {}
                Poll::GiveWay => return Outcome::GaveWay,
                Poll::End => return Outcome::Finished(FinishReason::Cancelled),
            }
            end_interrupted(parked, shared);
            match run.step(service, shared, config.prefill_chunk, logits) {
                Ok(None) => {}
                Ok(Some(reason)) => return Outcome::Finished(reason),
                Err(error) => return Outcome::Failed(error),
            }
        }
    }

    /// Starts the model again from its source after a panic: nothing that it holds can be trusted.
    fn restart(&mut self) {
        let Some(broken) = self.service.take() else { return };
        let Service { source, cue, model, .. } = broken;
        // Dropping what a panic left behind may panic as well.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(model)));
        let config = &self.config;
        let loaded = catch_unwind(|| Service::load(&source, config, cue, &mut |_| ()));
        match loaded.unwrap_or_else(|panic| Err(EngineError::WorkerFailed(message(&*panic)))) {
            Ok(service) => self.service = Some(service),
            Err(error) => {
                tracing::error!(%error, "the model cannot be started again");
                self.shared.lost_service(error.to_string());
                self.shared.fail_waiting();
            }
        }
    }
}

/// Ends requests put aside that are cancelled or late: they are answered now, not when their turn comes again.
fn end_interrupted(parked: &mut Vec<Run>, shared: &Shared) {
    let now = Instant::now();
    for index in (0..parked.len()).rev() {
        if let Some(reason) = parked[index].interrupted(now) {
            parked.remove(index).finish(reason, shared);
        }
    }
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
