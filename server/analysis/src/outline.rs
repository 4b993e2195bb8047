//! The definitions of a document, as a tree.

use syntax::{Document, TextRange};

/// What a symbol is (the LSP kinds that occur).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are LSP's")]
pub enum SymbolKind {
    Module,
    Class,
    Method,
    Property,
    Field,
    Constructor,
    Enum,
    EnumMember,
    Interface,
    Function,
    Variable,
    Constant,
    Struct,
    TypeAlias,
    Parameter,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole definition, doc comment excluded.
    pub range: TextRange,
    /// The name's own range.
    pub selection_range: TextRange,
    /// The definition's head on one line, such as `def area(self, width: int) -> int`.
    pub signature: String,
    /// Its documentation, with comment markers and common indentation removed.
    pub doc: Option<String>,
    /// Definitions inside it.
    pub children: Vec<Symbol>,
}

/// The document's definitions in order of appearance.
pub fn outline(_document: &Document) -> Vec<Symbol> {
    unimplemented!()
}

/// The definitions around `offset`, outermost first, without their children.
pub fn enclosing_symbols(_document: &Document, _offset: usize) -> Vec<Symbol> {
    unimplemented!()
}
