//! Where the thing that a name stands for is named in its document, and how a new name is written there.
//!
//! Exact as far as a tree without types can be: names are looked up by scope; a member follows `self`, `this` and the
//! name of its class only, for nobody knows what class another object has. What is not certain is left out: better a
//! place too few than one too many. Not here: other documents; see [`super::definition_of`].

mod captures;
mod members;
#[cfg(test)]
mod tests;
mod usage;

use syntax::{Document, Node, TextRange};

use super::bindings::{Binding, Bindings};
use super::{Symbols, analyse, find_in_scopes, word_at};
use crate::SymbolKind;
use crate::family::Family;
use crate::tree::{preorder, range_of};
use members::Access;
use usage::{Lookup, Role};

/// A definition and the places that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct References {
    /// The name at the definition.
    pub definition: TextRange,
    /// Every place that names it, the definition included, in order.
    pub places: Vec<Reference>,
}

/// A place that names a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name.
    pub range: TextRange,
    /// What the name says there.
    pub kind: ReferenceKind,
}

/// What a name says besides what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// Nothing.
    Plain,
    /// The key of a property or field as well: `{amount}`.
    Shorthand,
    /// Under which name it is found elsewhere: `import {amount} from …`.
    Import,
    /// Under which name it is found from elsewhere: `export {amount}`.
    Export,
    /// Something that cannot be kept beside another name: `import amount.part`.
    Fixed,
}

impl Reference {
    /// What has to stand in the place of `old`, so that it is called `new` and all else stays; `None` where that cannot
    /// be written.
    pub fn renamed(&self, old: &str, new: &str) -> Option<String> {
        match self.kind {
            ReferenceKind::Plain => Some(new.to_owned()),
            ReferenceKind::Shorthand => Some(format!("{old}: {new}")),
            ReferenceKind::Import => Some(format!("{old} as {new}")),
            ReferenceKind::Export => Some(format!("{new} as {old}")),
            ReferenceKind::Fixed => None,
        }
    }
}

/// The references of the name at `offset`; `None` where its definition is not in this document.
pub fn references(document: &Document, offset: usize) -> Option<References> {
    let word = word_at(document, offset)?;
    let text = document.text().to_string();
    let name = text.get(word.start..word.end)?;
    let tree = document.tree()?;
    let (bindings, symbols) = analyse(document, &text)?;
    let resolver = Resolver::new(document, &text, &bindings, &symbols);
    let definition = resolver.definition_at(word, name)?;
    let mut places = Vec::new();
    preorder(tree.root_node(), |node| {
        let range = range_of(node);
        if node.child_count() == 0 && resolver.slice(range) == name {
            if resolver.definition(node, name) == Some(definition) {
                places.push(Reference { range, kind: usage::kind(node, &text) });
            }
        } else if resolver.family == Family::Rust && captures::is_format_string(node, &text) {
            let captured = captures::captures(node, &text, name);
            let own = captured.into_iter().filter(|range| resolver.captured(*range, name) == Some(definition));
            places.extend(own.map(|range| Reference { range, kind: ReferenceKind::Plain }));
        }
        // Most of a tree has nothing to do with the name.
        resolver.slice(range).contains(name)
    });
    Some(References { definition, places })
}

/// For each of these words where the name that it is a use of is defined, as [`References::definition`] tells it.
pub(crate) fn definitions_of_words(document: &Document, words: &[TextRange]) -> Vec<Option<TextRange>> {
    let text = document.text().to_string();
    let analysed = if words.is_empty() { None } else { analyse(document, &text) };
    let Some((bindings, symbols)) = analysed else { return vec![None; words.len()] };
    let resolver = Resolver::new(document, &text, &bindings, &symbols);
    let definition = |word: &TextRange| resolver.definition_at(*word, text.get(word.start..word.end)?);
    words.iter().map(definition).collect()
}

struct Resolver<'a> {
    document: &'a Document,
    text: &'a str,
    bindings: &'a Bindings,
    symbols: &'a Symbols,
    family: Family,
}

impl<'a> Resolver<'a> {
    fn new(document: &'a Document, text: &'a str, bindings: &'a Bindings, symbols: &'a Symbols) -> Self {
        Self { document, text, bindings, symbols, family: Family::of(document.language()) }
    }

