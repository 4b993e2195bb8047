//! Diagnostics.

use std::str::FromStr;

use assist::{Diagnostic, DiagnosticTag, RelatedRange, Severity, Snapshot};
use serde_json::{Value, json};
use tower_lsp::ls_types::{self as lsp, NumberOrString, Uri};

use super::range;
use crate::session::Session;

/// A document's problems.
pub(crate) fn diagnostics(found: &[Diagnostic], snapshot: &Snapshot, session: &Session) -> Vec<lsp::Diagnostic> {
    let uri = Uri::from_str(snapshot.id().as_str()).ok().filter(|_| session.related_information);
    found.iter().map(|problem| diagnostic(problem, uri.as_ref(), snapshot, session)).collect()
}

fn diagnostic(problem: &Diagnostic, uri: Option<&Uri>, snapshot: &Snapshot, session: &Session) -> lsp::Diagnostic {
    let related = |uri: &Uri| problem.related.iter().map(|place| related(place, uri, snapshot, session)).collect();
    let tags: Vec<_> = problem.tags.iter().filter(|tag| session.shows_tag(**tag)).map(tag).collect();
    lsp::Diagnostic {
        range: range(problem.range, snapshot, session.encoding),
        severity: Some(severity(problem.severity)),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        source: Some("ropewalk".to_owned()),
        message: problem.message.clone(),
        code_description: code_description(problem.code).filter(|_| session.code_descriptions),
        tags: Some(tags).filter(|tags| !tags.is_empty()),
        related_information: uri.map(related).filter(|places: &Vec<_>| !places.is_empty()),
        data: data(problem, snapshot, session).filter(|_| session.diagnostic_data),
    }
}

/// What a quick fix needs: it says nothing of a version, since the same diagnostic always has the same fixes.
fn data(problem: &Diagnostic, snapshot: &Snapshot, session: &Session) -> Option<Value> {
    let edit = |edit: &syntax::TextEdit| {
        lsp::TextEdit::new(range(edit.range, snapshot, session.encoding), edit.new_text.clone())
    };
    let fixes: Vec<Value> = problem
        .fixes
        .iter()
        .map(|fix| {
            let edits: Vec<_> = fix.edits.iter().map(edit).collect();
            json!({ "title": fix.title, "isSafe": fix.safe, "edits": edits })
        })
        .collect();
    (!fixes.is_empty()).then(|| json!({ "fixes": fixes }))
}

/// The page about a code.
fn code_description(code: &str) -> Option<lsp::CodeDescription> {
    let href = Uri::from_str(assist::rule(code)?.url.as_deref()?).ok()?;
    Some(lsp::CodeDescription { href })
}

fn tag(tag: &DiagnosticTag) -> lsp::DiagnosticTag {
    match tag {
        DiagnosticTag::Unnecessary => lsp::DiagnosticTag::UNNECESSARY,
        DiagnosticTag::Deprecated => lsp::DiagnosticTag::DEPRECATED,
    }
}

fn related(
    place: &RelatedRange,
    uri: &Uri,
    snapshot: &Snapshot,
    session: &Session,
) -> lsp::DiagnosticRelatedInformation {
    lsp::DiagnosticRelatedInformation {
        location: lsp::Location { uri: uri.clone(), range: range(place.range, snapshot, session.encoding) },
        message: place.message.clone(),
    }
}

fn severity(severity: Severity) -> lsp::DiagnosticSeverity {
    match severity {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Information => lsp::DiagnosticSeverity::INFORMATION,
        Severity::Hint => lsp::DiagnosticSeverity::HINT,
    }
}
