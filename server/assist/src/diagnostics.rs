//! Diagnostics of a snapshot: the same function and the same table for editor, bridge and command line.

use analysis::Diagnostic;

use crate::Snapshot;

/// Every problem of the document, sorted by offset. Analysis only.
pub fn diagnostics(_snapshot: &Snapshot) -> Vec<Diagnostic> {
    unimplemented!()
}
