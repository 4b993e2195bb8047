//! Python: ruff's rules and ruff's parser over one text.
//!
//! Ruff's parser decides what parses: where it is content, the tree's complaints are dropped (the grammar lags behind
//! the language), and what it alone sees is reported as `syntax-error`. What is broken for both is told in the words
//! of the repairs, which say what to do, and no rule is run on it: half a program has unused imports everywhere. In long
//! texts the repairs look at the broken part alone.
//!
//! Not here: choosing rules (`lint_settings`), and applying fixes (`fix_all`).

mod broken_part;
mod doubles;
mod engine;
mod findings;
mod imports;
mod levels;
mod names;
mod nesting;
mod starred;
mod stdlib;
mod suggestions;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

use syntax::{Document, TextRange};

use super::guard::{guarded, too_deep};
use super::{Diagnostic, Severity, syntax_diagnostics};
use crate::lint_settings::PythonSettings;
pub(crate) use engine::{Outcome, Source, lint_with};
pub(super) use table::rules;

/// Problems of a cell alone mean nothing: names come from other cells, and the last line is what is shown.
const OF_WHOLE_NOTEBOOKS: &[&str] = &["B018", "E402", "F401", "F405", "F811", "F821", "F822", "F823"];

/// Everything that is found: what does not parse, else what the rules say.
pub(super) fn check(document: &Document, path: Option<&Path>, settings: &PythonSettings) -> Vec<Diagnostic> {
    if document.tree().is_none() {
        return Vec::new();
    }
    let text = document.text().to_string();
    let source = Source::new(document, &text, path, settings);
    match guarded(|| engine::lint(&source, settings)) {
        Ok(Outcome::Checked { found, crowded }) => {
            let mut found = from_rules(&source, settings, &found);
            found.extend(crowded.into_iter().map(too_many_names));
            found
        }
        Ok(Outcome::Broken(broken)) => {
            let of_part = guarded(|| broken_part::diagnostics(document, &text, &broken)).ok().flatten();
            of_part.unwrap_or_else(|| in_words(document, broken.errors))
        }
        Ok(Outcome::TooDeep) => with(syntax_diagnostics(document), too_deep()),
        Err(failure) => with(syntax_diagnostics(document), *failure),
    }
}

/// The same where that needs no tree of the whole: for text that ruff's parser accepts but for a part, and that is not
/// nested deeply. A tree takes several times as long as the rules.
pub(super) fn check_without_tree(
    document: &Document,
    path: Option<&Path>,
    settings: &PythonSettings,
) -> Option<Vec<Diagnostic>> {
    let text = document.text().to_string();
    let source = Source::without_tree(&text, path, settings, nesting::nesting_bound(&text));
    match guarded(|| engine::lint(&source, settings)) {
        Ok(Outcome::Checked { found, crowded }) => {
            let mut found = from_rules(&source, settings, &found);
            found.extend(crowded.into_iter().map(too_many_names));
            Some(found)
        }
        Ok(Outcome::Broken(broken)) => guarded(|| broken_part::diagnostics(document, &text, &broken)).ok()?,
        Ok(Outcome::TooDeep) | Err(_) => None,
    }
}

fn from_rules(
    source: &Source<'_>,
    settings: &PythonSettings,
    found: &[ruff_db::diagnostic::Diagnostic],
) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<_> = found
        .iter()
        .filter_map(|found| findings::diagnostic(found, source.text))
        .filter(|it| !(source.is_cell() && OF_WHOLE_NOTEBOOKS.contains(&it.code)))
        .filter(|it| !(it.code == "INP001" && is_in_source_folder(source, settings)))
        .collect();
    doubles::leave_out(&mut diagnostics, source.text);
    suggestions::add(&mut diagnostics, source, settings);
    diagnostics
}

/// What the repairs say, or what ruff says where they find nothing.
fn in_words(document: &Document, errors: Vec<(TextRange, String)>) -> Vec<Diagnostic> {
    let found = syntax_diagnostics(document);
    if !found.is_empty() {
        return found;
    }
    errors
        .into_iter()
        .map(|(range, message)| Diagnostic::new(Severity::Error, "syntax-error", range, message))
        .collect()
}

fn too_many_names(range: TextRange) -> Diagnostic {
    Diagnostic::new(Severity::Error, "F621", range, "Too many expressions in star-unpacking assignment")
}

/// A module right in a source folder needs no package around it.
fn is_in_source_folder(source: &Source<'_>, settings: &PythonSettings) -> bool {
    source.path.parent().is_some_and(|folder| settings.source_folders().iter().any(|it| it == folder))
}

fn with(mut found: Vec<Diagnostic>, more: Diagnostic) -> Vec<Diagnostic> {
    found.push(more);
    found
}
