//! The open documents, and snapshots of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syntax::{ContentChange, Document, Language, PositionEncoding};

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
#[derive(Clone)]
pub struct Workspace(());

impl Workspace {
    /// Opens a document (again: replaces it). The language comes from the client's language id, else from the path.
    pub fn open(&self, _id: DocumentId, _language_id: &str, _version: i32, _text: &str) {
        unimplemented!()
    }
    /// Applies a change notification.
    ///
    /// # Errors
    /// When the document is not open.
    pub fn change(
        &self,
        _id: &DocumentId,
        _version: i32,
        _changes: &[ContentChange],
        _encoding: PositionEncoding,
    ) -> Result<(), WorkspaceError> {
        unimplemented!()
    }
    /// Closes a document and cancels its requests.
    ///
    /// # Errors
    /// When the document is not open.
    pub fn close(&self, _id: &DocumentId) -> Result<(), WorkspaceError> {
        unimplemented!()
    }
    /// What a request that arrives now sees; `None` when the document is not open.
    pub fn snapshot(&self, _id: &DocumentId) -> Option<Snapshot> {
        unimplemented!()
    }
    /// Ids of the open documents, sorted.
    pub fn open_documents(&self) -> Vec<DocumentId> {
        unimplemented!()
    }
    /// True while the document is open at exactly this version.
    pub fn is_current(&self, _id: &DocumentId, _version: i32) -> bool {
        unimplemented!()
    }
}

/// One document and the other open ones, as they were when a request arrived. Cloning is cheap.
#[derive(Clone)]
pub struct Snapshot(());

impl Snapshot {
    /// A snapshot of one text that is not open anywhere (a REST body, a file on the command line).
    pub fn of_text(_text: &str, _language: Language, _path: Option<&Path>) -> Self {
        unimplemented!()
    }
    /// The document's id.
    pub fn id(&self) -> &DocumentId {
        unimplemented!()
    }
    /// The document.
    pub fn document(&self) -> &Document {
        unimplemented!()
    }
    /// Its path, where its URI is a file's or a path was given.
    pub fn path(&self) -> Option<&PathBuf> {
        unimplemented!()
    }
    /// The other open documents, most recently changed first.
    pub fn others(&self) -> &[(DocumentId, Document)] {
        unimplemented!()
    }
}
