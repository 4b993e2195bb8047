//! Navigation: where a name is defined, and where it is used, in the document and in the files of the workspace.
//!
//! Python, JavaScript and TypeScript are followed through imports ([`links`]); other languages by their syntax's scopes
//! within the document. Open documents come before files on disk, which are read through [`crate::ProjectFiles`] only.

mod files;
mod links;
mod modules;

use std::path::{Path, PathBuf};

use analysis::{Access, At, Imported};
use syntax::{Document, TextRange};

use crate::{Assist, AssistError, DocumentId, Snapshot, Waiting, parsing};
pub(crate) use files::Files;
pub(crate) use links::{Links, Scan, Target, target};

/// A file of the workspace, as it was looked at.
#[derive(Clone, Debug)]
pub struct FileView {
    /// The client's name for it, where it is open.
    pub id: Option<DocumentId>,
    /// Its path, where it has one.
    pub path: Option<PathBuf>,
    /// Its text.
    pub document: Document,
}

impl FileView {
    /// The version of an open document; `None` for a file on disk.
    pub fn version(&self) -> Option<i32> {
        self.id.as_ref().map(|_| self.document.version())
    }
}

/// A place in a file.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file.
    pub file: FileView,
    /// The place in its text.
    pub range: TextRange,
}

/// A place in the document that names the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// The name.
    pub range: TextRange,
    /// It gets a value there.
    pub is_write: bool,
}

/// Where what stands at `offset` is defined; several places where it has several definitions.
pub fn definition(assist: &Assist, snapshot: &Snapshot, offset: usize) -> Vec<Location> {
    let mut files = Files::new(assist, snapshot);
    let document = snapshot.document();
    let Some(names) = files.names(Files::OWN) else { return definition_by_scope(&files, snapshot, offset) };
    // The module that an import names.
    let import = names.imports.iter().find(|import| import.module_range.touches(offset));
    if let Some(import) = import.filter(|import| import.range.is_empty() || !import.range.touches(offset))
        && let Some(file) = files.module(Files::OWN, &import.module)
    {
        return vec![Location { file: files.view(file), range: TextRange::new(0, 0) }];
    }
    let found = match names.at(offset) {
        Some(At::Symbol(symbol, _)) => links::origin(&mut files, Files::OWN, symbol),
        Some(At::Import(import)) => match &import.what {
            Imported::Name(name) => links::origin_of_import(&mut files, Files::OWN, &import.module, name),
            _ => Vec::new(),
        },
        Some(At::Export(name, _)) => links::provided(&mut files, Files::OWN, name).into_iter().collect(),
        Some(At::Member(member)) => links::origin_of_member(&mut files, Files::OWN, member),
        Some(At::Keyword(keyword)) => links::origin_of_keyword(&mut files, Files::OWN, keyword),
        Some(At::Free(free)) => links::origin_of_free(&mut files, Files::OWN, &free.name),
        Some(At::Guess(_)) | None => Vec::new(),
    };
    let locations: Vec<Location> = found.into_iter().flat_map(|origin| files.locations(origin)).collect();
    if !locations.is_empty() {
        return locations;
    }
    let is_bound = matches!(names.at(offset), Some(At::Symbol(..)));
    if is_bound && analysis::word_at(document, offset).is_some() {
        // An import of something out of reach: the import is all there is.
        let At::Symbol(symbol, _) = names.at(offset).expect("it was there a line above") else { return Vec::new() };
        return files.definitions_of(Files::OWN, symbol);
    }
    definition_by_scope(&files, snapshot, offset)
}

/// The same by the syntax alone: in this document, else a definition of that name in another open one.
fn definition_by_scope(files: &Files<'_>, snapshot: &Snapshot, offset: usize) -> Vec<Location> {
    let document = snapshot.document();
    if let Some(definition) = analysis::definition_at(document, offset) {
        return vec![Location { file: files.view(Files::OWN), range: definition.selection_range }];
    }
    let Some(word) = analysis::word_at(document, offset) else { return Vec::new() };
    let name = document.text().slice(word);
    let is_name = analysis::completion_context(document, offset);
    if is_name.in_comment || is_name.in_string {
        return Vec::new();
    }
    let others = snapshot.others().iter().enumerate();
    let same = others.filter(|(_, (_, other))| other.language().id() == document.language().id());
    let found = same.filter_map(|(index, (id, other))| {
        parsing::parse(other);
        let definition = analysis::definition_of(other, &name)?;
        let path = snapshot.other_path(index).map(Path::to_owned);
        let file = FileView { id: Some(id.clone()), path, document: other.clone() };
        Some(Location { file, range: definition.selection_range })
    });
    found.take(1).collect()
}

