//! `GET /v1/models`: the served model, in the OpenAI dialect.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::App;

/// The models.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// Always `list`.
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<Model>,
}

/// A model.
#[derive(Serialize, ToSchema)]
pub(crate) struct Model {
    /// Its name.
    id: String,
    /// Always `model`.
    #[schema(example = "model")]
    object: &'static str,
    /// Start of this server, in Unix seconds.
    created: u64,
    /// Always `ropewalk`.
    #[schema(example = "ropewalk")]
    owned_by: &'static str,
}

/// The served model; none while none is loaded
#[utoipa::path(
    get,
    path = "/v1/models",
    tag = "OpenAI",
    responses((status = 200, description = "The models", body = ModelList))
)]
pub(crate) async fn models(State(app): State<App>) -> Json<ModelList> {
    let data = app.model().ok().map(|model| Model {
        id: model.name,
        object: "model",
        created: app.started_unix_s,
        owned_by: "ropewalk",
    });
    Json(ModelList { object: "list", data: data.into_iter().collect() })
}
