//! The definitions of a document, for outlines and symbol lists.

use analysis::Symbol;

use crate::Snapshot;

/// The document's definitions in order of appearance. Analysis only.
pub fn outline(snapshot: &Snapshot) -> Vec<Symbol> {
    analysis::outline(snapshot.document())
}
