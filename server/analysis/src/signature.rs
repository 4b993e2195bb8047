//! What a function takes, and the calls that go to it, in the grammars that `signature::tables` has rows for.
//!
//! Calls are found by scope, methods by `self` and the like within their class: nothing is said of other objects' methods,
//! since there are no types here. Not here: what becomes of a call when the signature changes (`assist::next_edit`).

mod calls;
mod tables;
#[cfg(test)]
mod tests;

use syntax::{Document, Node, TextRange};

use crate::tree::{path_to, range_of};
pub use calls::calls_of;
use tables::{Default, ParameterShape, Tables, tables};

/// Nodes around a definition that are no scope, at most (`export const f = …`).
const MAX_WRAPPERS: usize = 4;

/// What a function takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The parameters in their order, without the receiver of a method.
    pub parameters: Vec<Parameter>,
    /// The parameter list, parentheses included.
    pub list: TextRange,
    /// A call with too few arguments is an error.
    pub is_arity_checked: bool,
    /// What a call of it looks like.
    target: Target,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; for a pattern, its text.
    pub name: String,
    /// How it is given.
    pub kind: ParameterKind,
    /// A call may leave it out.
    pub has_default: bool,
}

/// How a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By position only.
    Positional,
    /// By position or by keyword.
    Ordinary,
    /// By keyword only.
    Keyword,
    /// What positional arguments are left.
    Rest,
    /// What keyword arguments are left.
    KeywordRest,
}

/// A call and what it passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The argument list, parentheses included.
    pub list: TextRange,
    /// The arguments in their order.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// All of it, the keyword included.
    pub range: TextRange,
    /// How it is given.
    pub kind: ArgumentKind,
}

/// How an argument is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// By its place.
    Positional,
    /// With this keyword.
    Keyword(TextRange),
    /// Any number of positional ones (`*all`, `...all`).
    Spread,
    /// Any number of keyword ones (`**all`).
    KeywordSpread,
}

/// What a call of a function names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// A function or a class, by the place of its name.
    Name(TextRange),
    /// A member of a class.
    Member { class: Class, name: String, has_receiver: bool },
}

/// The class that a function belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    /// The name, without parameters of a type.
    name: String,
    /// A class in several parts (`impl`) is told by its name.
    is_open: bool,
    range: TextRange,
}

/// The signature whose parameter list holds `offset`; `None` where there is none, it is broken, it has no name that calls
/// could use, or another function beside it has the same name.
pub fn signature_at(document: &Document, offset: usize) -> Option<Signature> {
    let tables = tables(document.language().grammar_name()?)?;
    let text = document.text().to_string();
    let path = path_to(document.tree()?, offset);
    let around = path.iter().rev().filter(|node| tables.functions.contains(&node.kind()));
    let (function, list) = around
        .filter_map(|node| Some((*node, node.child_by_field_name("parameters")?)))
        .find(|(_, list)| range_of(*list).touches(offset))?;
    if list.has_error() {
        return None;
    }
    let source = Source { text: &text, tables };
    let place = source.place(function)?;
    let mut parameters = source.parameters(list)?;
    let takes_first = place.class.is_some() && !place.is_static && tables.first_is_receiver_unless.is_some();
    let mut has_receiver = takes_first;
    if takes_first {
        let first = parameters.first_mut().filter(|first| first.shape == ParameterShape::Plain)?;
        first.shape = ParameterShape::Receiver;
    }
    has_receiver |= parameters.iter().any(|given| given.shape == ParameterShape::Receiver);
    parameters.retain(|given| given.shape != ParameterShape::Receiver);
    let target = match place.class {
        Some((_, class)) if tables.constructor == Some(place.name.as_str()) => Target::Name(class),
        Some((class, _)) => Target::Member { class, name: place.name, has_receiver },
        None => Target::Name(place.selection),
    };
    Some(Signature {
        parameters: parameters.into_iter().map(|given| given.parameter).collect(),
        list: range_of(list),
        is_arity_checked: tables.is_arity_checked,
        target,
    })
}

/// The text beside the tree.
struct Source<'a> {
    text: &'a str,
    tables: &'static Tables,
}

/// Where a function stands.
struct Place {
    name: String,
    selection: TextRange,
    /// With the place of its name.
    class: Option<(Class, TextRange)>,
    is_static: bool,
}

/// A parameter as it was read.
struct Given {
    parameter: Parameter,
    shape: ParameterShape,
}

