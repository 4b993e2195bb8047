//! Settings of Python's rules, in ruff's own type: what a project's ruff settings say, else our default set.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use ruff_linter::UnresolvedRuleSelector;
use ruff_linter::registry::Rule;
use ruff_linter::settings::LinterSettings;
use ruff_python_ast::PythonVersion;
use ruff_ranged_value::{ValueSource, ValueSourceGuard};
use ruff_workspace::Settings;
use ruff_workspace::configuration::{Configuration, RuleSelection as RuffSelection};
use ruff_workspace::options::Options;
use ruff_workspace::resolver::match_any_exclusion;

use super::{RuffConfig, RuleSelection};
use crate::diagnostics::guard::guarded;

/// What runs where a project says nothing: pyflakes, pycodestyle's errors, bugbear, and what is left of other linters
/// when taste, layout and noise are taken away. Two rules that find the same problem are never both in it.
const SELECT: &[&str] = &[
    "F", "E4", "E7", "E9", "W605", "B",
    // pylint's errors that the above do not find; the first four are syntax errors to Python itself.
    "PLE0115", "PLE0117", "PLE0118", "PLE1142", "PLE1700", "PLE0100", "PLE0101", "PLE0302", "PLE0604", "PLE0605",
    "PLE0704", "PLW0602", "PLE1205", "PLE1206", "PLE2502", "PLE2510", "PLE2512", "PLE2513", "PLE2514", "PLE2515",
    // bandit: code and command injection.
    "S102", "S307", "S602", "S604", "S605", "S608", "S610", "S611", "S612", "S701", "S702",
    // bandit: data that runs code when it is read.
    "S202", "S301", "S302", "S306", "S506",
    // bandit: secrets, doors left open, weak or unchecked encryption.
    "S103", "S104", "S105", "S106", "S107", "S113", "S201", "S323", "S324", "S501", "S502", "S503", "S504", "S505",
    "S507", "S508", "S509", // simplify: conditions that are always true or false, and detours.
    "SIM101", "SIM103", "SIM109", "SIM115", "SIM118", "SIM201", "SIM202", "SIM208", "SIM210", "SIM211", "SIM212",
    "SIM220", "SIM221", "SIM222", "SIM223", "SIM910", "SIM911",
];

/// Of those, the ones that find too much in sound code: `zip` without `strict`, loops that could use `batched` or
/// `map(strict=…)`.
const IGNORE: &[&str] = &["B905", "B911", "B912"];

/// Rules that look at the disk themselves; this crate never does.
const READ_THE_DISK: [Rule; 2] = [Rule::ShebangNotExecutable, Rule::ShebangMissingExecutableFile];

/// Settings of Python's rules and of its formatter.
#[derive(Clone, Debug)]
pub struct PythonSettings {
    ruff: Arc<Settings>,
    source_folders: Arc<[PathBuf]>,
    package: Option<Arc<Path>>,
    modules: Arc<[String]>,
}

/// What [`PythonSettings`] are made of.
#[derive(Clone, Debug, Default)]
pub struct PythonProject {
    /// The folder that patterns are relative to.
    pub root: PathBuf,
    /// The project's ruff settings; without them our default set runs.
    pub ruff: Option<RuffConfig>,
    /// Oldest version of Python that the project supports (see [`super::requires_python`]), for settings that name none.
    pub target_version: Option<PythonVersion>,
    /// Chosen by the user: wins over both.
    pub selection: RuleSelection,
    /// Modules and packages found in the project's source folders: imports of them are sorted as its own.
    pub first_party: Vec<String>,
}

static DEFAULT: LazyLock<PythonSettings> = LazyLock::new(|| {
    let project = PythonProject { root: PathBuf::from("/"), ..PythonProject::default() };
    PythonSettings::new(project).expect("our own selection is valid")
});

impl Default for PythonSettings {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl PythonSettings {
    /// Settings of a project.
    ///
    /// # Errors
    /// One sentence that says what in the project's settings makes no sense.
    pub fn new(project: PythonProject) -> Result<Self, String> {
        guarded(|| Self::build(project)).unwrap_or_else(|failure| Err(failure.message))
    }

