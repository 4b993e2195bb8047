//! The definitions of a document, for outlines and symbol lists.

use analysis::Symbol;

use crate::{Snapshot, parsing};

/// The document's definitions in order of appearance. Analysis only.
pub fn outline(snapshot: &Snapshot) -> Vec<Symbol> {
    parsing::parse(snapshot.document());
    analysis::outline(snapshot.document())
}
