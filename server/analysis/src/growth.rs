//! How the running time grows with the input, where that is certain: Python and JavaScript, one function or a run of
//! statements.
//!
//! Steps are counted as algorithm texts do: arithmetic, comparisons, attribute look-ups and look-ups in sets and
//! dictionaries are one step each. What a call costs is known for built-in functions and for methods of values whose
//! type is plain from the code; one call of anything else, and there is no estimate. Bounds are of the worst case.

mod calls;
mod cost;
mod loops;
mod recursion;
mod sizes;
mod statements;
#[cfg(test)]
mod tests;

use syntax::{Document, Node, TextRange};

use crate::{
    family::Family,
    tree::{Walk, range_of},
};
use statements::Estimator;

/// An estimate of the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// `O(n log n)`.
    pub order: String,
    /// Why, as the rest of a sentence that begins with "because".
    pub reason: String,
}

/// Estimates the one function in `range`, or its statements; none where anything is unsure.
pub fn growth(document: &Document, range: TextRange) -> Option<Growth> {
    let family = Family::of(document.language());
    if family != Family::Python && !family.is_script() {
        return None;
    }
    let tree = document.tree()?;
    let text = document.text().to_string();
    let nodes = outermost_in(tree.root_node(), range);
    if nodes.is_empty() || nodes.iter().any(|node| node.has_error()) {
        return None;
    }
    let estimator = Estimator::new(&text, family == Family::Python);
    match nodes.as_slice() {
        [one] => match function_of(*one) {
            Some(function) => estimator.function(function, *one),
            None => estimator.statements(&nodes),
        },
        all if all.iter().all(|node| function_of(*node).is_none()) => estimator.statements(all),
        _ => None,
    }
}

/// The statements that lie whole in the range and in no other one that does.
fn outermost_in<'tree>(root: Node<'tree>, range: TextRange) -> Vec<Node<'tree>> {
    let mut found = Vec::new();
    let mut walk = Walk::new(root);
    loop {
        let node = walk.node();
        let own = range_of(node);
        let holds_more = matches!(node.kind(), "module" | "program" | "block" | "statement_block");
        let is_whole = range.contains(own) && node.is_named() && !holds_more && !own.is_empty();
        if is_whole && !node.kind().contains("comment") {
            found.push(node);
        }
        let touches = own.start < range.end && own.end > range.start;
        if !walk.advance(touches && !is_whole) {
            return found;
        }
    }
}

/// The function that a statement defines.
fn function_of(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "function_definition"
        | "function_declaration"
        | "method_definition"
        | "arrow_function"
        | "function_expression" => Some(node),
        "decorated_definition" => {
            node.child_by_field_name("definition").filter(|it| it.kind() == "function_definition")
        }
        "export_statement" => function_of(node.child_by_field_name("declaration")?),
        "lexical_declaration" | "variable_declaration" if node.named_child_count() == 1 => {
            function_of(node.named_child(0)?.child_by_field_name("value")?)
        }
        _ => None,
    }
}

/// The last child that is no token.
fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).last()
}
