//! What a large model is shown beside the cursor's file: where the user was a moment ago (`context/recent.rs`), the
//! definitions of the names near the cursor in open documents and the files of the workspace
//! (`context/definitions.rs`), and the heads of other open documents.
//!
//! The parts stand in the order of how seldom they change, and none changes with a keystroke: a prompt whose head
//! changes is read anew. Everything together has one budget in bytes; what is dear comes first. Documents that hold
//! secrets are not in a snapshot's other documents, and so in nothing here.

mod definitions;
mod recent;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use engine::ContextFile;
use syntax::{Document, TextRange};

use crate::run_blocking::run_blocking;
use crate::sync::lock;
use crate::{Assist, Snapshot};
use definitions::{Definitions, Limits, WorkspaceFiles};
use recent::Recent;

/// Definitions take at most this share of the budget (one n-th), recent places as much.
const SHARE: usize = 3;
/// Other documents whose heads are shown, and bytes of each.
const HEADS: usize = 3;
const HEAD_BYTES: usize = 2 << 10;
/// A part of which so much (one n-th) stands in the prompt anyway is left out: the model would copy it.
const KNOWN_SHARE: usize = 2;

/// What is known beside the open documents themselves.
#[derive(Default)]
pub(crate) struct ContextStore {
    recent: Mutex<Recent>,
    definitions: Mutex<Arc<Definitions>>,
    workspace: Mutex<Arc<WorkspaceFiles>>,
    /// Held while the definitions are looked up: one at a time.
    indexing: Mutex<()>,
}

/// The part of the cursor's document that is shown in any case, and changes in blocks only.
pub(crate) struct Shown<'a> {
    pub(crate) document: &'a Document,
    /// Where the text before the cursor begins.
    pub(crate) start: usize,
    /// Where what is being written begins.
    pub(crate) primer: usize,
    /// The text after the hole.
    pub(crate) suffix: TextRange,
}

impl Shown<'_> {
    fn text(&self) -> String {
        let text = self.document.text();
        text.slice(TextRange::new(self.start, self.primer)) + text.slice(self.suffix).as_str()
    }
}

impl ContextStore {
    /// Takes note of where the user is.
    pub(crate) fn visit(&self, snapshot: &Snapshot, offset: usize, now: Instant) {
        lock(&self.recent).visit(snapshot, offset, now);
    }

    /// Parts of other files in at most `budget` bytes, the slowest to change first.
    pub(crate) fn files(&self, snapshot: &Snapshot, shown: &Shown<'_>, budget: usize) -> Vec<ContextFile> {
        let text = shown.text();
        let known: HashSet<&str> = lines(&text).collect();
        let is_new = |part: &ContextFile| {
            let all: Vec<&str> = lines(&part.text).collect();
            all.iter().filter(|line| known.contains(*line)).count() * KNOWN_SHARE < all.len()
        };
        let definitions = Arc::clone(&lock(&self.definitions));
        let workspace = Arc::clone(&lock(&self.workspace));
        let mut defined = definitions.files(&workspace, snapshot, shown, budget / SHARE);
        defined.retain(is_new);
        let mut recent = lock(&self.recent).parts();
        recent.retain(is_new);
        keep_last(&mut recent, budget / SHARE);
        let used: usize = defined.iter().chain(&recent).map(bytes).sum();
        let mut files = heads(snapshot, shown.document);
        let shown_paths: HashSet<String> = recent.iter().map(|part| part.path.clone()).collect();
        files.retain(|file| is_new(file) && !shown_paths.contains(&file.path));
        keep_last(&mut files, budget.saturating_sub(used));
        files.append(&mut recent);
        files.append(&mut defined);
        files
    }
}

/// Looks the definitions of the open documents and of the workspace's files up in the background where they changed.
pub(crate) fn refresh_definitions(assist: &Assist, snapshot: &Snapshot) {
    let (assist, snapshot) = (assist.clone(), snapshot.clone());
    let (store, shards) = (assist.context(), assist.project().shards());
    if lock(&store.definitions).is_current(&snapshot) && lock(&store.workspace).is_current(&shards) {
        return;
    }
    let update = run_blocking("definitions", move || {
        let store = assist.context();
        let Ok(_only) = store.indexing.try_lock() else { return };
        let older = Arc::clone(&lock(&store.definitions));
        let newer = Arc::new(older.updated(&snapshot));
        *lock(&store.definitions) = newer;
        let older = Arc::clone(&lock(&store.workspace));
        if !older.is_current(&shards) {
            let folder = snapshot.path().and_then(|path| path.parent());
            let newer = Arc::new(older.updated(&shards, folder, Limits::default()));
            *lock(&store.workspace) = newer;
        }
    });
    // Nobody waits for it.
    drop(tokio::spawn(update));
}

/// Heads of other documents in the same language, the least recently changed first.
fn heads(snapshot: &Snapshot, document: &Document) -> Vec<ContextFile> {
    let others = snapshot.others().iter().enumerate();
    let alike = others.filter(|(_, (_, other))| other.language().id() == document.language().id());
    let mut files: Vec<ContextFile> = alike
        .take(HEADS)
        .filter_map(|(index, (_, other))| {
            let end = other.text().len().min(HEAD_BYTES);
            let path = snapshot.other_name(index)?;
            Some(ContextFile { path, text: other.text().slice(TextRange::new(0, end)) })
        })
        .collect();
    files.reverse();
    files
}

/// Drops the first files until the others fit.
fn keep_last(files: &mut Vec<ContextFile>, budget: usize) {
    let mut room = budget;
    let fitting = files.iter().rev().take_while(|file| match room.checked_sub(bytes(file)) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    });
    let kept = fitting.count();
    files.drain(..files.len() - kept);
}

fn bytes(file: &ContextFile) -> usize {
    file.path.len() + file.text.len()
}

/// Lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| line.len() > 2)
}

#[cfg(test)]
mod tests;
