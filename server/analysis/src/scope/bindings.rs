//! The scopes of a document and what is bound in them, collected in one walk.

use syntax::{Document, Node, TextRange, Tree};

use super::tables::{Binder, BoundAt, ScopeKind, Tables};
use crate::{
    SymbolKind,
    family::Family,
    outline::{innermost_declarator, is_function_declarator, pattern_names},
    tree::{KindSet, Walk, preorder, range_of},
};

/// A part of the document with names of its own.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) range: TextRange,
    pub(super) kind: ScopeKind,
    pub(super) parent: Option<usize>,
}

/// A name bound in a scope.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) kind: SymbolKind,
    pub(super) selection_range: TextRange,
    /// The node that binds it.
    pub(super) range: TextRange,
    pub(super) scope: usize,
    /// First offset at which it is visible from its own scope.
    pub(super) visible_from: usize,
}

/// Scopes (the document's own first) and bindings (in order of appearance).
#[derive(Debug)]
pub(super) struct Bindings {
    pub(super) scopes: Vec<Scope>,
    pub(super) bindings: Vec<Binding>,
}

impl Bindings {
    pub(super) fn collect(document: &Document, tree: &Tree, text: &str, tables: &Tables) -> Self {
        let module = Scope { range: TextRange::new(0, text.len()), kind: ScopeKind::Module, parent: None };
        let mut this = Self { scopes: vec![module], bindings: Vec::new() };
        let family = Family::of(document.language());
        // Scopes around the cursor, each with its depth in the tree.
        let mut around: Vec<(usize, usize)> = vec![(0, 0)];
        let kinds = tables.scopes.iter().map(|(kind, _)| *kind).chain(tables.binders.iter().map(|binder| binder.node));
        let kinds = KindSet::new(document.language(), kinds);
        let mut walk = Walk::new(tree.root_node());
        loop {
            let node = walk.node();
            let depth = walk.depth();
            while around.len() > 1 && around.last().is_some_and(|(scope, _)| *scope >= depth) {
                around.pop();
            }
            let outer = around.last().map_or(0, |(_, scope)| *scope);
            if kinds.contains(node) {
                let scope_kind = tables.scopes.iter().find(|(kind, _)| *kind == node.kind()).map(|(_, kind)| *kind);
                if let Some(kind) = scope_kind {
                    this.scopes.push(Scope { range: scope_range(node, text), kind, parent: Some(outer) });
                    around.push((depth, this.scopes.len() - 1));
                }
                let inner = around.last().map_or(0, |(_, scope)| *scope);
                for binder in tables.binders.iter().filter(|binder| binder.node == node.kind()) {
                    // The name of a function belongs to the scope around it, its parameter to the function.
                    let scope = if binder.is_hoisted { outer } else { inner };
                    this.bind(family, text, binder, node, scope);
                }
            }
            if !walk.advance(true) {
                return this;
            }
        }
    }

    fn bind(&mut self, family: Family, text: &str, binder: &Binder, node: Node<'_>, scope: usize) {
        let mut cursor = node.walk();
        let names: Vec<Node<'_>> = match binder.at {
            BoundAt::Whole => parameter_names(node),
            BoundAt::Pattern(field) => {
                let patterns: Vec<_> = node.children_by_field_name(field, &mut cursor).collect();
                patterns
                    .into_iter()
                    .flat_map(|pattern| if is_name(pattern) { vec![pattern] } else { pattern_names(pattern) })
                    .collect()
            }
            BoundAt::Declarator => {
                node.children_by_field_name("declarator", &mut cursor).filter_map(innermost_declarator).collect()
            }
            BoundAt::Import => imported_names(node),
        };
        // A prototype's parameters name nothing.
        if binder.kind == SymbolKind::Parameter && matches!(family, Family::C | Family::Cpp) && scope == 0 {
            return;
        }
        for name in names.into_iter().filter(|name| !name.is_missing()) {
            let selection_range = range_of(name);
            let word = text.get(selection_range.start..selection_range.end).unwrap_or_default();
            // A Go import binds the last part of its path.
            let word = if name.kind().contains("string") { last_path_part(word) } else { word };
            // In a Rust pattern, `Some` and `MAX` are looked up, not bound.
            let is_looked_up = family == Family::Rust
                && binder.kind == SymbolKind::Variable
                && word.starts_with(char::is_uppercase)
                && binder.node != "static_item";
            if word.is_empty() || word == "_" || is_looked_up {
                continue;
            }
            let kind = match binder.kind {
                SymbolKind::Variable if is_function_declarator(node) => SymbolKind::Function,
                SymbolKind::Variable if binder.node == "variable_declarator" && is_function_value(node) => {
                    SymbolKind::Function
                }
                kind => kind,
            };
            self.bindings.push(Binding {
                name: word.to_owned(),
                kind,
                selection_range,
                range: range_of(node),
                scope,
                visible_from: visible_from(binder, node, selection_range),
            });
        }
    }

    /// The scopes around `offset`, innermost first.
    pub(super) fn chain(&self, offset: usize) -> Vec<usize> {
        let is_around = |scope: &Scope| scope.range.start < offset && offset <= scope.range.end;
        // Scopes come outer ones first, so the last one around is the innermost.
        let innermost = self.scopes.iter().rposition(is_around).unwrap_or(0);
        let mut chain = Vec::new();
        let mut next = Some(innermost);
        while let Some(scope) = next {
            chain.push(scope);
            next = self.scopes[scope].parent;
        }
        chain
    }
}

