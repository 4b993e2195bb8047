//! What the rules are told: which of them run, and their options. Built from the project's files by the caller.

/// Settings of every language.
#[derive(Clone, Debug, Default)]
pub struct LintSettings {
    /// Python.
    pub python: PythonSettings,
    /// JavaScript and TypeScript.
    pub javascript: JavaScriptSettings,
}

/// Settings of Python's rules.
#[derive(Clone, Debug, Default)]
pub struct PythonSettings {}

/// Settings of JavaScript's and TypeScript's rules.
#[derive(Clone, Debug, Default)]
pub struct JavaScriptSettings {}
