//! Definitions of the names near the cursor: an index from names to the heads of what they name, over the open documents.
//!
//! The index is made in the background, from the trees of the documents that changed, and is taken as it is. Memory: at
//! most [`MAX_DOCUMENTS`] documents with [`MAX_NAMES`] names each, about 200 bytes a name, so 13 MB; in a usual session
//! a hundredth of that.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use analysis::Symbol;
use engine::ContextFile;
use syntax::{Document, TextRange};

use super::Shown;
use crate::words::is_word;
use crate::{DocumentId, Snapshot, parsing};

const MAX_DOCUMENTS: usize = 32;
const MAX_NAMES: usize = 2000;
/// Larger documents are data.
const MAX_BYTES: usize = 512 << 10;
/// Longest head that is shown, in bytes.
const MAX_HEAD: usize = 200;
/// Lines above what is being written whose names are looked up, and lines below.
const LINES_ABOVE: usize = 32;
const LINES_BELOW: usize = 8;
/// A name that is defined in more places says nothing.
const MAX_PLACES: usize = 3;

/// The names of one document.
struct Names {
    id: DocumentId,
    revision: u64,
    language: &'static str,
    path: String,
    /// In order of appearance.
    definitions: Vec<Definition>,
}

struct Definition {
    name: String,
    /// The head on one line, behind that of the type it belongs to.
    head: String,
    /// Head of the type it is a member of.
    owner: Option<String>,
}

/// The names of the open documents.
#[derive(Default)]
pub(super) struct Definitions {
    /// The document of the snapshot it was made from is not in it.
    documents: Vec<Arc<Names>>,
}

impl Definitions {
    /// Whether it knows the snapshot's other documents as they are.
    pub(super) fn is_current(&self, snapshot: &Snapshot) -> bool {
        others(snapshot).all(|(index, id, _)| self.known(id, snapshot.other_revision(index)).is_some())
    }

    fn known(&self, id: &DocumentId, revision: Option<u64>) -> Option<&Arc<Names>> {
        self.documents.iter().find(|names| names.id == *id && Some(names.revision) == revision)
    }

    /// The same for these documents: parses those that are new or changed.
    pub(super) fn updated(&self, snapshot: &Snapshot) -> Self {
        let documents = others(snapshot).filter_map(|(index, id, document)| {
            let revision = snapshot.other_revision(index)?;
            let known = self.known(id, Some(revision)).cloned();
            known.or_else(|| {
                let path = snapshot.other_name(index).unwrap_or_default();
                let definitions = definitions(document);
                let language = document.language().id();
                Some(Arc::new(Names { id: id.clone(), revision, language, path, definitions }))
            })
        });
        let mut documents: Vec<_> = documents.collect();
        // The document that is being edited is another one's other document soon.
        let own = self.documents.iter().filter(|names| names.id == *snapshot.id());
        documents.extend(own.cloned());
        Self { documents }
    }

    /// Heads of what the names near the cursor stand for, one file a document, in at most `budget` bytes.
    pub(super) fn files(&self, snapshot: &Snapshot, shown: &Shown<'_>, budget: usize) -> Vec<ContextFile> {
        let language = shown.document.language().id();
        let alike = self.documents.iter().filter(|it| it.language == language && it.id != *snapshot.id());
        let alike: Vec<_> = alike.collect();
        let names = names_near(shown);
        let mut places: HashMap<&str, usize> = names.iter().map(|name| (name.as_str(), 0)).collect();
        for definition in alike.iter().flat_map(|it| &it.definitions) {
            if let Some(count) = places.get_mut(definition.name.as_str()) {
                *count += 1;
            }
        }
        let is_meant = |definition: &&Definition| {
            places.get(definition.name.as_str()).is_some_and(|count| (1..=MAX_PLACES).contains(count))
        };
        let mut files = BTreeMap::new();
        let mut room = budget;
        for document in alike {
            let mut text = String::new();
            let mut owner = None;
            for definition in document.definitions.iter().filter(is_meant) {
                let of = definition.owner.as_deref();
                let indent = if of.is_some() { "    " } else { "" };
                let line = format!("{indent}{}\n", definition.head);
                let lines = match of {
                    Some(of) if owner != Some(of) => format!("{of}\n{line}"),
                    _ => line,
                };
                let path = if text.is_empty() { document.path.len() } else { 0 };
                let Some(rest) = room.checked_sub(path + lines.len()) else { continue };
                room = rest;
                owner = of;
                text.push_str(&lines);
            }
            if !text.is_empty() {
                files.insert(document.path.as_str(), text);
            }
        }
        files.into_iter().map(|(path, text)| ContextFile { path: path.to_owned(), text }).collect()
    }
}

/// The other documents that are looked at, with their index in the snapshot.
fn others(snapshot: &Snapshot) -> impl Iterator<Item = (usize, &DocumentId, &Document)> {
    let all = snapshot.others().iter().enumerate().take(MAX_DOCUMENTS);
    let small = all.filter(|(_, (_, document))| document.text().len() <= MAX_BYTES);
    small.filter(|(_, (_, document))| document.language().grammar().is_some()).map(|(index, (id, it))| (index, id, it))
}

fn definitions(document: &Document) -> Vec<Definition> {
    parsing::parse(document);
    let mut found = Vec::new();
    for symbol in analysis::outline(document) {
        let owner = head(&symbol);
        found.push(Definition { name: symbol.name.clone(), head: owner.clone(), owner: None });
        let members = symbol.children.iter();
        found.extend(members.map(|member| Definition {
            name: member.name.clone(),
            head: head(member),
            owner: Some(owner.clone()),
        }));
    }
    found.truncate(MAX_NAMES);
    found
}

fn head(symbol: &Symbol) -> String {
    let signature = symbol.signature.as_str();
    signature[..signature.floor_char_boundary(MAX_HEAD)].to_owned()
}

/// The words above what is being written and below the hole: they stay the same while a line is typed.
fn names_near(shown: &Shown<'_>) -> Vec<String> {
    let text = shown.document.text();
    let first = text.line_of(shown.primer).saturating_sub(LINES_ABOVE);
    let above = text.slice(TextRange::new(text.line_range(first).start.max(shown.start), shown.primer));
    let below = text.slice(shown.suffix);
    let end = below.match_indices('\n').nth(LINES_BELOW).map_or(below.len(), |(at, _)| at);
    let mut seen = HashSet::new();
    let words = above.split(|c: char| !is_word(c)).chain(below[..end].split(|c: char| !is_word(c)));
    words.filter(|word| word.len() > 2 && seen.insert(*word)).map(str::to_owned).collect()
}
