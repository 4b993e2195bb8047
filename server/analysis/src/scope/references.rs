//! Where the thing that a name stands for is named in its document.

use syntax::{Document, Node, TextRange};

use super::bindings::Bindings;
use super::{Symbols, analyse, resolve, word_at};
use crate::family::Family;
use crate::tree::{preorder, range_of};

/// A definition and the places that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct References {
    /// The name at the definition.
    pub definition: TextRange,
    /// Every place that names it, the definition included, in order. Strings and comments are none.
    pub places: Vec<TextRange>,
}

/// The references of the name at `offset`; `None` where its definition is not in this document.
///
/// As exact as [`super::definition_at`]: local names are, members of other objects than `self` are a good guess. A place
/// that is not certain (the key of an object, the name of a keyword argument) is left out.
pub fn references(document: &Document, offset: usize) -> Option<References> {
    let word = word_at(document, offset)?;
    let text = document.text().to_string();
    let name = text.get(word.start..word.end)?;
    let tree = document.tree()?;
    let (bindings, symbols) = analyse(document, &text)?;
    let resolver = Resolver { document, text: &text, bindings: &bindings, symbols: &symbols };
    let definition = resolver.definition(word, name)?;
    let mut places = Vec::new();
    preorder(tree.root_node(), |node| {
        let range = range_of(node);
        let is_name = node.child_count() == 0 && text.get(range.start..range.end) == Some(name);
        if is_name && resolver.may_name(node) && resolver.definition(range, name) == Some(definition) {
            places.push(range);
        }
        // Most of a tree has nothing to do with the name.
        text.get(range.start..range.end).is_some_and(|inside| inside.contains(name))
    });
    Some(References { definition, places })
}

/// For each of these words where the name that it is a use of is defined, as [`References::definition`] tells it.
pub(crate) fn definitions_of_words(document: &Document, words: &[TextRange]) -> Vec<Option<TextRange>> {
    let text = document.text().to_string();
    let analysed = if words.is_empty() { None } else { analyse(document, &text) };
    let Some((bindings, symbols)) = analysed else { return vec![None; words.len()] };
    let resolver = Resolver { document, text: &text, bindings: &bindings, symbols: &symbols };
    let definition = |word: &TextRange| resolver.definition(*word, text.get(word.start..word.end)?);
    words.iter().map(definition).collect()
}

struct Resolver<'a> {
    document: &'a Document,
    text: &'a str,
    bindings: &'a Bindings,
    symbols: &'a Symbols,
}

impl Resolver<'_> {
    /// The name at the definition of what `word` names.
    fn definition(&self, word: TextRange, name: &str) -> Option<TextRange> {
        let found = resolve(self.document, self.text, self.bindings, self.symbols, word, name)?.selection_range;
        Some(self.first_binding(found))
    }

    /// A variable that is assigned again is the same one, except where `let` makes another.
    fn first_binding(&self, found: TextRange) -> TextRange {
        let all = &self.bindings.bindings;
        let own = all.iter().find(|it| it.selection_range == found);
        match own {
            Some(own) if Family::of(self.document.language()) != Family::Rust => {
                let first = all.iter().find(|it| it.scope == own.scope && it.name == own.name);
                first.map_or(found, |first| first.selection_range)
            }
            _ => found,
        }
    }

    fn may_name(&self, node: Node<'_>) -> bool {
        let kind = node.kind();
        if !kind.ends_with("identifier") || kind.starts_with("shorthand") {
            return false;
        }
        let range = range_of(node);
        let is_own = self.symbols.at(range).is_some()
            || self.bindings.bindings.iter().any(|binding| binding.selection_range == range);
        let before = self.text[..range.start].trim_end();
        let is_member = before.ends_with('.') || before.ends_with("->") || before.ends_with("::");
        let is_plain = matches!(kind, "identifier" | "type_identifier");
        let is_keyword = node.parent().is_some_and(|parent| {
            parent.kind() == "keyword_argument" && parent.child_by_field_name("name").is_some_and(|it| it == node)
        });
        is_own || ((is_plain || is_member) && !is_keyword)
    }
}
