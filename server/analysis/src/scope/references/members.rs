//! Members of classes, and what they are reached by: `self`, `this` and the name of the class.
//!
//! There are no types here, so that a member of any other object is nobody's.

use syntax::{Node, TextRange};

use super::Resolver;
use crate::SymbolKind;
use crate::family::Family;
use crate::tree::{preorder, range_of};

/// An access of a member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access<'tree> {
    pub(super) node: Node<'tree>,
    pub(super) receiver: Receiver<'tree>,
    /// `a::b`, not `a.b`.
    pub(super) is_path: bool,
}

/// What a member is reached by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Receiver<'tree> {
    /// `self`, `this` and the like.
    Own,
    /// A name, which may be that of a class.
    Name(Node<'tree>),
    Unknown,
}

impl<'tree> Receiver<'tree> {
    pub(super) fn of(node: Node<'tree>, text: &str) -> Self {
        match text.get(node.start_byte()..node.end_byte()) {
            Some("self" | "cls" | "this" | "Self") => Self::Own,
            _ if matches!(node.kind(), "identifier" | "type_identifier" | "namespace_identifier") => Self::Name(node),
            _ => Self::Unknown,
        }
    }
}

/// Nodes with members in their field `body`, and the field of their name.
const CLASSES: &[(&str, &str)] = &[
    ("abstract_class_declaration", "name"),
    ("class", "name"),
    ("class_declaration", "name"),
    ("class_definition", "name"),
    ("class_specifier", "name"),
    ("enum_declaration", "name"),
    ("enum_item", "name"),
    ("enum_specifier", "name"),
    ("impl_item", "type"),
    ("interface_declaration", "name"),
    ("object_creation_expression", "type"),
    ("record_declaration", "name"),
    ("struct_item", "name"),
    ("struct_specifier", "name"),
    ("trait_item", "name"),
    ("union_item", "name"),
    ("union_specifier", "name"),
];

/// Nodes whose inside belongs to no class around, unless it is their name.
const BARRIERS: &[&str] = &[
    "arrow_function",
    "block",
    "closure_expression",
    "compound_statement",
    "constructor_declaration",
    "formal_parameters",
    "function_declaration",
    "function_definition",
    "function_expression",
    "function_item",
    "generator_function",
    "generator_function_declaration",
    "lambda",
    "lambda_expression",
    "method_declaration",
    "method_definition",
    "object",
    "object_pattern",
    "parameters",
    "statement_block",
    "mod_item",
];

/// Functions with a `this` of their own.
const OWN_THIS: &[&str] =
    &["function_declaration", "function_expression", "generator_function", "generator_function_declaration"];

/// A class, as far as it takes to tell it from others.
#[derive(Clone, Debug)]
struct Class {
    range: TextRange,
    /// Rust: the parts of a type are told by its name.
    open_name: Option<String>,
}

impl Class {
    fn is(&self, other: &Self) -> bool {
        match (&self.open_name, &other.open_name) {
            (Some(own), Some(other)) => own == other,
            _ => self.range == other.range,
        }
    }
}

/// What a member has to be, to be meant.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    /// JavaScript: what belongs to the class itself and what to its objects are two things.
    is_static: Option<bool>,
    /// Java: a method and a field are two things.
    is_method: Option<bool>,
    /// Rust: `a.b()`, `a.b` and `A::b` are three things.
    rust: Option<RustMember>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RustMember {
    Method,
    Field,
    Path,
}

/// The definition of the member that an access is of. `definition` tells where the name of a class is defined.
pub(super) fn resolve(
    resolver: &Resolver<'_>,
    access: &Access<'_>,
    name: &str,
    definition: impl Fn(Node<'_>) -> Option<TextRange>,
) -> Option<TextRange> {
    let is_rust = resolver.family == Family::Rust;
    let rust = is_rust.then(|| match access.is_path {
        true => RustMember::Path,
        false if is_called(access.node, resolver.text) => RustMember::Method,
        false => RustMember::Field,
    });
    let is_method = (resolver.family == Family::Java).then(|| access.node.kind() == "method_invocation");
    match access.receiver {
        Receiver::Own => {
            // `self::f` is a function of the module.
            let receiver = access.node.child_by_field_name("path");
            if receiver.is_some_and(|path| resolver.slice(range_of(path)) == "self") {
                return None;
            }
            let (class, is_static) = class_of_self(resolver, access.node)?;
            let is_static = resolver.family.is_script().then_some(is_static);
            member(resolver, &class, name, Wanted { is_static, is_method, rust })
        }
        Receiver::Name(receiver) => {
            let own = resolver.leaf(definition(receiver)?)?;
            let class = own.parent().filter(|class| name_of(*class) == Some(own))?;
            let has_instances = resolver.family.is_script() && class.kind() != "enum_declaration";
            let wanted = Wanted { is_static: has_instances.then_some(true), is_method, rust };
            member(resolver, &as_class(resolver, class)?, name, wanted)
        }
        Receiver::Unknown => None,
    }
}

/// The first definition of the member whose name is defined at `found`; `None` for what is no member.
pub(super) fn first_definition(resolver: &Resolver<'_>, found: TextRange, name: &str) -> Option<TextRange> {
    let leaf = resolver.leaf(found).filter(|leaf| range_of(*leaf) == found)?;
    let class = class_of_member(resolver, leaf)?;
    if resolver.family == Family::Rust {
        return Some(found);
    }
    let is_static = resolver.family.is_script().then(|| leaf.parent().is_some_and(is_static));
    let kind = resolver.symbols.at(found).map(|symbol| symbol.kind);
    let is_method = (resolver.family == Family::Java).then_some(kind == Some(SymbolKind::Method));
    Some(member(resolver, &class, name, Wanted { is_static, is_method, rust: None }).unwrap_or(found))
}

/// The definition of a member of this class.
fn member(resolver: &Resolver<'_>, class: &Class, name: &str, wanted: Wanted) -> Option<TextRange> {
    let is_meant = |leaf: Node<'_>, kind: SymbolKind| {
        let is_kind = match wanted.rust {
            None => true,
            Some(RustMember::Method) => kind == SymbolKind::Method,
            Some(RustMember::Field) => kind == SymbolKind::Field,
            Some(RustMember::Path) => kind != SymbolKind::Field,
        };
        let is_side = wanted.is_static.is_none_or(|wanted| {
            leaf.parent().is_some_and(|parent| is_static(parent) == wanted || parent.kind().starts_with("enum_"))
        });
        let is_kind = is_kind && wanted.is_method.is_none_or(|wanted| wanted == (kind == SymbolKind::Method));
        is_kind && is_side && class_of_member(resolver, leaf).is_some_and(|own| own.is(class))
    };
    let symbols = resolver.symbols.all.iter().filter(|symbol| symbol.name == name);
    let mut found = symbols
        .filter(|symbol| resolver.leaf(symbol.selection_range).is_some_and(|leaf| is_meant(leaf, symbol.kind)))
        .map(|symbol| symbol.selection_range);
    let first = found.next();
    if wanted.rust.is_some() {
        // Of several traits' methods of one name any can be meant.
        return first.filter(|_| found.next().is_none());
    }
    first.or_else(|| assigned(resolver, class, name, wanted))
}

