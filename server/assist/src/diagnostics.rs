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
    diagnostics_unless(snapshot, settings, &|| false).unwrap_or_default()
}

/// The same for somebody who may lose interest: `None` once `is_void` said so, which it is asked between the parts of the
/// work.
pub fn diagnostics_unless(
    snapshot: &Snapshot,
    settings: &LintSettings,
    is_void: &dyn Fn() -> bool,
) -> Option<Vec<Diagnostic>> {
    let document = snapshot.document();
    let path = snapshot.path().map(PathBuf::as_path);
    let quick = catch_unwind(AssertUnwindSafe(|| analysis::diagnostics_without_tree(document, path, settings)));
    if let Ok(Some(found)) = quick {
        return Some(found);
    }
    if is_void() {
        return None;
    }
    if !parsing::parse(document) {
        let message = "this is too long, or too unlike code, to be parsed in time; it was not checked";
        return Some(vec![Diagnostic::new(Severity::Warning, UNPARSED_FILE, TextRange::empty(0), message)]);
    }
    if is_void() {
        return None;
    }
    Some(guarded(snapshot, || analysis::diagnostics(document, path, settings)))
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

/// The edits of every safe fix of what [`diagnostics`] finds.
pub fn fix_all(snapshot: &Snapshot, settings: &LintSettings) -> Vec<TextEdit> {
    let document = snapshot.document();
    let is_parsed = parsing::parse(document);
    if is_parsed { analysis::fix_all(document, snapshot.path().map(PathBuf::as_path), settings) } else { Vec::new() }
}

/// The edits that put imports in order.
pub fn organize_imports(snapshot: &Snapshot, settings: &LintSettings) -> Vec<TextEdit> {
    let document = snapshot.document();
    let path = snapshot.path().map(PathBuf::as_path);
    let is_parsed = parsing::parse(document);
    if is_parsed { analysis::organize_imports(document, path, settings) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use analysis::{Diagnostic, LintSettings};
    use syntax::Language;

    use super::guarded;
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
}
