//! Mistakes in the files that the rules get their settings from, where they are written.

use std::path::Path;

use syntax::{Document, TextRange};

use super::{Diagnostic, Severity};
use crate::lint_settings::{EslintConfig, PythonProject, PythonSettings, RuffConfig, SettingsError};

/// Code of a settings file that makes no sense.
pub(super) const INVALID_SETTINGS: &str = "invalid-settings";

/// Names of ruff's settings files.
const NAMES: [&str; 3] = ["ruff.toml", ".ruff.toml", "pyproject.toml"];

/// Names of those of ESLint's settings files that are data.
const ESLINT_NAMES: [&str; 3] = [".eslintrc.json", ".eslintrc", "package.json"];

/// What ruff or ESLint would refuse in the file, if it is one of their settings files.
pub(super) fn check(document: &Document, path: Option<&Path>) -> Option<Diagnostic> {
    let path = path?;
    let is_named = |names: &[&str]| names.iter().any(|name| path.file_name().is_some_and(|it| it == *name));
    let is_eslint = is_named(&ESLINT_NAMES);
    if !is_eslint && !is_named(&NAMES) {
        return None;
    }
    let text = document.text().to_string();
    let error = if is_eslint { EslintConfig::parse(path, &text).err()? } else { mistake(path, &text)? };
    let line = document.text().line_range(error.line.unwrap_or_default());
    let range = named(&text, &error.message).unwrap_or_else(|| without_blanks(&text, line));
    Some(Diagnostic::new(Severity::Error, INVALID_SETTINGS, range, error.message))
}

fn mistake(path: &Path, text: &str) -> Option<SettingsError> {
    let config = match RuffConfig::parse(path, text) {
        Ok(config) => config?,
        Err(error) => return Some(error),
    };
    let root = path.parent().unwrap_or(Path::new("")).to_owned();
    let settings = PythonSettings::new(PythonProject { root, ruff: Some(config), ..PythonProject::default() });
    settings.err().map(|message| SettingsError { line: None, message })
}

/// The first thing that the message names in backquotes and that stands in the text.
fn named(text: &str, message: &str) -> Option<TextRange> {
    let names = message.split('`').skip(1).step_by(2).filter(|name| !name.is_empty());
    let mut places = names.filter_map(|name| text.find(name).map(|start| TextRange::new(start, start + name.len())));
    places.next()
}

fn without_blanks(text: &str, line: TextRange) -> TextRange {
    let code = &text[line.start..line.end];
    let start = line.start + code.len() - code.trim_start().len();
    TextRange::new(start, start + code.trim().len())
}