impl Source<'_> {
    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }

    fn place(&self, function: Node<'_>) -> Option<Place> {
        let name = self.name_node(function)?;
        let mut whole = function;
        let mut is_static = false;
        let own = self.slice(name).to_owned();
        while let Some(parent) = whole.parent() {
            let is_wrapper = self.tables.wrappers.contains(&parent.kind());
            if !is_wrapper && !self.holds(parent, whole) {
                break;
            }
            let unless = self.tables.first_is_receiver_unless.unwrap_or_default();
            let mut cursor = parent.walk();
            is_static |= is_wrapper
                && parent.named_children(&mut cursor).any(|child| {
                    child.kind() == "decorator" && self.slice(child).trim_start_matches('@').trim() == unless
                });
            whole = parent;
        }
        let container = whole.parent()?;
        let mut cursor = container.walk();
        let namesakes =
            container.named_children(&mut cursor).map(|it| self.definitions(it, &own, MAX_WRAPPERS)).sum::<usize>();
        if namesakes != 1 {
            return None;
        }
        let class = container.parent().filter(|class| class.child_by_field_name("body") == Some(container));
        // What a trait's method takes is said elsewhere, and there may be others of the name (`From`).
        if class.is_some_and(|class| class.child_by_field_name("trait").is_some()) {
            return None;
        }
        let class = class.and_then(|class| self.class(class));
        // A method of an object that is no class, say.
        (class.is_some() || function.kind() != "method_definition").then(|| Place {
            name: own,
            selection: range_of(name),
            class,
            is_static,
        })
    }

    /// Whether a node gives the function that is its value a name.
    fn holds(&self, node: Node<'_>, function: Node<'_>) -> bool {
        let holds = self.tables.holders.iter().any(|(kind, _)| *kind == node.kind());
        holds && node.child_by_field_name("value") == Some(function)
    }

    fn name_node<'tree>(&self, function: Node<'tree>) -> Option<Node<'tree>> {
        let parent = function.parent()?;
        let held = self.tables.holders.iter().find(|(kind, _)| *kind == parent.kind() && self.holds(parent, function));
        let named = match held {
            Some((_, field)) => parent.child_by_field_name(field),
            None if function.kind().ends_with("expression") => None,
            None => function.child_by_field_name("name"),
        };
        named.filter(|name| name.child_count() == 0 && !name.is_missing())
    }

    /// How many definitions of this name a statement or member holds.
    fn definitions(&self, node: Node<'_>, name: &str, depth: usize) -> usize {
        if let Some(own) = node.child_by_field_name("name").or_else(|| node.child_by_field_name("property")) {
            return usize::from(self.slice(own) == name);
        }
        if depth == 0 || !self.tables.wrappers.contains(&node.kind()) {
            return 0;
        }
        let mut cursor = node.walk();
        node.named_children(&mut cursor).map(|child| self.definitions(child, name, depth - 1)).sum()
    }

    /// The class that a node is, and where its name stands.
    fn class(&self, node: Node<'_>) -> Option<(Class, TextRange)> {
        let (kind, field) = self.tables.classes.iter().find(|(kind, _)| *kind == node.kind())?;
        let name = node.child_by_field_name(field)?;
        let class = Class { name: plain(self.slice(name)), is_open: *kind == "impl_item", range: range_of(node) };
        Some((class, range_of(name)))
    }

    fn parameters(&self, list: Node<'_>) -> Option<Vec<Given>> {
        let mut all: Vec<Given> = Vec::new();
        let mut kind = if self.tables.has_keywords { ParameterKind::Ordinary } else { ParameterKind::Positional };
        let mut cursor = list.walk();
        for node in list.named_children(&mut cursor).filter(|node| !node.kind().contains("comment")) {
            let (pattern, shape, has_default) = self.parameter(node)?;
            let own = match shape {
                ParameterShape::KeywordsFollow => {
                    kind = ParameterKind::Keyword;
                    continue;
                }
                ParameterShape::PositionsEnd => {
                    all.iter_mut().for_each(|given| given.parameter.kind = ParameterKind::Positional);
                    continue;
                }
                ParameterShape::Rest => {
                    kind = if self.tables.has_keywords { ParameterKind::Keyword } else { kind };
                    ParameterKind::Rest
                }
                ParameterShape::KeywordRest => ParameterKind::KeywordRest,
                ParameterShape::Plain | ParameterShape::Around(..) | ParameterShape::Receiver => kind,
            };
            let name = self.slice(pattern).to_owned();
            all.push(Given { parameter: Parameter { name, kind: own, has_default }, shape });
        }
        Some(all)
    }

    /// The pattern of a parameter, what it is, and whether it may be left out.
    fn parameter<'tree>(&self, node: Node<'tree>) -> Option<(Node<'tree>, ParameterShape, bool)> {
        let row = |node: Node<'_>| self.tables.parameters.iter().find(|(kind, _)| *kind == node.kind());
        let (_, shape) = row(node)?;
        let ParameterShape::Around(field, default) = shape else { return Some((node, *shape, false)) };
        let inner = match field {
            Some(field) => node.child_by_field_name(field)?,
            None => node.named_child(0)?,
        };
        let has_default = match default {
            Default::Always => true,
            Default::Never => false,
            Default::With(field) => node.child_by_field_name(field).is_some(),
        };
        let shape = row(inner).map_or(ParameterShape::Plain, |(_, shape)| *shape);
        Some((inner, shape, has_default))
    }
}

/// A type's name without its parameters.
fn plain(name: &str) -> String {
    name.split(['<', ':']).next().unwrap_or_default().trim().to_owned()
}
