//! Names: which are visible at a place, and where the one under the cursor is defined.
//!
//! Scopes are those of the syntax (`scope::tables`), so this is exact for local names and a good
//! guess for members: there are no types here ([`references`] leaves out what is a guess). Other documents are the caller's: see
//! [`definition_of`].

mod bindings;
mod locals;
mod references;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use syntax::{Document, TextRange};

use crate::{
    Symbol, SymbolKind,
    block::{columns, indent_of, line_start},
    family::Family,
    outline,
    outline::one_line,
    tree::{path_to, preorder, range_of},
};
use bindings::{Binding, Bindings};
pub(crate) use locals::{Local, locals};
pub(crate) use references::definitions_of_words;
pub use references::{Reference, ReferenceKind, References, references};
use tables::{ScopeKind, tables};

/// Longest signature of a name that is no function or type, in bytes.
const MAX_SIGNATURE: usize = 120;

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

impl From<Symbol> for Definition {
    fn from(symbol: Symbol) -> Self {
        let Symbol { name, kind, range, selection_range, signature, doc, children: _ } = symbol;
        Self { name, kind, selection_range, range, signature, doc }
    }
}

/// Range of the identifier that touches `offset`.
pub fn word_at(document: &Document, offset: usize) -> Option<TextRange> {
    let text = document.text();
    let offset = offset.min(text.len());
    let line = text.line_range(text.line_of(offset));
    let content = text.slice(line);
    let mut at = offset.checked_sub(line.start)?.min(content.len());
    while !content.is_char_boundary(at) {
        at -= 1;
    }
    let has_dollar = Family::of(document.language()).is_script();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || (has_dollar && c == '$');
    let before = content[..at].chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let after = content[at..].chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
    let range = TextRange::new(line.start + at - before, line.start + at + after);
    let is_number = content[at - before..].starts_with(|c: char| c.is_ascii_digit());
    (!range.is_empty() && !is_number).then_some(range)
}

/// Names visible at `offset`, nearest scope first, without duplicates.
///
/// For a language without scope tables: every word of the document.
pub fn names_in_scope(document: &Document, offset: usize) -> Vec<Name> {
    let text = document.text().to_string();
    let Some((bindings, symbols)) = analyse(document, &text) else { return words(&text, offset) };
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for level in visible_scopes(document, &text, &bindings, offset) {
        let is_local = level.is_own_function;
        let mut here: Vec<&Binding> = bindings
            .bindings
            .iter()
            .filter(|binding| binding.scope == level.scope && (!is_local || binding.visible_from <= offset))
            .filter(|binding| !binding.selection_range.touches(offset) || binding.visible_from == 0)
            .collect();
        // Nearest first; what is defined further down comes last.
        here.sort_by_key(|binding| {
            let start = binding.selection_range.start;
            (start > offset, if start > offset { start } else { offset - start })
        });
        for binding in here {
            if seen.insert(binding.name.as_str()) {
                names.push(Name {
                    name: binding.name.clone(),
                    kind: binding.kind,
                    definition: binding.selection_range,
                    signature: signature(&text, &symbols, binding),
                });
            }
        }
    }
    for (range, word) in words_in_errors(document, &text, offset) {
        if seen.insert(word) {
            names.push(Name { name: word.to_owned(), kind: SymbolKind::Variable, definition: range, signature: None });
        }
    }
    names
}

/// Identifiers where the parser lost its way, the nearest first: what they are is not known there.
fn words_in_errors<'a>(document: &Document, text: &'a str, offset: usize) -> Vec<(TextRange, &'a str)> {
    let mut found = Vec::new();
    let mut error_end = 0;
    if let Some(tree) = document.tree() {
        preorder(tree.root_node(), |node| {
            if node.is_error() {
                error_end = error_end.max(node.end_byte());
            }
            let range = range_of(node);
            if node.child_count() == 0
                && node.kind().ends_with("identifier")
                && range.start < error_end
                && !range.touches(offset)
            {
                found.extend(text.get(range.start..range.end).map(|word| (range, word)));
            }
            node.has_error() || range.start < error_end
        });
    }
    found.sort_by_key(|(range, _)| range.start.abs_diff(offset));
    found
}

/// The definition, in this document, of the name at `offset`.
pub fn definition_at(document: &Document, offset: usize) -> Option<Definition> {
    let word = word_at(document, offset)?;
    let text = document.text().to_string();
    let tree = document.tree()?;
    let name = text.get(word.start..word.end)?;
    let leaf = path_to(tree, word.start).pop()?;
    if leaf.kind().contains("comment") || leaf.kind().contains("string") {
        return None;
    }
    let (bindings, symbols) = analyse(document, &text)?;
    resolve(document, &text, &bindings, &symbols, word, name)
}

