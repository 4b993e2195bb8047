//! Which definitions are worth showing: those of names near the cursor that its file does not define itself.
//!
//! Of several with one name those in files that the cursor's file imports, else those in open ones and in the same
//! folder, else the others. What is imported is told by words alone: a guess, good enough to choose by.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use engine::ContextFile;
use syntax::{Document, TextRange};

use super::{Definitions, Names, WorkspaceFiles};
use crate::context::Shown;
use crate::project::group_of;
use crate::words::is_word;
use crate::{Snapshot, parsing};

/// Lines above what is being written whose names are looked up, and lines below.
const LINES_ABOVE: usize = 32;
const LINES_BELOW: usize = 8;
/// A name that is defined in more places says nothing, unless a few of them are imported.
const MAX_PLACES: usize = 3;
/// Lines at the beginning of a file that may import something.
const IMPORT_LINES: usize = 200;
/// Words of lines that import something.
const IMPORT_WORDS: &[&str] = &["import", "from", "use", "mod", "require", "include"];
/// Files that are imported by the name of their folder.
const FOLDER_FILES: &[&str] = &["__init__", "index", "mod", "lib"];
/// What larger documents define themselves is not looked up for each prompt.
const MAX_OWN: usize = 128 << 10;

/// How near a file is to the cursor's: the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Imported,
    AtHand,
    Elsewhere,
}

/// A definition that is meant perhaps.
struct Place<'a> {
    rank: Rank,
    file: &'a Names,
    index: usize,
}

impl Definitions {
    /// Heads of what the names near the cursor stand for, one file each, in at most `budget` bytes.
    pub(in crate::context) fn files(
        &self,
        workspace: &WorkspaceFiles,
        snapshot: &Snapshot,
        shown: &Shown<'_>,
        budget: usize,
    ) -> Vec<ContextFile> {
        let Some(group) = group_of(shown.document.language()) else { return Vec::new() };
        let imports = imported_words(shown.document);
        let names = names_near(shown, &imports);
        let own_folder = snapshot.path().and_then(|path| path.parent());
        let open: HashSet<&Path> = snapshot.other_paths().chain(snapshot.path().map(|path| path.as_path())).collect();
        let rank = |file: &Names, is_open: bool| {
            let is_imported = module(&file.path).is_some_and(|module| imports.contains(module));
            let is_beside = own_folder.is_some() && file.path.parent() == own_folder;
            match (is_imported, is_open || is_beside) {
                (true, _) => Rank::Imported,
                (false, true) => Rank::AtHand,
                (false, false) => Rank::Elsewhere,
            }
        };
        let mut places: HashMap<&str, Vec<Place<'_>>> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
        let documents = self.documents.iter().filter(|open| open.id != *snapshot.id() && open.names.group == group);
        for file in documents.map(|open| &open.names) {
            let rank = rank(file, true);
            for (index, definition) in file.definitions.iter().enumerate() {
                if let Some(places) = places.get_mut(&*definition.name) {
                    places.push(Place { rank, file, index });
                }
            }
        }
        for (name, places) in &mut places {
            let files = workspace.places(name).filter(|(file, _)| file.group == group);
            // Open documents count as they are now.
            let closed = files.filter(|(file, _)| !open.contains(&*file.path));
            places.extend(closed.map(|(file, index)| Place { rank: rank(file, false), file, index }));
        }
        let chosen = places.into_values().flat_map(meant);
        let mut by_file: BTreeMap<(Rank, &Path), (&Names, Vec<usize>)> = BTreeMap::new();
        for Place { rank, file, index } in chosen {
            by_file.entry((rank, &file.path)).or_insert_with(|| (file, Vec::new())).1.push(index);
        }
        let mut files = BTreeMap::new();
        let mut room = budget;
        for ((_, path), (file, mut indices)) in by_file {
            indices.sort_unstable();
            let path = snapshot.name_of(path).unwrap_or_default();
            let text = heads(file, &indices, path.len(), &mut room);
            if !text.is_empty() {
                files.insert(path, text);
            }
        }
        files.into_iter().map(|(path, text)| ContextFile { path, text }).collect()
    }
}

/// The definitions that a name stands for, as far as that is clear.
fn meant(mut places: Vec<Place<'_>>) -> Vec<Place<'_>> {
    let best = places.iter().map(|place| place.rank).min();
    if places.len() > MAX_PLACES && best != Some(Rank::Imported) {
        return Vec::new();
    }
    places.retain(|place| Some(place.rank) == best);
    if places.len() > MAX_PLACES { Vec::new() } else { places }
}

/// Heads of definitions of a file, members below their type; what does not fit into `room` is left out.
fn heads(file: &Names, indices: &[usize], path_len: usize, room: &mut usize) -> String {
    let mut text = String::new();
    let mut owner = None;
    for definition in indices.iter().map(|&index| &file.definitions[index]) {
        let of = definition.owner.as_deref();
        let indent = if of.is_some() { "    " } else { "" };
        let line = format!("{indent}{}\n", definition.head);
        let lines = match of {
            Some(of) if owner != Some(of) => format!("{of}\n{line}"),
            _ => line,
        };
        let path = if text.is_empty() { path_len } else { 0 };
        let Some(rest) = room.checked_sub(path + lines.len()) else { continue };
        *room = rest;
        owner = of;
        text.push_str(&lines);
    }
    text
}

/// The words above what is being written and below the hole, but for what the document defines itself (`require` does
/// not define): they stay the same while a line is typed.
fn names_near(shown: &Shown<'_>, imports: &HashSet<String>) -> HashSet<String> {
    let text = shown.document.text();
    let first = text.line_of(shown.primer).saturating_sub(LINES_ABOVE);
    let above = text.slice(TextRange::new(text.line_range(first).start.max(shown.start), shown.primer));
    let below = text.slice(shown.suffix);
    let end = below.match_indices('\n').nth(LINES_BELOW).map_or(below.len(), |(at, _)| at);
    let words = above.split(|c: char| !is_word(c)).chain(below[..end].split(|c: char| !is_word(c)));
    let mut names: HashSet<String> = words.filter(|word| word.len() > 2).map(str::to_owned).collect();
    if text.len() <= MAX_OWN {
        parsing::parse(shown.document);
        for symbol in analysis::outline(shown.document) {
            let own = symbol.children.iter().chain([&symbol]).map(|own| &own.name);
            own.filter(|name| !imports.contains(*name)).for_each(|name| {
                names.remove(name);
            });
        }
    }
    names
}

/// The words of the lines that import something.
fn imported_words(document: &Document) -> HashSet<String> {
    let text = document.text();
    let last = text.line_count().min(IMPORT_LINES);
    let mut found = HashSet::new();
    for line in (0..last).map(|line| text.line(line)) {
        let words = || line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
        if words().any(|word| IMPORT_WORDS.contains(&word)) {
            found.extend(words().map(str::to_owned));
        }
    }
    found
}

/// What a file is imported as.
fn module(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    if FOLDER_FILES.contains(&stem) { path.parent()?.file_name()?.to_str() } else { Some(stem) }
}
