//! Names: which are visible at a place, and where the one under the cursor is defined.

use syntax::{Document, TextRange};

use crate::SymbolKind;

/// A name that can be used at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub kind: SymbolKind,
    /// Where it is defined.
    pub definition: TextRange,
    /// Head of the definition, where it has one worth showing.
    pub signature: Option<String>,
}

/// Where a name is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The name's range at the definition.
    pub selection_range: TextRange,
    /// The whole definition.
    pub range: TextRange,
    /// Head of the definition on one line.
    pub signature: String,
    /// Its documentation.
    pub doc: Option<String>,
}

/// Range of the identifier that touches `offset`.
pub fn word_at(_document: &Document, _offset: usize) -> Option<TextRange> {
    unimplemented!()
}

/// Names visible at `offset`, nearest scope first, without duplicates.
pub fn names_in_scope(_document: &Document, _offset: usize) -> Vec<Name> {
    unimplemented!()
}

/// The definition, in this document, of the name at `offset`.
pub fn definition_at(_document: &Document, _offset: usize) -> Option<Definition> {
    unimplemented!()
}
