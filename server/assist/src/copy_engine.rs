//! The copy engine: what followed the text before the cursor where it occurred before.
//!
//! Code repeats itself: where the last characters typed occurred before tells what comes next, in this document (before
//! and after the cursor), in the other open ones, and in the files of the workspace. The longer the agreement and the
//! nearer the place, the more it counts. Lines that begin alike but for some names go on alike but for them
//! ([`analogy`]). It needs no training; it answers alone when it is sure, and is mixed with the
//! model token by token ([`predictor::CopyPredictor`]).
//!
//! Not here: when to show (`inline_completion`), how the mixture is made (`engine`).

mod analogy;
mod evidence;
mod index;
mod predictor;
mod view;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use syntax::{Document, TextRange};

#[cfg(any(test, feature = "fit"))]
pub(crate) use evidence::{head, weigh};
pub(crate) use index::SuffixIndex;
#[cfg(any(test, feature = "fit"))]
pub(crate) use predictor::CONTINUATION;
pub(crate) use predictor::{CopyPredictor, Ending, Proposal};
use view::IndexedText;
#[cfg(any(test, feature = "fit"))]
pub(crate) use view::Nearness;
pub(crate) use view::{CopyView, FILE_END};

use crate::project::{Shard, group_of};
use crate::sync::lock;
use crate::{DocumentId, Snapshot};

/// Bytes of the cursor's document that are searched: most of them before the cursor.
const BEFORE_CURSOR: usize = 768 << 10;
const AFTER_CURSOR: usize = 256 << 10;
/// Bytes of all other documents together that are searched, the most recently changed first.
const OTHERS: usize = 1 << 20;
/// Windows into larger documents begin at multiples of this, so that typing does not move them.
const WINDOW_STEP: usize = 64 << 10;
/// A changed stretch longer than this, or than this share of the text, is worth a new index; a shorter one is searched
/// as it stands.
const MAX_UNINDEXED: usize = 4 << 10;
const MAX_UNINDEXED_SHARE: usize = 32;
/// Other documents searched, and bytes of text whose indexes are kept, the least recently used dropped first. With
/// its index a text takes 5 bytes a byte.
const MAX_OTHERS: usize = 32;
const MAX_KEPT: usize = 4 << 20;

/// Keeps an index per document. It is built on first use and outlives small edits: what changed since is searched
/// without one.
#[derive(Default)]
pub(crate) struct CopyStore {
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    id: DocumentId,
    /// Revision and window of the text that was looked at last.
    seen: (u64, TextRange),
    text: IndexedText,
}

impl CopyStore {
    /// What can be copied at `offset` of the snapshot's document. `document` is that document, or the same one with
    /// the menu's selected item put in (then it has no revision of its own).
    ///
    /// Builds what is missing: up to about 100 ms for a megabyte never seen before, else microseconds. Not for the
    /// reader's task.
    pub(crate) fn view(
        &self,
        snapshot: &Snapshot,
        document: &Document,
        offset: usize,
        as_opened: bool,
        shards: &[Arc<Shard>],
    ) -> CopyView {
        let window = window(document, offset);
        let revision = snapshot.revision().filter(|_| as_opened);
        let here = self.indexed(snapshot.id(), revision, snapshot.revision().is_some(), document, window);
        let folder = snapshot.path().and_then(|path| path.parent());
        let mut others = Vec::new();
        let mut room = OTHERS;
        for (index, (id, other)) in snapshot.others().iter().enumerate() {
            if room == 0 || others.len() == MAX_OTHERS {
                break;
            }
            let window = TextRange::new(0, other.text().snap(room));
            room -= window.len();
            let text = self.indexed(id, snapshot.other_revision(index), true, other, window);
            let is_beside = folder.is_some() && snapshot.other_path(index).and_then(Path::parent) == folder;
            others.push(if is_beside { text.beside() } else { text });
        }
        let group = group_of(document.language());
        let alike = shards.iter().filter(|shard| Some(shard.group()) == group);
        others.extend(alike.map(|shard| seen_from(shard, snapshot, folder)));
        CopyView::new(here, offset - window.start, others)
    }

    /// What is kept of a document, which is used now.
    fn recent(&self, id: &DocumentId) -> Option<((u64, TextRange), IndexedText)> {
        let mut all = lock(&self.kept);
        let at = all.iter().position(|kept| kept.id == *id)?;
        let kept = all.remove(at);
        let found = (kept.seen, kept.text.clone());
        all.push(kept);
        Some(found)
    }

    fn indexed(
        &self,
        id: &DocumentId,
        revision: Option<u64>,
        keep: bool,
        document: &Document,
        window: TextRange,
    ) -> IndexedText {
        let kept = self.recent(id);
        if let (Some((seen, text)), Some(revision)) = (&kept, revision)
            && *seen == (revision, window)
        {
            return text.clone();
        }
        let current: Arc<str> = document.text().slice(window).into();
        let known = kept.filter(|_| keep).and_then(|(_, older)| {
            older.changed_to(current.clone(), MAX_UNINDEXED.max(current.len() / MAX_UNINDEXED_SHARE))
        });
        let text = known.unwrap_or_else(|| IndexedText::new(Arc::new(SuffixIndex::new(current))));
        if let Some(revision) = revision {
            let mut all = lock(&self.kept);
            all.retain(|kept| kept.id != *id);
            let mut room = MAX_KEPT.saturating_sub(window.len());
            let older = all.iter().rposition(|kept| match room.checked_sub(kept.seen.1.len()) {
                Some(rest) => {
                    room = rest;
                    false
                }
                None => true,
            });
            all.drain(..older.map_or(0, |at| at + 1));
            all.push(Kept { id: id.clone(), seen: (revision, window), text: text.clone() });
        }
        text
    }
}

/// A shard without the files that are open: what the editor holds counts.
fn seen_from(shard: &Shard, snapshot: &Snapshot, folder: Option<&Path>) -> IndexedText {
    let is_open = |path: &PathBuf| snapshot.path() == Some(path) || snapshot.other_paths().any(|open| open == path);
    let ranges = |is_in: &dyn Fn(&PathBuf) -> bool| {
        shard.files().iter().filter(|file| is_in(&file.path)).map(|file| file.range.clone()).collect()
    };
    let beside = ranges(&|path| folder.is_some() && path.parent() == folder);
    IndexedText::new(shard.index().clone()).seen_with(ranges(&is_open), beside)
}

/// The part of a document around the cursor that is searched.
fn window(document: &Document, offset: usize) -> TextRange {
    let length = document.text().len();
    if length <= BEFORE_CURSOR + AFTER_CURSOR {
        return TextRange::new(0, length);
    }
    let start = offset.saturating_sub(BEFORE_CURSOR) / WINDOW_STEP * WINDOW_STEP;
    let end = (offset + AFTER_CURSOR).div_ceil(WINDOW_STEP) * WINDOW_STEP;
    TextRange::new(document.text().snap(start), document.text().snap(end))
}

#[cfg(test)]
mod tests;
