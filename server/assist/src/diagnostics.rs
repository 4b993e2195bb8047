//! Diagnostics of a snapshot: the same function and the same table for editor, bridge and command line.

use std::path::PathBuf;

use analysis::{Diagnostic, LintSettings, Severity};
use syntax::TextRange;

use crate::{Snapshot, parsing};

/// Code of a document that its parser gave up on.
pub const UNPARSED_FILE: &str = "unparsed-file";

/// Every problem of the document, sorted by offset. Analysis only.
pub fn diagnostics(snapshot: &Snapshot, settings: &LintSettings) -> Vec<Diagnostic> {
    let document = snapshot.document();
    if parsing::parse(document) {
        return analysis::diagnostics(document, snapshot.path().map(PathBuf::as_path), settings);
    }
    let message = "this is too long, or too unlike code, to be parsed in time; it was not checked";
    vec![Diagnostic::new(Severity::Warning, UNPARSED_FILE, TextRange::empty(0), message)]
}

#[cfg(test)]
mod tests {
    use analysis::{Diagnostic, LintSettings};
    use syntax::Language;

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
}
