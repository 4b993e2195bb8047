//! Problems in one document: what does not parse, and JSON keys that occur twice.
//!
//! A parser that recovers from errors says where it lost its way, not what is wrong. So every
//! suspicion (a bracket that is never closed, a colon that is missing, …) comes with a repair,
//! and the repaired text is parsed: a suspicion stands when its repair removes errors, and what
//! it explains is not reported again. The order is strings and comments, brackets, the lines of
//! Python, then whatever the tree still complains about. Parses are budgeted by text length.
//!
//! Not here: what needs meaning (types, unused names) and style.

mod brackets;
mod duplicate_keys;
mod errors;
mod expected;
mod literals;
mod python_lines;
mod repair;
mod soundness;
#[cfg(test)]
mod tests;

use syntax::{Document, TextEdit, TextRange};

use crate::{family::Family, tree::ErrorCost};
use repair::Repair;
pub use soundness::Soundness;

/// More diagnostics than this help nobody.
const MAX_DIAGNOSTICS: usize = 100;

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

impl Diagnostic {
    fn error(code: &'static str, range: TextRange, message: impl Into<String>) -> Self {
        Self { range, severity: Severity::Error, code, message: message.into(), related: Vec::new(), fixes: Vec::new() }
    }

    /// Adds another place.
    fn relates_to(mut self, range: TextRange, message: impl Into<String>) -> Self {
        self.related.push(RelatedRange { range, message: message.into() });
        self
    }

    /// Adds a way out that may change what the program does.
    fn fixed_by(mut self, title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits, safe: false });
        self
    }
}

/// A suspicion: what would be reported, and the edits that would remove the problem.
struct Suspicion {
    diagnostic: Diagnostic,
    repair: Vec<TextEdit>,
}

impl Suspicion {
    /// A suspicion whose first fix is its repair.
    fn with_fix_as_repair(diagnostic: Diagnostic) -> Self {
        let repair = diagnostic.fixes.first().map(|fix| fix.edits.clone()).unwrap_or_default();
        Self { diagnostic, repair }
    }
}

/// Every code that [`diagnostics`] uses.
pub const DIAGNOSTIC_CODES: &[&str] = &[
    "duplicate-key",
    "indentation-error",
    "mismatched-bracket",
    "missing-expression",
    "missing-token",
    "syntax-error",
    "unclosed-bracket",
    "unexpected-closing-bracket",
    "unexpected-token",
    "unterminated-comment",
    "unterminated-string",
];

/// Every problem found, sorted by offset, at most 100. Empty for a language without a grammar.
pub fn diagnostics(document: &Document) -> Vec<Diagnostic> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let family = Family::of(document.language());
    let mut found = Vec::new();
    if family == Family::Json {
        found.extend(duplicate_keys::duplicate_keys(document, tree));
    }
    if tree.root_node().has_error() {
        let mut repair = Repair::new(document);
        literals::check(&mut repair);
        if family != Family::Html {
            brackets::check(&mut repair);
        }
        if family == Family::Python {
            python_lines::check(&mut repair);
        }
        errors::check(&mut repair);
        found.extend(repair.into_diagnostics());
    } else if family == Family::Python {
        found.extend(python_lines::indentation(document));
    }
    found.sort_by_key(|diagnostic| (diagnostic.range.start, diagnostic.range.end));
    found.dedup_by(|a, b| a.range == b.range && a.code == b.code);
    found.truncate(MAX_DIAGNOSTICS);
    found
}

/// Number of ERROR and MISSING nodes, in sound Python of wrong indentations: a cheap measure to compare two versions of a
/// text by.
pub fn syntax_error_count(document: &Document) -> usize {
    let Some(tree) = document.tree() else { return 0 };
    if !tree.root_node().has_error() && Family::of(document.language()) == Family::Python {
        return python_lines::indentation(document).len();
    }
    soundness::errors_in(tree.root_node())
}
