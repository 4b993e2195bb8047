//! `POST /api/v1/detect_errors`: the editor's diagnostics for a text.

use std::path::Path;

use assist::{Diagnostic, LintSettings, Severity, Snapshot};
use axum::Json;
use serde::{Deserialize, Serialize};
use syntax::{Document, PositionEncoding, PositionRange, TextEdit, TextRange};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::JsonBody;
use crate::scope::Scope;
use crate::validate;

/// Code to be looked at.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"code": "print((1 + 2)\n", "lang": "python"}))]
pub(crate) struct DetectErrorsRequest {
    /// The whole text.
    code: String,
    /// Name, alias or file extension of the language.
    lang: String,
    /// Path of the file.
    path: Option<String>,
}

/// The problems.
#[derive(Serialize, ToSchema)]
pub(crate) struct DetectErrorsAnswer {
    /// Problems, by their place.
    diagnostics: Vec<DiagnosticDto>,
    counts: Counts,
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

/// Problems by severity.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Counts {
    error: usize,
    warning: usize,
    information: usize,
    hint: usize,
}

/// One problem.
#[derive(Serialize, ToSchema)]
#[schema(as = Diagnostic)]
pub(crate) struct DiagnosticDto {
    range: RangeDto,
    /// `error`, `warning`, `information` or `hint`.
    #[schema(example = "error")]
    severity: &'static str,
    /// Stable code.
    #[schema(example = "unclosed-bracket")]
    code: &'static str,
    /// What is wrong.
    message: String,
    /// Other places that belong to it.
    related: Vec<RelatedDto>,
    /// Ways out, best first.
    fixes: Vec<FixDto>,
}

/// Another place that belongs to a problem.
#[derive(Serialize, ToSchema)]
#[schema(as = RelatedRange)]
pub(crate) struct RelatedDto {
    range: RangeDto,
    /// What it has to do with the problem.
    message: String,
}

/// A change that removes a problem.
#[derive(Serialize, ToSchema)]
#[schema(as = Fix)]
pub(crate) struct FixDto {
    /// What it does.
    title: String,
    /// The change.
    edits: Vec<EditDto>,
    /// It cannot change what the program does apart from removing the problem.
    safe: bool,
}

/// An edit, as in LSP.
#[derive(Serialize, ToSchema)]
#[schema(as = TextEdit)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EditDto {
    range: RangeDto,
    /// What stands there afterwards.
    new_text: String,
}

/// A range, as in LSP.
#[derive(Serialize, ToSchema)]
#[schema(as = Range)]
pub(crate) struct RangeDto {
    start: PositionDto,
    end: PositionDto,
}

/// A place, as in LSP.
#[derive(Serialize, ToSchema)]
#[schema(as = Position)]
pub(crate) struct PositionDto {
    /// Zero-based line.
    line: u32,
    /// Zero-based UTF-16 column.
    character: u32,
}

/// Finds errors in code
///
/// The same rules as in the editor and in `ropewalk check`; no model is asked.
#[utoipa::path(
    post,
    path = "/api/v1/detect_errors",
    tag = "analysis",
    request_body = DetectErrorsRequest,
    responses((status = 200, description = "The problems", body = DetectErrorsAnswer))
)]
pub(crate) async fn detect_errors(
    scope: Scope,
    JsonBody(request): JsonBody<DetectErrorsRequest>,
) -> Result<Json<DetectErrorsAnswer>, ApiError> {
    let language = validate::language("lang", &request.lang)?;
    // Parsing a long text takes a while: not on a thread that others wait for.
    let work = tokio::task::spawn_blocking(move || {
        let snapshot = Snapshot::of_text(&request.code, language, request.path.as_deref().map(Path::new));
        let found = assist::diagnostics(&snapshot, &LintSettings::default());
        let dtos: Vec<_> = found.iter().map(|it| diagnostic(it, snapshot.document())).collect();
        (count(&found), dtos)
    });
    let (counts, diagnostics) = work.await.map_err(|_| {
        tracing::error!(request_id = scope.request_id(), "diagnostics panicked");
        ApiError::internal()
    })?;
    Ok(Json(DetectErrorsAnswer {
        diagnostics,
        counts,
        lang: language.id(),
        source: "analysis",
        model: None,
        job_id: None,
        elapsed_ms: scope.elapsed_ms(),
    }))
}

fn count(diagnostics: &[Diagnostic]) -> Counts {
    let mut counts = Counts::default();
    for diagnostic in diagnostics {
        *match diagnostic.severity {
            Severity::Error => &mut counts.error,
            Severity::Warning => &mut counts.warning,
            Severity::Information => &mut counts.information,
            Severity::Hint => &mut counts.hint,
        } += 1;
    }
    counts
}

pub(super) fn diagnostic(diagnostic: &Diagnostic, document: &Document) -> DiagnosticDto {
    let related = diagnostic.related.iter();
    let fixes = diagnostic.fixes.iter();
    DiagnosticDto {
        range: range(diagnostic.range, document),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        },
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        related: related
            .map(|it| RelatedDto { range: range(it.range, document), message: it.message.clone() })
            .collect(),
        fixes: fixes
            .map(|it| FixDto {
                title: it.title.clone(),
                edits: it.edits.iter().map(|it| edit(it, document)).collect(),
                safe: it.safe,
            })
            .collect(),
    }
}

fn edit(edit: &TextEdit, document: &Document) -> EditDto {
    EditDto { range: range(edit.range, document), new_text: edit.new_text.clone() }
}

pub(super) fn range(range: TextRange, document: &Document) -> RangeDto {
    let PositionRange { start, end } = document.text().position_range(range, PositionEncoding::Utf16);
    RangeDto {
        start: PositionDto { line: start.line, character: start.character },
        end: PositionDto { line: end.line, character: end.character },
    }
}
