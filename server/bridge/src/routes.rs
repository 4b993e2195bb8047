//! One file a route or family of routes; this one lists them all.

mod completions;
mod detect_errors;
mod docs;
mod explanations;
mod format_code;
mod generate;
mod health;
mod infill;
mod model;
mod openai_completions;
mod openai_models;
mod overview;
mod queue;

pub(crate) use detect_errors::DiagnosticDto;
pub use explanations::explanation_answer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ErrorBody;
use crate::jobs::JobAccepted;
use crate::state::App;

#[derive(OpenApi)]
#[openapi(components(schemas(ErrorBody, JobAccepted)))]
struct Description;

/// Every route with its description.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(overview::overview))
        .routes(routes!(overview::info))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::docs_file))
        .routes(routes!(docs::openapi_json))
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(completions::completions))
        .routes(routes!(detect_errors::detect_errors))
        .routes(routes!(explanations::explanations))
        .routes(routes!(format_code::format_code))
        .routes(routes!(model::status))
        .routes(routes!(queue::status))
        .routes(routes!(queue::cancel))
        .routes(routes!(openai_models::models))
        .routes(routes!(openai_completions::completions))
        .routes(routes!(infill::infill))
        .routes(routes!(generate::generate))
        .routes(routes!(generate::stream))
        .routes(routes!(model::model_status))
        .routes(routes!(model::info))
        .routes(routes!(model::load_model))
        .routes(routes!(model::unload_model))
}
