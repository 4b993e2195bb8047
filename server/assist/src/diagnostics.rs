//! Diagnostics of a snapshot: the same function and the same table for editor, bridge and command line.

use analysis::Diagnostic;

use crate::Snapshot;

/// Every problem of the document, sorted by offset. Analysis only.
pub fn diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    analysis::diagnostics(snapshot.document())
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
}
