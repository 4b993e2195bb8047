//! The definitions of a document, as a tree.
//!
//! What defines something is data (`outline::tables`); this file walks the tree once and applies it.

mod doc;
pub(crate) mod tables;
#[cfg(test)]
mod tests;

use syntax::{Document, Node, TextRange};

use crate::{
    block::line_end,
    tree::{KindSet, Walk, preorder, range_of},
};
use tables::{NameAt, Only, Row, TRANSPARENT, rows};

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

impl SymbolKind {
    /// True for what has members.
    fn is_container(self) -> bool {
        matches!(self, Self::Class | Self::Interface | Self::Struct | Self::Enum | Self::Module)
    }
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
pub fn outline(document: &Document) -> Vec<Symbol> {
    let mut builder = Builder { roots: Vec::new(), open: Vec::new() };
    walk(document, None, |symbol| builder.add(symbol));
    builder.finish()
}

/// Every definition, members behind what they belong to, without children.
pub(crate) fn flat(document: &Document) -> Vec<Symbol> {
    let mut found = Vec::new();
    walk(document, None, |symbol| found.push(symbol));
    found
}

/// The definitions around `offset`, outermost first, without their children.
pub fn enclosing_symbols(document: &Document, offset: usize) -> Vec<Symbol> {
    let mut found = Vec::new();
    walk(document, Some(offset), |symbol| {
        // Where two definitions meet, only one of them is around the offset.
        if found.last().is_none_or(|outer: &Symbol| outer.range != symbol.range && outer.range.contains(symbol.range)) {
            found.push(symbol);
        }
    });
    found
}

/// Builds the tree from definitions that come outer ones first.
struct Builder {
    roots: Vec<Symbol>,
    open: Vec<Symbol>,
}

impl Builder {
    fn add(&mut self, symbol: Symbol) {
        let is_inside = |outer: &Symbol| outer.range != symbol.range && outer.range.contains(symbol.range);
        while self.open.last().is_some_and(|outer| !is_inside(outer)) {
            self.close();
        }
        self.open.push(symbol);
    }

    fn close(&mut self) {
        if let Some(done) = self.open.pop() {
            match self.open.last_mut() {
                Some(outer) => outer.children.push(done),
                None => self.roots.push(done),
            }
        }
    }

    fn finish(mut self) -> Vec<Symbol> {
        while !self.open.is_empty() {
            self.close();
        }
        self.roots
    }
}

/// A node on the way down to the current one.
struct Frame<'tree> {
    node: Node<'tree>,
    /// The innermost definition, this node included.
    symbol: Option<SymbolKind>,
    /// Variables below it are worth a symbol.
    is_top_level: bool,
}

/// Calls `found` for every definition, outer ones first; for those around `around` only, if given.
fn walk(document: &Document, around: Option<usize>, mut found: impl FnMut(Symbol)) {
    let Some(tree) = document.tree() else { return };
    let rows = rows(document.language().grammar_name().unwrap_or_default());
    if rows.is_empty() {
        return;
    }
    let text = document.text().to_string();
    let kinds = KindSet::new(document.language(), rows.iter().map(|row| row.node));
    let source = Source { text: &text, document, kinds };
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut nodes = Walk::new(tree.root_node());
    loop {
        let node = nodes.node();
        frames.truncate(nodes.depth());
        let is_around = around.is_none_or(|offset| range_of(node).touches(offset));
        if is_around {
            let symbols = source.symbols(rows, &frames, node);
            let parent = frames.last();
            let kind = symbols.first().map(|symbol| symbol.kind);
            frames.push(Frame {
                node,
                symbol: kind.or(parent.and_then(|frame| frame.symbol)),
                is_top_level: match (kind, parent) {
                    (Some(kind), _) => kind.is_container(),
                    (None, Some(parent)) => parent.is_top_level && TRANSPARENT.contains(&node.kind()),
                    (None, None) => true,
                },
            });
            symbols.into_iter().for_each(&mut found);
        }
        if !nodes.advance(is_around) {
            return;
        }
    }
}

/// The text beside the tree.
struct Source<'a> {
    text: &'a str,
    document: &'a Document,
    /// Nodes that some row is for.
    kinds: KindSet,
}

