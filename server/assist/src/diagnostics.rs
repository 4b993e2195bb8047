//! Diagnostics of a snapshot: the same function and the same table for editor, bridge and command line.

use analysis::{Diagnostic, Severity};
use syntax::TextRange;

use crate::{Snapshot, parsing};

/// Code of a document that its parser gave up on.
pub const UNPARSED_FILE: &str = "unparsed-file";

/// Every problem of the document, sorted by offset. Analysis only.
pub fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let document = snapshot.document();
    if parsing::parse(document) {
        return analysis::diagnostics(document);
    }
    vec![Diagnostic {
        range: TextRange::empty(0),
        severity: Severity::Warning,
        code: UNPARSED_FILE,
        message: "this is too long, or too unlike code, to be parsed in time; it was not checked".to_owned(),
        related: Vec::new(),
        fixes: Vec::new(),
    }]
}

#[cfg(test)]
mod tests {
    use syntax::Language;

    use super::diagnostics;
    use crate::Snapshot;

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
