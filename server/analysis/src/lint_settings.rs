//! What the rules are told: which of them run, and their options. Built from the project's files by the caller.

mod eslint;
mod javascript;
mod json;
mod python;
mod ruff_config;
mod selection;
#[cfg(test)]
mod tests;

pub use eslint::EslintConfig;
pub(crate) use eslint::{Access, Environment, FileRules, RuleKind, RuleLevel, RuleOptions, RuleSetting, Said};
pub use javascript::JavaScriptSettings;
pub(crate) use json::Json;
pub use python::{PythonProject, PythonSettings};
pub use ruff_config::{RuffConfig, SettingsError, requires_python};
pub use ruff_python_ast::PythonVersion;
pub use selection::RuleSelection;

/// Settings of every language.
#[derive(Clone, Debug, Default)]
pub struct LintSettings {
    /// Python.
    pub python: PythonSettings,
    /// JavaScript and TypeScript.
    pub javascript: JavaScriptSettings,
    /// Which rules the user asked for by name. Python's are in `python` already.
    pub selection: RuleSelection,
}
