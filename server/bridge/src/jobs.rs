//! Jobs: each call that uses the model is one. A bounded number runs, a bounded number waits,
//! finished ones are remembered for a while.
//!
//! The table is a plain structure in `jobs/table.rs`; this file adds what waits and runs.

mod table;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use assist::generation::CancelToken;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::{BoxFuture, MaybeDone, maybe_done};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::scope::Scope;
use crate::state::{App, random_id};

pub(crate) use table::{JobStatus, JobView};
use table::{Outcome, Table};

/// All jobs; cloning shares them.
#[derive(Clone)]
pub(crate) struct Jobs(Arc<Inner>);

struct Inner {
    table: Mutex<Table>,
    slots: Arc<Semaphore>,
    max_running: usize,
    max_waiting: usize,
    shutdown: CancellationToken,
}

/// What `?async=true` is answered with.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobAccepted {
    /// Ask `GET /api/v1/queue/status?job_id=` with it.
    #[schema(example = "job-8c1f0a52d3b94e67")]
    job_id: String,
    status: JobStatus,
}

/// Numbers for `GET /api/v1/queue/status`.
pub(crate) struct QueueNumbers {
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) capacity: usize,
}

impl Jobs {
    /// At most `max_running` jobs run and `max_waiting` wait; all end when `shutdown` is tripped.
    pub(crate) fn new(max_running: usize, max_waiting: usize, shutdown: CancellationToken) -> Self {
        let max_running = max_running.max(1);
        Self(Arc::new(Inner {
            table: Mutex::default(),
            slots: Arc::new(Semaphore::new(max_running)),
            max_running,
            max_waiting,
            shutdown,
        }))
    }

    /// Admits a job of this request.
    ///
    /// # Errors
    /// 503 when as many wait as may wait.
    pub(crate) fn admit(&self, scope: &Scope, route: &'static str) -> Result<Job, ApiError> {
        let id = random_id("job-");
        let cancel = JobCancel { wake: self.0.shutdown.child_token(), engine: CancelToken::new() };
        let mut table = self.table();
        if table.unfinished() >= self.0.max_running + self.0.max_waiting {
            return Err(ApiError::queue_full(table.waiting()));
        }
        table.admit(&id, scope.owner(), route, cancel.clone(), std::time::Instant::now());
        // Under the lock, so that jobs run in the order in which the table has them.
        let slot = self.queue_up();
        drop(table);
        scope.set_job(&id);
        Ok(Job { id, jobs: self.clone(), cancel, slot, is_finished: false })
    }

    /// A place in the line for a slot. The semaphore counts from the first poll on, so that happens here.
    fn queue_up(&self) -> Slot {
        let slot = Arc::clone(&self.0.slots).acquire_owned();
        let mut slot = maybe_done(slot.map(|it| it.expect("the semaphore is never closed")).boxed());
        let _ = slot.poll_unpin(&mut Context::from_waker(Waker::noop()));
        slot
    }

    /// Running, waiting, and how many may wait.
    pub(crate) fn numbers(&self) -> QueueNumbers {
        let table = self.table();
        let waiting = table.waiting();
        QueueNumbers { running: table.unfinished() - waiting, waiting, capacity: self.0.max_waiting }
    }

    /// The jobs of this owner, oldest first.
    pub(crate) fn list(&self, owner: Option<usize>) -> Vec<JobView> {
        self.table().list(owner, std::time::Instant::now())
    }

    /// This owner's job.
    pub(crate) fn find(&self, owner: Option<usize>, id: &str) -> Option<JobView> {
        self.table().find(owner, id, std::time::Instant::now())
    }

