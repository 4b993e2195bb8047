//! Python: ruff's rules over text that parses.

use std::path::Path;

use syntax::Document;

use super::{Diagnostic, Rule};
use crate::lint_settings::PythonSettings;

/// The rules that can be reported.
pub(super) fn rules() -> Vec<Rule> {
    Vec::new()
}

/// What the rules find.
pub(super) fn check(_document: &Document, _path: Option<&Path>, _settings: &PythonSettings) -> Vec<Diagnostic> {
    Vec::new()
}
