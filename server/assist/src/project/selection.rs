//! Which files of a workspace are worth indexing, when not all fit.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use syntax::Language;

use super::FileStamp;
use crate::is_secret;

/// Larger files are data, or were written by a program.
const MAX_FILE_BYTES: u64 = 256 << 10;

/// A file that is wanted, and the group of languages it is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) group: &'static str,
    pub(crate) stamp: FileStamp,
}

/// Languages whose code is alike are searched together; `None` for a file that is no code.
pub(crate) fn group_of(language: Language) -> Option<&'static str> {
    match language.id() {
        "plaintext" => None,
        "javascript" | "javascriptreact" | "typescript" | "typescriptreact" | "vue" | "svelte" => Some("javascript"),
        "c" | "cpp" | "objective-c" => Some("c"),
        id => language.grammar().map(|_| id),
    }
}

/// The code files among those found, each once, at most `budget` bytes: those in the folders of open files first, then
/// the ones nearest to them, the most recently changed first among equals. In order of their paths.
pub(crate) fn select(mut found: Vec<FileStamp>, open: &[PathBuf], budget: usize) -> Vec<Selected> {
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    let is_wanted = |stamp: &FileStamp| stamp.bytes > 0 && stamp.bytes <= MAX_FILE_BYTES && !is_secret(&stamp.path);
    let selected = found.into_iter().filter(is_wanted).filter_map(|stamp| {
        let group = group_of(Language::from_path(&stamp.path)?)?;
        Some(Selected { group, stamp })
    });
    let mut selected: Vec<Selected> = selected.collect();
    let total: u64 = selected.iter().map(|file| file.stamp.bytes).sum();
    let budget = budget as u64;
    if total > budget {
        let folders: HashSet<&Path> = open.iter().filter_map(|path| path.parent()).collect();
        let mut order: Vec<usize> = (0..selected.len()).collect();
        order.sort_by_cached_key(|&at| {
            let stamp = &selected[at].stamp;
            (folders.iter().map(|folder| steps(folder, &stamp.path)).min(), Reverse(stamp.modified), at)
        });
        let mut room = budget;
        let chosen: HashSet<usize> = order
            .into_iter()
            .take_while(|&at| match room.checked_sub(selected[at].stamp.bytes) {
                Some(rest) => {
                    room = rest;
                    true
                }
                None => false,
            })
            .collect();
        let mut at = 0..;
        selected.retain(|_| at.next().is_some_and(|at| chosen.contains(&at)));
    }
    selected
}

/// Steps from a folder to the folder of a file.
pub(crate) fn steps(folder: &Path, file: &Path) -> usize {
    let parent = file.parent().unwrap_or(file);
    let shared = folder.components().zip(parent.components()).take_while(|(a, b)| a == b).count();
    folder.components().count() + parent.components().count() - 2 * shared
}