/// The range of a scope; one whose end is missing goes on to the end of the text.
fn scope_range(node: Node<'_>, text: &str) -> TextRange {
    let mut last = node;
    while let Some(child) = last.child_count().checked_sub(1).and_then(|index| last.child(index)) {
        last = child;
    }
    let range = range_of(node);
    if last.is_missing() { TextRange::new(range.start, text.len()) } else { range }
}

/// First offset at which a name that `node` binds can be used.
fn visible_from(binder: &Binder, node: Node<'_>, name: TextRange) -> usize {
    const STATEMENTS: &[&str] = &[
        "assignment",
        "const_spec",
        "declaration",
        "let_declaration",
        "short_var_declaration",
        "var_spec",
        "variable_declarator",
    ];
    if binder.is_hoisted || binder.kind == SymbolKind::Parameter {
        0
    } else if STATEMENTS.contains(&binder.node) {
        // `let x = x + 1` reads another `x`.
        node.end_byte()
    } else {
        name.end
    }
}

fn is_name(node: Node<'_>) -> bool {
    node.kind().ends_with("identifier") || matches!(node.kind(), "variable_name" | "word")
}

fn is_function_value(node: Node<'_>) -> bool {
    let value = node.child_by_field_name("value");
    value.is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression" | "generator_function"))
}

/// The names among parameters, without their types and defaults.
fn parameter_names(parameters: Node<'_>) -> Vec<Node<'_>> {
    let mut names = Vec::new();
    let mut defaults = Vec::new();
    preorder(parameters, |node| {
        for field in ["type", "value", "right", "return_type", "decorator"] {
            defaults.extend(node.child_by_field_name(field).map(|child| child.id()));
        }
        if defaults.contains(&node.id()) {
            return false;
        }
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern" | "self") {
            names.push(node);
        }
        !matches!(node.kind(), "type" | "type_annotation" | "lambda" | "call")
    });
    names
}

/// The names that an import statement brings in.
fn imported_names(import: Node<'_>) -> Vec<Node<'_>> {
    let mut names = Vec::new();
    let module = import.child_by_field_name("module_name").map(|module| module.id());
    preorder(import, |node| {
        if Some(node.id()) == module {
            return false;
        }
        match node.kind() {
            "aliased_import" | "use_as_clause" => {
                names.extend(node.child_by_field_name("alias"));
                false
            }
            "import_specifier" => {
                names.extend(node.child_by_field_name("alias").or_else(|| node.child_by_field_name("name")));
                false
            }
            // `import a.b` binds `a`; `from m import x` and `import java.util.List` bind the last part.
            "dotted_name" => {
                names.extend(node.named_child(0));
                false
            }
            "scoped_identifier" => {
                names.extend(node.child_by_field_name("name"));
                false
            }
            "scoped_use_list" => {
                // Only the list binds names, not the path before it.
                let list = node.child_by_field_name("list");
                if let Some(list) = list {
                    names.extend(use_list_names(list));
                }
                false
            }
            "import_spec" => {
                names.extend(node.child_by_field_name("name").or_else(|| node.child_by_field_name("path")));
                false
            }
            "identifier" => {
                names.push(node);
                true
            }
            _ => true,
        }
    });
    names
}

/// The names in the braces of a Rust `use`.
fn use_list_names(list: Node<'_>) -> Vec<Node<'_>> {
    let mut names = Vec::new();
    preorder(list, |node| match node.kind() {
        "use_as_clause" => {
            names.extend(node.child_by_field_name("alias"));
            false
        }
        "scoped_identifier" => {
            names.extend(node.child_by_field_name("name"));
            false
        }
        "identifier" => {
            // The path of a nested list is no name.
            let is_path = node.next_sibling().is_some_and(|next| next.kind() == "::");
            if !is_path {
                names.push(node);
            }
            false
        }
        _ => true,
    });
    names
}

fn last_path_part(path: &str) -> &str {
    path.trim_matches('"').rsplit('/').next().unwrap_or_default()
}
