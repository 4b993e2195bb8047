//! The settings of the rules for a file: the nearest `ruff.toml`, `.ruff.toml` or `pyproject.toml` upwards, as ruff
//! finds them, and ESLint's ([`eslint`]), under what the user chose in `ropewalk.toml`.
//!
//! Settings are kept by folder. The files that they came from, and the places where a nearer one would be, are looked
//! at again after a second, or at once when the client tells of changed files. A file that makes no sense is told
//! ([`LintConfig::problems`]) and left out: our default set runs.
//!
//! Not here: reading the disk (the program brings a [`ProjectFiles`]), and text that came over HTTP, for which no folder
//! is looked at. Ruff's user-wide settings are not looked for: what is found must not depend on whose machine it is.

mod eslint;
#[cfg(test)]
mod tests;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use analysis::{
    JavaScriptSettings, LintSettings, PythonProject, PythonSettings, RuffConfig, RuleSelection, requires_python,
};

use self::eslint::EslintAbove;
use crate::sync::lock;
use crate::{FileStamp, ProjectFiles};

/// How long the disk is believed not to have changed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Folders remembered; more are forgotten together.
const MAX_FOLDERS: usize = 20_000;

/// Files that extend each other; more are a circle.
const MAX_EXTENDS: usize = 16;

/// Names of ruff's settings files, the strongest first.
const NAMES: [&str; 3] = [".ruff.toml", "ruff.toml", "pyproject.toml"];

/// A settings file that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintConfigProblem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it, one sentence.
    pub message: String,
}

/// Finds and keeps settings.
#[derive(Default)]
pub struct LintConfig {
    disk: Option<Arc<dyn ProjectFiles>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    selection: RuleSelection,
    folders: HashMap<PathBuf, Folder>,
    /// By the folder that the settings lie in.
    projects: HashMap<PathBuf, PythonSettings>,
    /// ESLint's, by the folder of the files that they are for.
    eslint: HashMap<PathBuf, Arc<EslintAbove>>,
    problems: BTreeMap<PathBuf, String>,
}

struct Folder {
    settings: Arc<LintSettings>,
    seen: Seen,
    eslint: Arc<EslintAbove>,
    looked: Instant,
}

/// Files that were looked for, and what was found.
type Seen = Vec<(PathBuf, Option<FileStamp>)>;

impl LintConfig {
    /// Settings from this disk; without one, everybody gets the default set.
    pub fn new(disk: Option<Arc<dyn ProjectFiles>>) -> Self {
        Self { disk, ..Self::default() }
    }

    /// The settings for a file. The path must be absolute; for text without one they are the default set. `selection`
    /// is what the user chose.
    pub fn settings(&self, path: Option<&Path>, selection: &RuleSelection) -> Arc<LintSettings> {
        let mut known = lock(&self.known);
        if known.selection != *selection {
            *known = Known { selection: selection.clone(), ..Known::default() };
        }
        let folder = path.filter(|path| path.is_absolute()).and_then(Path::parent);
        let (Some(folder), Some(disk)) = (folder, &self.disk) else { return known.without_project() };
        known.of_folder(folder, &**disk)
    }

    /// The settings files that were looked at and make no sense.
    pub fn problems(&self) -> Vec<LintConfigProblem> {
        let known = lock(&self.known);
        let problems = known.problems.iter();
        problems.map(|(path, message)| LintConfigProblem { path: path.clone(), message: message.clone() }).collect()
    }

    /// Files changed on disk: everything is looked for again.
    pub fn forget(&self) {
        let mut known = lock(&self.known);
        *known = Known { selection: std::mem::take(&mut known.selection), ..Known::default() };
    }
}

/// What a look at the disk has touched.
struct Look<'a> {
    disk: &'a dyn ProjectFiles,
    seen: Seen,
}

impl Look<'_> {
    fn exists(&mut self, path: PathBuf) -> bool {
        if let Some((_, stamp)) = self.seen.iter().find(|(seen, _)| *seen == path) {
            return stamp.is_some();
        }
        let stamp = self.disk.stamp(&path);
        self.seen.push((path, stamp));
        self.seen.last().is_some_and(|(_, stamp)| stamp.is_some())
    }

    /// The file's text; `None` where there is no such file.
    fn read(&mut self, path: &Path) -> Option<Result<String, String>> {
        if !self.exists(path.to_owned()) {
            return None;
        }
        Some(self.disk.read(path).ok_or_else(|| "it cannot be read, or is no UTF-8 text".to_owned()))
    }
}

impl Known {
    /// Python's default set under the user's choice.
    fn without_project(&mut self) -> Arc<LintSettings> {
        let python = self.python_alone();
        Arc::new(self.lint_settings(python, &EslintAbove::default()))
    }

    fn python_alone(&mut self) -> PythonSettings {
        let root = PathBuf::from("/");
        self.python_of(PythonProject { root, selection: self.selection.clone(), ..PythonProject::default() }, None)
    }

