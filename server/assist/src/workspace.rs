//! The open documents, and snapshots of them.
//!
//! One lock, held for a map access and a rope edit at most: never across an await, a parse or a whole-text copy.

mod requests;
mod uri;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use engine::CancelToken;
use syntax::{ContentChange, Document, Language, PositionEncoding, Text};
use tokio::sync::oneshot;

use requests::{Entry, Running, Tenure};
pub(crate) use requests::{Lane, Registration, Replaced, Takeover};

use crate::secret_files::is_secret;
use crate::sync::lock;
pub use uri::file_path;

/// Names a document: the client's URI, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(Arc<str>);

impl DocumentId {
    /// An id from the client's URI.
    pub fn new(uri: &str) -> Self {
        Self(uri.into())
    }
    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a notification could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkspaceError {
    /// The document was never opened, or is closed.
    #[error("the document {0} is not open")]
    NotOpen(String),
}

/// The open documents. Every method is synchronous and short; nothing holds its lock across an await or a parse.
#[derive(Clone, Default)]
pub struct Workspace(Arc<Mutex<OpenDocuments>>);

#[derive(Default)]
struct OpenDocuments {
    by_id: HashMap<DocumentId, OpenDocument>,
    /// The folders the client works in.
    folders: Arc<[PathBuf]>,
    /// Counts opens, changes and requests: never goes back, so a reopened document is never taken for its older self.
    clock: u64,
}

impl OpenDocuments {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}

struct OpenDocument {
    document: Document,
    path: Option<PathBuf>,
    is_secret: bool,
    /// The clock at the last change.
    revision: u64,
    requests: Vec<Running>,
    /// Texts before the last changes, oldest first, that [`Workspace::take_unseen`] has not given yet.
    unseen: VecDeque<Text>,
}

/// Texts kept until somebody looks at them: a burst of typing.
const MAX_UNSEEN: usize = 64;

impl Workspace {
    /// A workspace without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a document (again: replaces it). The language comes from the client's language id, else from the path.
    pub fn open(&self, id: DocumentId, language_id: &str, version: i32, text: &str) {
        let path = file_path(id.as_str());
        let language = Language::from_name(language_id)
            .or_else(|| path.as_deref().and_then(Language::from_path))
            .or_else(|| Language::from_path(Path::new(&uri::file_name(id.as_str()))))
            .unwrap_or_else(Language::plain_text);
        let is_secret = path.as_deref().map_or_else(|| is_secret(uri::file_name(id.as_str()).as_ref()), is_secret);
        let document = Document::new(text, language, version);
        let mut documents = lock(&self.0);
        let revision = documents.tick();
        let opened =
            OpenDocument { document, path, is_secret, revision, requests: Vec::new(), unseen: VecDeque::new() };
        if let Some(replaced) = documents.by_id.insert(id, opened) {
            replaced.requests.into_iter().for_each(Running::cancel);
        }
    }

    /// Whether some open document is this file.
    pub fn is_open(&self, path: &Path) -> bool {
        lock(&self.0).by_id.values().any(|open| open.path.as_deref() == Some(path))
    }

    /// Applies a change notification.
    ///
    /// # Errors
    /// When the document is not open.
    pub fn change(
        &self,
        id: &DocumentId,
        version: i32,
        changes: &[ContentChange],
        encoding: PositionEncoding,
    ) -> Result<(), WorkspaceError> {
        let mut documents = lock(&self.0);
        let revision = documents.tick();
        let open = documents.by_id.get_mut(id).ok_or_else(|| not_open(id))?;
        open.unseen.push_back(open.document.text().clone());
        if open.unseen.len() > MAX_UNSEEN {
            open.unseen.pop_front();
        }
        open.document = open.document.change(changes, encoding, version);
        open.revision = revision;
        Ok(())
    }

    /// Closes a document and cancels its requests.
    ///
    /// # Errors
    /// When the document is not open.
    pub fn close(&self, id: &DocumentId) -> Result<(), WorkspaceError> {
        let closed = lock(&self.0).by_id.remove(id).ok_or_else(|| not_open(id))?;
        closed.requests.into_iter().for_each(Running::cancel);
        Ok(())
    }

    /// The client works in these folders from now on.
    pub fn set_folders(&self, folders: Vec<PathBuf>) {
        lock(&self.0).folders = folders.into();
    }

    /// The folders the client works in, as it listed them.
    pub fn folders(&self) -> Arc<[PathBuf]> {
        Arc::clone(&lock(&self.0).folders)
    }