impl Source<'_> {
    fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.start..range.end).unwrap_or_default()
    }

    /// What `node` defines by the first row that applies to it.
    fn symbols(&self, rows: &[Row], frames: &[Frame<'_>], node: Node<'_>) -> Vec<Symbol> {
        if !self.kinds.contains(node) || frames.is_empty() {
            return Vec::new();
        }
        let parent = frames.last().and_then(|frame| frame.symbol);
        let is_top_level = frames.last().is_none_or(|frame| frame.is_top_level);
        let applies = |row: &&Row| row.node == node.kind() && applies(row.only, node, parent, is_top_level, frames);
        let Some(row) = rows.iter().find(applies) else { return Vec::new() };
        let names = self.names(row, node);
        if names.is_empty() {
            return Vec::new();
        }
        let whole = whole_definition(frames, node);
        let signature = self.signature(row, whole, node);
        let doc = doc::of(self.text, self.document.language(), whole, node);
        names
            .into_iter()
            .map(|(name, selection_range)| Symbol {
                kind: self.kind(row.kind, parent, &name, whole, node),
                name,
                range: range_of(whole),
                selection_range,
                signature: signature.clone(),
                doc: doc.clone(),
                children: Vec::new(),
            })
            .collect()
    }

    fn names(&self, row: &Row, node: Node<'_>) -> Vec<(String, TextRange)> {
        let mut cursor = node.walk();
        let nodes: Vec<Node<'_>> = match row.name {
            NameAt::Field(field) => node.children_by_field_name(field, &mut cursor).collect(),
            NameAt::FieldWith(field, prefix) => {
                let Some(named) = node.child_by_field_name(field) else { return Vec::new() };
                let range = range_of(named);
                let with = node
                    .child_by_field_name(prefix)
                    .map(|with| format!("{} for ", one_line(self.slice(range_of(with)))));
                return vec![(format!("{}{}", with.unwrap_or_default(), one_line(self.slice(range))), range)];
            }
            NameAt::Itself => vec![node],
            NameAt::Declarator => {
                node.children_by_field_name("declarator", &mut cursor).filter_map(innermost_declarator).collect()
            }
            NameAt::Child(kinds) => {
                node.named_children(&mut cursor).find(|child| kinds.contains(&child.kind())).into_iter().collect()
            }
            NameAt::Pattern(field) => {
                let patterns: Vec<_> = node.children_by_field_name(field, &mut cursor).collect();
                patterns.into_iter().flat_map(pattern_names).collect()
            }
        };
        nodes
            .into_iter()
            .filter(|node| !node.is_missing() && node.is_named())
            .map(|node| {
                let name = one_line(self.slice(range_of(node)));
                (name.trim_matches('"').to_owned(), range_of(node))
            })
            .filter(|(name, _)| !name.is_empty() && name.len() <= 200)
            .collect()
    }

    /// The kind of a row, made exact by where the definition stands and what it is called.
    fn kind(
        &self,
        kind: SymbolKind,
        parent: Option<SymbolKind>,
        name: &str,
        whole: Node<'_>,
        node: Node<'_>,
    ) -> SymbolKind {
        let in_type = parent.is_some_and(|parent| parent.is_container() && parent != SymbolKind::Module);
        match kind {
            SymbolKind::Function | SymbolKind::Method if in_type && matches!(name, "__init__" | "constructor") => {
                SymbolKind::Constructor
            }
            SymbolKind::Method if name == "constructor" => SymbolKind::Constructor,
            SymbolKind::Function if in_type => SymbolKind::Method,
            SymbolKind::Variable | SymbolKind::Field if is_function_declarator(node) => {
                if in_type {
                    SymbolKind::Method
                } else {
                    SymbolKind::Function
                }
            }
            SymbolKind::Variable | SymbolKind::Field if is_constant_name(name) => SymbolKind::Constant,
            SymbolKind::Variable if in_type => SymbolKind::Field,
            SymbolKind::Variable if self.slice(range_of(whole)).starts_with("const ") => SymbolKind::Constant,
            _ => kind,
        }
    }

    /// The head of a definition on one line.
    fn signature(&self, row: &Row, whole: Node<'_>, node: Node<'_>) -> String {
        let start = match whole.kind() {
            "decorated_definition" => node.start_byte(),
            // The keyword of a variable counts, the `export` before it does not.
            "export_statement" => whole
                .child_by_field_name("declaration")
                .filter(|declaration| declaration.end_byte() >= node.end_byte())
                .map_or(node.start_byte(), |declaration| declaration.start_byte()),
            _ => whole.start_byte(),
        };
        let start = start.max(end_of_annotations(node));
        let value = node.child_by_field_name("value");
        let body = match row.body {
            Some(field) => node.child_by_field_name(field),
            None if matches!(row.name, NameAt::Child(_)) || row.node == "macro_definition" => {
                let mut cursor = node.walk();
                node.children(&mut cursor).find(|child| {
                    matches!(child.kind(), "block" | "keyframe_block_list" | "{" | "(" | "[" | "macro_rule")
                })
            }
            None => value.and_then(|value| value.child_by_field_name("body")),
        };
        let full = self.slice(TextRange::new(start, node.end_byte().max(start)));
        let is_short = !full.contains('\n') && full.len() <= MAX_VALUE_LEN;
        let is_value = matches!(row.kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Property);
        let end = match body {
            // Without the body that belongs to it, nobody knows where the head ends.
            None if row.body.is_some() && !is_short => line_end(self.text, start),
            // `type Point struct`
            Some(body) if matches!(body.kind(), "struct_type" | "interface_type") => {
                body.start_byte() + body.child(0).map_or(0, |keyword| keyword.end_byte() - keyword.start_byte())
            }
            Some(body) if !(is_value && is_short) => body.start_byte().max(start),
            _ => node.end_byte().max(start),
        };
        let head = one_line(self.slice(TextRange::new(start, end)));
        let head = head.trim_end_matches(['{', ':', '=', ';', ',', ' ']);
        head.strip_suffix("=>").unwrap_or(head).trim_end().to_owned()
    }
}

