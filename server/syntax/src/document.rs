//! One document at one version.
//!
//! An edit makes a new document and leaves the old one as it was. The tree of a version is
//! parsed when it is first asked for and then kept; `document::parse` says how.

mod parse;

use std::sync::{Arc, OnceLock};

use tree_sitter::Tree;

use crate::{ContentChange, Language, PositionEncoding, Text, TextEdit, TextRange, edit};
use parse::Base;

/// Text, language, version and (lazily, once) its tree. Cloning is cheap.
#[derive(Clone)]
pub struct Document(Arc<Contents>);

struct Contents {
    text: Text,
    language: Language,
    version: i32,
    /// What the tree can be parsed from; never an older document, so that old texts are freed.
    base: Option<Base>,
    /// `Some(None)`: there is no grammar, or the parser was stopped.
    tree: OnceLock<Option<Tree>>,
}

impl Document {
    /// A document as it is opened.
    pub fn new(text: &str, language: Language, version: i32) -> Self {
        Self::from_parts(Text::new(text), language, version, None)
    }

    /// The text.
    pub fn text(&self) -> &Text {
        &self.0.text
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The client's version number.
    pub fn version(&self) -> i32 {
        self.0.version
    }

    /// The document after non-overlapping edits (offsets of this document), in any order.
    ///
    /// Insertions at one offset keep their order. An edit that overlaps one that starts before it is left out.
    pub fn edit(&self, edits: &[TextEdit], version: i32) -> Document {
        let mut next = Edited::new(self);
        // From the last to the first, so that no edit moves one that is still to come.
        for (range, new_text) in edit::in_order(edits, |range| self.text().snap_range(range)).into_iter().rev() {
            next.replace(range, new_text);
        }
        next.into_document(self.language(), version)
    }

    /// The document after the entries of a change notification, in order.
    pub fn change(&self, changes: &[ContentChange], encoding: PositionEncoding, version: i32) -> Document {
        let mut next = Edited::new(self);
        for change in changes {
            match change.range {
                Some(range) => next.replace(next.text.text_range(range, encoding), &change.text),
                None => next.replace_all(&change.text),
            }
        }
        next.into_document(self.language(), version)
    }

    /// The tree, parsed on first use (incrementally where an earlier version was parsed).
    ///
    /// It equals the tree that a parse without any earlier version gives: where that is not sure
    /// (errors in one of the two, some grammars), it is parsed from nothing. `None` without a
    /// grammar, for a text of more than 32 MiB, and for one that takes the parser many times
    /// more steps than its length explains. May take as long as a parse: not for a task that
    /// must not block.
    pub fn tree(&self) -> Option<&Tree> {
        self.parse(|| false)
    }

    /// [`Document::tree`] for a caller with a deadline: `should_stop` is asked about once in a
    /// millisecond (for text that is no code at all it can be a second). Once it has said yes,
    /// this version has no tree, for later callers neither; the next version is parsed anew.
    pub fn parse(&self, mut should_stop: impl FnMut() -> bool) -> Option<&Tree> {
        let Contents { text, language, base, tree, .. } = &*self.0;
        tree.get_or_init(|| parse::tree(text, language.grammar()?, base.as_ref(), &mut should_stop)).as_ref()
    }

    /// The tree as an S-expression, for bug reports.
    pub fn syntax_tree_text(&self) -> Option<String> {
        self.tree().map(parse::s_expression)
    }

    fn from_parts(text: Text, language: Language, version: i32, base: Option<Base>) -> Self {
        Self(Arc::new(Contents { text, language, version, base, tree: OnceLock::new() }))
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("text", self.text())
            .field("language", &self.language())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// A text on its way from one version to the next, with the tree that follows it.
struct Edited {
    text: Text,
    base: Option<Base>,
}

impl Edited {
    fn new(document: &Document) -> Self {
        let tree = document.0.tree.get().and_then(Option::as_ref);
        let parsed = tree.filter(|_| document.language().is_incremental()).and_then(Base::new);
        let base = parsed.or_else(|| document.0.base.clone());
        Self { text: document.text().clone(), base }
    }

    fn replace(&mut self, range: TextRange, new_text: &str) {
        let text = self.text.replaced(range, new_text);
        self.base = self.base.take().and_then(|base| base.after_edit(&self.text, range, new_text.len(), &text));
        self.text = text;
    }

    fn replace_all(&mut self, new_text: &str) {
        *self = Self { text: Text::new(new_text), base: None };
    }

    fn into_document(self, language: Language, version: i32) -> Document {
        Document::from_parts(self.text, language, version, self.base)
    }
}

#[cfg(test)]
mod tests;
