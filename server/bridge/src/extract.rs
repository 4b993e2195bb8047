//! Bodies and queries into types, with every failure in the bridge's own error shape.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::ApiError;
use crate::state::App;

/// A JSON body. The content type is not asked for: clients of these dialects often send none.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        parse(&read(request, app).await?).map(Self)
    }
}

/// A JSON body whose fields are all optional: no body at all is the empty object.
pub(crate) struct OptionalJsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = read(request, app).await?;
        parse(if bytes.is_empty() { b"{}" } else { &bytes }).map(Self)
    }
}

async fn read(request: Request, app: &App) -> Result<Bytes, ApiError> {
    let limit = app.config.max_body_bytes;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|it| it > limit as u64) {
        return Err(ApiError::body_too_large(limit));
    }
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        // The body is either too long, or its connection broke and nobody reads the answer.
        tracing::debug!(%error, "reading a body");
        ApiError::body_too_large(limit)
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ApiError::malformed("invalid_utf8", format!("the body is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    // In two steps, so that text that is not JSON (400) and JSON that is not the request (422) can be told apart.
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| ApiError::malformed("invalid_json", format!("the body is not JSON: {error}")))?;
    if !value.is_object() {
        return Err(ApiError::unprocessable("invalid_type", "the body must be a JSON object"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        field_error(&path, &error.into_inner())
    })
}

/// 422 with the field named. serde reports a missing field at its parent, with the name in the message.
fn field_error(path: &str, error: &serde_json::Error) -> ApiError {
    debug_assert!(matches!(error.classify(), Category::Data), "a value is already parsed");
    let message = error.to_string();
    let missing = message.strip_prefix("missing field `").and_then(|it| it.split_once('`')).map(|(name, _)| name);
    match (missing, path) {
        (Some(name), ".") => ApiError::invalid_field(name.to_owned(), "missing_field", "this field is required"),
        (Some(name), _) => ApiError::invalid_field(format!("{path}.{name}"), "missing_field", "this field is required"),
        (None, _) => ApiError::invalid_field(path.to_owned(), "invalid_type", message),
    }
}

/// A query. Its fields are text: the routes check what they mean.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        // The rejection's text may repeat a value of the query, which may be a key.
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|it| Self(it.0))
            .map_err(|_| ApiError::malformed("invalid_query", "the query cannot be read: is a field given twice?"))
    }
}