/// Every place that names what stands at `offset`, the definitions included where they are wanted.
///
/// # Errors
/// When the request was cancelled. What could not be looked through is left out.
pub fn references(
    assist: &Assist,
    snapshot: &Snapshot,
    offset: usize,
    with_definitions: bool,
    waiting: &dyn Waiting,
) -> Result<Vec<Location>, AssistError> {
    let mut files = Files::new(assist, snapshot);
    let Some(names) = files.names(Files::OWN) else {
        let found = analysis::references(snapshot.document(), offset);
        let places = found.into_iter().flat_map(|found| {
            let is_wanted = move |place: &analysis::Reference| with_definitions || place.range != found.definition;
            found.places.into_iter().filter(is_wanted)
        });
        let view = files.view(Files::OWN);
        return Ok(places.map(|place| Location { file: view.clone(), range: place.range }).collect());
    };
    let target = match names.at(offset) {
        Some(at) => target(&mut files, &at),
        None => None,
    };
    let Some(target) = target else {
        // What is defined elsewhere is used here at least.
        let free = match names.at(offset) {
            Some(At::Free(free)) => names.free.iter().filter(|other| other.name == free.name).collect(),
            _ => Vec::new(),
        };
        let view = files.view(Files::OWN);
        return Ok(free.into_iter().map(|free| Location { file: view.clone(), range: free.range }).collect());
    };
    let scan = Scan::of(&mut files, &target, waiting);
    if waiting.is_cancelled() {
        return Err(AssistError::Cancelled);
    }
    let links = Links::of(&mut files, &target, &scan.files);
    let mut locations = Vec::new();
    for (file, places) in links.places(&files) {
        let view = files.view(file);
        let wanted = places.into_iter().filter(|(_, access)| with_definitions || *access != Access::Definition);
        locations.extend(wanted.map(|(range, _)| Location { file: view.clone(), range }));
    }
    Ok(locations)
}

/// The places of the document that name what stands at `offset`.
pub fn highlights(snapshot: &Snapshot, offset: usize) -> Vec<Highlight> {
    let document = snapshot.document();
    parsing::parse(document);
    let Some(names) = analysis::Names::of(document) else {
        let Some(found) = analysis::references(document, offset) else { return Vec::new() };
        let highlight =
            |place: &analysis::Reference| Highlight { range: place.range, is_write: place.range == found.definition };
        return found.places.iter().map(highlight).collect();
    };
    let read = |range| Highlight { range, is_write: false };
    match names.at(offset) {
        Some(At::Symbol(symbol, _)) => {
            let places = names.symbols[symbol].places.iter();
            places.map(|place| Highlight { range: place.range, is_write: place.access != Access::Read }).collect()
        }
        Some(At::Free(free)) => {
            names.free.iter().filter(|other| other.name == free.name).map(|other| read(other.range)).collect()
        }
        Some(At::Member(member)) => {
            let is_same = |it: &&analysis::MemberUse| {
                it.symbol == member.symbol && it.path == member.path && it.name == member.name
            };
            let same = names.members.iter().filter(is_same);
            same.map(|it| Highlight { range: it.range, is_write: it.is_write }).collect()
        }
        Some(At::Import(import)) => vec![read(import.range)],
        Some(At::Export(_, range)) => vec![read(range)],
        Some(At::Keyword(_) | At::Guess(_)) | None => Vec::new(),
    }
}

/// What can be put away.
pub fn folds(snapshot: &Snapshot) -> Vec<analysis::Fold> {
    parsing::parse(snapshot.document());
    analysis::folds(snapshot.document())
}

/// What a selection at each of these offsets grows to, smallest first.
pub fn selection_ranges(snapshot: &Snapshot, offsets: &[usize]) -> Vec<Vec<TextRange>> {
    parsing::parse(snapshot.document());
    offsets.iter().map(|offset| analysis::selection_ranges(snapshot.document(), *offset)).collect()
}
