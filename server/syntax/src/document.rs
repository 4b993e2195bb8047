//! One document at one version.

use crate::{ContentChange, Language, PositionEncoding, Text, TextEdit};

/// Text, language, version and (lazily, once) its tree. Cloning is cheap.
#[derive(Clone)]
pub struct Document(());

impl Document {
    /// A document as it is opened.
    pub fn new(_text: &str, _language: Language, _version: i32) -> Self {
        unimplemented!()
    }
    /// The text.
    pub fn text(&self) -> &Text {
        unimplemented!()
    }
    /// The language.
    pub fn language(&self) -> Language {
        unimplemented!()
    }
    /// The client's version number.
    pub fn version(&self) -> i32 {
        unimplemented!()
    }
    /// The document after non-overlapping edits (offsets of this document).
    pub fn edit(&self, _edits: &[TextEdit], _version: i32) -> Document {
        unimplemented!()
    }
    /// The document after the entries of a change notification, in order.
    pub fn change(&self, _changes: &[ContentChange], _encoding: PositionEncoding, _version: i32) -> Document {
        unimplemented!()
    }
    /// The tree, parsed on first use (incrementally where an earlier version was parsed); `None` without a grammar.
    pub fn tree(&self) -> Option<&tree_sitter::Tree> {
        unimplemented!()
    }
    /// The tree as an S-expression, for bug reports.
    pub fn syntax_tree_text(&self) -> Option<String> {
        unimplemented!()
    }
}
