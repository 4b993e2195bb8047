//! Settings of JavaScript's and TypeScript's rules: what the user chose, over what the project's ESLint settings say.

use std::path::Path;
use std::sync::Arc;

use super::eslint::{EslintConfig, FileRules};

/// Settings of JavaScript's and TypeScript's rules.
#[derive(Clone, Debug, Default)]
pub struct JavaScriptSettings {
    /// Rules that run; `None` for those that run where nothing is chosen. `ALL` stands for every rule.
    select: Option<Vec<String>>,
    /// Rules that run besides.
    extend_select: Vec<String>,
    /// Rules that do not run. It wins over both.
    ignore: Vec<String>,
    /// Names that are declared elsewhere.
    globals: Vec<String>,
    /// The project's ESLint settings, the outermost first.
    project: Arc<[EslintConfig]>,
}

impl JavaScriptSettings {
    /// Settings by the names of rules. An unknown name does nothing.
    pub fn new(
        select: Option<Vec<String>>,
        extend_select: Vec<String>,
        ignore: Vec<String>,
        globals: Vec<String>,
    ) -> Self {
        Self { select, extend_select, ignore, globals, project: Arc::default() }
    }

    /// The same in a project with these ESLint settings, those of the outermost folder first.
    #[must_use]
    pub fn in_project(mut self, configs: Arc<[EslintConfig]>) -> Self {
        self.project = configs;
        self
    }

    /// True when the rule runs, given whether it does where the user chose nothing.
    pub(crate) fn enables(&self, rule: &str, is_default: bool) -> bool {
        let names = |rules: &[String]| rules.iter().any(|name| name == rule || name == "ALL");
        let selected = self.select.as_deref().map_or(is_default, names) || names(&self.extend_select);
        selected && !names(&self.ignore)
    }

    /// True for a name that is declared elsewhere.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.globals.iter().any(|known| known == name)
    }

    /// What the project says about a file.
    pub(crate) fn for_file(&self, path: Option<&Path>) -> FileRules {
        FileRules::new(&self.project, path)
    }
}
