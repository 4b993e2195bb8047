//! Local variables that nothing uses, in languages without an engine of their own: Rust, Go, Java, C and C++.
//!
//! Only what is certain: a variable counts as used when its name stands anywhere else in the function around it, be it in
//! a string, a macro's arguments or a comment. Values that are there for what happens at their end (guards in C++, Java's
//! resources) are left alone, and so are names that begin with `_`.

use std::collections::HashMap;

use syntax::{Document, Node, TextEdit, TextRange, Tree};

use super::{Diagnostic, DiagnosticTag, Severity};
use crate::family::Family;
use crate::scope::{Local, locals};
use crate::tree::{preorder, range_of};

pub(super) const CODE: &str = "unused-variable";

/// The unused variables of a document that parses.
pub(super) fn unused_locals(document: &Document, tree: &Tree) -> Vec<Diagnostic> {
    let family = Family::of(document.language());
    if !matches!(family, Family::Rust | Family::Go | Family::Java | Family::C | Family::Cpp) {
        return Vec::new();
    }
    let text = document.text().to_string();
    // The author knows.
    if family == Family::Rust && (text.contains("allow(unused") || text.contains("unused_variables")) {
        return Vec::new();
    }
    let locals = locals(document, &text);
    let macros = if matches!(family, Family::C | Family::Cpp) { macros(tree) } else { Vec::new() };
    let mut words: HashMap<TextRange, HashMap<&str, usize>> = HashMap::new();
    let mut found = Vec::new();
    for local in locals {
        let Some(name) = text.get(local.name.start..local.name.end) else { continue };
        let counts = words.entry(local.function).or_insert_with(|| {
            let mut counts = HashMap::new();
            for range in macros.iter().chain([&local.function]) {
                count_words(text.get(range.start..range.end).unwrap_or_default(), &mut counts);
            }
            counts
        });
        let is_only_one = counts.get(name).is_some_and(|count| *count == 1);
        if !is_only_one || name.starts_with('_') || !is_plain(tree, &local, &text, family) {
            continue;
        }
        let message = format!("`{name}` is never used");
        let mut diagnostic = Diagnostic::new(Severity::Hint, CODE, local.name, message);
        diagnostic.tags.push(DiagnosticTag::Unnecessary);
        if family == Family::Rust && !is_shorthand(tree, local.name) {
            let edit = TextEdit { range: TextRange::empty(local.name.start), new_text: "_".to_owned() };
            diagnostic = diagnostic.fixed_by(format!("Rename to `_{name}`"), vec![edit]);
        }
        found.push(diagnostic);
    }
    found
}

fn count_words<'a>(text: &'a str, counts: &mut HashMap<&'a str, usize>) {
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
    }
}

/// What macros of this file are replaced by: they may name variables of the functions that use them.
fn macros(tree: &Tree) -> Vec<TextRange> {
    let mut found = Vec::new();
    preorder(tree.root_node(), |node| {
        let is_macro = matches!(node.kind(), "preproc_def" | "preproc_function_def");
        if is_macro {
            found.push(range_of(node));
        }
        !is_macro
    });
    found
}

/// Whether the declaration does nothing but give a value to a name.
fn is_plain(tree: &Tree, local: &Local, text: &str, family: Family) -> bool {
    let range = local.declaration;
    let Some(mut node) = tree.root_node().descendant_for_byte_range(range.start, range.end) else { return false };
    while let Some(parent) = node.parent().filter(|parent| range_of(*parent) == range) {
        node = parent;
    }
    match family {
        Family::Rust => node.kind() == "let_declaration",
        Family::Go => match node.kind() {
            "short_var_declaration" | "var_spec" => true,
            // With `=` it assigns to what is declared elsewhere.
            "range_clause" => text.get(range.start..range.end).is_some_and(|it| it.contains(":=")),
            _ => false,
        },
        Family::Java => {
            // A declarator without a value has the range of its name.
            let mut around = Some(node);
            while let Some(it) = around.filter(|it| !it.kind().ends_with("declaration")) {
                around = it.parent();
            }
            around.is_some_and(|it| it.kind() == "local_variable_declaration")
        }
        Family::C | Family::Cpp => node.kind() == "declaration" && is_plain_c(node, family),
        _ => false,
    }
}

/// A type with a destructor, an attribute or a storage class may be the purpose of a declaration.
fn is_plain_c(declaration: Node<'_>, family: Family) -> bool {
    let is_simple_type = declaration
        .child_by_field_name("type")
        .is_some_and(|it| matches!(it.kind(), "primitive_type" | "sized_type_specifier") || family == Family::C);
    let mut cursor = declaration.walk();
    let is_special = declaration.children(&mut cursor).any(|child| {
        matches!(
            child.kind(),
            "storage_class_specifier"
                | "attribute_specifier"
                | "attribute_declaration"
                | "ms_declspec_modifier"
                | "type_qualifier"
                | "gnu_asm_expression"
        )
    });
    is_simple_type && !is_special
}

/// `let Point { x } = …` names the field as well.
fn is_shorthand(tree: &Tree, name: TextRange) -> bool {
    let leaf = tree.root_node().descendant_for_byte_range(name.start, name.end);
    leaf.is_none_or(|leaf| leaf.kind() == "shorthand_field_identifier")
}