/// What `name` at `word` stands for.
fn resolve(
    document: &Document,
    text: &str,
    bindings: &Bindings,
    symbols: &Symbols,
    word: TextRange,
    name: &str,
) -> Option<Definition> {
    if let Some(own) = bindings.bindings.iter().find(|binding| binding.selection_range == word) {
        return Some(definition(text, symbols, own));
    }
    if let Some(own) = symbols.at(word) {
        return Some(own.clone().into());
    }
    let before = text[..word.start].trim_end();
    if before.ends_with('.') || before.ends_with("->") || before.ends_with("::") {
        return member(document, text, symbols, word, name);
    }
    find_in_scopes(document, text, bindings, word, name, |_| true).map(|binding| definition(text, symbols, binding))
}

/// The binding of `name` that is visible at `word`, of those that are accepted.
fn find_in_scopes<'a>(
    document: &Document,
    text: &str,
    bindings: &'a Bindings,
    word: TextRange,
    name: &str,
    accepts: impl Fn(&Binding) -> bool,
) -> Option<&'a Binding> {
    let family = Family::of(document.language());
    for level in visible_scopes(document, text, bindings, word.start) {
        let is_meant = |it: &&Binding| it.scope == level.scope && it.name == name && accepts(it);
        let mut here = bindings.bindings.iter().filter(is_meant);
        let found = match family {
            // A later `let` hides an earlier one.
            Family::Rust => {
                let all: Vec<_> = here.collect();
                let before = all.iter().rev().find(|binding| binding.visible_from <= word.start).copied();
                before.or_else(|| all.into_iter().find(|_| !level.is_own_function))
            }
            _ => here.next(),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The definition of `name` at the top level of the document: for a name used in another one.
pub fn definition_of(document: &Document, name: &str) -> Option<Definition> {
    let mut levels = vec![outline(document)];
    while let Some(symbols) = levels.pop() {
        for symbol in symbols {
            if symbol.name == name {
                return Some(symbol.into());
            }
            // What a namespace or module holds counts as top level.
            if symbol.kind == SymbolKind::Module {
                levels.push(symbol.children);
            }
        }
    }
    None
}

/// The definitions of the outline, by the place of their names.
struct Symbols {
    all: Vec<Symbol>,
    by_name: HashMap<TextRange, usize>,
}

impl Symbols {
    fn at(&self, name: TextRange) -> Option<&Symbol> {
        self.by_name.get(&name).map(|&index| &self.all[index])
    }
}

fn analyse(document: &Document, text: &str) -> Option<(Bindings, Symbols)> {
    let tables = tables(document.language().grammar_name()?)?;
    let bindings = Bindings::collect(document, document.tree()?, text, tables);
    let all = outline::flat(document);
    let by_name = all.iter().enumerate().map(|(index, symbol)| (symbol.selection_range, index)).collect();
    Some((bindings, Symbols { all, by_name }))
}

/// A scope whose names can be used at a place.
struct Level {
    scope: usize,
    /// It belongs to the function the place is in, so that only what comes before counts.
    is_own_function: bool,
}

fn visible_scopes(document: &Document, text: &str, bindings: &Bindings, offset: usize) -> Vec<Level> {
    let is_python = Family::of(document.language()) == Family::Python;
    let mut chain = bindings.chain(offset);
    if is_python {
        // A new line at the end of a body belongs to it although the tree ends before.
        let before = text[..offset.min(text.len())].trim_end().len();
        let own_line = line_start(text, offset.min(text.len()));
        let is_blank = text[own_line..offset.min(text.len())].trim().is_empty();
        if before >= own_line {
            // So does a blank behind its last word.
            chain = bindings.chain(before);
        } else if is_blank {
            let column = columns(&text[own_line..offset.min(text.len())]);
            chain = bindings.chain(before);
            chain.retain(|&scope| {
                let start = bindings.scopes[scope].range.start;
                let line = line_start(text, start);
                scope == 0 || columns(indent_of(&text[line..])) < column
            });
        }
    }
    let mut levels = Vec::new();
    let mut left_function = false;
    for (position, &scope) in chain.iter().enumerate() {
        let kind = bindings.scopes[scope].kind;
        let is_visible = match kind {
            ScopeKind::ClosedClass => position == 0,
            ScopeKind::Module | ScopeKind::Function | ScopeKind::Block | ScopeKind::OpenClass => true,
        };
        if is_visible {
            // Members of a class may be used before they are defined.
            let is_own_function = kind != ScopeKind::OpenClass && !left_function;
            levels.push(Level { scope, is_own_function });
        }
        left_function |= kind == ScopeKind::Function;
    }
    levels
}

/// `self.x`, `this.x`, `point.x`: a member of the class around, else the only member of that name.
fn member(document: &Document, text: &str, symbols: &Symbols, word: TextRange, name: &str) -> Option<Definition> {
    let is_member = |symbol: &&Symbol| symbol.name == name && !matches!(symbol.kind, SymbolKind::Parameter);
    let before = text[..word.start].trim_end_matches(['.', '>', '-', ':']);
    let receiver_is_self = ["self", "cls", "this", "Self"].iter().any(|word| before.ends_with(word));
    if receiver_is_self {
        let class = outline::enclosing_symbols(document, word.start)
            .into_iter()
            .rev()
            .find(|symbol| matches!(symbol.kind, SymbolKind::Class | SymbolKind::Struct | SymbolKind::Interface));
        if let Some(class) = class {
            let own = symbols
                .all
                .iter()
                .filter(is_member)
                .find(|symbol| class.range.contains(symbol.range) && symbol.range != class.range);
            if let Some(own) = own {
                return Some(own.clone().into());
            }
            if let Some(assigned) = assigned_attribute(text, class.range, name) {
                return Some(assigned);
            }
        }
    }
    let mut all = symbols.all.iter().filter(is_member);
    let only = all.next()?;
    all.next().is_none().then(|| only.clone().into())
}

/// The first `self.name = …` in a class.
fn assigned_attribute(text: &str, class: TextRange, name: &str) -> Option<Definition> {
    let body = text.get(class.start..class.end)?;
    for receiver in ["self.", "this."] {
        let pattern = format!("{receiver}{name}");
        for (at, _) in body.match_indices(&pattern) {
            let rest = &body[at + pattern.len()..];
            let next = rest.trim_start();
            let is_annotated = next.starts_with(':') && !next.starts_with("::");
            let is_assigned = (next.starts_with('=') && !next.starts_with("==")) || is_annotated;
            if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') || !is_assigned {
                continue;
            }
            let start = class.start + at;
            let end = start + pattern.len() + rest.find('\n').unwrap_or(rest.len());
            let selection_range = TextRange::new(start + receiver.len(), start + pattern.len());
            return Some(Definition {
                name: name.to_owned(),
                kind: SymbolKind::Field,
                selection_range,
                range: TextRange::new(start, end),
                signature: shortened(text, TextRange::new(start, end)),
                doc: None,
            });
        }
    }
    None
}

fn definition(text: &str, symbols: &Symbols, binding: &Binding) -> Definition {
    match symbols.at(binding.selection_range) {
        Some(symbol) => symbol.clone().into(),
        None => Definition {
            name: binding.name.clone(),
            kind: binding.kind,
            selection_range: binding.selection_range,
            range: binding.range,
            signature: shortened(text, binding_line(binding)),
            doc: None,
        },
    }
}

/// What of a binding is worth quoting: of a parameter or a loop the name, else the statement.
fn binding_line(binding: &Binding) -> TextRange {
    if binding.kind == SymbolKind::Parameter && binding.range.len() > MAX_SIGNATURE {
        return binding.selection_range;
    }
    binding.range
}

/// The first line of a range, not too long.
fn shortened(text: &str, range: TextRange) -> String {
    let line = text.get(range.start..range.end).unwrap_or_default().lines().next().unwrap_or_default();
    let mut end = line.len().min(MAX_SIGNATURE);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    one_line(&line[..end]).trim_end_matches(['{', ':', ';', ' ']).to_owned()
}

fn signature(text: &str, symbols: &Symbols, binding: &Binding) -> Option<String> {
    let symbol = symbols.at(binding.selection_range);
    let signature =
        symbol.map(|symbol| symbol.signature.clone()).unwrap_or_else(|| shortened(text, binding_line(binding)));
    (signature != binding.name).then_some(signature)
}

/// Every word of a text whose language has no tables, the nearest first.
fn words(text: &str, offset: usize) -> Vec<Name> {
    let mut found: Vec<(usize, Name)> = Vec::new();
    let mut seen = HashSet::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_word = c.is_alphanumeric() || c == '_';
        match (start, is_word) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                let word = &text[from..at];
                let range = TextRange::new(from, at);
                let is_name = word.len() > 1 && !word.starts_with(|c: char| c.is_ascii_digit());
                if is_name && !range.touches(offset) && seen.insert(word) {
                    let name =
                        Name { name: word.to_owned(), kind: SymbolKind::Variable, definition: range, signature: None };
                    found.push((from.abs_diff(offset), name));
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, name)| name).collect()
}
