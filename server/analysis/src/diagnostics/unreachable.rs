//! Statements right behind one that always leaves, in languages with braces that have no engine of their own.
//!
//! Only the plain case: the next statement of the same block. What may be jumped to, or is there under a condition of the
//! compiler, is left alone.

use syntax::{Document, Node, TextRange, Tree};

use super::{Diagnostic, DiagnosticTag, Severity};
use crate::family::Family;
use crate::tree::{KindSet, preorder};

pub(super) const CODE: &str = "unreachable-code";

/// Blocks of statements.
const BLOCKS: &[&str] = &["block", "compound_statement", "constructor_body", "statement_list"];

/// Statements that always leave; in Rust they are expressions in a statement.
const LEAVING: &[&str] = &[
    "break_expression",
    "break_statement",
    "co_return_statement",
    "continue_expression",
    "continue_statement",
    "goto_statement",
    "return_expression",
    "return_statement",
    "throw_statement",
];

/// The unreachable statements of a document that parses.
pub(super) fn unreachable(document: &Document, tree: &Tree) -> Vec<Diagnostic> {
    let family = Family::of(document.language());
    if !matches!(family, Family::Rust | Family::Go | Family::Java | Family::C | Family::Cpp) {
        return Vec::new();
    }
    let blocks = KindSet::new(document.language(), BLOCKS.iter().copied());
    let mut found = Vec::new();
    preorder(tree.root_node(), |node| {
        if blocks.contains(node)
            && let Some(range) = unreachable_in(node)
        {
            let message = "this is never reached".to_owned();
            let mut diagnostic = Diagnostic::new(Severity::Hint, CODE, range, message);
            diagnostic.tags.push(DiagnosticTag::Unnecessary);
            found.push(diagnostic);
        }
        true
    });
    found
}

/// What of a block is never reached.
fn unreachable_in(block: Node<'_>) -> Option<TextRange> {
    let mut cursor = block.walk();
    let mut children = block.named_children(&mut cursor).filter(|it| !it.kind().contains("comment")).peekable();
    let mut is_conditional = false;
    // An attribute stands before what it makes conditional.
    children.find(|child| {
        let leaves = leaves(*child) && !is_conditional;
        is_conditional = child.kind() == "attribute_item";
        leaves
    })?;
    let rest: Vec<_> = children.collect();
    let (first, last) = (rest.first()?, rest.last()?);
    rest.iter().all(|it| is_run(*it)).then(|| TextRange::new(first.start_byte(), last.end_byte()))
}

/// Whether a statement does something when it is reached, and can be reached from before it only.
fn is_run(statement: Node<'_>) -> bool {
    const VARIABLES: &[&str] =
        &["declaration", "let_declaration", "local_variable_declaration", "short_var_declaration", "var_declaration"];
    let kind = statement.kind();
    let is_definition = (kind.ends_with("declaration") && !VARIABLES.contains(&kind)) || kind.ends_with("definition");
    let is_item = kind.ends_with("_item") || kind == "empty_statement";
    let is_conditional = kind.starts_with("preproc") || kind.contains("case");
    !is_definition && !is_item && !is_conditional && !has_label(statement)
}

fn leaves(statement: Node<'_>) -> bool {
    if statement.kind() == "expression_statement" {
        return statement.named_child_count() == 1
            && statement.named_child(0).is_some_and(|it| LEAVING.contains(&it.kind()));
    }
    LEAVING.contains(&statement.kind()) && statement.kind().ends_with("statement")
}

fn has_label(statement: Node<'_>) -> bool {
    let mut found = false;
    preorder(statement, |node| {
        found |= matches!(node.kind(), "labeled_statement" | "case_statement" | "statement_identifier");
        !found
    });
    found
}
