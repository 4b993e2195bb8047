//! Server-sent events: a job whose answer arrives in pieces.
//!
//! The work runs in a task of its own, so that a client that reads slowly does not keep a slot;
//! dropping the response body (the client hung up) aborts the task, and with it the generation.
//! Nothing is sent before the first event is there: a request that fails at once still gets its status.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use futures::{FutureExt, Stream};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::error::ApiError;
use crate::jobs::{JobHandle, TimeLimit};
use crate::scope::Scope;
use crate::state::App;

/// How often a comment line is sent while there is nothing to say, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where the work puts its events.
#[derive(Clone)]
pub(crate) struct Events(mpsc::UnboundedSender<Result<Event, ApiError>>);

impl Events {
    /// Sends one event with this value as its data.
    pub(crate) fn send(&self, value: &impl Serialize) {
        match Event::default().json_data(value) {
            // The receiver is gone when the client hung up; the task is aborted then.
            Ok(event) => drop(self.0.send(Ok(event))),
            Err(error) => tracing::error!(%error, "an event could not be written"),
        }
    }

    /// Sends the line that ends a stream in the OpenAI dialect.
    pub(crate) fn send_done(&self) {
        drop(self.0.send(Ok(Event::default().data("[DONE]"))));
    }
}

/// Answers with the events of this work. What the work returns is filed as the job's result.
///
/// # Errors
/// `queue_full`, and what the work fails with before its first event; later failures are the stream's last event.
pub(crate) async fn respond<T, F>(
    app: &App,
    scope: &Scope,
    route: &'static str,
    work: impl FnOnce(App, JobHandle, Events) -> F,
) -> Result<Response, ApiError>
where
    T: Serialize + Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let job = app.jobs.admit(scope, route)?;
    let handle = JobHandle { id: job.id().to_owned(), cancel: job.cancel_token(), scope: scope.clone() };
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let work = work(app.clone(), handle, Events(sender.clone()));
    let limit = TimeLimit::At(scope.deadline());
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        let work = AssertUnwindSafe(work).catch_unwind().map(|it| it.unwrap_or_else(|_| Err(ApiError::internal())));
        if let Err(error) = job.run(limit, work).await {
            drop(sender.send(Err(error)));
        }
    }));
    let first = match receiver.recv().await {
        Some(first) => first?,
        None => return Err(ApiError::internal()),
    };
    let rest = stream::unfold((receiver, task), |(mut receiver, task)| async move {
        let event = receiver.recv().await?.unwrap_or_else(|error| error_event(&error));
        Some((event, (receiver, task)))
    });
    Ok(response(stream::once(async { first }).chain(rest)))
}

fn error_event(error: &ApiError) -> Event {
    Event::default().json_data(error.body()).unwrap_or_default()
}

fn response(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let mut response = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would collect the events otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
