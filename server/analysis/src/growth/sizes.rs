//! What is known about the values of names, and how often a loop runs.

use std::collections::HashMap;

use syntax::Node;

use super::cost::Term;
use super::statements::Estimator;

/// The kind of a value, where the code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Dict,
    Set,
    Text,
    Number,
    Unknown,
}

/// What is known about a name: its kind, and its length or, of a number, its value.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) size: Option<Term>,
}

impl Value {
    pub(super) fn unknown() -> Self {
        Self { kind: Kind::Unknown, size: None }
    }

    fn constant(kind: Kind) -> Self {
        Self { kind, size: Some(Term::constant()) }
    }
}

/// Names and what is known about their values where the estimate stands.
pub(super) type Values = HashMap<String, Value>;

impl Estimator<'_> {
    /// What is known about the value of an expression.
    pub(super) fn value_of(&self, node: Node<'_>, values: &Values) -> Value {
        match node.kind() {
            "identifier" => values.get(self.slice(node)).cloned().unwrap_or_else(Value::unknown),
            "integer" | "float" | "number" | "true" | "false" => Value::constant(Kind::Number),
            "string" => Value::constant(Kind::Text),
            "template_string" | "concatenated_string" => Value { kind: Kind::Text, size: None },
            // A literal without elements is filled later, who knows how far.
            "list" | "array" => Value { kind: Kind::List, size: literal_size(node) },
            "tuple" => Value { kind: Kind::List, size: Some(Term::constant()) },
            "dictionary" => Value { kind: Kind::Dict, size: literal_size(node) },
            "set" => Value { kind: Kind::Set, size: literal_size(node) },
            "list_comprehension" => Value { kind: Kind::List, size: None },
            "set_comprehension" => Value { kind: Kind::Set, size: None },
            "dictionary_comprehension" => Value { kind: Kind::Dict, size: None },
            "parenthesized_expression" => {
                node.named_child(0).map_or_else(Value::unknown, |it| self.value_of(it, values))
            }
            "comparison_operator" | "not_operator" => Value::constant(Kind::Number),
            "call" | "call_expression" | "new_expression" => self.value_of_call(node, values),
            "binary_operator" | "binary_expression" | "member_expression" => match self.magnitude(node, values) {
                Some(size) => Value { kind: Kind::Number, size: Some(size) },
                None => Value::unknown(),
            },
            _ => Value::unknown(),
        }
    }

    fn value_of_call(&self, node: Node<'_>, values: &Values) -> Value {
        let function = node.child_by_field_name("function").or_else(|| node.child_by_field_name("constructor"));
        let name = function.map(|it| self.slice(it)).unwrap_or_default();
        let first = self.arguments(node).first().map(|it| self.value_of(*it, values));
        let copied = |kind| Value { kind, size: first.clone().and_then(|it| it.size) };
        match name {
            "len" => Value { kind: Kind::Number, size: first.and_then(|it| it.size) },
            "list" | "sorted" | "tuple" | "Array.from" => copied(Kind::List),
            "set" | "frozenset" | "Set" => copied(Kind::Set),
            "dict" | "Map" => copied(Kind::Dict),
            "str" | "String" => Value { kind: Kind::Text, size: None },
            "Math.floor" | "int" | "abs" => Value { kind: Kind::Number, size: first.and_then(|it| it.size) },
            _ => Value::unknown(),
        }
    }

    /// A bound of the value of a number, or the number of elements that `len` or `.length` gives.
    pub(super) fn magnitude(&self, node: Node<'_>, values: &Values) -> Option<Term> {
        match node.kind() {
            "integer" | "number" => Some(Term::constant()),
            "identifier" => {
                values.get(self.slice(node)).filter(|it| matches!(it.kind, Kind::Number | Kind::Unknown))?.size.clone()
            }
            "parenthesized_expression" => self.magnitude(node.named_child(0)?, values),
            "call" | "call_expression" => self.value_of_call(node, values).size,
            "member_expression" => {
                let is_length = node.child_by_field_name("property").is_some_and(|it| self.slice(it) == "length");
                let object = node.child_by_field_name("object")?;
                (is_length && object.kind() == "identifier").then(|| values.get(self.slice(object))?.size.clone())?
            }
            "binary_operator" | "binary_expression" => {
                let left = self.magnitude(node.child_by_field_name("left")?, values)?;
                let right = self.magnitude(node.child_by_field_name("right")?, values)?;
                match self.slice(node.child_by_field_name("operator")?) {
                    "+" if left.is_constant() => Some(right),
                    "+" | "-" | "/" | "//" | ">>" if right.is_constant() || right == left => Some(left),
                    "*" => Some(left.times(&right)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// How many items an iterable has, and what is known about each of them.
    pub(super) fn items(&self, node: Node<'_>, values: &Values) -> Option<Term> {
        match node.kind() {
            "identifier" => values.get(self.slice(node)).filter(|it| it.kind != Kind::Number)?.size.clone(),
            "list" | "tuple" | "array" | "string" | "set" | "dictionary" => Some(Term::constant()),
            "parenthesized_expression" => self.items(node.named_child(0)?, values),
            "subscript" => {
                // `items[1:]` has as many as `items`; of other slices it is not known how many.
                let slice = node.child_by_field_name("subscript").filter(|it| it.kind() == "slice")?;
                let text = self.slice(slice).replace(' ', "");
                let small = |part: &str| part.trim_start_matches('-').parse::<u32>().is_ok_and(|it| it < 100);
                match text.split(':').collect::<Vec<_>>().as_slice() {
                    ["", ""] | ["", "", "-1"] => self.items(node.child_by_field_name("value")?, values),
                    [start, ""] if small(start) && !start.starts_with('-') => {
                        self.items(node.child_by_field_name("value")?, values)
                    }
                    ["", end] if end.starts_with('-') && small(end) => {
                        self.items(node.child_by_field_name("value")?, values)
                    }
                    ["", end] if small(end) => Some(Term::constant()),
                    _ => None,
                }
            }
            "call" | "call_expression" => {
                let function = node.child_by_field_name("function")?;
                let given = self.arguments(node);
                if let Some(object) = function.child_by_field_name("object") {
                    let method = self.slice(function).rsplit('.').next()?;
                    let is_view = matches!(method, "items" | "keys" | "values" | "entries") && given.is_empty();
                    return is_view.then(|| self.items(object, values))?;
                }
                match (self.slice(function), given.as_slice()) {
                    ("range", [end]) => self.magnitude(*end, values),
                    ("range", [start, end]) => {
                        let start = self.magnitude(*start, values)?;
                        let end = self.magnitude(*end, values)?;
                        (start.is_constant() || start == end || end.is_constant())
                            .then(|| if end.is_constant() { Term::constant() } else { end })
                    }
                    ("range", [start, end, step]) => {
                        let is_back = self.slice(*step).starts_with('-');
                        let amount = self.slice(*step).trim_start_matches('-').parse::<u32>().ok()?;
                        let (from, to) = if is_back { (end, start) } else { (start, end) };
                        let is_from_start = self.magnitude(*from, values).is_some_and(|it| it.is_constant())
                            || self.slice(*from) == "-1";
                        (amount > 0 && is_from_start).then(|| self.magnitude(*to, values))?
                    }
                    ("enumerate" | "reversed" | "sorted" | "list" | "set" | "tuple" | "iter", [items, ..]) => {
                        self.items(*items, values)
                    }
                    ("zip", all) => {
                        let sizes: Option<Vec<Term>> = all.iter().map(|it| self.items(*it, values)).collect();
                        let sizes = sizes?;
                        if sizes.iter().any(Term::is_constant) {
                            return Some(Term::constant());
                        }
                        let names: Option<Vec<&str>> = sizes.iter().map(Term::only_symbol).collect();
                        let names = names?;
                        match names.as_slice() {
                            [first, rest @ ..] if rest.iter().all(|it| it == first) => Some(Term::linear(first)),
                            names => Some(Term::linear(&format!("the smaller of {}", names.join(" and ")))),
                        }
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Arguments of a call, without names and comments.
    pub(super) fn arguments<'tree>(&self, call: Node<'tree>) -> Vec<Node<'tree>> {
        let Some(arguments) = call.child_by_field_name("arguments") else { return Vec::new() };
        if arguments.kind() == "generator_expression" {
            return vec![arguments];
        }
        let mut cursor = arguments.walk();
        let given = arguments.named_children(&mut cursor);
        given.filter(|it| !matches!(it.kind(), "keyword_argument" | "comment")).collect()
    }
}

fn literal_size(node: Node<'_>) -> Option<Term> {
    (node.named_child_count() > 0).then(Term::constant)
}
