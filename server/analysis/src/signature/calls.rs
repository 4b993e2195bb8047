//! The calls that go to a function.

use syntax::{Document, Node, TextRange};

use super::tables::{ArgumentShape, tables};
use super::{Argument, ArgumentKind, Call, Class, Signature, Source, Target, plain};
use crate::scope::definitions_of_words;
use crate::tree::{preorder, range_of};

/// Calls looked at in one place.
const MAX_CALLS: usize = 32;
/// Longest argument list that is looked at.
const MAX_ARGUMENTS: usize = 64;

/// The calls of a function whose argument lists touch `place`, outer ones first. Without those that are broken, hold
/// comments between their arguments, or belong to the function's own parameters.
pub fn calls_of(document: &Document, signature: &Signature, place: TextRange) -> Vec<Call> {
    let grammar = document.language().grammar_name().and_then(tables);
    let (Some(tables), Some(tree)) = (grammar, document.tree()) else { return Vec::new() };
    let text = document.text().to_string();
    let source = Source { text: &text, tables };
    let touches = |range: TextRange| range.start <= place.end && place.start <= range.end;
    let mut found: Vec<(Call, TextRange)> = Vec::new();
    preorder(tree.root_node(), |node| {
        if !touches(range_of(node)) || found.len() == MAX_CALLS {
            return false;
        }
        let called = source.call(node).filter(|(call, _)| touches(call.list) && !signature.list.contains(call.list));
        if let Some((call, callee)) = called
            && let Some(name) = source.name_called(&signature.target, callee, node)
        {
            found.push((call, name));
        }
        true
    });
    if let Target::Name(definition) = signature.target {
        let names: Vec<TextRange> = found.iter().map(|(_, name)| *name).collect();
        let definitions = definitions_of_words(document, &names);
        let mut bound = definitions.into_iter().map(|found| found == Some(definition));
        found.retain(|_| bound.next().unwrap_or(false));
    }
    found.into_iter().map(|(call, _)| call).collect()
}

impl Source<'_> {
    /// A call and what it calls.
    fn call<'tree>(&self, node: Node<'tree>) -> Option<(Call, Node<'tree>)> {
        let (_, field) = self.tables.calls.iter().find(|(kind, _)| *kind == node.kind())?;
        let list = node.child_by_field_name("arguments")?;
        let is_whole = self.tables.lists.contains(&list.kind()) && !list.has_error();
        if !is_whole || list.named_child_count() > MAX_ARGUMENTS {
            return None;
        }
        let mut callee = node.child_by_field_name(field)?;
        while self.tables.callee_wrappers.contains(&callee.kind()) {
            callee = callee.named_child(0)?;
        }
        let mut arguments = Vec::new();
        let mut cursor = list.walk();
        for argument in list.named_children(&mut cursor) {
            if argument.kind().contains("comment") {
                return None;
            }
            let row = self.tables.arguments.iter().find(|(kind, _)| *kind == argument.kind());
            let kind = match row.map(|(_, shape)| shape) {
                None => ArgumentKind::Positional,
                Some(ArgumentShape::Keyword(field)) => {
                    ArgumentKind::Keyword(range_of(argument.child_by_field_name(field)?))
                }
                Some(ArgumentShape::Spread) => ArgumentKind::Spread,
                Some(ArgumentShape::KeywordSpread) => ArgumentKind::KeywordSpread,
            };
            arguments.push(Argument { range: range_of(argument), kind });
        }
        Some((Call { list: range_of(list), arguments }, callee))
    }

    /// The name at a call that may be the target's; whether a plain name is, is told by its scope.
    fn name_called(&self, target: &Target, callee: Node<'_>, call: Node<'_>) -> Option<TextRange> {
        match target {
            Target::Name(definition) => {
                let is_same = self.text.get(definition.start..definition.end) == Some(self.slice(callee));
                (is_same && callee.child_count() == 0).then(|| range_of(callee))
            }
            Target::Member { class, name, has_receiver } => {
                let (_, receiver, member) = self.tables.members.iter().find(|(kind, ..)| *kind == callee.kind())?;
                let member = callee.child_by_field_name(member)?;
                let receiver = callee.child_by_field_name(receiver)?;
                let receiver = self.slice(receiver);
                // `Self::f(self)` passes what `self.f()` does not.
                let passes_receiver = *has_receiver && callee.kind() == "scoped_identifier";
                let is_own = self.tables.receivers.contains(&receiver) && self.is_within(class, call);
                let is_class = !has_receiver && plain(receiver) == class.name;
                let is_meant = self.slice(member) == name && !passes_receiver && (is_own || is_class);
                is_meant.then(|| range_of(member))
            }
        }
    }

    /// Whether the innermost class around a node is this one.
    fn is_within(&self, class: &Class, node: Node<'_>) -> bool {
        let mut around = node.parent();
        while let Some(node) = around {
            if let Some((found, _)) = self.class(node) {
                return found.range == class.range || (class.is_open && found.is_open && found.name == class.name);
            }
            around = node.parent();
        }
        false
    }
}
