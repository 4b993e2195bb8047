//! The disk as `assist` looks at it: the files of the workspace folders.

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
}
