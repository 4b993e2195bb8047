//! Problems in one document: what does not parse, and what the rules of its language find.
//!
//! Every code stands in one table ([`rules`]). Two engines fill it beside what this file does for every grammar:
//! `python` (ruff's rules) and `javascript` (ESLint's names). They look at text that parses; what does not is
//! the business of the repairs below.
//!
//! A parser that recovers from errors says where it lost its way, not what is wrong. So every
//! suspicion (a bracket that is never closed, a colon that is missing, …) comes with a repair,
//! and the repaired text is parsed: a suspicion stands when its repair removes errors, and what
//! it explains is not reported again. The order is strings and comments, brackets, the lines of
//! Python, then whatever the tree still complains about. Parses are budgeted by text length.
//!
//! Not here: reading configuration files (the caller brings [`LintSettings`]) and layout, which is formatting's.

mod brackets;
mod duplicate_keys;
mod errors;
mod expected;
pub(crate) mod guard;
pub(crate) mod javascript;
mod literals;
pub(crate) mod python;
mod python_lines;
mod repair;
mod rule;
mod settings_file;
mod soundness;
mod suppress;
#[cfg(test)]
mod tests;
mod unreachable;
mod unused_locals;

use std::path::Path;

use syntax::{Document, TextEdit, TextRange};

use crate::{family::Family, lint_settings::LintSettings, tree::ErrorCost};
use repair::Repair;
pub use rule::{Rule, is_syntax_code, rule, rules};
pub use soundness::Soundness;
pub use suppress::suppression;

/// More problems of a text that does not parse help nobody.
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

/// LSP's two tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiagnosticTag {
    /// The code does nothing: editors fade it.
    Unnecessary,
    /// What is used is deprecated: editors strike it out.
    Deprecated,
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
    /// Stable code, such as `unclosed-bracket`, `F401`, `no-unused-vars`: a key of [`rules`].
    pub code: &'static str,
    /// One sentence, no full stop.
    pub message: String,
    /// Other places.
    pub related: Vec<RelatedRange>,
    /// Ways out, best first.
    pub fixes: Vec<Fix>,
    /// What editors may do with the range besides underlining it.
    pub tags: Vec<DiagnosticTag>,
}

impl Diagnostic {
    fn error(code: &'static str, range: TextRange, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, range, message)
    }

    /// A problem with nothing but its place and its words.
    pub fn new(severity: Severity, code: &'static str, range: TextRange, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { range, severity, code, message, related: Vec::new(), fixes: Vec::new(), tags: Vec::new() }
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

/// Every problem found, sorted by offset: what does not parse, and what the language's rules find. Empty for a language
/// without a grammar. The path is what rules about file names and stubs look at; nothing is read from it.
pub fn diagnostics(document: &Document, path: Option<&Path>, settings: &LintSettings) -> Vec<Diagnostic> {
    let mut found = match Family::of(document.language()) {
        // Ruff's parser has the last word on what parses.
        Family::Python => python::check(document, path, &settings.python),
        _ => syntax_diagnostics(document),
    };
    match Family::of(document.language()) {
        Family::Script | Family::ScriptJsx => {
            if let Some(checked) = javascript::check(document, path, &settings.javascript) {
                // The grammar is the weaker parser: what only it complains about is sound.
                if checked.parses {
                    found.retain(|diagnostic| !is_syntax_code(diagnostic.code));
                }
                found.extend(checked.diagnostics);
            }
        }
        _ => found.extend(general(document)),
    }
    if found.is_empty() {
        found.extend(settings_file::check(document, path));
    }
    let is_ignored = |code: &str| settings.selection.ignore.iter().any(|it| it == code);
    found.retain(|it| !is_ignored(it.code));
    sort(&mut found);
    found
}

/// What [`diagnostics()`] finds, where that needs no tree of the document: `None` where it does.
pub fn diagnostics_without_tree(
    document: &Document,
    path: Option<&Path>,
    settings: &LintSettings,
) -> Option<Vec<Diagnostic>> {
    if Family::of(document.language()) != Family::Python {
        return None;
    }
    let mut found = python::check_without_tree(document, path, &settings.python)?;
    let is_ignored = |code: &str| settings.selection.ignore.iter().any(|it| it == code);
    found.retain(|it| !is_ignored(it.code));
    sort(&mut found);
    Some(found)
}

/// What is certain in any language whose scopes are known.
fn general(document: &Document) -> Vec<Diagnostic> {
    let Some(tree) = document.tree().filter(|tree| !tree.root_node().has_error()) else { return Vec::new() };
    let mut found = unused_locals::unused_locals(document, tree);
    found.extend(unreachable::unreachable(document, tree));
    found
}

/// Problems that need no rules and no settings: what does not parse, and keys that occur twice. At most 100.
pub fn syntax_diagnostics(document: &Document) -> Vec<Diagnostic> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let family = Family::of(document.language());
    let mut found = Vec::new();
    found.extend(duplicate_keys::duplicate_keys(document, tree));
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
        // Repairs are tried one on top of another; where one was led back to a wrong place, it helps nobody.
        let length = document.text().len();
        found.extend(repair.into_diagnostics().into_iter().filter(|it| lies_within(it, length)));
    } else if family == Family::Python {
        found.extend(python_lines::indentation(document));
    }
    sort(&mut found);
    found.truncate(MAX_DIAGNOSTICS);
    found
}

/// Whether everything that a diagnostic points at is in a text of this many bytes.
fn lies_within(diagnostic: &Diagnostic, length: usize) -> bool {
    let related = diagnostic.related.iter().map(|it| it.range);
    let edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.range);
    related.chain(edits).chain([diagnostic.range]).all(|range| range.end <= length)
}

fn sort(found: &mut Vec<Diagnostic>) {
    found.sort_by_key(|diagnostic| (diagnostic.range.start, diagnostic.range.end, diagnostic.code));
    found.dedup_by(|a, b| a.range == b.range && a.code == b.code);
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
