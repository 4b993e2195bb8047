//! Questions about single nodes that the walk asks.

use syntax::Node;

use super::{Frame, Role, is_comment};
use crate::{complexity::recursion::Callee, family::Family, outline::innermost_declarator, tree::preorder};

/// Nodes that call, with the field of what is called.
const CALLS: &[(&str, &str)] = &[
    ("call", "function"),
    ("call", "method"),
    ("call", "target"),
    ("call_expression", "function"),
    ("function_call", "name"),
    ("function_call_expression", "function"),
    ("invocation_expression", "function"),
    ("member_call_expression", "name"),
    ("method_invocation", "name"),
];
/// Words for the object whose method is running.
const SELF_WORDS: &[&str] = &["self", "cls", "this", "Self", "$this"];

pub(super) fn slice<'a>(text: &'a str, node: Node<'_>) -> &'a str {
    text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
}

/// True for an `if` that goes on after an `else`.
pub(super) fn follows_else(node: Node<'_>, outer: Frame) -> bool {
    let mut previous = node.prev_sibling();
    while let Some(comment) = previous.filter(|it| is_comment(*it)) {
        previous = comment.prev_sibling();
    }
    previous.is_some_and(|it| it.kind() == "else" && it.child_count() == 0)
        && matches!(outer.role, Some(Role::If | Role::Else))
        && matches!(outer.nearest, Some(Role::If | Role::Elif))
}

/// A case for everything else.
pub(super) fn is_default(text: &str, case: Node<'_>) -> bool {
    let Some(first) = case.child(0) else { return false };
    if matches!(first.kind(), "default" | "default_keyword" | "else" | "discard") {
        return true;
    }
    let has_guard = case.child_by_field_name("guard").is_some();
    let pattern = case.named_child(0).map(|child| slice(text, child));
    !has_guard && matches!(pattern, Some("_" | "*"))
}

/// Says which loop or block it leaves.
pub(super) fn has_label(family: Family, jump: Node<'_>) -> bool {
    let mut cursor = jump.walk();
    jump.named_children(&mut cursor).any(|child| match family {
        Family::Rust => child.kind() == "label",
        _ => matches!(child.kind(), "statement_identifier" | "identifier" | "label_name" | "label" | "integer"),
    })
}

/// The name of a function, or what its value is bound to.
pub(super) fn function_name<'a>(text: &'a str, node: Node<'_>) -> Option<&'a str> {
    let named = node.child_by_field_name("name").or_else(|| name_in(node.child_by_field_name("signature")?));
    let declared = named.or_else(|| innermost_declarator(node.child_by_field_name("declarator")?));
    let bound = declared.or_else(|| {
        let parent = node.parent()?;
        let fields: &[&str] = match parent.kind() {
            "variable_declarator" | "public_field_definition" => &["name"],
            "pair" => &["key"],
            "assignment_expression" | "binary_operator" => &["left", "lhs"],
            "field_definition" => &["property"],
            _ => return None,
        };
        fields.iter().find_map(|field| parent.child_by_field_name(field))
    });
    bound.map(|name| slice(text, name))
}

/// `f(a)` of Elixir's `def f(a)`.
pub(super) fn elixir_name<'a>(text: &'a str, definition: Node<'_>) -> Option<&'a str> {
    let mut head = definition.named_child(1)?.named_child(0)?;
    while let Some(target) = head.child_by_field_name("target") {
        head = target;
    }
    Some(slice(text, head))
}

/// The first name below `node`.
fn name_in(node: Node<'_>) -> Option<Node<'_>> {
    let mut found = None;
    preorder(node, |child| {
        found = found.or_else(|| child.child_by_field_name("name"));
        found.is_none()
    });
    found
}

/// What a call calls, as far as a name tells.
pub(super) fn callee<'a>(text: &'a str, node: Node<'_>) -> Option<Callee<'a>> {
    let called =
        CALLS.iter().filter(|(kind, _)| *kind == node.kind()).find_map(|(_, field)| node.child_by_field_name(field))?;
    let name = slice(text, called);
    match node.child_by_field_name("object").or_else(|| node.child_by_field_name("receiver")) {
        Some(receiver) => SELF_WORDS.contains(&slice(text, receiver)).then_some(Callee::OnSelf(name)),
        None => match name.rsplit_once(['.', ':', '>']) {
            None => Some(Callee::Bare(name)),
            Some((object, name)) => {
                SELF_WORDS.contains(&object.trim_end_matches(['-', ':', '?'])).then_some(Callee::OnSelf(name))
            }
        },
    }
}

/// Holds nothing but one function and a `return`, a docstring aside.
pub(super) fn is_decorator(function: Node<'_>) -> bool {
    let Some(body) = function.child_by_field_name("body") else { return false };
    let mut cursor = body.walk();
    let mut functions = 0;
    let is_plain = body.named_children(&mut cursor).all(|statement| match statement.kind() {
        "function_definition" => {
            functions += 1;
            true
        }
        "decorated_definition" => {
            let is_function =
                statement.child_by_field_name("definition").is_some_and(|it| it.kind() == "function_definition");
            functions += usize::from(is_function);
            is_function
        }
        "return_statement" | "comment" => true,
        "expression_statement" => statement.named_child(0).is_some_and(|it| it.kind() == "string"),
        _ => false,
    });
    is_plain && functions == 1
}

/// Has members.
pub(super) fn is_class(node: Node<'_>) -> bool {
    const KINDS: &[&str] = &[
        "class",
        "class_declaration",
        "class_definition",
        "class_specifier",
        "enum_declaration",
        "impl_item",
        "interface_declaration",
        "object_declaration",
        "object_definition",
        "record_declaration",
        "struct_declaration",
        "struct_specifier",
        "trait_definition",
        "trait_item",
    ];
    node.is_named() && node.child_count() > 0 && KINDS.contains(&node.kind())
}
