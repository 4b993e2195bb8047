//! `GET /api/v1/queue/status` and `POST /api/v1/queue/cancel`: the caller's jobs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::{JsonBody, Query};
use crate::jobs::JobView;
use crate::scope::Scope;
use crate::state::App;
use crate::validate::StatusQuery;

/// The queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueueAnswer {
    /// Jobs that run.
    running: usize,
    /// Jobs that wait.
    waiting: usize,
    /// Most that may wait.
    capacity: usize,
    /// The caller's own jobs, oldest first, without their results; finished ones stay for ten minutes.
    jobs: Vec<JobView>,
}

/// The queue, or one job with its result
#[utoipa::path(
    get,
    path = "/api/v1/queue/status",
    operation_id = "queue_status",
    tag = "jobs",
    params(StatusQuery),
    responses(
        (status = 200, description = "The queue; with `job_id` that job", content((QueueOrJob = "application/json"))),
        (status = 400, description = "The query cannot be read", body = ErrorBody),
        (status = 404, description = "The caller has no such job", body = ErrorBody),
    )
)]
pub(crate) async fn status(
    State(app): State<App>,
    scope: Scope,
    Query(query): Query<StatusQuery>,
) -> Result<Response, ApiError> {
    if let Some(id) = query.job_id {
        let job = app.jobs.find(scope.owner(), &id).ok_or_else(unknown_job)?;
        return Ok(Json(job).into_response());
    }
    let numbers = app.jobs.numbers();
    Ok(Json(QueueAnswer {
        running: numbers.running,
        waiting: numbers.waiting,
        capacity: numbers.capacity,
        jobs: app.jobs.list(scope.owner()),
    })
    .into_response())
}

/// The queue or one job.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for the description of the API only")]
pub(crate) enum QueueOrJob {
    Queue(QueueAnswer),
    Job(JobView),
}

/// Which job to cancel.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"job_id": "job-8c1f0a52d3b94e67"}))]
pub(crate) struct CancelRequest {
    job_id: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CancelAnswer {
    job_id: String,
    /// False: the job had ended already.
    cancelled: bool,
}

/// Cancels a job
#[utoipa::path(
    post,
    path = "/api/v1/queue/cancel",
    operation_id = "cancel_job",
    tag = "jobs",
    request_body = CancelRequest,
    responses(
        (status = 200, description = "It is cancelled, or had ended", body = CancelAnswer),
        (status = 404, description = "The caller has no such job", body = ErrorBody),
    )
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    scope: Scope,
    JsonBody(request): JsonBody<CancelRequest>,
) -> Result<Json<CancelAnswer>, ApiError> {
    let cancelled = app.jobs.cancel(scope.owner(), &request.job_id).ok_or_else(unknown_job)?;
    Ok(Json(CancelAnswer { job_id: request.job_id, cancelled }))
}

fn unknown_job() -> ApiError {
    ApiError::not_found("unknown_job", "there is no such job")
}
