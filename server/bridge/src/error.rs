//! The one error of the bridge and its one shape on the wire, valid in every dialect.
//!
//! Messages are for the caller: no path, key or internal detail. What only the operator may
//! know goes to the log where the error is made.

use std::borrow::Cow;

use assist::AssistError;
use assist::model::EngineError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::DiagnosticDto;

/// Seconds after which a caller may try again while a model loads.
const RETRY_WHILE_LOADING_S: u64 = 2;
/// Seconds after which a client should try again where there was no room; about an answer's length.
const RETRY_WITHOUT_ROOM_S: u64 = 5;

/// Why a request was not answered.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    /// Status of the response.
    pub(crate) status: StatusCode,
    /// Stable snake_case code that clients branch on.
    pub(crate) code: &'static str,
    message: String,
    param: Option<Cow<'static, str>>,
    retry_after_s: Option<u64>,
}

/// An error in every dialect at once.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Always `error`.
    #[schema(example = "error")]
    status: &'static str,
    /// What is wrong, in one sentence.
    message: String,
    /// The same sentence.
    detail: String,
    error: ErrorDetail,
    /// What stands in the way of code that does not parse, by its place (`syntax_error` of `format_code`).
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Vec<DiagnosticDto>>,
}

impl ErrorBody {
    /// The same with the problems of the code it is about.
    pub(crate) fn with_diagnostics(self, diagnostics: Vec<DiagnosticDto>) -> Self {
        Self { diagnostics: Some(diagnostics), ..self }
    }
}

/// The error as the OpenAI dialect has it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// What is wrong, in one sentence.
    message: String,
    /// Class of the error.
    #[serde(rename = "type")]
    #[schema(example = "invalid_request_error")]
    kind: &'static str,
    /// The field at fault.
    #[schema(example = "max_tokens")]
    param: Option<String>,
    /// Stable code.
    #[schema(example = "out_of_range")]
    code: &'static str,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), param: None, retry_after_s: None }
    }

    fn with_param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(param.into());
        self
    }

    fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// 400: the body or the query is not what its format demands.
    pub(crate) fn malformed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401: no key, or a wrong one.
    pub(crate) fn unauthorized(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
    }

    /// 403: a rule of the server, not the request's content, stands against it.
    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 403: the address is banned for this many seconds more.
    pub(crate) fn banned(seconds: u64) -> Self {
        Self::forbidden("address_banned", "too many failed keys came from this address").with_retry_after(seconds)
    }

    /// 404: nothing by this name.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 405: the path exists, the method does not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path does not take this method; see the Allow header",
        )
    }

    /// 409: the state of the server does not allow it now.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 413: the body is longer than `limit` bytes.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", format!("the body is longer than {limit} bytes"))
    }

    /// 422: a field is missing, has the wrong type, or a value that cannot be taken. The field is named in the message.
    pub(crate) fn invalid_field(
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl AsRef<str>,
    ) -> Self {
        let field = field.into();
        let message = format!("{field}: {}", message.as_ref());
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).with_param(field)
    }

    /// 422 without a single field at fault.
    pub(crate) fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 429: over the key's limit.
    pub(crate) fn rate_limited(limit: u32, seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", format!("this key may send {limit} requests a minute"))
            .with_retry_after(seconds)
    }

    /// 499 (nginx's status for a request given up by its client): the job was cancelled.
    pub(crate) fn cancelled() -> Self {
        let status = StatusCode::from_u16(499).expect("499 is a three-digit status");
        Self::new(status, "cancelled", "the job was cancelled")
    }

    /// 500; the log has the reason.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "the server failed on this request")
    }

    /// 503: no model, or not yet.
    pub(crate) fn model_not_loaded(loading: bool) -> Self {
        if loading {
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_not_loaded", "the model is still loading")
                .with_retry_after(RETRY_WHILE_LOADING_S)
        } else {
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_not_loaded", "no model is loaded")
        }
    }

    /// 503: too many jobs wait.
    pub(crate) fn queue_full(waiting: usize) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "queue_full", format!("{waiting} jobs wait already"))
            .with_retry_after(1 + waiting as u64 / 8)
    }

    /// 503: nothing failed, but there is no room or no thread for it now; the log has the reason.
    pub(crate) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server has no room for this request now")
            .with_retry_after(RETRY_WITHOUT_ROOM_S)
    }

    /// 503: the process is about to end.
    pub(crate) fn shutting_down() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "the server is shutting down")
    }

    /// 502: the server that the model is on failed; the log has the reason, with its address.
    pub(crate) fn model_server_failed() -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "model_server_failed", "the server that the model is on did not answer")
    }

    /// 504: the time limit passed.
    pub(crate) fn timeout() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "the time limit of one request passed")
    }

    /// The error as the body of a response, an event of a stream, or the result of a job.
    pub(crate) fn body(&self) -> ErrorBody {
        ErrorBody {
            status: "error",
            message: self.message.clone(),
            detail: self.message.clone(),
            error: ErrorDetail {
                message: self.message.clone(),
                kind: self.kind(),
                param: self.param.as_deref().map(str::to_owned),
                code: self.code,
            },
            diagnostics: None,
        }
    }

    /// The classes of the OpenAI dialect; its client libraries pick their exception by the status.
    fn kind(&self) -> &'static str {
        match self.status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            503 => "unavailable_error",
            504 => "timeout_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ropewalk\""));
        }
        response
    }
}

