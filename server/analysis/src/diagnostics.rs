//! Problems in one document.

use syntax::{Document, TextEdit, TextRange};

/// LSP's four severities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The code cannot work.
    Error,
    /// The code probably does not do what was meant.
    Warning,
    /// Worth knowing.
    Information,
    /// A nudge.
    Hint,
}

/// Another place that belongs to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedRange {
    /// Where.
    pub range: TextRange,
    /// What it has to do with the problem.
    pub message: String,
}

/// A change that removes a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command ("Insert `)`").
    pub title: String,
    /// The change.
    pub edits: Vec<TextEdit>,
    /// True when it cannot change what the program does apart from removing the problem.
    pub safe: bool,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub range: TextRange,
    /// How bad.
    pub severity: Severity,
    /// Stable code, such as `syntax-error`, `unclosed-bracket`.
    pub code: &'static str,
    /// One sentence, no full stop.
    pub message: String,
    /// Other places.
    pub related: Vec<RelatedRange>,
    /// Ways out, best first.
    pub fixes: Vec<Fix>,
}

/// Every problem found, sorted by offset. Empty for a language without a grammar.
pub fn diagnostics(_document: &Document) -> Vec<Diagnostic> {
    unimplemented!()
}

/// Number of ERROR and MISSING nodes: a cheap measure to compare two versions of a text by.
pub fn syntax_error_count(_document: &Document) -> usize {
    unimplemented!()
}
