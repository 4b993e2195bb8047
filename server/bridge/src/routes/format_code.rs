//! `POST /api/v1/format_code`: the editor's formatter for a text.

use std::path::Path;

use assist::{EndOfLine, FormatError, FormatOptions, Snapshot};
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use syntax::Indentation;
use utoipa::ToSchema;

use super::detect_errors::diagnostic;
use crate::error::ApiError;
use crate::extract::JsonBody;
use crate::scope::Scope;
use crate::validate;

/// Code to be laid out.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "x=1\n", "lang": "python"}))]
pub(crate) struct FormatCodeRequest {
    /// The whole text.
    code: String,
    /// Name, alias or file extension of the language.
    lang: String,
    /// Path of the file: tells dialects apart, nothing is read from it.
    path: Option<String>,
    /// Wishes; what is not said is the language's usual layout.
    options: Option<FormatCodeOptions>,
}

/// Wishes about the layout.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct FormatCodeOptions {
    /// Columns of one level of indentation, 1 to 16.
    #[schema(value_type = Option<u8>, example = 2)]
    indent_width: Option<i64>,
    /// Indent with tabs.
    use_tabs: Option<bool>,
    /// Columns that lines should stay within, 20 to 1000.
    #[schema(value_type = Option<u16>, example = 88)]
    line_width: Option<i64>,
    /// `lf` or `crlf`; as the text has it where this is not said.
    end_of_line: Option<String>,
    /// False: a text that does not end with a line end stays so.
    insert_final_newline: Option<bool>,
}

/// The code, laid out.
#[derive(Serialize, ToSchema)]
pub(crate) struct FormatCodeAnswer {
    /// The whole text.
    #[schema(example = "x = 1\n")]
    code: String,
    /// Whether it differs from the text that was sent.
    changed: bool,
    /// Name of the formatter.
    #[schema(example = "ruff")]
    formatter: &'static str,
    /// Id of the language.
    #[schema(example = "python")]
    lang: &'static str,
    /// Always `analysis`.
    #[schema(example = "analysis")]
    source: &'static str,
    /// Null: no model was asked.
    model: Option<String>,
    /// Null: only calls that use the model are jobs.
    job_id: Option<String>,
    elapsed_ms: u64,
}

/// Formats code
///
/// The same formatters as in the editor and in `ropewalk format`; no model is asked. Code that does not parse is not
/// changed, but answered by 422 `syntax_error`, whose body has the problems in `diagnostics` as well.
#[utoipa::path(
    post,
    path = "/api/v1/format_code",
    tag = "analysis",
    request_body = FormatCodeRequest,
    responses((status = 200, description = "The code, laid out", body = FormatCodeAnswer))
)]
pub(crate) async fn format_code(
    scope: Scope,
    JsonBody(request): JsonBody<FormatCodeRequest>,
) -> Result<Response, ApiError> {
    let language = validate::language("lang", &request.lang)?;
    let options = options(request.options.unwrap_or_default())?;
    // Formatting a long text takes a while: not on a thread that others wait for.
    let work = tokio::task::spawn_blocking(move || {
        let snapshot = Snapshot::of_text(&request.code, language, request.path.as_deref().map(Path::new));
        assist::format(&snapshot, &options).map_err(|error| refusal(&error, &snapshot))
    });
    let outcome = work.await.map_err(|_| {
        tracing::error!(request_id = scope.request_id(), "formatting panicked");
        ApiError::internal()
    })?;
    Ok(match outcome {
        Err(response) => *response,
        Ok(formatted) => Json(FormatCodeAnswer {
            code: formatted.text,
            changed: formatted.changed,
            formatter: formatted.formatter,
            lang: language.id(),
            source: "analysis",
            model: None,
            job_id: None,
            elapsed_ms: scope.elapsed_ms(),
        })
        .into_response(),
    })
}

/// The fields, checked.
fn options(raw: FormatCodeOptions) -> Result<FormatOptions, ApiError> {
    let width = raw.indent_width.map(|it| validate::in_range("options.indent_width", it, 1..=16)).transpose()?;
    // In range, so the conversions are exact.
    let spaces = width.and_then(|it| u8::try_from(it).ok()).map(Indentation::Spaces);
    let line_width = raw.line_width.map(|it| validate::in_range("options.line_width", it, 20..=1000)).transpose()?;
    let end_of_line = match raw.end_of_line.as_deref() {
        None => None,
        Some("lf") => Some(EndOfLine::Lf),
        Some("crlf") => Some(EndOfLine::CrLf),
        Some(_) => {
            return Err(ApiError::invalid_field("options.end_of_line", "invalid_value", "expected `lf` or `crlf`"));
        }
    };
    Ok(FormatOptions {
        indentation: if raw.use_tabs == Some(true) { Some(Indentation::Tabs) } else { spaces },
        line_width: line_width.and_then(|it| u16::try_from(it).ok()),
        end_of_line,
        insert_final_newline: raw.insert_final_newline,
        ..FormatOptions::default()
    })
}

/// The answer for code that was not formatted.
fn refusal(error: &FormatError, snapshot: &Snapshot) -> Box<Response> {
    Box::new(match error {
        FormatError::Syntax(problems) => {
            let api_error = ApiError::unprocessable("syntax_error", error.to_string());
            let diagnostics = problems.iter().map(|it| diagnostic(it, snapshot.document())).collect();
            let status = api_error.status;
            (status, Json(api_error.body().with_diagnostics(diagnostics))).into_response()
        }
        FormatError::NoFormatter(_) => {
            ApiError::invalid_field("lang", "no_formatter", error.to_string()).into_response()
        }
        FormatError::TooLong { .. } | FormatError::TooDeep { .. } => {
            ApiError::invalid_field("code", "too_complex", error.to_string()).into_response()
        }
        FormatError::Defect { .. } => {
            tracing::warn!(%error, "a formatter's result was not used");
            ApiError::unprocessable("formatter_failed", error.to_string()).into_response()
        }
    })
}