    fn of_folder(&mut self, folder: &Path, disk: &dyn ProjectFiles) -> Arc<LintSettings> {
        if let Some(known) = self.folders.get_mut(folder) {
            if known.looked.elapsed() < MAX_AGE {
                return Arc::clone(&known.settings);
            }
            let is_same = |seen: &Seen| seen.iter().all(|(path, stamp)| disk.stamp(path) == *stamp);
            if is_same(&known.seen) && known.eslint.is_same(&is_same) {
                known.looked = Instant::now();
                return Arc::clone(&known.settings);
            }
            *self = Self { selection: std::mem::take(&mut self.selection), ..Self::default() };
        }
        let mut look = Look { disk, seen: Vec::new() };
        let python = self.find(folder, &mut look);
        let eslint = self.eslint_above(folder, disk);
        let settings = Arc::new(self.lint_settings(python, &eslint));
        if self.folders.len() >= MAX_FOLDERS {
            self.folders.clear();
            self.eslint.clear();
        }
        let entry = Folder { settings: Arc::clone(&settings), seen: look.seen, eslint, looked: Instant::now() };
        self.folders.insert(folder.to_owned(), entry);
        settings
    }

    fn lint_settings(&self, python: PythonSettings, eslint: &EslintAbove) -> LintSettings {
        let selection = self.selection.clone();
        let RuleSelection { select, ignore, extend_select } = selection.clone();
        let javascript = JavaScriptSettings::new(select, extend_select, ignore, Vec::new());
        let javascript = javascript.in_project(eslint.configs());
        LintSettings { python, javascript, selection }
    }

    /// Python's settings for the files of a folder.
    fn find(&mut self, folder: &Path, look: &mut Look<'_>) -> PythonSettings {
        let mut root = None;
        let mut ruff = None;
        let mut source = None;
        'upwards: for above in folder.ancestors() {
            for name in NAMES {
                let path = above.join(name);
                let Some(text) = look.read(&path) else { continue };
                root.get_or_insert(above);
                match text.and_then(|text| parsed(&path, &text)) {
                    Ok(None) => continue,
                    Ok(Some(config)) => ruff = self.extended(&path, config, look),
                    Err(message) => self.note_problem(&path, message),
                }
                root = Some(above);
                source = Some(path);
                break 'upwards;
            }
        }
        let package = outermost_package(folder, look);
        let python = match root {
            Some(root) => {
                let target = root
                    .ancestors()
                    .find_map(|above| requires_python(&look.read(&above.join("pyproject.toml"))?.ok()?));
                let sources = ruff.as_ref().and_then(RuffConfig::source_folders).map(<[PathBuf]>::to_vec);
                let sources = sources.unwrap_or_else(|| vec![root.to_owned(), root.join("src")]);
                let modules = sources.iter().flat_map(|folder| look.disk.modules(folder)).collect();
                let project = PythonProject {
                    root: root.to_owned(),
                    ruff,
                    target_version: target,
                    selection: self.selection.clone(),
                    first_party: modules,
                };
                self.python_of(project, source.as_deref())
            }
            // A script on its own may import what lies beside it.
            None => {
                let beside = package.as_deref().and_then(Path::parent).unwrap_or(folder);
                let modules = look.disk.modules(beside);
                self.python_alone().with_modules(modules)
            }
        };
        python.in_package(package.as_deref())
    }

    /// The settings with those that they extend; `None` when one of them makes no sense.
    fn extended(&mut self, path: &Path, mut config: RuffConfig, look: &mut Look<'_>) -> Option<RuffConfig> {
        let mut from = path.to_owned();
        for _ in 0..MAX_EXTENDS {
            let Some(base) = config.extend().map(Path::to_owned) else { return Some(config) };
            let text = look.read(&base).unwrap_or_else(|| Err("there is no such file".to_owned()));
            match text.and_then(|text| parsed(&base, &text)) {
                Ok(Some(base_config)) => config = config.over(base_config),
                Ok(None) => {
                    self.note_problem(&from, format!("it extends {}, which has no [tool.ruff]", base.display()));
                    return None;
                }
                Err(message) => {
                    self.note_problem(&from, format!("it extends {}: {message}", base.display()));
                    return None;
                }
            }
            from = base;
        }
        self.note_problem(path, "the files that it extends form a circle".to_owned());
        None
    }

    /// Settings of a project, made once. `source` is the file that its ruff settings came from.
    fn python_of(&mut self, project: PythonProject, source: Option<&Path>) -> PythonSettings {
        if let Some(known) = self.projects.get(&project.root) {
            return known.clone();
        }
        let root = project.root.clone();
        let settings = PythonSettings::new(project.clone()).or_else(|message| {
            if let Some(source) = source {
                self.note_problem(source, message);
            }
            PythonSettings::new(PythonProject { ruff: None, ..project })
        });
        // Codes of the selection that mean nothing were refused where it was read.
        let settings = settings.unwrap_or_default();
        self.projects.insert(root, settings.clone());
        settings
    }

    fn note_problem(&mut self, path: &Path, message: String) {
        tracing::warn!(file = %path.display(), "the settings make no sense and are left out: {message}");
        self.problems.insert(path.to_owned(), message);
    }
}

fn parsed(path: &Path, text: &str) -> Result<Option<RuffConfig>, String> {
    RuffConfig::parse(path, text).map_err(|error| error.to_string())
}

/// The last folder upwards of those that are packages.
fn outermost_package(folder: &Path, look: &mut Look<'_>) -> Option<PathBuf> {
    folder.ancestors().take_while(|folder| look.exists(folder.join("__init__.py"))).last().map(Path::to_owned)
}
