//! Two trees compared node by node, without recursion and without building anything.

use std::borrow::Cow;

use syntax::{Document, Node, Tree};

use super::{comments, difference, number, without_white_space};
use crate::tree::Walk;

/// What may differ between the trees of a text and of the same text formatted. Names are node kinds of the grammar.
pub(in crate::formatting) struct TreeRules {
    /// Named nodes that may come and go around what is in them.
    pub(in crate::formatting) transparent: &'static [&'static str],
    /// Named nodes that may come and go.
    pub(in crate::formatting) absent: &'static [&'static str],
    /// Signs that may come and go.
    pub(in crate::formatting) optional: &'static [&'static str],
    /// Strings whose quotes may change, and with them what is escaped.
    pub(in crate::formatting) strings: &'static [&'static str],
    /// Text in which any white space is like any other.
    pub(in crate::formatting) flowing: &'static [&'static str],
    /// Numbers whose spelling may change, with their units.
    pub(in crate::formatting) numbers: &'static [&'static str],
    /// Capitals mean nothing.
    pub(in crate::formatting) ignores_case: bool,
}

impl TreeRules {
    /// For formatters that nobody here knows: separators and parentheses are theirs, the rest is the author's.
    pub(in crate::formatting) const ANY: TreeRules = TreeRules {
        transparent: &["parenthesized_expression"],
        absent: &["empty_statement"],
        optional: &[",", ";", "(", ")"],
        strings: &[],
        flowing: &[],
        numbers: &[],
        ignores_case: false,
    };
}

pub(super) fn compare(before: &Document, after: &Document, rules: &TreeRules) -> Result<(), String> {
    let (Some(before_tree), Some(after_tree)) = (before.tree(), after.tree()) else {
        return Err("it is too long to be compared".to_owned());
    };
    let (before_text, after_text) = (before.text().to_string(), after.text().to_string());
    let mut before = Facts::new(before_tree, &before_text, rules);
    let mut after = Facts::new(after_tree, &after_text, rules);
    loop {
        match (before.next(), after.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return Err(difference(a.as_ref().map(|it| &*it.what), b.as_ref().map(|it| &*it.what))),
        }
    }
    comments::compare(&before.comments, &after.comments)
}

/// A node as it is compared: how deep it is without the transparent ones above it, and its kind or its text.
#[derive(PartialEq, Eq)]
struct Fact<'a> {
    depth: usize,
    what: Cow<'a, str>,
}

/// The nodes of a tree, parents first. With their depths that is the tree.
struct Facts<'a> {
    walk: Option<Walk<'a>>,
    text: &'a str,
    rules: &'a TreeRules,
    /// Depths of the transparent nodes above.
    transparent: Vec<usize>,
    comments: Vec<String>,
}

impl<'a> Facts<'a> {
    fn new(tree: &'a Tree, text: &'a str, rules: &'a TreeRules) -> Self {
        let walk = Some(Walk::new(tree.root_node()));
        Self { walk, text, rules, transparent: Vec::new(), comments: Vec::new() }
    }

    fn next(&mut self) -> Option<Fact<'a>> {
        loop {
            let walk = self.walk.as_mut()?;
            let (node, depth) = (walk.node(), walk.depth());
            while self.transparent.last().is_some_and(|above| *above >= depth) {
                self.transparent.pop();
            }
            let (seen, descend) = self.look_at(node);
            if let Seen::Transparent = seen {
                self.transparent.push(depth);
            }
            let above = self.transparent.len();
            if !self.walk.as_mut()?.advance(descend) {
                self.walk = None;
            }
            if let Seen::Fact(what) = seen {
                return Some(Fact { depth: depth - above, what });
            }
        }
    }

    /// What a node counts as, and whether what is below it counts.
    fn look_at(&mut self, node: Node<'a>) -> (Seen<'a>, bool) {
        let rules = self.rules;
        let kind = node.kind();
        let text = &self.text[node.byte_range()];
        if !node.is_named() {
            let is_optional = rules.optional.contains(&kind) || text.is_empty() || is_leading_sign(node);
            return (if is_optional { Seen::Nothing } else { self.fact(text) }, false);
        }
        if kind.contains("comment") {
            self.comments.push(comments::words(text));
            return (Seen::Nothing, false);
        }
        if rules.absent.contains(&kind) || is_space_in_markup(kind, text) {
            return (Seen::Nothing, false);
        }
        if rules.transparent.contains(&kind) || node.child(0).is_some_and(is_leading_sign) {
            return (Seen::Transparent, true);
        }
        if rules.numbers.contains(&kind) {
            return (self.fact_of(number::canonical(text).into()), false);
        }
        if is_unquoted_attribute(node) {
            return (Seen::Fact(text.into()), false);
        }
        if rules.strings.contains(&kind) {
            return (Seen::Fact(unquoted(text).into()), false);
        }
        if rules.flowing.contains(&kind) {
            let words = without_white_space(text);
            return (if words.is_empty() { Seen::Nothing } else { self.fact_of(words.into()) }, false);
        }
        if node.child_count() == 0 {
            return (if text.is_empty() { Seen::Nothing } else { self.fact(text) }, false);
        }
        (Seen::Fact(kind.into()), true)
    }

    fn fact(&self, text: &'a str) -> Seen<'a> {
        self.fact_of(text.into())
    }

    fn fact_of(&self, text: Cow<'a, str>) -> Seen<'a> {
        Seen::Fact(if self.rules.ignores_case { text.to_ascii_lowercase().into() } else { text })
    }
}

enum Seen<'a> {
    Nothing,
    Transparent,
    Fact(Cow<'a, str>),
}

/// The first sign of `| A | B`: alternatives of a type may begin with one, each on a line of its own.
fn is_leading_sign(node: Node<'_>) -> bool {
    matches!(node.kind(), "|" | "&")
        && node.prev_sibling().is_none()
        && node.parent().is_some_and(|it| matches!(it.kind(), "union_type" | "intersection_type"))
}

/// `b` in a style's `[a=b]`, which may be quoted.
fn is_unquoted_attribute(node: Node<'_>) -> bool {
    node.kind() == "plain_value" && node.parent().is_some_and(|it| it.kind() == "attribute_selector")
}

/// `{" "}`: how JSX says a space at a line's end.
fn is_space_in_markup(kind: &str, text: &str) -> bool {
    kind == "jsx_expression" && matches!(text, "{\" \"}" | "{' '}")
}

/// A string without its quotes, and without the backslashes that only its quotes wanted.
fn unquoted(text: &str) -> String {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    inner.replace("\\'", "'").replace("\\\"", "\"")
}
