//! The disk as `assist` looks at it: the files of the workspace folders.

use std::fs::Metadata;
use std::path::Path;

use assist::{FileStamp, ProjectFiles};
use ignore::WalkBuilder;

use crate::files;

/// More files than this are no project (somebody opened the home folder): the rest is not looked at.
const MAX_FILES: usize = 50_000;
/// Folders nested deeper than this are not entered.
const MAX_DEPTH: usize = 32;

/// Files that version control does not ignore, and that are not hidden.
pub(crate) struct Disk;

impl ProjectFiles for Disk {
    fn list(&self, folder: &Path) -> Vec<FileStamp> {
        let walk = WalkBuilder::new(folder).require_git(false).max_depth(Some(MAX_DEPTH)).build();
        let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let stamps = files.take(MAX_FILES).filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(FileStamp { path: entry.into_path(), bytes: metadata.len(), modified: metadata.modified().ok() })
        });
        stamps.collect()
    }

    fn read(&self, path: &Path) -> Option<String> {
        files::read_text(path).ok()
    }

    fn stamp(&self, path: &Path) -> Option<FileStamp> {
        let metadata = path.metadata().ok().filter(Metadata::is_file)?;
        Some(FileStamp { path: path.to_owned(), bytes: metadata.len(), modified: metadata.modified().ok() })
    }

    fn modules(&self, folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().into_iter().flatten().filter_map(Result::ok).take(MAX_FILES);
        let names = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let module = name.strip_suffix(".py").or_else(|| name.strip_suffix(".pyi"));
            module.or(is_folder.then_some(name.as_str())).filter(|it| !it.contains('.')).map(ToOwned::to_owned)
        });
        names.collect()
    }
}
