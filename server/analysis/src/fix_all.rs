//! Every safe fix at once, and imports in order: `source.fixAll`, `source.organizeImports`, `check --fix`.
//!
//! A fix may make the next one possible, so fixes are applied in rounds until nothing changes. What parsed before
//! parses afterwards, or nothing is changed at all. Unsafe fixes are never applied here.

mod javascript;
mod python;
#[cfg(test)]
mod tests;

use std::path::Path;

use syntax::{Document, TextEdit, TextRange, apply_edits, minimal_edits};

use crate::{LintSettings, diagnostics, family::Family, syntax_error_count};

/// Rounds after which fixes that undo each other are stopped.
const MAX_ROUNDS: usize = 20;

/// The edits of all safe fixes of what [`diagnostics()`] finds. Empty where there is nothing to fix, and on text that
/// does not parse.
pub fn fix_all(document: &Document, path: Option<&Path>, settings: &LintSettings) -> Vec<TextEdit> {
    match Family::of(document.language()) {
        Family::Python => python::fix_all(document, path, &settings.python),
        _ => fixes_in_rounds(document, path, settings),
    }
}

/// The edits that put imports in order. Empty for a language without an order.
pub fn organize_imports(document: &Document, path: Option<&Path>, settings: &LintSettings) -> Vec<TextEdit> {
    match Family::of(document.language()) {
        Family::Python => python::organize_imports(document, path, &settings.python),
        Family::Script | Family::ScriptJsx => javascript::organize_imports(document, path),
        _ => Vec::new(),
    }
}

/// The first safe fix of each diagnostic, round by round.
fn fixes_in_rounds(document: &Document, path: Option<&Path>, settings: &LintSettings) -> Vec<TextEdit> {
    let old = document.text().to_string();
    let errors = syntax_error_count(document);
    let mut current = document.clone();
    for _ in 0..MAX_ROUNDS {
        let mut fixes: Vec<Vec<TextEdit>> = diagnostics(&current, path, settings)
            .into_iter()
            .filter_map(|it| it.fixes.into_iter().find(|fix| fix.safe))
            .map(|fix| fix.edits)
            .collect();
        fixes.sort_by_key(|edits| edits.iter().map(|edit| edit.range.start).min());
        let edits = without_overlaps(fixes);
        if edits.is_empty() {
            break;
        }
        let fixed = Document::new(&apply_edits(&current.text().to_string(), &edits), document.language(), 0);
        if syntax_error_count(&fixed) > errors {
            break;
        }
        current = fixed;
    }
    minimal_edits(&old, &current.text().to_string())
}

/// Fixes in the order given, whole, without those that touch an earlier one: half a fix is worse than none.
fn without_overlaps(fixes: Vec<Vec<TextEdit>>) -> Vec<TextEdit> {
    let mut taken: Vec<TextEdit> = Vec::new();
    for fix in fixes {
        let is_free = fix.iter().all(|edit| taken.iter().all(|other| !touch(edit.range, other.range)));
        if is_free {
            taken.extend(fix);
        }
    }
    taken
}

fn touch(a: TextRange, b: TextRange) -> bool {
    a.start <= b.end && b.start <= a.end
}
