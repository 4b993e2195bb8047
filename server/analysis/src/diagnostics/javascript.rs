//! JavaScript and TypeScript: ESLint's rules by their names, over oxc's tree and scopes.
//!
//! [`check`] parses the text with oxc and runs the table of [`rules`](self::rules) in one walk over the nodes. Text that
//! does not parse gets no rules: its problems are syntax errors, those of the repairs where tree-sitter complains as
//! well, oxc's own where only oxc knows (a `let` declared twice, `break` outside a loop, …).
//!
//! Not here: layout, types, and ESLint's configuration files, which the caller reads.

mod context;
mod directives;
mod flow;
mod globals;
mod places;
mod reach;
mod rules;
pub(crate) mod source;
mod static_value;
#[cfg(test)]
mod tests;

use std::path::Path;

use syntax::Document;

use super::{Diagnostic, Rule};
use crate::lint_settings::JavaScriptSettings;

/// What oxc and the rules say of a document.
pub(super) struct Checked {
    /// False when oxc does not accept the text.
    pub(super) parses: bool,
    /// The rules' findings; where the text does not parse, oxc's errors.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The rules that can be reported.
pub(super) fn rules() -> Vec<Rule> {
    rules::ALL.iter().map(|rule| Rule { code: rule.code, summary: rule.summary, url: rule.url() }).collect()
}

/// What oxc and the rules find. `None` when the text is nested too deeply for oxc, or oxc failed on it.
pub(super) fn check(document: &Document, path: Option<&Path>, settings: &JavaScriptSettings) -> Option<Checked> {
    source::check(document, path, settings)
}
