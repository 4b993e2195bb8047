//! `--format json`: `{"diagnostics": […], "summary": {…}}` with LSP ranges (zero-based, UTF-16).

use assist::Severity;
use serde::Serialize;
use syntax::{PositionEncoding, Text, TextRange};

use super::{Report, severity_name};

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct JsonReport {
    diagnostics: Vec<JsonDiagnostic>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct JsonDiagnostic {
    path: String,
    range: JsonRange,
    severity: &'static str,
    code: &'static str,
    message: String,
    fixes: Vec<JsonFix>,
}

#[derive(Debug, Serialize)]
struct JsonFix {
    title: String,
    edits: Vec<JsonEdit>,
}

#[derive(Debug, Serialize)]
struct JsonEdit {
    range: JsonRange,
    #[serde(rename = "newText")]
    new_text: String,
}

#[derive(Debug, Serialize)]
struct JsonRange {
    start: JsonPosition,
    end: JsonPosition,
}

#[derive(Debug, Serialize)]
struct JsonPosition {
    line: u32,
    character: u32,
}

#[derive(Debug, Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    elapsed_ms: u64,
}

/// The report as the contract has it.
pub(crate) fn render(report: &Report) -> JsonReport {
    let mut diagnostics = Vec::new();
    for file in report.reports.iter().filter(|it| !it.diagnostics.is_empty()) {
        let text = Text::new(&file.text);
        for diagnostic in &file.diagnostics {
            let fix = |fix: &assist::Fix| JsonFix {
                title: fix.title.clone(),
                edits: fix
                    .edits
                    .iter()
                    .map(|it| JsonEdit { range: range(&text, it.range), new_text: it.new_text.clone() })
                    .collect(),
            };
            diagnostics.push(JsonDiagnostic {
                path: file.path.display().to_string(),
                range: range(&text, diagnostic.range),
                severity: severity_name(diagnostic.severity),
                code: diagnostic.code,
                message: diagnostic.message.clone(),
                fixes: diagnostic.fixes.iter().map(fix).collect(),
            });
        }
    }
    let summary = Summary {
        files: report.files,
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
    };
    JsonReport { diagnostics, summary }
}

fn range(text: &Text, range: TextRange) -> JsonRange {
    let range = text.position_range(range, PositionEncoding::Utf16);
    let position = |it: syntax::Position| JsonPosition { line: it.line, character: it.character };
    JsonRange { start: position(range.start), end: position(range.end) }
}