/// The name in the first `self.name = …` of a class.
fn assigned(resolver: &Resolver<'_>, class: &Class, name: &str, wanted: Wanted) -> Option<TextRange> {
    let node = resolver.document.tree()?.root_node().descendant_for_byte_range(class.range.start, class.range.end)?;
    let mut found = None;
    preorder(node, |node| {
        let is_target = |node: Node<'_>| {
            node.parent().is_some_and(|parent| {
                matches!(parent.kind(), "assignment" | "assignment_expression")
                    && parent.child_by_field_name("left") == Some(node)
            })
        };
        if found.is_none() && matches!(node.kind(), "attribute" | "member_expression") && is_target(node) {
            let member = node.child_by_field_name("attribute").or_else(|| node.child_by_field_name("property"));
            let receiver = node.child_by_field_name("object").map(|it| Receiver::of(it, resolver.text));
            let is_meant = member.is_some_and(|member| resolver.slice(range_of(member)) == name)
                && matches!(receiver, Some(Receiver::Own))
                && class_of_self(resolver, node).is_some_and(|(own, is_static)| {
                    own.is(class) && wanted.is_static.is_none_or(|wanted| wanted == is_static)
                });
            found = member.filter(|_| is_meant).map(range_of);
        }
        found.is_none()
    });
    found
}

/// The class that a definition stands directly in.
fn class_of_member(resolver: &Resolver<'_>, leaf: Node<'_>) -> Option<Class> {
    let mut inner = leaf;
    while let Some(node) = inner.parent() {
        if node.child_by_field_name("body") == Some(inner)
            && let Some(class) = as_class(resolver, node)
        {
            return Some(class);
        }
        let is_name = inner == leaf
            || ["name", "declarator"].iter().any(|field| node.child_by_field_name(field) == Some(inner))
            || resolver.family == Family::Python && node.kind() == "block";
        if BARRIERS.contains(&node.kind()) && !is_name {
            return None;
        }
        inner = node;
    }
    None
}

/// The class whose object `self` is at a node, and whether it is the class itself.
fn class_of_self(resolver: &Resolver<'_>, node: Node<'_>) -> Option<(Class, bool)> {
    let mut inner = node;
    let mut is_in_static = false;
    while let Some(node) = inner.parent() {
        if node.child_by_field_name("body") == Some(inner)
            && let Some(class) = as_class(resolver, node)
        {
            return Some((class, is_in_static));
        }
        let is_of_object = node.kind() == "method_definition" && node.parent().is_some_and(|it| it.kind() == "object");
        if resolver.family.is_script() && (OWN_THIS.contains(&node.kind()) || is_of_object) {
            return None;
        }
        is_in_static = is_static(node) || (is_in_static && node.kind() == "class_body");
        inner = node;
    }
    None
}

fn as_class(resolver: &Resolver<'_>, node: Node<'_>) -> Option<Class> {
    let is_class = CLASSES.iter().any(|(kind, _)| *kind == node.kind());
    let name = || name_of(node).map(|name| resolver.slice(range_of(name)).split('<').next().unwrap_or_default());
    let open_name = if resolver.family == Family::Rust { name().map(|name| name.trim().to_owned()) } else { None };
    is_class.then(|| Class { range: range_of(node), open_name })
}

fn name_of(class: Node<'_>) -> Option<Node<'_>> {
    let (_, field) = CLASSES.iter().find(|(kind, _)| *kind == class.kind())?;
    class.child_by_field_name(field)
}

/// Whether a member of a JavaScript class belongs to the class itself.
fn is_static(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.kind() == "class_static_block" || node.children(&mut cursor).any(|child| child.kind() == "static")
}

/// Rust: whether the member is called.
fn is_called(access: Node<'_>, text: &str) -> bool {
    if access.child_count() == 0 {
        return text[access.end_byte()..].trim_start().starts_with('(');
    }
    let outer = match access.parent() {
        Some(generic) if generic.kind() == "generic_function" => generic,
        _ => access,
    };
    outer
        .parent()
        .is_some_and(|call| call.kind() == "call_expression" && call.child_by_field_name("function") == Some(outer))
}
