//! `GET /health`, `/health/live`, `/health/ready`: is it there, does it live, can it complete?

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::state::App;

/// State of the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`: an unhealthy process does not answer.
    #[schema(example = "ok")]
    status: &'static str,
    /// Always `ropewalk`.
    #[schema(example = "ropewalk")]
    service: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// A model is ready.
    model_loaded: bool,
    /// Its name.
    model: Option<String>,
    /// Where its training stood, from the model file.
    checkpoint: Option<String>,
}

/// State of the service and its model
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, description = "It is up", body = Health)))]
pub(crate) async fn health(State(app): State<App>) -> Json<Health> {
    let model = app.model().ok();
    Json(Health {
        status: "ok",
        service: "ropewalk",
        version: env!("CARGO_PKG_VERSION"),
        model_loaded: model.is_some(),
        checkpoint: model.as_ref().and_then(|it| it.checkpoint.clone()),
        model: model.map(|it| it.name),
    })
}

/// A probe's answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Probe {
    /// `alive` or `ready`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Answers while the process runs
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, description = "It runs", body = Probe)))]
pub(crate) async fn live() -> Json<Probe> {
    Json(Probe { status: "alive" })
}

/// Answers 200 once a model is ready
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "health",
    responses(
        (status = 200, description = "It can complete", body = Probe),
        (status = 503, description = "There is no model, or it is still loading (`Retry-After`)", body = crate::error::ErrorBody),
    )
)]
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Probe>, ApiError> {
    app.model()?;
    Ok(Json(Probe { status: "ready" }))
}
