//! What the place of a name says: how it is looked up there, and what else depends on how it is called.

use syntax::Node;

use super::ReferenceKind;
use super::members::{Access, Receiver};
use crate::family::Family;
use crate::tree::range_of;

/// How what a name stands for is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role<'tree> {
    /// By scope.
    Name(Lookup),
    /// In something else.
    Member(Access<'tree>),
    /// Not at all: a key, a label, a name of another document.
    Other,
}

/// What the place of a name asks for, where languages keep several things of one name apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    Value,
    /// Something that is called (Java).
    Call,
    /// Something with names in it, before `::`.
    Path,
    Macro,
}

/// Accesses of a member: the fields of what it belongs to, and of its name.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("attribute", "object", "attribute"),
    ("member_expression", "object", "property"),
    ("nested_identifier", "object", "property"),
    ("nested_type_identifier", "module", "name"),
    ("field_expression", "value", "field"),
    ("field_expression", "argument", "field"),
    ("scoped_identifier", "path", "name"),
    ("scoped_identifier", "scope", "name"),
    ("scoped_type_identifier", "path", "name"),
    ("field_access", "object", "field"),
    ("method_invocation", "object", "name"),
    ("qualified_identifier", "scope", "name"),
    ("selector_expression", "operand", "field"),
    ("qualified_type", "package", "name"),
];

/// Parents whose child in this field (every child, without one) is no use of a name.
const NO_USES: &[(&str, Option<&str>)] = &[
    ("break_statement", None),
    ("continue_statement", None),
    ("element_value_pair", Some("key")),
    ("export_specifier", Some("alias")),
    ("jsx_attribute", None),
    ("jsx_namespace_name", None),
    ("keyword_argument", Some("name")),
    ("label", None),
    ("labeled_statement", None),
    ("lifetime", None),
    ("meta_property", None),
    ("namespace_export", None),
];

/// Nodes in which a name that is not bound there belongs to something else.
const FOREIGN: &[&str] = &[
    "attribute_item",
    "import_declaration",
    "import_from_statement",
    "import_statement",
    "inner_attribute_item",
    "macro_definition",
    "package_declaration",
    "use_declaration",
];

/// How the name at a leaf is looked up, when it is not bound there.
pub(super) fn role<'tree>(leaf: Node<'tree>, text: &str, family: Family) -> Role<'tree> {
    let Some(parent) = leaf.parent() else { return Role::Other };
    for (kind, receiver, name) in MEMBERS {
        if *kind == parent.kind()
            && parent.child_by_field_name(name) == Some(leaf)
            && let Some(receiver) = parent.child_by_field_name(receiver)
        {
            return Role::Member(Access {
                node: parent,
                receiver: Receiver::of(receiver, text),
                is_path: is_path(parent),
            });
        }
    }
    let kind = leaf.kind();
    let is_name = matches!(
        kind,
        "identifier"
            | "type_identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
            | "variable_name"
    );
    if !is_name || is_no_use(leaf, parent, text) || is_foreign(leaf) {
        return Role::Other;
    }
    match parent.kind() {
        "token_tree" => role_in_tokens(leaf, text),
        "macro_invocation" => Role::Name(Lookup::Macro),
        "method_invocation" if family == Family::Java && parent.child_by_field_name("name") == Some(leaf) => {
            Role::Name(Lookup::Call)
        }
        _ if is_path(parent) && parent.child_by_field_name("path") == Some(leaf) => Role::Name(Lookup::Path),
        _ => Role::Name(Lookup::Value),
    }
}

fn is_path(node: Node<'_>) -> bool {
    matches!(node.kind(), "scoped_identifier" | "scoped_type_identifier" | "qualified_identifier")
}

fn is_no_use(leaf: Node<'_>, parent: Node<'_>, text: &str) -> bool {
    let is_listed = NO_USES.iter().any(|(kind, field)| {
        *kind == parent.kind() && field.is_none_or(|field| parent.child_by_field_name(field) == Some(leaf))
    });
    is_listed
        || match parent.kind() {
            // Python: `case Point(x=0)`; Go: `Point{x: 0}`.
            "keyword_pattern" => parent.named_child(0) == Some(leaf),
            "literal_element" => parent
                .parent()
                .is_some_and(|pair| pair.kind() == "keyed_element" && pair.named_child(0) == Some(parent)),
            // `export {amount} from …` is about another document.
            "export_specifier" => parent
                .parent()
                .and_then(|clause| clause.parent())
                .is_some_and(|statement| statement.child_by_field_name("source").is_some()),
            // Elements in small letters are those of HTML.
            "jsx_opening_element" | "jsx_closing_element" | "jsx_self_closing_element" => {
                parent.child_by_field_name("name") == Some(leaf)
                    && text[leaf.start_byte()..].starts_with(char::is_lowercase)
            }
            _ => false,
        }
}

