//! JavaScript and TypeScript: ESLint's rules by their names, over oxc's tree and scopes.

use std::path::Path;

use syntax::Document;

use super::{Diagnostic, Rule};
use crate::lint_settings::JavaScriptSettings;

/// The rules that can be reported.
pub(super) fn rules() -> Vec<Rule> {
    Vec::new()
}

/// What the rules find.
pub(super) fn check(_document: &Document, _path: Option<&Path>, _settings: &JavaScriptSettings) -> Vec<Diagnostic> {
    Vec::new()
}
