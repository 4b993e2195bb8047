//! The names that the files of the workspace define.
//!
//! Made from the text that the shards for copying hold already: nothing is read from the disk for it. A file is parsed
//! again when it changed; a pass that takes too long is gone on with at the next request, the files nearest to the
//! cursor's first. Memory: [`Limits::bytes`], the farthest files are left out beyond. Made only for models that are shown
//! other files (`inline_completion/prompt.rs`).

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use syntax::{Document, Language};

use super::{Definition, Names, definitions};
use crate::project::{Shard, ShardFile, steps};

/// A file that takes the parser longer has no names.
const FILE_TIME: Duration = Duration::from_millis(500);
/// A name defined in more files of the workspace is not looked up.
const MAX_SAME: usize = 256;
/// What a definition costs beside its text: two shared texts, its own, and its place in the order of names.
const DEFINITION_BYTES: usize = size_of::<Definition>() + 64;

/// What a pass may take.
#[derive(Clone, Copy, Debug)]
pub(in crate::context) struct Limits {
    /// Bytes of all names and heads together.
    pub(in crate::context) bytes: usize,
    pub(in crate::context) time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 20, time: Duration::from_secs(2) }
    }
}

/// The names of the workspace's files.
#[derive(Default)]
pub(in crate::context) struct WorkspaceFiles {
    /// What it was made from; does not keep it.
    shards: Vec<Weak<Shard>>,
    files: Vec<Arc<File>>,
    /// File and definition, in the order of their names.
    by_name: Vec<(u32, u32)>,
    /// There was not time enough for all files.
    is_partial: bool,
}

struct File {
    names: Names,
    len: usize,
    modified: Option<SystemTime>,
    /// Memory it takes, about.
    bytes: usize,
}

impl WorkspaceFiles {
    /// Whether it knows these files as they are.
    pub(in crate::context) fn is_current(&self, shards: &[Arc<Shard>]) -> bool {
        let is_same = |(known, shard): (&Weak<Shard>, &Arc<Shard>)| known.as_ptr() == Arc::as_ptr(shard);
        !self.is_partial && self.shards.len() == shards.len() && self.shards.iter().zip(shards).all(is_same)
    }

    /// The same for these files: parses those that are new or changed, the ones nearest to `folder` first.
    pub(in crate::context) fn updated(&self, shards: &[Arc<Shard>], folder: Option<&Path>, limits: Limits) -> Self {
        let end = Instant::now() + limits.time;
        let known: HashMap<&Path, &Arc<File>> = self.files.iter().map(|file| (&*file.names.path, file)).collect();
        let all = shards.iter().flat_map(|shard| shard.files().iter().map(move |file| (&**shard, file)));
        let mut all: Vec<(&Shard, &ShardFile)> = all.collect();
        all.sort_by_cached_key(|(_, file)| (folder.map(|folder| steps(folder, &file.path)), &file.path));
        let mut files: Vec<Arc<File>> = Vec::new();
        let mut room = limits.bytes;
        let mut is_partial = false;
        for (shard, file) in all {
            let is_same = |known: &&Arc<File>| known.len == file.range.len() && known.modified == file.modified;
            let names = match known.get(&*file.path).copied().filter(is_same) {
                Some(names) => Arc::clone(names),
                None if Instant::now() >= end => {
                    is_partial = true;
                    continue;
                }
                None => Arc::new(File::new(shard, file)),
            };
            let Some(rest) = room.checked_sub(names.bytes) else { break };
            room = rest;
            files.push(names);
        }
        let by_name = by_name(&files);
        tracing::debug!(files = files.len(), names = by_name.len(), bytes = limits.bytes - room, "definitions indexed");
        Self { shards: shards.iter().map(Arc::downgrade).collect(), files, by_name, is_partial }
    }

    /// Where a name is defined: the file, and the index of the definition there.
    pub(super) fn places(&self, name: &str) -> impl Iterator<Item = (&Names, usize)> {
        let start = self.by_name.partition_point(|place| self.name(*place) < name);
        let same = self.by_name[start..].iter().take(MAX_SAME + 1).take_while(|place| self.name(**place) == name);
        let count = same.count();
        let count = if count > MAX_SAME { 0 } else { count };
        let places = self.by_name[start..start + count].iter();
        places.map(|&(file, index)| (&self.files[file as usize].names, index as usize))
    }

    fn name(&self, (file, index): (u32, u32)) -> &str {
        &self.files[file as usize].names.definitions[index as usize].name
    }

