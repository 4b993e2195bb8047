//! `--format json`: `{"diagnostics": […], "summary": {…}}` with LSP ranges (zero-based, UTF-16).

use assist::Severity;
use serde::Serialize;

use super::finding::FindingFix;
use super::{Place, Point, Replacement, Report, severity_name};

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct JsonReport<'a> {
    diagnostics: Vec<JsonDiagnostic<'a>>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct JsonDiagnostic<'a> {
    path: String,
    range: JsonRange,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonEdit<'a> {
    range: JsonRange,
    #[serde(rename = "newText")]
    new_text: &'a str,
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
pub(crate) fn render(report: &Report) -> JsonReport<'_> {
    let diagnostics = report.findings().map(|(file, finding)| JsonDiagnostic {
        path: file.path.display().to_string(),
        range: range(finding.place),
        severity: severity_name(finding.severity),
        code: finding.code,
        message: &finding.message,
        fixes: finding.fixes.iter().map(fix).collect(),
    });
    let summary = Summary {
        files: report.files,
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
    };
    JsonReport { diagnostics: diagnostics.collect(), summary }
}

fn fix<'a>(fix: &'a FindingFix) -> JsonFix<'a> {
    let edit = |it: &'a Replacement| JsonEdit { range: range(it.place), new_text: &it.new_text };
    JsonFix { title: &fix.title, edits: fix.edits.iter().map(edit).collect() }
}

fn range(place: Place) -> JsonRange {
    let position = |it: Point| JsonPosition { line: it.line, character: it.utf16 };
    JsonRange { start: position(place.start), end: position(place.end) }
}