    fn build(project: PythonProject) -> Result<Self, String> {
        let PythonProject { root, ruff, target_version, selection, first_party } = project;
        let source_folders = match ruff.as_ref().and_then(RuffConfig::source_folders) {
            Some(folders) => folders.to_vec(),
            None => vec![root.clone(), root.join("src")],
        };
        let first_party = ruff.as_ref().map_or_else(|| first_party.clone(), |ruff| ruff.first_party(&first_party));
        let mut configuration = match ruff {
            Some(ruff) => ruff.into_configuration(),
            None => Configuration { lint: default_selection(), ..Configuration::default() },
        };
        configuration.target_version = configuration.target_version.or(target_version);
        if !selection.is_empty() {
            configuration.lint.rule_selections.push(in_ruffs_words(&selection.of_python()));
        }
        let mut configuration = with_first_party(configuration, &first_party);
        // Ruff would look for the modules on disk, folder by folder.
        configuration.src = Some(Vec::new());
        let mut settings = configuration.into_settings(&root).map_err(|error| one_line(&format!("{error:#}")))?;
        for rule in READ_THE_DISK {
            settings.linter.rules.disable(rule);
        }
        Ok(Self {
            ruff: Arc::new(settings),
            source_folders: source_folders.into(),
            package: None,
            modules: Arc::default(),
        })
    }

    /// The same for a file of the package whose outermost folder this is (the last one upwards with an `__init__.py`).
    #[must_use]
    pub fn in_package(mut self, root: Option<&Path>) -> Self {
        self.package = root.map(Arc::from);
        self
    }

    /// The same for a file that lies beside these modules and packages, in no project: imports of them are its own.
    #[must_use]
    pub fn with_modules(mut self, modules: Vec<String>) -> Self {
        self.modules = modules.into();
        self
    }

    /// Ruff's settings to sort imports by.
    pub(crate) fn sorting(&self) -> LinterSettings {
        let mut linter = self.ruff.linter.clone();
        if !self.modules.is_empty() {
            let settings = with_first_party(Configuration::default(), &self.modules).into_settings(Path::new("/"));
            linter.isort = settings.map(|settings| settings.linter.isort).unwrap_or_default();
        }
        linter
    }

    /// Ruff's own settings.
    pub(crate) fn ruff(&self) -> &Settings {
        &self.ruff
    }

    /// The package that the file is part of.
    pub(crate) fn package(&self) -> Option<&Path> {
        self.package.as_deref()
    }

    /// The folders that imports begin in.
    pub(crate) fn source_folders(&self) -> &[PathBuf] {
        &self.source_folders
    }

    /// Whether the project wants nothing to be said about this file (`exclude`, `extend-exclude`, `lint.exclude`).
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        let settings = &self.ruff.file_resolver;
        path.starts_with(&settings.project_root)
            && match_any_exclusion(path, settings, Some(&self.ruff.linter.exclude), None).is_some()
    }
}

fn default_selection() -> ruff_workspace::configuration::LintConfiguration {
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    let selection = RuleSelection { select: Some(own(SELECT)), ignore: own(IGNORE), extend_select: Vec::new() };
    ruff_workspace::configuration::LintConfiguration {
        rule_selections: vec![in_ruffs_words(&selection)],
        ..Default::default()
    }
}

fn in_ruffs_words(selection: &RuleSelection) -> RuffSelection {
    let selectors = |codes: &[String]| codes.iter().map(UnresolvedRuleSelector::cli).collect::<Vec<_>>();
    RuffSelection {
        select: selection.select.as_deref().map(selectors),
        ignore: selectors(&selection.ignore),
        extend_select: selectors(&selection.extend_select),
        ..RuffSelection::default()
    }
}

/// The same with these modules and packages as the project's own, through ruff's own option: nothing else sets it.
fn with_first_party(configuration: Configuration, modules: &[String]) -> Configuration {
    if modules.is_empty() {
        return configuration;
    }
    let _source = ValueSourceGuard::new(ValueSource::Cli, false);
    let names = modules.iter().cloned().map(toml::Value::String).collect();
    let table = |name: &str, value| toml::Value::Table(toml::Table::from_iter([(name.to_owned(), value)]));
    let options = table("lint", table("isort", table("known-first-party", toml::Value::Array(names))));
    let own =
        options.try_into::<Options>().ok().and_then(|it| Configuration::from_options(it, None, Path::new("/")).ok());
    own.unwrap_or_default().combine(configuration)
}

/// Errors are shown on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