    /// What a request that arrives now sees; `None` when the document is not open.
    pub fn snapshot(&self, id: &DocumentId) -> Option<Snapshot> {
        let mut documents = lock(&self.0);
        let arrival = documents.tick();
        let open = documents.by_id.get(id)?;
        let others = documents.by_id.iter().filter(|(other, seen)| *other != id && !seen.is_secret);
        let mut others: Vec<_> = others.collect();
        others.sort_by_key(|(_, other)| std::cmp::Reverse(other.revision));
        Some(Snapshot(Arc::new(Seen {
            id: id.clone(),
            document: open.document.clone(),
            path: open.path.clone(),
            is_secret: open.is_secret,
            folders: Arc::clone(&documents.folders),
            revision: Some(open.revision),
            arrival,
            other_revisions: others.iter().map(|(_, other)| other.revision).collect(),
            other_paths: others.iter().map(|(_, other)| other.path.clone()).collect(),
            others: others.into_iter().map(|(id, other)| (id.clone(), other.document.clone())).collect(),
        })))
    }

    /// The texts that a document had before each change since the last call, oldest first, and its revision now.
    pub(crate) fn take_unseen(&self, id: &DocumentId) -> Option<(VecDeque<Text>, u64)> {
        let mut documents = lock(&self.0);
        let open = documents.by_id.get_mut(id)?;
        Some((std::mem::take(&mut open.unseen), open.revision))
    }

    /// Ids of the open documents, sorted.
    pub fn open_documents(&self) -> Vec<DocumentId> {
        let mut ids: Vec<_> = lock(&self.0).by_id.keys().cloned().collect();
        ids.sort();
        ids
    }

    /// Paths of the open documents that have one, sorted.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = lock(&self.0).by_id.values().filter_map(|open| open.path.clone()).collect();
        paths.sort();
        paths
    }

    /// True while the document is open at exactly this version.
    pub fn is_current(&self, id: &DocumentId, version: i32) -> bool {
        lock(&self.0).by_id.get(id).is_some_and(|open| open.document.version() == version)
    }

    /// Registers a model request. The one it replaces in its lane, if any, is the caller's to end.
    ///
    /// For a document that is not open (any more) nothing is registered: an already closed document's request
    /// comes back cancelled, a text that never was open is nobody else's concern.
    pub(crate) fn register(&self, snapshot: &Snapshot, lane: Lane) -> (Registration, Option<Replaced>) {
        let (sender, takeover) = oneshot::channel();
        let work = CancelToken::new();
        let streaming = Arc::default();
        let registration =
            |tenure| Registration { work: work.clone(), streaming: Arc::clone(&streaming), takeover, tenure };
        if snapshot.revision().is_none() {
            return (registration(Tenure::Unrivalled { _takeover: sender }), None);
        }
        let mut documents = lock(&self.0);
        let ticket = documents.tick();
        let Some(open) = documents.by_id.get_mut(snapshot.id()) else {
            work.cancel();
            return (registration(Tenure::Void), None);
        };
        // Requests are begun in any order, but the one that arrived last is the one that counts.
        if open.requests.iter().any(|running| running.lane.rivals(lane) && running.arrival > snapshot.0.arrival) {
            work.cancel();
            return (registration(Tenure::Void), None);
        }
        let replaced = open.requests.iter().position(|running| running.lane.rivals(lane));
        let replaced = replaced.map(|at| Replaced(open.requests.swap_remove(at)));
        let arrival = snapshot.0.arrival;
        let running =
            Running { lane, ticket, arrival, work: work.clone(), streaming: Arc::clone(&streaming), takeover: sender };
        open.requests.push(running);
        let entry = Entry { workspace: self.clone(), id: snapshot.id().clone(), ticket };
        (registration(Tenure::Listed { entry }), replaced)
    }

    fn adopt(&self, id: &DocumentId, ticket: u64, work: &CancelToken) {
        let mut documents = lock(&self.0);
        let requests = documents.by_id.get_mut(id).map(|open| &mut open.requests);
        match requests.and_then(|requests| requests.iter_mut().find(|running| running.ticket == ticket)) {
            Some(running) => running.work = work.clone(),
            // Replaced or closed meanwhile.
            None => work.cancel(),
        }
    }

    fn unregister(&self, id: &DocumentId, ticket: u64) {
        if let Some(open) = lock(&self.0).by_id.get_mut(id) {
            open.requests.retain(|running| running.ticket != ticket);
        }
    }
}

