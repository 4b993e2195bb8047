//! `GET /docs` and `GET /openapi.json`: the API described, from the binary alone.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, ErrorBody};
use crate::state::App;

/// The page may load from this server only, whatever the vendored script would like.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Files of the Swagger UI that the page loads.
const FILES: [&str; 6] = [
    "swagger-ui.css",
    "index.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-32x32.png",
];

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    // `none`: by default the page shows a badge from an outside address.
    Arc::new(Config::from("openapi.json").validator_url("none").try_it_out_enabled(true).use_base_layout())
});

/// The API in the browser (Swagger UI)
#[utoipa::path(
    get,
    path = "/docs",
    tag = "service",
    responses((status = 200, description = "The page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(include_str!("docs.html"))).into_response()
}

/// A file of the page at `/docs`
#[utoipa::path(
    get,
    path = "/docs/{file}",
    tag = "service",
    params(("file" = String, Path, description = "Name of the file", example = "swagger-ui.css")),
    responses(
        (status = 200, description = "The file", content((String = "text/css"), (String = "text/javascript"), (Vec<u8> = "image/png"))),
        (status = 404, description = "The page has no such file", body = ErrorBody),
    )
)]
pub(crate) async fn docs_file(Path(name): Path<String>) -> Result<Response, ApiError> {
    let not_found = || ApiError::not_found("unknown_path", "there is no such file");
    if !FILES.contains(&name.as_str()) {
        return Err(not_found());
    }
    let file = utoipa_swagger_ui::serve(&name, Arc::clone(&CONFIG)).map_err(|error| {
        tracing::error!(%error, name, "a vendored file could not be written");
        ApiError::internal()
    })?;
    let file = file.ok_or_else(not_found)?;
    let mut response = ([(header::CONTENT_TYPE, file.content_type.clone())], file.bytes.into_owned()).into_response();
    if file.gzpipped {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// The API described (OpenAPI 3.1)
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "service",
    responses((status = 200, description = "The description", body = serde_json::Value))
)]
pub(crate) async fn openapi_json(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.description().json.clone()).into_response()
}
