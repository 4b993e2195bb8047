//! The code that holes are cut into: files, by project. A project is a folder right below a named one, so that a folder
//! of checked-out repositories, or of packages, is as many projects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use syntax::Language;

use crate::files;

/// Larger files are generated more often than written.
const MAX_BYTES: usize = 256 << 10;

/// A file with a grammar.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) language: Language,
    pub(super) text: String,
}

/// Files that an editor could have open together, sorted by path.
#[derive(Debug)]
pub(super) struct Project {
    /// Absolute.
    pub(super) folder: PathBuf,
    pub(super) files: Vec<SourceFile>,
}

/// The projects below `paths`, sorted by path; only files in `language` where one is given.
///
/// # Errors
/// When a named path does not exist.
pub(super) fn collect(paths: &[PathBuf], language: Option<Language>) -> anyhow::Result<Vec<Project>> {
    // An editor names its files by absolute paths, and the workspace's files are told apart by them.
    let paths: Vec<_> = paths.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
    let mut projects: BTreeMap<PathBuf, Project> = BTreeMap::new();
    for path in files::collect(&paths)?.files {
        let known = Language::from_path(&path).filter(|it| it.grammar().is_some());
        let Some(known) = known.filter(|it| language.is_none_or(|wanted| wanted == *it)) else { continue };
        // What is no text cannot be completed either.
        let Ok(text) = files::read_text(&path) else { continue };
        if text.len() <= MAX_BYTES {
            let folder = project_of(&paths, &path);
            let project = projects.entry(folder.clone()).or_insert_with(|| Project { folder, files: Vec::new() });
            project.files.push(SourceFile { path, language: known, text });
        }
    }
    Ok(projects.into_values().collect())
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::fs::canonicalize(path).with_context(|| path.display().to_string())
}

/// The folder right below the named one that holds the file, or the folder that the file is in.
fn project_of(paths: &[PathBuf], file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    let named = |path: &&PathBuf| path.as_path() != file && file.starts_with(path);
    let Some(named) = paths.iter().filter(named).max_by_key(|path| path.components().count()) else {
        return folder.to_path_buf();
    };
    let below = folder.strip_prefix(named).unwrap_or(Path::new(""));
    below.components().next().map_or_else(|| named.clone(), |first| named.join(first))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::project_of;

    fn check(paths: &[&str], file: &str, expected: &str) {
        let paths: Vec<_> = paths.iter().map(PathBuf::from).collect();
        assert_eq!(project_of(&paths, Path::new(file)), Path::new(expected), "{file}");
    }

    #[test]
    fn projects() {
        check(&["held"], "held/flask/src/app.py", "held/flask");
        check(&["held"], "held/app.py", "held");
        check(&["held", "held/flask"], "held/flask/src/app.py", "held/flask/src");
        check(&["held/flask/app.py"], "held/flask/app.py", "held/flask");
    }
}
