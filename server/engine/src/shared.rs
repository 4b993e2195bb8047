//! What the handles, the loader and the worker share: the queue, the state of the model and a few counters. Every hold
//! of the lock is short; nobody computes under it.

mod prefill;

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, oneshot};

use prefill::Prefill;

use crate::constraint::Grammars;
use crate::queue::{Full, Queue, Ticket};
use crate::remote::{RemoteLoad, RemoteModel};
use crate::service::Service;
use crate::tokenizer::Tokenizer;
use crate::{
    EngineError, EngineStatus, Event, Finish, FinishReason, GenerateRequest, ModelInfo, ModelState, Priority,
    QueueStatus, Usage,
};

/// A request in the queue.
pub(crate) struct Job {
    /// What is asked.
    pub(crate) request: GenerateRequest,
    /// Where the answer goes.
    pub(crate) events: mpsc::UnboundedSender<Event>,
    /// When it was asked.
    pub(crate) queued_at: Instant,
}

impl Job {
    /// Ends a request that was never run.
    fn end_unserved(self, now: Instant) {
        let reason = if self.request.cancel.is_cancelled() { FinishReason::Cancelled } else { FinishReason::Deadline };
        let queued = now.saturating_duration_since(self.queued_at);
        let usage = Usage { queued, ..Usage::default() };
        // Nobody listens any more: nothing is lost.
        let _ = self.events.send(Event::Finish(Finish { reason, usage }));
    }
}

/// A model that waits to be taken into service.
pub(crate) struct Incoming {
    /// The model.
    pub(crate) service: Box<Service>,
    /// Who asked for it.
    pub(crate) reply: oneshot::Sender<Result<ModelInfo, EngineError>>,
}

/// What the worker does next.
pub(crate) enum Task {
    /// Begin this request.
    Begin(Box<Job>),
    /// Nothing new: go on with the requests that were begun.
    GoOn,
    /// Take this model into service.
    Swap(Incoming),
    /// Drop the model.
    Unload,
    /// All handles are gone.
    End,
}

/// What the worker is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy {
    /// The highest priority among the requests that were begun.
    pub(crate) priority: Priority,
    /// Another one of this priority may be begun.
    pub(crate) room: bool,
}

/// The model in service, as far as handles need it.
#[derive(Clone)]
pub(crate) struct InService {
    pub(crate) info: ModelInfo,
    pub(crate) backend: Backend,
}

/// Who serves requests.
#[derive(Clone)]
pub(crate) enum Backend {
    /// The worker, with a model whose tokenizer and grammars these are.
    Worker { tokenizer: Arc<Tokenizer>, grammars: Arc<Grammars> },
    /// A server; the worker has no model.
    Server(Arc<RemoteModel>),
}

struct State {
    queue: Queue<Box<Job>>,
    /// Requests begun and not ended.
    running: usize,
    in_service: Option<InService>,
    /// Of the worker's model.
    prefill: Prefill,
    incoming: Option<Incoming>,
    unload: bool,
    /// Loads asked for and not ended.
    loading: usize,
    progress: f32,
    failure: Option<String>,
    /// Number of `unload`s: a load asked for before one is void.
    epoch: u64,
    closed: bool,
}

impl State {
    /// The worker has no model any more; one on a server stays in service.
    fn drop_workers_model(&mut self) {
        self.in_service.take_if(|it| matches!(it.backend, Backend::Worker { .. }));
    }
}

/// The shared state.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Something for the worker to do.
    work: Condvar,
    /// A load ended, well or not.
    settled: Notify,
    forward_passes: AtomicU64,
    evaluated_tokens: AtomicU64,
    prompts_begun: AtomicU64,
    prompt_tokens: AtomicU64,
    cached_tokens: AtomicU64,
    served: AtomicU64,
    /// What servers do for this engine.
    remote: Arc<RemoteLoad>,
}

