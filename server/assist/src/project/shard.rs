//! Some files in one indexed text, and how a changed list of files becomes shards with as little work as possible.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::selection::Selected;
use super::{FileStamp, ProjectFiles};
use crate::copy_engine::{FILE_END, SuffixIndex};

/// Bytes of text that one index is for: a change costs indexing so much, a search has so many fewer to look into.
const SHARD_BYTES: u64 = 512 << 10;
/// Lines longer than this on average are data, or were written by a program.
const MAX_MEAN_LINE: usize = 160;

/// Files of one group of languages with their index.
pub(crate) struct Shard {
    group: &'static str,
    stamps: Vec<FileStamp>,
    files: Vec<ShardFile>,
    index: Arc<SuffixIndex>,
}

/// Where a file stands in its shard's text.
pub(crate) struct ShardFile {
    pub(crate) path: PathBuf,
    pub(crate) range: Range<usize>,
    /// Time of the last change before it was read, where it is known.
    pub(crate) modified: Option<SystemTime>,
}

impl Shard {
    /// Reads and indexes files. One that cannot be read stays out, until it changes.
    pub(super) fn build(group: &'static str, stamps: Vec<FileStamp>, disk: &dyn ProjectFiles) -> Self {
        let mut text = String::new();
        let mut files = Vec::new();
        for stamp in &stamps {
            let Some(source) = disk.read(&stamp.path).filter(|source| is_worth_copying(source)) else { continue };
            let start = text.len();
            text.push_str(&source);
            files.push(ShardFile { path: stamp.path.clone(), range: start..text.len(), modified: stamp.modified });
            // The line before a file's first one is no context for it.
            text.push(FILE_END);
        }
        Self { group, stamps, files, index: Arc::new(SuffixIndex::new(text.into())) }
    }

    pub(crate) fn group(&self) -> &'static str {
        self.group
    }

    /// In the order of their places.
    pub(crate) fn files(&self) -> &[ShardFile] {
        &self.files
    }

    /// The text of one of its files.
    pub(crate) fn text_of(&self, file: &ShardFile) -> &str {
        self.index.text().get(file.range.clone()).unwrap_or_default()
    }

    pub(crate) fn index(&self) -> &Arc<SuffixIndex> {
        &self.index
    }
}

fn is_worth_copying(source: &str) -> bool {
    !source.contains(FILE_END) && source.len() <= MAX_MEAN_LINE * (source.matches('\n').count() + 1)
}

/// What becomes of a shard.
pub(super) enum Plan {
    Keep(Arc<Shard>),
    Build { group: &'static str, files: Vec<FileStamp> },
}

/// Shards for the selected files: one whose files are the same is kept, the others are built from what is left of them
/// and what is new.
pub(super) fn plan(known: &[Arc<Shard>], selected: Vec<Selected>) -> Vec<Plan> {
    let mut groups: BTreeMap<&'static str, BTreeMap<PathBuf, FileStamp>> = BTreeMap::new();
    for Selected { group, stamp } in selected {
        groups.entry(group).or_default().insert(stamp.path.clone(), stamp);
    }
    let mut plans = Vec::new();
    for (group, mut wanted) in groups {
        let known: Vec<_> = known.iter().filter(|shard| shard.group == group).collect();
        let take =
            |stamps: &[FileStamp]| -> Vec<_> { stamps.iter().filter_map(|stamp| wanted.remove(&stamp.path)).collect() };
        let left: Vec<_> = known.iter().map(|shard| &*shard.stamps).map(take).collect();
        let mut open: Vec<Vec<FileStamp>> = Vec::new();
        for (shard, left) in known.into_iter().zip(left) {
            let has_room = bytes(&left) < SHARD_BYTES / 2 && open.is_empty() && !wanted.is_empty();
            if left == shard.stamps && !has_room {
                plans.push(Plan::Keep(shard.clone()));
            } else if !left.is_empty() {
                open.push(left);
            }
        }
        for stamp in wanted.into_values() {
            match open.last_mut().filter(|files| bytes(files) + stamp.bytes <= SHARD_BYTES) {
                Some(files) => files.push(stamp),
                None => open.push(vec![stamp]),
            }
        }
        plans.extend(open.into_iter().map(|files| Plan::Build { group, files }));
    }
    plans
}

fn bytes(files: &[FileStamp]) -> u64 {
    files.iter().map(|file| file.bytes).sum()
}
