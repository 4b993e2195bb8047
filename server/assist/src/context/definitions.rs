//! Definitions of the names near the cursor: an index from names to the heads of what they name, over the open documents
//! and the files of the workspace (`definitions/workspace_files.rs`). Which of them are shown, `definitions/choice.rs`
//! says.
//!
//! The index is made in the background, from the trees of what changed, and is taken as it is. Memory: of the open
//! documents at most [`MAX_DOCUMENTS`] with [`MAX_NAMES`] names each, about 200 bytes a name, so 13 MB; in a usual
//! session a hundredth of that. Of the workspace, see there.

mod choice;
mod workspace_files;

use std::path::PathBuf;
use std::sync::Arc;

use analysis::Symbol;
use syntax::Document;

pub(super) use workspace_files::{Limits, WorkspaceFiles};

use crate::project::group_of;
use crate::{DocumentId, Snapshot, parsing};

const MAX_DOCUMENTS: usize = 32;
const MAX_NAMES: usize = 2000;
/// Larger documents are data.
const MAX_BYTES: usize = 512 << 10;
/// Longest head that is shown, in bytes.
const MAX_HEAD: usize = 200;

/// The names of one file.
struct Names {
    /// Languages whose code is alike.
    group: &'static str,
    path: PathBuf,
    /// In order of appearance.
    definitions: Vec<Definition>,
}

struct Definition {
    name: Box<str>,
    /// The head on one line.
    head: Arc<str>,
    /// Head of the type it is a member of.
    owner: Option<Arc<str>>,
}

/// The names of an open document.
struct OpenNames {
    id: DocumentId,
    revision: u64,
    names: Names,
}

/// The names of the open documents.
#[derive(Default)]
pub(super) struct Definitions {
    /// The document of the snapshot it was made from is not in it.
    documents: Vec<Arc<OpenNames>>,
}

impl Definitions {
    /// Whether it knows the snapshot's other documents as they are.
    pub(super) fn is_current(&self, snapshot: &Snapshot) -> bool {
        others(snapshot).all(|(index, id, ..)| self.known(id, snapshot.other_revision(index)).is_some())
    }

    fn known(&self, id: &DocumentId, revision: Option<u64>) -> Option<&Arc<OpenNames>> {
        self.documents.iter().find(|open| open.id == *id && Some(open.revision) == revision)
    }

    /// The same for these documents: parses those that are new or changed.
    pub(super) fn updated(&self, snapshot: &Snapshot) -> Self {
        let documents = others(snapshot).filter_map(|(index, id, group, document)| {
            let revision = snapshot.other_revision(index)?;
            let path = snapshot.other_path(index)?.to_owned();
            let known = self.known(id, Some(revision)).cloned();
            known.or_else(|| {
                parsing::parse(document);
                let names = Names { group, path, definitions: definitions(document) };
                Some(Arc::new(OpenNames { id: id.clone(), revision, names }))
            })
        });
        let mut documents: Vec<_> = documents.collect();
        // The document that is being edited is another one's other document soon.
        let own = self.documents.iter().filter(|open| open.id == *snapshot.id());
        documents.extend(own.cloned());
        Self { documents }
    }
}

/// The other documents that are looked at (those of files), with their index in the snapshot and the group of their language.
fn others(snapshot: &Snapshot) -> impl Iterator<Item = (usize, &DocumentId, &'static str, &Document)> {
    let all = snapshot.others().iter().enumerate().take(MAX_DOCUMENTS);
    let small = all.filter(|(_, (_, document))| document.text().len() <= MAX_BYTES);
    let code = small.filter(|(_, (_, document))| document.language().grammar().is_some());
    let files = code.filter(|(index, _)| snapshot.other_path(*index).is_some());
    files.filter_map(|(index, (id, it))| Some((index, id, group_of(it.language())?, it)))
}

/// What a document defines, of types their members too. Without a tree, nothing.
fn definitions(document: &Document) -> Vec<Definition> {
    let mut found = Vec::new();
    for symbol in analysis::outline(document) {
        let owner = head(&symbol);
        found.push(Definition { name: symbol.name.as_str().into(), head: Arc::clone(&owner), owner: None });
        let members = symbol.children.iter();
        found.extend(members.map(|member| Definition {
            name: member.name.as_str().into(),
            head: head(member),
            owner: Some(Arc::clone(&owner)),
        }));
    }
    found.truncate(MAX_NAMES);
    found
}

fn head(symbol: &Symbol) -> Arc<str> {
    let signature = symbol.signature.as_str();
    signature[..signature.floor_char_boundary(MAX_HEAD)].into()
}