fn not_open(id: &DocumentId) -> WorkspaceError {
    WorkspaceError::NotOpen(id.as_str().to_owned())
}

/// One document and the other open ones, as they were when a request arrived. Cloning is cheap.
#[derive(Clone)]
pub struct Snapshot(Arc<Seen>);

struct Seen {
    id: DocumentId,
    document: Document,
    path: Option<PathBuf>,
    is_secret: bool,
    folders: Arc<[PathBuf]>,
    revision: Option<u64>,
    /// Later snapshots have larger numbers.
    arrival: u64,
    others: Vec<(DocumentId, Document)>,
    other_revisions: Vec<u64>,
    other_paths: Vec<Option<PathBuf>>,
}

impl Snapshot {
    /// A snapshot of one text that is not open anywhere (a REST body, a file on the command line).
    pub fn of_text(text: &str, language: Language, path: Option<&Path>) -> Self {
        Self::of_file(DocumentId::new("untitled:"), text, language, path)
    }
    /// A snapshot of a file that is not open, under the id that it would have.
    pub(crate) fn of_file(id: DocumentId, text: &str, language: Language, path: Option<&Path>) -> Self {
        Self(Arc::new(Seen {
            id,
            document: Document::new(text, language, 0),
            path: path.map(Path::to_owned),
            is_secret: path.is_some_and(is_secret),
            folders: Arc::default(),
            revision: None,
            arrival: 0,
            others: Vec::new(),
            other_revisions: Vec::new(),
            other_paths: Vec::new(),
        }))
    }
    /// The document's id.
    pub fn id(&self) -> &DocumentId {
        &self.0.id
    }
    /// The document.
    pub fn document(&self) -> &Document {
        &self.0.document
    }
    /// Its path, where its URI is a file's or a path was given.
    pub fn path(&self) -> Option<&PathBuf> {
        self.0.path.as_ref()
    }
    /// The folders the client works in.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.0.folders
    }
    /// The workspace folder that holds the document, the innermost of several.
    pub fn folder(&self) -> Option<&Path> {
        self.folder_of(self.path()?)
    }
    fn folder_of(&self, path: &Path) -> Option<&Path> {
        let holding = self.0.folders.iter().filter(|folder| path.starts_with(folder));
        holding.max_by_key(|folder| folder.components().count()).map(PathBuf::as_path)
    }
    /// What the document is called in its project: its path from the workspace folder that holds it; without one as it
    /// was given when it is relative, else the file name.
    pub(crate) fn name(&self) -> Option<String> {
        self.name_of(self.path()?)
    }
    /// The same for the other document at this index of [`Snapshot::others`].
    pub(crate) fn other_name(&self, index: usize) -> Option<String> {
        self.name_of(self.other_path(index)?)
    }
    /// The same for any path.
    pub(crate) fn name_of(&self, path: &Path) -> Option<String> {
        let inside = self.folder_of(path).and_then(|folder| path.strip_prefix(folder).ok());
        let shown = match inside {
            Some(inside) => inside,
            None if path.is_relative() => path,
            None => Path::new(path.file_name()?),
        };
        Some(shown.to_string_lossy().replace('\\', "/"))
    }
    /// Whether the document holds secrets by its name: nothing is suggested in it.
    pub(crate) fn is_secret(&self) -> bool {
        self.0.is_secret
    }
    /// The other open documents, most recently changed first, without those that hold secrets ([`crate::is_secret`]).
    pub fn others(&self) -> &[(DocumentId, Document)] {
        &self.0.others
    }
    /// Path of the other document at this index of [`Snapshot::others`].
    pub(crate) fn other_path(&self, index: usize) -> Option<&Path> {
        self.0.other_paths.get(index)?.as_deref()
    }
    /// Paths of the other documents that have one.
    pub(crate) fn other_paths(&self) -> impl Iterator<Item = &Path> {
        self.0.other_paths.iter().flatten().map(PathBuf::as_path)
    }
    /// Identifies the document's text in this process; `None` for a text that is not open anywhere.
    pub(crate) fn revision(&self) -> Option<u64> {
        self.0.revision
    }
    /// The same for the other document at this index of [`Snapshot::others`].
    pub(crate) fn other_revision(&self, index: usize) -> Option<u64> {
        self.0.other_revisions.get(index).copied()
    }
}

#[cfg(test)]
mod tests;