/// Longest constant or variable that is shown with its value, in bytes.
const MAX_VALUE_LEN: usize = 80;

fn applies(only: Only, node: Node<'_>, parent: Option<SymbolKind>, is_top_level: bool, frames: &[Frame<'_>]) -> bool {
    match only {
        Only::Always => true,
        Only::TopLevel => is_top_level,
        Only::InClass => parent.is_some_and(SymbolKind::is_container) && is_top_level,
        Only::WithField(field) => node.child_by_field_name(field).is_some(),
        Only::FieldIs(field, kinds) => {
            node.child_by_field_name(field).is_some_and(|child| kinds.contains(&child.kind()))
        }
        Only::ChildOf(kind) => frames.last().is_some_and(|frame| frame.node.kind() == kind),
        Only::DocumentKey => parent.is_none() && frames.len() == 2,
    }
}

/// The node that holds all of the definition: with its decorators, its `export`, its keyword.
fn whole_definition<'tree>(frames: &[Frame<'tree>], node: Node<'tree>) -> Node<'tree> {
    let mut whole = node;
    for frame in frames.iter().rev() {
        let wraps = match frame.node.kind() {
            "decorated_definition" | "export_statement" | "template_declaration" => true,
            // `const a = 1, b = 2` holds two definitions.
            "lexical_declaration"
            | "variable_declaration"
            | "type_declaration"
            | "const_declaration"
            | "var_declaration" => frame.node.named_child_count() == 1,
            _ => false,
        };
        if !wraps {
            break;
        }
        whole = frame.node;
    }
    whole
}

/// The name inside nested declarators: `int (*f)(void)` declares `f`.
pub(crate) fn innermost_declarator(mut node: Node<'_>) -> Option<Node<'_>> {
    // Every step goes down, so this ends; deeper nesting than this is no code.
    for _ in 0..64 {
        let next = node.child_by_field_name("declarator").or_else(|| node.child_by_field_name("name")).or_else(|| {
            let mut cursor = node.walk();
            let is_declarator =
                |child: &Node<'_>| child.kind().ends_with("declarator") || child.kind().ends_with("identifier");
            node.named_children(&mut cursor).find(is_declarator).filter(|_| node.kind().ends_with("declarator"))
        });
        match next {
            Some(next) if node.kind() != "qualified_identifier" => node = next,
            _ => break,
        }
    }
    let is_name = node.kind().ends_with("identifier")
        || matches!(node.kind(), "destructor_name" | "operator_name" | "operator_cast");
    is_name.then_some(node)
}

/// The declarator of this C declaration is a function's.
pub(crate) fn is_function_declarator(node: Node<'_>) -> bool {
    let mut declarator = node.child_by_field_name("declarator");
    for _ in 0..64 {
        match declarator {
            Some(node) if node.kind() == "function_declarator" => return true,
            Some(node) => declarator = node.child_by_field_name("declarator"),
            None => return false,
        }
    }
    false
}

/// Names that a pattern binds.
pub(crate) fn pattern_names(pattern: Node<'_>) -> Vec<Node<'_>> {
    let mut names = Vec::new();
    preorder(pattern, |node| {
        let kind = node.kind();
        if matches!(
            kind,
            "identifier"
                | "shorthand_property_identifier_pattern"
                | "shorthand_field_identifier"
                | "word"
                | "variable_name"
        ) {
            names.push(node);
        }
        // What is reached through something else is no new name, and neither is a type or a default.
        !matches!(
            kind,
            "attribute"
                | "subscript"
                | "member_expression"
                | "call"
                | "call_expression"
                | "type"
                | "type_annotation"
                | "scoped_identifier"
                | "type_arguments"
                | "field_expression"
                | "string"
                | "arguments"
                | "computed_property_name"
                | "generic_type"
        )
    });
    names
}

/// End of the annotations of Java that begin a definition.
fn end_of_annotations(node: Node<'_>) -> usize {
    let Some(modifiers) = node.child(0).filter(|child| child.kind() == "modifiers") else { return 0 };
    let mut cursor = modifiers.walk();
    let last = modifiers.named_children(&mut cursor).filter(|child| child.kind().ends_with("annotation")).last();
    last.map_or(0, |annotation| annotation.end_byte())
}

fn is_constant_name(name: &str) -> bool {
    name.chars().any(|c| c.is_ascii_uppercase()) && name.len() > 1 && !name.chars().any(char::is_lowercase)
}

/// `text` with every run of white space made one blank.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
