//! A project's ruff settings: the text of `ruff.toml`, `.ruff.toml` or `pyproject.toml`, read as ruff reads it.
//!
//! Not here: finding the files and following `extend` from one to the next, which is the caller's.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use pep440_rs::{Operator, VersionSpecifiers};
use ruff_db::system::SystemPathBuf;
use ruff_python_ast::PythonVersion;
use ruff_ranged_value::{ValueSource, ValueSourceGuard};
use ruff_workspace::configuration::Configuration;
use ruff_workspace::options::Options;
use ruff_workspace::pyproject::Pyproject;

use super::python::one_line;

/// Longest reason: the list of every option there is helps nobody.
const MAX_REASON: usize = 200;

/// What is wrong with a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The line, from zero, where it is known.
    pub line: Option<usize>,
    /// One sentence.
    pub message: String,
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {}: {}", line + 1, self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// One settings file, or several that extend each other.
#[derive(Clone, Debug)]
pub struct RuffConfig {
    configuration: Configuration,
    extend: Option<PathBuf>,
    source_folders: Option<Vec<PathBuf>>,
    sections: Sections,
}

/// Modules that the user assigned to a section of the imports himself.
#[derive(Clone, Debug, Default)]
struct Sections {
    first_party: Option<Vec<String>>,
    others: Vec<String>,
}

impl RuffConfig {
    /// Reads a settings file; `None` for a `pyproject.toml` without `[tool.ruff]`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(path: &Path, text: &str) -> Result<Option<Self>, SettingsError> {
        let is_pyproject = path.file_name().is_some_and(|name| name == "pyproject.toml");
        let table: toml::Table = text.parse().map_err(|error| reason(&error, text))?;
        let table =
            if is_pyproject { table.get("tool").and_then(|tool| tool.get("ruff")?.as_table()) } else { Some(&table) };
        let Some(table) = table else { return Ok(None) };
        let mut options =
            if is_pyproject { pyproject_options(path, text, table)? } else { ruff_toml_options(path, text)? };
        let folder = path.parent().unwrap_or(Path::new(""));
        // What ruff would look up on disk or in the environment here is the caller's, or is not needed.
        let extend = options.extend.take().map(|extend| folder.join(extend));
        let source_folders = options.src.take().map(|folders| folders.iter().map(|it| folder.join(it)).collect());
        options.cache_dir = None;
        options.namespace_packages = None;
        let mut configuration = Configuration::from_options(options, Some(path), folder)
            .map_err(|error| SettingsError { line: None, message: shortened(&one_line(&format!("{error:#}"))) })?;
        if is_pyproject {
            configuration.target_version = configuration.target_version.or_else(|| requires_python(text));
        }
        Ok(Some(Self { configuration, extend, source_folders, sections: Sections::of(table) }))
    }

    /// The file that this one extends.
    pub fn extend(&self) -> Option<&Path> {
        self.extend.as_deref()
    }

    /// This, and what `base` says where this says nothing.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        Self {
            configuration: self.configuration.combine(base.configuration),
            extend: base.extend,
            source_folders: self.source_folders.or(base.source_folders),
            sections: Sections {
                first_party: self.sections.first_party.or(base.sections.first_party),
                others: [self.sections.others, base.sections.others].concat(),
            },
        }
    }

    /// The folders that `src` names.
    pub fn source_folders(&self) -> Option<&[PathBuf]> {
        self.source_folders.as_deref()
    }

    /// The project's own modules: those that the user named, and those `found` that he put nowhere else.
    pub(super) fn first_party(&self, found: &[String]) -> Vec<String> {
        let named = self.sections.first_party.iter().flatten();
        let found = found.iter().filter(|name| !self.sections.others.contains(name));
        let mut modules: Vec<_> = named.chain(found).cloned().collect();
        modules.sort();
        modules.dedup();
        modules
    }

    pub(super) fn into_configuration(self) -> Configuration {
        self.configuration
    }
}

/// The oldest version of Python that a `pyproject.toml` allows in `requires-python`.
pub fn requires_python(pyproject: &str) -> Option<PythonVersion> {
    let table: toml::Table = pyproject.parse().ok()?;
    let requires = table.get("project")?.get("requires-python")?.as_str()?;
    let specifiers = VersionSpecifiers::from_str(requires).ok()?;
    let lower = specifiers.iter().filter(|specifier| {
        matches!(
            specifier.operator(),
            Operator::Equal
                | Operator::EqualStar
                | Operator::ExactEqual
                | Operator::TildeEqual
                | Operator::GreaterThan
                | Operator::GreaterThanEqual
        )
    });
    let versions = lower.filter_map(|specifier| {
        let release = specifier.version().release();
        Some((*release.first()?, *release.get(1)?))
    });
    let (major, minor) = versions.min()?;
    let version = PythonVersion { major: u8::try_from(major).ok()?, minor: u8::try_from(minor).ok()? };
    PythonVersion::iter().any(|known| known == version).then_some(version)
}

impl Sections {
    fn of(ruff: &toml::Table) -> Self {
        let isort = ruff.get("lint").and_then(|lint| lint.get("isort")).or_else(|| ruff.get("isort"));
        let names = |option: &str| -> Option<Vec<String>> {
            Some(
                isort?
                    .get(option)?
                    .as_array()?
                    .iter()
                    .filter_map(|name| name.as_str().map(ToOwned::to_owned))
                    .collect(),
            )
        };
        let others = ["known-third-party", "known-local-folder", "extra-standard-library"];
        Self {
            first_party: names("known-first-party"),
            others: others.into_iter().filter_map(names).flatten().collect(),
        }
    }
}

/// `[tool.ruff]` of a `pyproject.toml`.
fn pyproject_options(path: &Path, text: &str, ruff: &toml::Table) -> Result<Options, SettingsError> {
    let _source = ValueSourceGuard::new(source(path), false);
    ruff.clone().try_into::<Options>().map_err(|error| {
        // The same mistake once more, from the text: a table does not know its lines.
        let _source = ValueSourceGuard::new(source(path), true);
        toml::from_str::<Pyproject>(text).err().map_or_else(|| reason(&error, text), |error| reason(&error, text))
    })
}

fn ruff_toml_options(path: &Path, text: &str) -> Result<Options, SettingsError> {
    let _source = ValueSourceGuard::new(source(path), true);
    toml::from_str(text).map_err(|error| reason(&error, text))
}

/// What ruff's own messages name.
fn source(path: &Path) -> ValueSource {
    ValueSource::File(Arc::new(SystemPathBuf::from_path_buf_lossy(path.to_path_buf())))
}

fn reason(error: &toml::de::Error, text: &str) -> SettingsError {
    // The place of a field that nobody knows is that of its table.
    let unknown = error.message().strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let start = unknown.and_then(|field| text.find(field)).or_else(|| error.span().map(|span| span.start));
    let line = start.and_then(|start| text.get(..start)).map(|before| before.matches('\n').count());
    SettingsError { line, message: shortened(&one_line(error.message())) }
}

fn shortened(message: &str) -> String {
    if message.len() <= MAX_REASON {
        return message.to_owned();
    }
    match message.split_once(", expected one of ") {
        Some((what, _)) => what.to_owned(),
        None => format!("{}…", &message[..message.floor_char_boundary(MAX_REASON)]),
    }
}
