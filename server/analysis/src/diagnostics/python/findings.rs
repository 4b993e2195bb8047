//! One finding of ruff in our words.

use ruff_db::diagnostic::{Diagnostic as RuffDiagnostic, DiagnosticTag as RuffTag};
use ruff_diagnostics::{Applicability, Edit};
use syntax::{TextEdit, TextRange};

use super::engine::range;
use super::levels::severity;
use crate::diagnostics::{Diagnostic, DiagnosticTag, Fix, RelatedRange, Severity, rule};

/// What an error is called that only ruff's parser sees.
const SYNTAX_ERROR: &str = "syntax-error";

/// The finding; `None` for one that has no place in the text.
pub(super) fn diagnostic(found: &RuffDiagnostic, text: &str) -> Option<Diagnostic> {
    let range = range(found.range()?);
    let message = found.headline_message().trim_end_matches('.');
    if found.is_invalid_syntax() {
        return Some(Diagnostic::new(Severity::Error, SYNTAX_ERROR, visible(range, text), message));
    }
    let code = rule(found.secondary_code()?.as_str())?.code;
    let mut diagnostic = Diagnostic::new(severity(code), code, range, message);
    diagnostic.related = found
        .secondary_annotations()
        .filter_map(|other| {
            let message = other.get_message().unwrap_or("this belongs to it").trim_end_matches('.').to_owned();
            Some(RelatedRange { range: super::engine::range(other.get_span().range()?), message })
        })
        .collect();
    diagnostic.tags = found.primary_tags().unwrap_or_default().iter().map(tag).collect();
    diagnostic.fixes = fix(found, code).into_iter().collect();
    Some(diagnostic)
}

fn fix(found: &RuffDiagnostic, code: &str) -> Option<Fix> {
    let fix = found.fix()?;
    let safe = match fix.applicability() {
        Applicability::Safe => true,
        Applicability::Unsafe => false,
        // Ruff shows what it would look like; it would not work.
        Applicability::DisplayOnly => return None,
    };
    let title = found.first_help_text().map_or_else(|| format!("Fix {code}"), ToOwned::to_owned);
    Some(Fix { title, edits: fix.edits().iter().map(text_edit).collect(), safe })
}

/// Ruff's edit in our words.
pub(crate) fn text_edit(edit: &Edit) -> TextEdit {
    TextEdit { range: range(edit), new_text: edit.content().unwrap_or_default().to_owned() }
}

fn tag(tag: &RuffTag) -> DiagnosticTag {
    match tag {
        RuffTag::Unnecessary => DiagnosticTag::Unnecessary,
        RuffTag::Deprecated => DiagnosticTag::Deprecated,
    }
}

/// Errors at the end of a line or of the text have an empty range; the character before can be seen.
pub(super) fn visible(range: TextRange, text: &str) -> TextRange {
    if !range.is_empty() {
        return range;
    }
    let before = text[..text.floor_char_boundary(range.start)].trim_end_matches(['\r', '\n']);
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    TextRange::new(before.len() - last, before.len())
}
