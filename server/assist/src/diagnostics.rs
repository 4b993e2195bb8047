//! Diagnostics of a snapshot, and ways out of them: the same functions and the same table for editor, bridge and command
//! line.
//!
//! The engines behind the rules are large and not ours; a panic in one of them is a problem of that document, told as one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use analysis::{Diagnostic, Fix, LintSettings, Severity};
use syntax::{TextEdit, TextRange};

use crate::{Snapshot, parsing};

/// Code of a document that its parser gave up on.
pub const UNPARSED_FILE: &str = "unparsed-file";
/// Code of a document that a rule panicked on.
pub const INTERNAL_ERROR: &str = "internal-error";

/// Every problem of the document, sorted by offset. Analysis only.
pub fn diagnostics(snapshot: &Snapshot, settings: &LintSettings) -> Vec<Diagnostic> {
    let document = snapshot.document();
    if parsing::parse(document) {
        return guarded(snapshot, || analysis::diagnostics(document, snapshot.path().map(PathBuf::as_path), settings));
    }
    let message = "this is too long, or too unlike code, to be parsed in time; it was not checked";
    vec![Diagnostic::new(Severity::Warning, UNPARSED_FILE, TextRange::empty(0), message)]
}

/// The same; after a panic one problem that says so, beside those that need no engine.
fn guarded(snapshot: &Snapshot, check: impl FnOnce() -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    // What a panic leaves half done is dropped with the unwinding: documents and settings are immutable.
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_panic| {
        tracing::error!(language = snapshot.document().language().id(), "a rule panicked");
        let message =
            "a rule failed on this file (an error in ropewalk, please report it); the file was not checked by rules";
        let failed = Diagnostic::new(Severity::Error, INTERNAL_ERROR, TextRange::empty(0), message);
        let mut found = vec![failed];
        found.extend(
            catch_unwind(AssertUnwindSafe(|| analysis::syntax_diagnostics(snapshot.document()))).unwrap_or_default(),
        );
        found
    })
}

/// The comment that switches the rule of a problem off for its line.
pub fn suppression(snapshot: &Snapshot, diagnostic: &Diagnostic) -> Option<Fix> {
    analysis::suppression(snapshot.document(), diagnostic)
}

/// The edits of several fixes in one set. A fix that overlaps one before it is left out whole: half a fix is none. An edit
/// that two fixes share is made once.
pub fn combined<'a>(fixes: impl Iterator<Item = &'a Fix>) -> Vec<TextEdit> {
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
    use analysis::{Diagnostic, Fix, LintSettings};
    use syntax::{Language, TextEdit, TextRange};

    use super::{combined, guarded};
    use crate::Snapshot;

    fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
        super::diagnostics(snapshot, &LintSettings::default())
    }

    #[test]
    fn broken_code_has_a_problem_and_sound_code_has_none() {
        let python = Language::from_name("python").expect("in the registry");
        assert_eq!(diagnostics(&Snapshot::of_text("x = 1\n", python, None)), []);
        assert!(!diagnostics(&Snapshot::of_text("x = (1\n", python, None)).is_empty());
    }

    #[test]
    fn a_stopped_parse_is_told() {
        let python = Language::from_name("python").expect("in the registry");
        let snapshot = Snapshot::of_text(&"x = (1\n".repeat(10_000), python, None);
        assert!(snapshot.document().parse(|| true).is_none());
        let codes: Vec<_> = diagnostics(&snapshot).iter().map(|it| it.code).collect();
        assert_eq!(codes, ["unparsed-file"]);
    }

    #[test]
    fn a_panic_is_one_problem_beside_those_of_the_syntax() {
        let python = Language::from_name("python").expect("in the registry");
        let snapshot = Snapshot::of_text("x = (1\n", python, None);
        let codes: Vec<_> = guarded(&snapshot, || panic!("provoked")).iter().map(|it| it.code).collect();
        assert_eq!(codes, ["internal-error", "unclosed-bracket"]);
    }

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
}
