//! What the rules are told: which of them run, and their options. Built from the project's files by the caller.

mod python;
mod ruff_config;
mod selection;
#[cfg(test)]
mod tests;

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

/// Settings of JavaScript's and TypeScript's rules.
#[derive(Clone, Debug, Default)]
pub struct JavaScriptSettings {
    /// Rules that run; `None` for those that run where nothing is configured. `ALL` stands for every rule.
    select: Option<Vec<String>>,
    /// Rules that run besides.
    extend_select: Vec<String>,
    /// Rules that do not run. It wins over both.
    ignore: Vec<String>,
    /// Names that are declared elsewhere.
    globals: Vec<String>,
}

impl JavaScriptSettings {
    /// Settings by the names of rules. An unknown name does nothing.
    pub fn new(
        select: Option<Vec<String>>,
        extend_select: Vec<String>,
        ignore: Vec<String>,
        globals: Vec<String>,
    ) -> Self {
        Self { select, extend_select, ignore, globals }
    }

    /// True when the rule runs, given whether it does where nothing is configured.
    pub(crate) fn enables(&self, rule: &str, is_default: bool) -> bool {
        let names = |rules: &[String]| rules.iter().any(|name| name == rule || name == "ALL");
        let selected = self.select.as_deref().map_or(is_default, names) || names(&self.extend_select);
        selected && !names(&self.ignore)
    }

    /// True for a name that is declared elsewhere.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.globals.iter().any(|known| known == name)
    }
}
