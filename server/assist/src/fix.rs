//! Fixes of a whole document: those that a caller accepts, until none is left to apply.
//!
//! A fix may make the next one possible, and fixes that touch one another cannot be made together, so they are made in
//! rounds. A round that would leave more errors of syntax than there were is made again with one fix alone, and ends the
//! work when that does the same: text that parsed always parses afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use analysis::{Diagnostic, Fix, LintSettings};
use syntax::{Document, TextEdit, TextRange};

use crate::{Snapshot, parsing};

/// Rounds after which fixes that undo each other are stopped.
const MAX_ROUNDS: usize = 50;

/// The edits that apply, of each problem, the first fix that is accepted. Empty where there is none.
pub fn fix_where(
    snapshot: &Snapshot,
    settings: &LintSettings,
    accepts: impl Fn(&Diagnostic, &Fix) -> bool,
) -> Vec<TextEdit> {
    let document = snapshot.document();
    let path = snapshot.path().map(PathBuf::as_path);
    // What a panic leaves half done is dropped with the unwinding: documents and settings are immutable.
    let fixed = catch_unwind(AssertUnwindSafe(|| fixed(document, path, settings, &accepts)));
    match fixed {
        Ok(Some(fixed)) => syntax::minimal_edits(&document.text().to_string(), &fixed.text().to_string()),
        Ok(None) => Vec::new(),
        Err(_panic) => {
            tracing::error!(language = document.language().id(), "a rule panicked; nothing was fixed");
            Vec::new()
        }
    }
}

/// The document without what could be fixed; `None` when that is nothing.
fn fixed(
    document: &Document,
    path: Option<&Path>,
    settings: &LintSettings,
    accepts: &impl Fn(&Diagnostic, &Fix) -> bool,
) -> Option<Document> {
    let mut current: Option<Document> = None;
    for _ in 0..MAX_ROUNDS {
        let text = current.as_ref().unwrap_or(document);
        if !parsing::parse(text) {
            break;
        }
        let problems = analysis::diagnostics(text, path, settings);
        let fixes: Vec<&Fix> =
            problems.iter().filter_map(|problem| problem.fixes.iter().find(|fix| accepts(problem, fix))).collect();
        let all = combined(fixes.iter().copied());
        if all.is_empty() {
            break;
        }
        let next = sound(text, &all).or_else(|| fixes.iter().find_map(|fix| sound(text, &fix.edits)));
        match next {
            Some(next) => current = Some(next),
            None => break,
        }
    }
    current
}

/// The document after the edits, unless it would parse worse.
fn sound(document: &Document, edits: &[TextEdit]) -> Option<Document> {
    let next = document.edit(edits, document.version());
    let is_sound = parsing::parse(&next)
        && analysis::syntax_error_count(&next) <= analysis::syntax_error_count(document)
        && next.text() != document.text();
    is_sound.then_some(next)
}

/// The edits of several fixes in one set. A fix that overlaps one before it is left out whole: half a fix is none. An edit
/// that two fixes share is made once.
fn combined<'a>(fixes: impl Iterator<Item = &'a Fix>) -> Vec<TextEdit> {
    let mut combined: Vec<TextEdit> = Vec::new();
    for fix in fixes {
        let collides = |edit: &TextEdit| combined.iter().any(|taken| taken != edit && overlap(taken.range, edit.range));
        if !fix.edits.iter().any(collides) {
            let new: Vec<_> = fix.edits.iter().filter(|edit| !combined.contains(edit)).cloned().collect();
            combined.extend(new);
        }
    }
    combined.sort_by_key(|edit| edit.range);
    combined
}

/// Whether two edits cannot both be made: they share bytes, or insert at one place, where their order would be a guess.
fn overlap(a: TextRange, b: TextRange) -> bool {
    (a.start < b.end && b.start < a.end) || (a.is_empty() || b.is_empty()) && a.touches(b.start) && b.touches(a.start)
}

#[cfg(test)]
mod tests {
    use analysis::{Fix, LintSettings};
    use syntax::{Language, TextEdit, TextRange, apply_edits};

    use super::{combined, fix_where};
    use crate::Snapshot;

    #[test]
    fn fixes_that_collide_are_not_mixed() {
        let fix = |edits: &[(usize, usize)]| Fix {
            title: String::new(),
            edits: edits
                .iter()
                .map(|(start, end)| TextEdit { range: TextRange::new(*start, *end), new_text: String::new() })
                .collect(),
            safe: true,
        };
        let fixes = [fix(&[(10, 20)]), fix(&[(0, 5), (15, 16)]), fix(&[(5, 10)]), fix(&[(20, 21), (10, 20)])];
        let ranges: Vec<_> = combined(fixes.iter()).iter().map(|it| (it.range.start, it.range.end)).collect();
        assert_eq!(ranges, [(5, 10), (10, 20), (20, 21)]);
    }

    #[test]
    fn only_accepted_fixes_are_made_and_all_of_them() {
        let rust = Language::from_name("rust").expect("in the registry");
        let text = "fn f() {\n    let a = 1;\n    let b = 2;\n    return;\n}\n";
        let snapshot = Snapshot::of_text(text, rust, None);
        let settings = LintSettings::default();
        assert_eq!(fix_where(&snapshot, &settings, |_, fix| fix.safe), []);
        let edits = fix_where(&snapshot, &settings, |problem, _| problem.code == "unused-variable");
        assert_eq!(apply_edits(text, &edits), text.replace(" a ", " _a ").replace(" b ", " _b "));
    }
}
