//! Functions and classes of Python.

use syntax::Node;

use super::super::phrase::{Definition, Step, StepKind, code, documented, first_sentence, list};
use super::{Teller, slice};

impl Teller<'_> {
    pub(super) fn decorated(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let mut cursor = node.walk();
        let decorators: Vec<String> = node
            .named_children(&mut cursor)
            .filter(|it| it.kind() == "decorator")
            .filter_map(|it| it.named_child(0))
            .map(|it| code(&format!("@{}", slice(self.text, it))))
            .collect();
        match node.child_by_field_name("definition") {
            Some(class) if class.kind() == "class_definition" => vec![self.class(class, depth, &decorators)],
            Some(function) if function.kind() == "function_definition" => {
                vec![self.function(function, depth, &decorators)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn function(&self, node: Node<'_>, depth: usize, decorators: &[String]) -> Step {
        let body = node.child_by_field_name("body");
        let is_async = node.child(0).is_some_and(|it| it.kind() == "async");
        let parameters = self.parameters(node);
        let name = self.field(node, "name");
        let what = if is_async { "asynchronous function" } else { "function" };
        let mut head = format!("Defines the {what} {name}");
        if !parameters.is_empty() {
            head += &format!(" of {}", list(&parameters));
        }
        if let Some(result) = node.child_by_field_name("return_type") {
            head += &format!(", declared to give {}", self.quoted(result));
        }
        if !decorators.is_empty() {
            head += &format!(", decorated with {}", list(decorators));
        }
        let doc = body.and_then(|it| self.doc(it));
        let mut steps = documented(doc.as_deref());
        steps.extend(self.block(body, depth + 1));
        let definition = Definition { name, parameters, doc, what: what.to_owned() };
        Step::new(StepKind::Function(definition), head).with(steps)
    }

    /// Names of parameters with their stars; the receiver of a method is none.
    fn parameters(&self, function: Node<'_>) -> Vec<String> {
        let Some(list) = function.child_by_field_name("parameters") else { return Vec::new() };
        let mut cursor = list.walk();
        let names = list.named_children(&mut cursor).filter_map(|it| match it.kind() {
            "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" => Some(it),
            "typed_parameter" => it.named_child(0),
            "default_parameter" | "typed_default_parameter" => it.child_by_field_name("name"),
            _ => None,
        });
        names.map(|it| self.quoted(it)).filter(|it| it != "`self`" && it != "`cls`").collect()
    }

    pub(super) fn class(&self, node: Node<'_>, depth: usize, decorators: &[String]) -> Step {
        let name = self.field(node, "name");
        let bases = node.child_by_field_name("superclasses").map(|it| {
            let mut cursor = it.walk();
            it.named_children(&mut cursor)
                .filter(|it| it.kind() != "keyword_argument")
                .map(|it| self.quoted(it))
                .collect::<Vec<_>>()
        });
        let mut head = format!("Defines the class {name}");
        let bases = bases.unwrap_or_default();
        if !bases.is_empty() {
            head += &format!(", a kind of {}", list(&bases));
        }
        if !decorators.is_empty() {
            head += &format!(", decorated with {}", list(decorators));
        }
        let body = node.child_by_field_name("body");
        let doc = body.and_then(|it| self.doc(it));
        let what = if bases.is_empty() { "class".to_owned() } else { format!("class, a kind of {}", list(&bases)) };
        let mut steps = documented(doc.as_deref());
        steps.extend(self.block(body, depth + 1));
        let definition = Definition { name, parameters: Vec::new(), doc, what };
        Step::new(StepKind::Class(definition), head).with(steps)
    }

    /// The first sentence of a body's docstring.
    fn doc(&self, body: Node<'_>) -> Option<String> {
        let string = body.named_child(0)?;
        let string = if string.kind() == "expression_statement" { string.named_child(0)? } else { string };
        if string.kind() != "string" {
            return None;
        }
        let literal = slice(self.text, string).trim_start_matches(|c: char| c.is_ascii_alphabetic());
        first_sentence(literal.trim_matches(['"', '\'']).trim())
    }
}