    /// Cancels this owner's job; false when it had ended already, `None` when there is none.
    pub(crate) fn cancel(&self, owner: Option<usize>, id: &str) -> Option<bool> {
        let cancel = self.table().cancel_of(owner, id, std::time::Instant::now())?;
        Some(cancel.is_some_and(|it| {
            it.trip();
            true
        }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Every update leaves the table whole, so a panic elsewhere does not spoil it.
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops a job: wakes the task that waits, and the decode loop sees the other half.
#[derive(Clone, Debug)]
pub(crate) struct JobCancel {
    wake: CancellationToken,
    engine: CancelToken,
}

impl JobCancel {
    fn trip(&self) {
        self.engine.cancel();
        self.wake.cancel();
    }
}

/// When a job must have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimeLimit {
    /// Somebody waits for the answer: waiting counts.
    At(Instant),
    /// Nobody waits: this long once it runs.
    OnceRunning(Duration),
}

/// A slot, or a place in the line for one.
type Slot = MaybeDone<BoxFuture<'static, OwnedSemaphorePermit>>;

/// An admitted job. Dropping it unfinished (the client hung up) cancels it.
pub(crate) struct Job {
    id: String,
    jobs: Jobs,
    cancel: JobCancel,
    slot: Slot,
    is_finished: bool,
}

impl Job {
    /// The id in `X-Job-Id`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Tripped when the job ends in any way.
    pub(crate) fn cancel_token(&self) -> CancelToken {
        self.cancel.engine.clone()
    }

    /// Waits for a slot, then does the work, and files the outcome.
    ///
    /// # Errors
    /// The work's own, `cancelled`, or `timeout`.
    pub(crate) async fn run<T: Serialize>(
        mut self,
        limit: TimeLimit,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let wake = self.cancel.wake.clone();
        let limited = self.run_limited(limit, work);
        let result = tokio::select! {
            biased;
            () = wake.cancelled() => Err(self.cancelled()),
            result = limited => result,
        };
        self.finish(match &result {
            Ok(answer) => match serde_json::to_string(answer) {
                Ok(answer) => Outcome::Done(answer),
                Err(_) => Outcome::Failed(ApiError::internal()),
            },
            Err(error) if error.code == "cancelled" => Outcome::Cancelled,
            Err(error) => Outcome::Failed(error.clone()),
        });
        result
    }

    async fn run_limited<T>(
        &mut self,
        limit: TimeLimit,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let slot = self.slot();
        let (_slot, deadline) = match limit {
            TimeLimit::At(deadline) => {
                (tokio::time::timeout_at(deadline, slot).await.map_err(|_| ApiError::timeout())?, deadline)
            }
            TimeLimit::OnceRunning(duration) => (slot.await, Instant::now() + duration),
        };
        self.jobs.table().start(&self.id);
        tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(ApiError::timeout()))
    }

    async fn slot(&mut self) -> OwnedSemaphorePermit {
        (&mut self.slot).await;
        Pin::new(&mut self.slot).take_output().expect("a job runs once")
    }

    fn cancelled(&self) -> ApiError {
        if self.jobs.0.shutdown.is_cancelled() { ApiError::shutting_down() } else { ApiError::cancelled() }
    }

    fn finish(&mut self, outcome: Outcome) {
        self.is_finished = true;
        self.jobs.table().finish(&self.id, outcome, std::time::Instant::now());
        self.cancel.trip();
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.is_finished {
            let panicked = std::thread::panicking();
            self.finish(if panicked { Outcome::Failed(ApiError::internal()) } else { Outcome::Cancelled });
        }
    }
}

/// Answers with the work's result, or at once with the job's id where the caller wants that.
///
/// # Errors
/// `queue_full`, and whatever the work fails with.
pub(crate) async fn respond<T, F>(
    app: &App,
    scope: &Scope,
    route: &'static str,
    run_async: bool,
    work: impl FnOnce(App, JobHandle) -> F,
) -> Result<Response, ApiError>
where
    T: Serialize + Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let job = app.jobs.admit(scope, route)?;
    let handle = JobHandle { id: job.id().to_owned(), cancel: job.cancel_token(), scope: scope.clone() };
    let work = work(app.clone(), handle);
    if !run_async {
        return Ok(Json(job.run(TimeLimit::At(scope.deadline()), work).await?).into_response());
    }
    let accepted = JobAccepted { job_id: job.id().to_owned(), status: JobStatus::Queued };
    let limit = TimeLimit::OnceRunning(app.config.request_timeout);
    tokio::spawn(async move {
        let work = AssertUnwindSafe(work).catch_unwind().map(|it| it.unwrap_or_else(|_| Err(ApiError::internal())));
        if let Err(error) = job.run(limit, work).await {
            tracing::debug!(code = error.code, "an asynchronous job failed");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// What a job's work needs to know of its job.
pub(crate) struct JobHandle {
    /// The job's id.
    pub(crate) id: String,
    /// For work that outlives the drop of its future. Not for a generation: each ends with its own handle,
    /// and trips the token it was given.
    pub(crate) cancel: CancelToken,
    /// The request it came with.
    pub(crate) scope: Scope,
}