impl From<EngineError> for ApiError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NoModel { loading } => Self::model_not_loaded(loading),
            // The message may name a file: it is the operator's.
            EngineError::BadModelFile(reason) => {
                tracing::warn!(reason, "bad model file");
                Self::invalid_field("model_name", "bad_model_file", "the file is not a sound GGUF model")
            }
            EngineError::UnsupportedModel(reason) => {
                tracing::warn!(reason, "unsupported model");
                Self::invalid_field("model_name", "unsupported_model", "this kind of model is not supported")
            }
            EngineError::QueueFull { waiting } => Self::queue_full(waiting),
            EngineError::ContextTooLong { tokens, limit } => Self::unprocessable(
                "context_length_exceeded",
                format!("the prompt has {tokens} tokens, the context holds {limit}"),
            )
            .with_param("prompt"),
            EngineError::InvalidRequest { field, message } => Self::invalid_field(field, "invalid_value", message),
            EngineError::Remote(reason) => {
                tracing::warn!(reason, "the model server failed");
                Self::model_server_failed()
            }
            EngineError::Unavailable(reason) => {
                tracing::warn!(reason, "the engine cannot serve a request");
                Self::unavailable()
            }
            EngineError::WorkerFailed(reason) => {
                tracing::error!(reason, "the model worker failed");
                Self::internal()
            }
        }
    }
}

impl From<AssistError> for ApiError {
    fn from(error: AssistError) -> Self {
        match error {
            AssistError::Engine(error) => error.into(),
            AssistError::Cancelled => Self::cancelled(),
            AssistError::DeadlineExceeded => Self::timeout(),
            AssistError::Panicked(feature) => {
                tracing::error!(feature, "a feature panicked");
                Self::internal()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: impl Into<ApiError>, expect: &str) {
        let error: ApiError = error.into();
        let detail = error.body().error;
        let param = detail.param.map(|it| format!(" {it}")).unwrap_or_default();
        let response = error.into_response();
        let retry =
            response.headers().get(header::RETRY_AFTER).map(|it| format!(", retry after {} s", it.to_str().unwrap()));
        assert_eq!(
            format!("{} {}{param}{}", response.status().as_u16(), detail.code, retry.unwrap_or_default()),
            expect
        );
        assert!(!detail.message.contains("secret"), "{}", detail.message);
    }

    #[test]
    fn engine_errors() {
        let secret = || "/home/secret/model.gguf".to_owned();
        check(EngineError::NoModel { loading: true }, "503 model_not_loaded, retry after 2 s");
        check(EngineError::NoModel { loading: false }, "503 model_not_loaded");
        check(EngineError::BadModelFile(secret()), "422 bad_model_file model_name");
        check(EngineError::UnsupportedModel(secret()), "422 unsupported_model model_name");
        check(EngineError::QueueFull { waiting: 32 }, "503 queue_full, retry after 5 s");
        check(EngineError::ContextTooLong { tokens: 9, limit: 8 }, "422 context_length_exceeded prompt");
        let invalid = EngineError::InvalidRequest { field: "prompt", message: "the model cannot".to_owned() };
        check(invalid, "422 invalid_value prompt");
        check(EngineError::Remote(secret()), "502 model_server_failed");
        check(EngineError::Unavailable(secret()), "503 unavailable, retry after 5 s");
        check(EngineError::WorkerFailed(secret()), "500 internal_error");
    }

    #[test]
    fn feature_errors() {
        check(AssistError::Engine(EngineError::NoModel { loading: false }), "503 model_not_loaded");
        check(AssistError::Cancelled, "499 cancelled");
        check(AssistError::DeadlineExceeded, "504 timeout");
        check(AssistError::Panicked("hover"), "500 internal_error");
    }
}
