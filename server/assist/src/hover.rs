//! Hover: what the thing under the cursor is.

use syntax::TextRange;

use crate::Snapshot;

/// A hover text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: TextRange,
    /// Markdown, 20 lines at most.
    pub markdown: String,
}

/// Signature and doc of what stands at `offset`: from this document, else from the other open ones. Analysis only.
pub fn hover(_snapshot: &Snapshot, _offset: usize) -> Option<Hover> {
    unimplemented!()
}