    fn slice(&self, range: TextRange) -> &'a str {
        self.text.get(range.start..range.end).unwrap_or_default()
    }

    fn leaf(&self, word: TextRange) -> Option<Node<'a>> {
        self.document.tree()?.root_node().descendant_for_byte_range(word.start, word.end)
    }

    /// The name at the definition of what `word` names.
    fn definition_at(&self, word: TextRange, name: &str) -> Option<TextRange> {
        let leaf = self.leaf(word)?;
        if range_of(leaf) == word {
            return self.definition(leaf, name);
        }
        // A word within a leaf names something in a format string only.
        let mut around = Some(leaf);
        for _ in 0..2 {
            let node = around?;
            if self.family == Family::Rust && captures::is_format_string(node, self.text) {
                let is_captured = captures::captures(node, self.text, name).contains(&word);
                return self.captured(word, name).filter(|_| is_captured);
            }
            around = node.parent();
        }
        None
    }

    /// The name at the definition of what `leaf` names.
    fn definition(&self, leaf: Node<'_>, name: &str) -> Option<TextRange> {
        let word = range_of(leaf);
        let is_own = self.bindings.bindings.iter().any(|binding| binding.selection_range == word)
            || self.symbols.at(word).is_some();
        let found = match usage::role(leaf, self.text, self.family) {
            _ if is_own => word,
            Role::Name(lookup) => self.named(word, name, lookup)?,
            Role::Member(access) => return self.member(&access, name),
            Role::Other => return None,
        };
        Some(self.canonical(found, name))
    }

    fn captured(&self, word: TextRange, name: &str) -> Option<TextRange> {
        self.named(word, name, Lookup::Value).map(|found| self.canonical(found, name))
    }

    /// What a name that is looked up by scope is bound to.
    fn named(&self, word: TextRange, name: &str, lookup: Lookup) -> Option<TextRange> {
        let accepts = |binding: &Binding| self.accepts(binding, lookup);
        find_in_scopes(self.document, self.text, self.bindings, word, name, accepts)
            .map(|binding| binding.selection_range)
    }

    /// Some languages keep several things of one name apart.
    fn accepts(&self, binding: &Binding, lookup: Lookup) -> bool {
        let is_module = || self.symbols.at(binding.selection_range).is_some_and(|it| it.kind == SymbolKind::Module);
        match (self.family, lookup) {
            (Family::Rust, _) if self.slice(binding.range).starts_with("macro_rules") => lookup == Lookup::Macro,
            (Family::Rust, Lookup::Macro) => binding.kind == SymbolKind::Module && !is_module(),
            (Family::Rust, Lookup::Path) => !matches!(
                binding.kind,
                SymbolKind::Function | SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Parameter
            ),
            (Family::Rust, _) => !is_module(),
            (Family::Java, Lookup::Call) => binding.kind == SymbolKind::Method,
            (Family::Java, _) => binding.kind != SymbolKind::Method,
            _ => true,
        }
    }

    fn member(&self, access: &Access<'_>, name: &str) -> Option<TextRange> {
        let class = |class: Node<'_>| self.definition(class, self.slice(range_of(class)));
        members::resolve(self, access, name, class)
    }

    /// One place for what has several: a variable that is assigned again is the same one (except where `let` makes
    /// another), and so are the parts of a property.
    fn canonical(&self, found: TextRange, name: &str) -> TextRange {
        if let Some(member) = members::first_definition(self, found, name) {
            return member;
        }
        let all = &self.bindings.bindings;
        let own = all.iter().find(|it| it.selection_range == found);
        match own {
            Some(own) if self.family != Family::Rust => {
                let is_same = |it: &&Binding| {
                    it.scope == own.scope && it.name == own.name && self.accepts(it, self.lookup_of(own))
                };
                all.iter().find(is_same).map_or(found, |first| first.selection_range)
            }
            _ => found,
        }
    }

    fn lookup_of(&self, binding: &Binding) -> Lookup {
        match binding.kind {
            SymbolKind::Method => Lookup::Call,
            _ => Lookup::Value,
        }
    }
}