    /// Memory taken by all of it, about.
    #[cfg(test)]
    pub(in crate::context) fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl File {
    fn new(shard: &Shard, file: &ShardFile) -> Self {
        let language = Language::from_path(&file.path).unwrap_or_else(Language::plain_text);
        let document = Document::new(shard.text_of(file), language, 0);
        let end = Instant::now() + FILE_TIME;
        document.parse(|| Instant::now() >= end);
        let definitions = definitions(&document);
        let text = |it: &Definition| it.name.len() + it.head.len() + DEFINITION_BYTES;
        let bytes = size_of::<Self>() + file.path.as_os_str().len() + definitions.iter().map(text).sum::<usize>();
        let names = Names { group: shard.group(), path: file.path.clone(), definitions };
        Self { names, len: file.range.len(), modified: file.modified, bytes }
    }
}

fn by_name(files: &[Arc<File>]) -> Vec<(u32, u32)> {
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let places = files.iter().enumerate().flat_map(|(at, file)| {
        let count = file.names.definitions.len();
        (0..count).map(move |definition| (index(at), index(definition)))
    });
    let mut places: Vec<(u32, u32)> = places.collect();
    places.sort_by_key(|&(file, definition)| &files[file as usize].names.definitions[definition as usize].name);
    places
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Limits, WorkspaceFiles};
    use crate::project::{Project, tests::Disk};

    /// Names of the first definition of each file that is known, in order.
    fn known(files: &WorkspaceFiles) -> Vec<&str> {
        let first = files.files.iter().map(|file| file.names.definitions.first().map_or("", |it| &*it.name));
        let mut names: Vec<&str> = first.collect();
        names.sort_unstable();
        names
    }

    fn project(disk: &Arc<Disk>) -> (Project, impl Fn(&Project)) {
        let folders: Arc<[PathBuf]> = [PathBuf::from("/w")].into();
        (Project::new(Some(disk.clone())), move |project: &Project| project.refresh(&folders, &[], 8 << 20))
    }

    #[test]
    fn what_changed_is_parsed_again_and_nothing_else() {
        let disk = Arc::new(Disk::default());
        disk.write("/w/a.py", "def first(): pass\n", 1);
        disk.write("/w/b.py", "def second(): pass\n", 1);
        let (project, refresh) = project(&disk);
        refresh(&project);
        let older = WorkspaceFiles::default().updated(&project.shards(), None, Limits::default());
        assert_eq!(known(&older), ["first", "second"]);
        assert_eq!(older.places("second").count(), 1);
        refresh(&project);
        assert!(older.is_current(&project.shards()), "nothing changed");
        // As long as before.
        disk.write("/w/b.py", "def thirds(): pass\n", 2);
        disk.write("/w/c.py", "def fourth(): pass\n", 2);
        refresh(&project);
        assert!(!older.is_current(&project.shards()));
        let newer = older.updated(&project.shards(), None, Limits::default());
        assert_eq!(known(&newer), ["first", "fourth", "thirds"]);
        assert_eq!(newer.places("second").count(), 0);
        assert!(Arc::ptr_eq(&older.files[0], &newer.files[0]), "the first file was not parsed again");
        disk.remove("/w/a.py");
        refresh(&project);
        let newest = newer.updated(&project.shards(), None, Limits::default());
        assert_eq!(known(&newest), ["fourth", "thirds"]);
    }

    #[test]
    fn memory_and_time_are_bounded() {
        let disk = Arc::new(Disk::default());
        let text = |file: usize| (0..50).map(|n| format!("def name_{file}_{n}(a, b): pass\n")).collect::<String>();
        (0..20).for_each(|file| disk.write(&format!("/w/{}/{file:02}.py", file % 4), &text(file), 1));
        let (project, refresh) = project(&disk);
        refresh(&project);
        let shards = project.shards();
        let all = WorkspaceFiles::default().updated(&shards, None, Limits::default());
        assert_eq!((known(&all).len(), all.by_name.len()), (20, 1000));
        let limits = Limits { bytes: all.bytes() / 4, ..Limits::default() };
        let near = WorkspaceFiles::default().updated(&shards, Some(Path::new("/w/3")), limits);
        assert!(near.bytes() <= limits.bytes && near.by_name.len() <= 250, "{}", near.bytes());
        assert!(near.is_current(&shards), "the rest is left out for good");
        let folders: Vec<_> = near.files.iter().map(|it| it.names.path.parent()).collect();
        assert!(folders.iter().filter(|it| **it == Some(Path::new("/w/3"))).count() >= 4, "the nearest go first");
        // What a pass has no time for, the next one does.
        let none = WorkspaceFiles::default().updated(&shards, None, Limits { time: Duration::ZERO, ..limits });
        assert!(none.files.is_empty() && !none.is_current(&shards));
        let rest = none.updated(&shards, None, Limits::default());
        assert!(rest.is_current(&shards) && rest.files.len() == 20);
        // So many definitions of one name are none.
        (0..300).for_each(|file| disk.write(&format!("/w/same/{file}.py"), "def same(): pass\n", 1));
        refresh(&project);
        let same = rest.updated(&project.shards(), None, Limits::default());
        assert_eq!((same.files.len(), same.places("same").count()), (320, 0));
    }
}
