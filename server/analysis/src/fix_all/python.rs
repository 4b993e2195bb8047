//! Ruff's fixes, applied as ruff applies them.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use ruff_db::diagnostic::Diagnostic as RuffDiagnostic;
use ruff_diagnostics::{Applicability, Edit, Fix, IsolationLevel};
use ruff_linter::registry::Rule;
use ruff_linter::settings::LinterSettings;
use ruff_linter::settings::rule_table::RuleTable;
use ruff_text_size::{Ranged, TextSize};
use syntax::{Document, TextEdit, minimal_edits};

use crate::diagnostics::guard::guarded;
use crate::diagnostics::python::{Outcome, Source, lint_with};
use crate::lint_settings::PythonSettings;

/// Rounds after which ruff gives up as well.
const MAX_ROUNDS: usize = 100;

pub(super) fn fix_all(document: &Document, path: Option<&Path>, settings: &PythonSettings) -> Vec<TextEdit> {
    fix_with(document, path, settings, &settings.ruff().linter)
}

pub(super) fn organize_imports(document: &Document, path: Option<&Path>, settings: &PythonSettings) -> Vec<TextEdit> {
    let linter = LinterSettings {
        rules: RuleTable::from_iter([Rule::UnsortedImports, Rule::MissingRequiredImport]),
        ..settings.sorting()
    };
    fix_with(document, path, settings, &linter)
}

fn fix_with(
    document: &Document,
    path: Option<&Path>,
    settings: &PythonSettings,
    linter: &LinterSettings,
) -> Vec<TextEdit> {
    if document.tree().is_none() {
        return Vec::new();
    }
    let old = document.text().to_string();
    let fixed = guarded(|| fixed_text(document, &old, path, settings, linter));
    // A failed engine changes nothing; `diagnostics` tells of it.
    fixed.ok().flatten().map_or_else(Vec::new, |new: String| minimal_edits(&old, &new))
}

/// The text with all fixes; `None` where there are none, or where one of them broke the text.
fn fixed_text(
    document: &Document,
    old: &str,
    path: Option<&Path>,
    settings: &PythonSettings,
    linter: &LinterSettings,
) -> Option<String> {
    let mut fixed: Option<String> = None;
    for _ in 0..MAX_ROUNDS {
        let round = match &fixed {
            None => document.clone(),
            Some(text) => Document::new(text, document.language(), 0),
        };
        let text = fixed.as_deref().unwrap_or(old);
        let source = Source::new(&round, text, path, settings);
        let excluded = settings.excludes(source.path);
        let Outcome::Checked { found, .. } = lint_with(&source, linter, excluded) else { return None };
        match applied(&found, text) {
            Some(text) => fixed = Some(text),
            None => break,
        }
    }
    fixed
}

/// One round: fixes in order of their place, each whole or not at all.
fn applied(found: &[RuffDiagnostic], text: &str) -> Option<String> {
    let mut fixes: Vec<(&str, &Fix)> = found
        .iter()
        .filter_map(|it| Some((it.name(), it.fix()?)))
        .filter(|(_, fix)| fix.applies(Applicability::Safe))
        .collect();
    // A redefinition goes first: what it removes may be the only use of an import.
    let redefinition = Rule::RedefinedWhileUnused.name().as_str();
    fixes.sort_by_key(|(name, fix)| (*name != redefinition, fix.min_start()));

    let mut result = String::with_capacity(text.len());
    let mut copied: Option<TextSize> = None;
    let mut done: BTreeSet<&Edit> = BTreeSet::new();
    let mut isolated = HashSet::new();
    for (_, fix) in fixes {
        let edits: Vec<_> = fix.edits().iter().filter(|edit| !done.contains(edit)).collect();
        let Some(first) = edits.first() else { continue };
        if let IsolationLevel::Group(group) = fix.isolation()
            && !isolated.insert(group)
        {
            continue;
        }
        if copied.is_some_and(|copied| copied >= first.start()) {
            continue;
        }
        for edit in edits {
            result.push_str(&text[copied.unwrap_or_default().to_usize()..edit.start().to_usize()]);
            result.push_str(edit.content().unwrap_or_default());
            copied = Some(edit.end());
            done.insert(edit);
        }
    }
    let copied = copied?;
    result.push_str(&text[copied.to_usize()..]);
    Some(result)
}
