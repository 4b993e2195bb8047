//! The files of the workspace folders: text to copy from, kept up to date in the background.
//!
//! A list of files with their sizes and times is compared with what is known; what changed is read and indexed again,
//! a shard of about half a megabyte at a time. Nothing waits for it: a request takes what is there. Memory is bounded
//! by [`crate::InlineCompletionConfig::workspace_mb`].
//!
//! Not here: reading the disk (the program brings a [`ProjectFiles`]), and searching (`copy_engine`).

mod selection;
mod shard;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use selection::select;
pub(crate) use selection::{group_of, steps};
use shard::{Plan, plan};
pub(crate) use shard::{Shard, ShardFile};

use crate::sync::lock;
use syntax::Language;

/// How old a view of the folders may get while somebody works in them.
const MAX_AGE: Duration = Duration::from_secs(30);

/// How long changes on disk are collected before they are looked at: a checkout changes many files.
pub(crate) const SETTLING: Duration = Duration::from_millis(500);

/// The disk, as far as this crate looks at it.
pub trait ProjectFiles: Send + Sync {
    /// The files below a folder that belong to the project: none that are hidden or ignored by version control.
    fn list(&self, folder: &Path) -> Vec<FileStamp>;
    /// A file's text; `None` where it cannot be read or is no UTF-8 text.
    fn read(&self, path: &Path) -> Option<String>;
    /// The file at this path; `None` where there is none. Settings of rules are looked for with it.
    fn stamp(&self, _path: &Path) -> Option<FileStamp> {
        None
    }
    /// Names of the Python modules and of the folders right in this folder.
    fn modules(&self, _folder: &Path) -> Vec<String> {
        Vec::new()
    }
}

/// A file, and what tells whether it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Absolute path.
    pub path: PathBuf,
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change, where the file system knows it.
    pub modified: Option<SystemTime>,
}

/// The indexed files of the workspace folders.
#[derive(Default)]
pub(crate) struct Project {
    disk: Option<Arc<dyn ProjectFiles>>,
    state: Mutex<State>,
    /// Held while the folders are looked through: one at a time.
    refreshing: Mutex<()>,
}

#[derive(Default)]
struct State {
    shards: Arc<[Arc<Shard>]>,
    /// Which folders were looked through last, and when.
    looked: Option<(Arc<[PathBuf]>, Instant)>,
    /// Files are known to have changed since.
    changed: bool,
}

impl Project {
    pub(crate) fn new(disk: Option<Arc<dyn ProjectFiles>>) -> Self {
        Self { disk, ..Self::default() }
    }

    /// The files of the folders that some grammar reads, at most so long, in order of their paths.
    pub(crate) fn files(&self, folders: &[PathBuf], max_bytes: u64) -> Vec<FileStamp> {
        let Some(disk) = &self.disk else { return Vec::new() };
        let is_code = |it: &FileStamp| Language::from_path(&it.path).is_some_and(|it| it.grammar().is_some());
        let all = folders.iter().flat_map(|folder| disk.list(folder));
        let mut files: Vec<_> = all.filter(|it| it.bytes <= max_bytes && is_code(it)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        files
    }

    /// A file's text.
    pub(crate) fn read(&self, path: &Path) -> Option<String> {
        self.disk.as_ref()?.read(path)
    }

    /// The disk, where there is one.
    pub(crate) fn disk(&self) -> Option<Arc<dyn ProjectFiles>> {
        self.disk.clone()
    }

    /// What is indexed now.
    pub(crate) fn shards(&self) -> Arc<[Arc<Shard>]> {
        lock(&self.state).shards.clone()
    }

    /// Whether [`Project::refresh`] has something to do, and nobody does it.
    pub(crate) fn is_due(&self, folders: &[PathBuf]) -> bool {
        if self.disk.is_none() || self.refreshing.try_lock().is_err() {
            return false;
        }
        match &lock(&self.state).looked {
            Some((looked, at)) => **looked != *folders || (!folders.is_empty() && at.elapsed() > MAX_AGE),
            None => !folders.is_empty(),
        }
    }

    /// Files changed on disk. True for the first change since the folders were looked through.
    pub(crate) fn note_change(&self) -> bool {
        self.disk.is_some() && !std::mem::replace(&mut lock(&self.state).changed, true)
    }

    /// Looks through the folders and indexes what changed, at most `budget` bytes of text; the files near `open` ones
    /// go first. Takes about 150 ms for each changed megabyte: not for a request.
    pub(crate) fn refresh(&self, folders: &Arc<[PathBuf]>, open: &[PathBuf], budget: usize) {
        let Some(disk) = &self.disk else { return };
        let _alone = lock(&self.refreshing);
        // What changes from here on may be missed.
        lock(&self.state).changed = false;
        let known = self.shards();
        let found = folders.iter().flat_map(|folder| disk.list(folder)).collect();
        let selected = select(found, open, budget);
        let shards: Arc<[Arc<Shard>]> = plan(&known, selected)
            .into_iter()
            .map(|plan| match plan {
                Plan::Keep(shard) => shard,
                Plan::Build { group, files } => Arc::new(Shard::build(group, files, &**disk)),
            })
            .collect();
        tracing::debug!(files = shards.iter().map(|shard| shard.files().len()).sum::<usize>(), "workspace indexed");
        let mut state = lock(&self.state);
        state.shards = shards;
        state.looked = Some((Arc::clone(folders), Instant::now()));
    }
}

#[cfg(test)]
pub(crate) mod tests;