impl Shared {
    /// The state of an engine that has done nothing yet.
    pub(crate) fn new(queue_capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                queue: Queue::new(queue_capacity),
                running: 0,
                in_service: None,
                prefill: Prefill::default(),
                incoming: None,
                unload: false,
                loading: 0,
                progress: 0.0,
                failure: None,
                epoch: 0,
                closed: false,
            }),
            work: Condvar::new(),
            settled: Notify::new(),
            forward_passes: AtomicU64::new(0),
            evaluated_tokens: AtomicU64::new(0),
            prompts_begun: AtomicU64::new(0),
            prompt_tokens: AtomicU64::new(0),
            cached_tokens: AtomicU64::new(0),
            served: AtomicU64::new(0),
            remote: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock, so a poisoned one holds a sound state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // --- the handles' side

    /// Queues a request, or sends it to the server that the model is on; `NoModel` or `QueueFull` where that is not
    /// possible.
    pub(crate) fn submit(&self, job: Box<Job>, now: Instant) -> Result<(), EngineError> {
        let mut state = self.lock();
        if let Some(InService { backend: Backend::Server(model), .. }) = &state.in_service {
            let model = Arc::clone(model);
            drop(state);
            return model.submit(job.request, job.events);
        }
        if state.in_service.is_none() && state.incoming.is_none() {
            return Err(EngineError::NoModel { loading: state.loading > 0 });
        }
        let ticket = Ticket {
            priority: job.request.priority,
            cancel: job.request.cancel.clone(),
            deadline: job.request.deadline,
        };
        let dead = state.queue.remove_dead(now);
        let pushed = state.queue.push(ticket, job);
        drop(state);
        self.work.notify_all();
        for job in dead {
            job.end_unserved(now);
        }
        pushed.map_err(|Full { waiting }| EngineError::QueueFull { waiting })
    }

    /// The model that requests are served with.
    pub(crate) fn in_service(&self) -> Option<InService> {
        self.lock().in_service.clone()
    }

    /// What the engine says of itself.
    pub(crate) fn status(&self) -> EngineStatus {
        let state = self.lock();
        let model = match (&state.in_service, state.loading, &state.failure) {
            (Some(in_service), _, _) => ModelState::Ready(in_service.info.clone()),
            (None, 1.., _) => ModelState::Loading { progress: state.progress },
            (None, 0, Some(failure)) => ModelState::Failed(failure.clone()),
            (None, 0, None) => ModelState::None,
        };
        let queue = QueueStatus {
            running: state.running + self.remote.running(),
            waiting: state.queue.len(),
            capacity: state.queue.capacity(),
        };
        EngineStatus {
            model,
            queue,
            forward_passes: self.forward_passes.load(Ordering::Relaxed),
            evaluated_tokens: self.evaluated_tokens.load(Ordering::Relaxed),
            prompts_begun: self.prompts_begun.load(Ordering::Relaxed),
            prompt_tokens: self.prompt_tokens.load(Ordering::Relaxed),
            cached_tokens: self.cached_tokens.load(Ordering::Relaxed),
            served: self.served.load(Ordering::Relaxed) + self.remote.served(),
            prefill_tokens_per_second: state.prefill.tokens_per_second(),
        }
    }

    /// Waits while there is no model and one is being loaded.
    pub(crate) async fn settled(&self) {
        loop {
            // Listening begins before the look, so that no end of a load falls between the two.
            let mut end_of_load = pin!(self.settled.notified());
            end_of_load.as_mut().enable();
            if !matches!(self.status().model, ModelState::Loading { .. }) {
                return;
            }
            end_of_load.await;
        }
    }

    /// Asks the worker to drop the model; loads under way become void, and what waits for either fails.
    pub(crate) fn unload(&self) {
        let mut state = self.lock();
        state.epoch += 1;
        state.unload = true;
        state.failure = None;
        // No further request is taken; the memory is freed when the running one has ended.
        state.in_service = None;
        let void = state.incoming.take();
        if void.is_some() {
            state.loading -= 1;
        }
        let waiting = state.queue.drain();
        drop(state);
        self.work.notify_all();
        self.settled.notify_waiters();
        fail_all(waiting, &EngineError::NoModel { loading: false });
        if let Some(Incoming { reply, .. }) = void {
            let _ = reply.send(Err(EngineError::NoModel { loading: false }));
        }
    }

    /// All handles are gone.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    // --- the loader's side

    /// A load was asked for; the answer goes to [`Shared::loaded`].
    pub(crate) fn load_begins(&self) -> u64 {
        let mut state = self.lock();
        state.loading += 1;
        state.progress = 0.0;
        state.epoch
    }

    /// How far the load under way is, 0 to 1.
    pub(crate) fn load_progress(&self, progress: f32) {
        self.lock().progress = progress;
    }

    /// The end of a load that was asked for in `epoch`.
    pub(crate) fn loaded(
        &self,
        epoch: u64,
        result: Result<Service, EngineError>,
        reply: oneshot::Sender<Result<ModelInfo, EngineError>>,
    ) {
        let mut state = self.lock();
        let void = state.epoch != epoch;
        match result {
            Ok(service) if !void => {
                // A model that was never taken into service gives way to the newer one.
                let older = state.incoming.replace(Incoming { service: Box::new(service), reply });
                if older.is_some() {
                    state.loading -= 1;
                }
                drop(state);
                if let Some(Incoming { service, reply }) = older {
                    let _ = reply.send(Ok(service.info));
                }
            }
            result => {
                state.loading -= 1;
                if let (Err(error), false) = (&result, void) {
                    state.failure = Some(error.to_string());
                }
                drop(state);
                let _ = reply.send(Err(result.err().unwrap_or(EngineError::NoModel { loading: false })));
            }
        }
        self.work.notify_all();
        self.settled.notify_waiters();
    }

    /// What servers do for this engine.
    pub(crate) fn remote_load(&self) -> &Arc<RemoteLoad> {
        &self.remote
    }

    /// The end of a load of a model on a server. It is in service at once; the worker lets its own model go, and what
    /// waits for that one goes to the server.
    pub(crate) fn connected(
        &self,
        epoch: u64,
        result: Result<RemoteModel, EngineError>,
        reply: oneshot::Sender<Result<ModelInfo, EngineError>>,
    ) {
        let mut state = self.lock();
        state.loading -= 1;
        let is_void = state.epoch != epoch;
        let answer = match result {
            Ok(model) if !is_void => {
                let (info, model) = (model.info().clone(), Arc::new(model));
                let backend = Backend::Server(Arc::clone(&model));
                state.in_service = Some(InService { info: info.clone(), backend });
                state.prefill = Prefill::default();
                state.failure = None;
                state.unload = true;
                let older = state.incoming.take();
                if older.is_some() {
                    state.loading -= 1;
                }
                let waiting = state.queue.drain();
                drop(state);
                if let Some(Incoming { service, reply }) = older {
                    let _ = reply.send(Ok(service.info));
                }
                for job in waiting {
                    let Job { request, events, .. } = *job;
                    if let Err(error) = model.submit(request, events.clone()) {
                        let _ = events.send(Event::Failed(error));
                    }
                }
                Ok(info)
            }
            result => {
                let error = result.err().unwrap_or(EngineError::NoModel { loading: false });
                if !is_void {
                    state.failure = Some(error.to_string());
                }
                drop(state);
                Err(error)
            }
        };
        let _ = reply.send(answer);
        self.work.notify_all();
        self.settled.notify_waiters();
    }

    // --- the worker's side

    /// What to do next; waits where there is nothing.
    pub(crate) fn next_task(&self, busy: Option<Busy>) -> Task {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Task::End;
            }
            if state.unload {
                state.unload = false;
                // A model may have been put in service since it was asked for.
                state.drop_workers_model();
                return Task::Unload;
            }
            if let Some(incoming) = state.incoming.take() {
                return Task::Swap(incoming);
            }
            let dead = state.queue.remove_dead(Instant::now());
            if !dead.is_empty() {
                drop(state);
                end_all(dead);
                state = self.lock();
                continue;
            }
            let may_begin = match (state.queue.top(), busy) {
                (Some(top), Some(busy)) => top > busy.priority || top == busy.priority && busy.room,
                (top, _) => top.is_some(),
            };
            if may_begin && let Some(job) = state.queue.pop() {
                state.running += 1;
                return Task::Begin(job);
            }
            if busy.is_some() {
                return Task::GoOn;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// True when the pass under way should stop: a request of a higher priority waits, or the engine ends.
    pub(crate) fn is_urgent(&self, priority: Priority) -> bool {
        let state = self.lock();
        state.closed || state.queue.top() > Some(priority)
    }

    /// Counts a forward pass over so many tokens.
    pub(crate) fn count_pass(&self, tokens: usize) {
        self.forward_passes.fetch_add(1, Ordering::Relaxed);
        self.evaluated_tokens.fetch_add(tokens as u64, Ordering::Relaxed);
    }

    /// Notes how long a pass over so many tokens took.
    pub(crate) fn count_prefill(&self, tokens: usize, time: Duration) {
        self.lock().prefill.add(tokens, time);
    }

    /// Counts a prompt of so many tokens, of which so many were computed already.
    pub(crate) fn count_prompt(&self, tokens: usize, cached: usize) {
        self.prompts_begun.fetch_add(1, Ordering::Relaxed);
        self.prompt_tokens.fetch_add(tokens as u64, Ordering::Relaxed);
        self.cached_tokens.fetch_add(cached as u64, Ordering::Relaxed);
    }

    /// A request ended; call it before its last event is sent, so that who sees the event sees the count.
    pub(crate) fn count_end(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
        self.lock().running -= 1;
    }

    /// The load ended with this model in service.
    pub(crate) fn put_in_service(&self, in_service: InService) {
        let mut state = self.lock();
        state.in_service = Some(in_service);
        state.prefill = Prefill::default();
        state.failure = None;
        state.loading -= 1;
        drop(state);
        self.settled.notify_waiters();
    }

    /// A panic ended the worker's work and everything that it had begun.
    pub(crate) fn worker_panicked(&self, failure: String) {
        self.lock().running = 0;
        self.lost_service(failure);
    }

    /// The model in service broke and cannot be started again. Requests that wait fail, unless another model is about
    /// to be taken into service.
    pub(crate) fn lost_service(&self, failure: String) {
        let mut state = self.lock();
        state.drop_workers_model();
        state.failure = Some(failure);
        let waiting = if state.incoming.is_none() { state.queue.drain() } else { Vec::new() };
        let error = EngineError::NoModel { loading: state.loading > 0 };
        drop(state);
        fail_all(waiting, &error);
    }

    /// Ends every waiting request: the engine ends.
    pub(crate) fn cancel_waiting(&self) {
        let jobs = self.lock().queue.drain();
        for job in jobs {
            job.request.cancel.cancel();
            job.end_unserved(Instant::now());
        }
    }
}

fn fail_all(jobs: impl IntoIterator<Item = Box<Job>>, error: &EngineError) {
    for job in jobs {
        let _ = job.events.send(Event::Failed(error.clone()));
    }
}

fn end_all(jobs: impl IntoIterator<Item = Box<Job>>) {
    let now = Instant::now();
    for job in jobs {
        job.end_unserved(now);
    }
}

/// Time since `start`, never negative.
pub(crate) fn since(start: Instant) -> Duration {
    Instant::now().saturating_duration_since(start)
}