fn is_foreign(leaf: Node<'_>) -> bool {
    let mut around = leaf.parent();
    while let Some(node) = around {
        if FOREIGN.contains(&node.kind()) {
            return true;
        }
        around = node.parent();
    }
    false
}

/// In the arguments of a Rust macro there are only tokens.
fn role_in_tokens<'tree>(leaf: Node<'tree>, text: &str) -> Role<'tree> {
    let range = range_of(leaf);
    let (before, after) = (text[..range.start].trim_end(), text[range.end..].trim_start());
    let is_call = after.starts_with('(');
    if let Some(path) = before.strip_suffix("::") {
        let receiver = if is_word_at_end(path, "Self") { Receiver::Own } else { Receiver::Unknown };
        return Role::Member(Access { node: leaf, receiver, is_path: true });
    }
    if let Some(object) = before.strip_suffix('.').filter(|object| !object.ends_with('.')) {
        let receiver = if is_word_at_end(object, "self") { Receiver::Own } else { Receiver::Unknown };
        return Role::Member(Access { node: leaf, receiver, is_path: false });
    }
    let is_key = after.starts_with(':') && !after.starts_with("::");
    // `println!("{x}", x = 1)`
    let is_named = after.starts_with('=') && !after.starts_with("==");
    let is_variable = before.ends_with('$') || before.ends_with('\'');
    match () {
        () if is_key || is_named || is_variable => Role::Other,
        () if after.starts_with('!') && !after.starts_with("!=") => Role::Name(Lookup::Macro),
        () if after.starts_with("::") && !is_call => Role::Name(Lookup::Path),
        () => Role::Name(Lookup::Value),
    }
}

/// Whether a text ends with this word, and it is the beginning of an expression.
fn is_word_at_end(text: &str, word: &str) -> bool {
    let before = text.trim_end().strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric() || "_.:".contains(c)))
}

/// What the name at a leaf says besides what it stands for.
pub(super) fn kind(leaf: Node<'_>, text: &str) -> ReferenceKind {
    let Some(parent) = leaf.parent() else { return ReferenceKind::Plain };
    let has_alias = || parent.child_by_field_name("alias").is_some();
    match (leaf.kind(), parent.kind()) {
        ("shorthand_property_identifier" | "shorthand_property_identifier_pattern", _)
        | (_, "shorthand_field_initializer") => ReferenceKind::Shorthand,
        // `P { ref amount }` is `P { amount: ref amount }` in long.
        ("shorthand_field_identifier", _) if parent.child_count() > 1 => ReferenceKind::Fixed,
        ("shorthand_field_identifier", _) => ReferenceKind::Shorthand,
        (_, "token_tree") if is_shorthand_in_tokens(leaf, parent, text) => ReferenceKind::Shorthand,
        (_, "import_specifier") if !has_alias() => ReferenceKind::Import,
        (_, "export_specifier") if !has_alias() => ReferenceKind::Export,
        (_, "dotted_name") => match parent.parent().map(|around| around.kind()) {
            Some("import_statement" | "import_from_statement") if parent.named_child_count() > 1 => {
                ReferenceKind::Fixed
            }
            Some("import_statement" | "import_from_statement") => ReferenceKind::Import,
            _ => ReferenceKind::Plain,
        },
        (_, "use_as_clause" | "import_specifier" | "import_clause" | "namespace_import") => ReferenceKind::Plain,
        _ => imported(leaf),
    }
}

fn imported(leaf: Node<'_>) -> ReferenceKind {
    let mut around = leaf.parent();
    while let Some(node) = around {
        match node.kind() {
            "use_declaration" => return ReferenceKind::Import,
            "import_declaration" => return ReferenceKind::Fixed,
            kind if kind.ends_with("import_specifier") || kind.ends_with("block") => break,
            _ => around = node.parent(),
        }
    }
    ReferenceKind::Plain
}

/// `vec![P { amount }]`: alone between the braces behind what looks like a type.
fn is_shorthand_in_tokens(leaf: Node<'_>, tokens: Node<'_>, text: &str) -> bool {
    let range = range_of(leaf);
    let (before, after) = (text[..range.start].trim_end(), text[range.end..].trim_start());
    let is_alone = before.ends_with(['{', ',']) && after.starts_with(['}', ',']);
    let outer = text[..tokens.start_byte()].trim_end();
    let word = outer.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    is_alone && text[tokens.start_byte()..].starts_with('{') && word.starts_with(char::is_uppercase)
}
