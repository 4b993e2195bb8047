//! Expressions, and what known calls cost.

use syntax::Node;

use super::cost::{Cost, Term};
use super::last_named;
use super::recursion::Shrink;
use super::sizes::{Kind, Values};
use super::statements::{Estimator, Work};

/// Functions of one step, whatever they are given.
const STEPS: &[&str] = &[
    "abs",
    "bool",
    "chr",
    "divmod",
    "float",
    "hasattr",
    "hash",
    "id",
    "isinstance",
    "iter",
    "next",
    "len",
    "ord",
    "range",
    "enumerate",
    "reversed",
    "zip",
    "round",
    "type",
    "Number",
    "Boolean",
    "isNaN",
    "Math.abs",
    "Math.ceil",
    "Math.floor",
    "Math.pow",
    "Math.round",
    "Math.sqrt",
    "Math.trunc",
    "math.sqrt",
    "math.floor",
    "math.ceil",
    "Number.isInteger",
    "Array.isArray",
    "super",
];
/// Functions that go over what they are given.
const SWEEPS: &[&str] =
    &["all", "any", "list", "max", "min", "set", "frozenset", "sum", "tuple", "dict", "Set", "Map", "Array.from"];
/// Methods of arrays that call a function for each element.
const CALLBACKS: &[&str] =
    &["map", "filter", "forEach", "reduce", "some", "every", "find", "findIndex", "flatMap", "reduceRight"];

impl Estimator<'_> {
    /// What evaluating an expression costs.
    pub(super) fn expression(&self, node: Node<'_>, values: &Values) -> Option<Work> {
        match node.kind() {
            "identifier"
            | "integer"
            | "float"
            | "number"
            | "string_content"
            | "string_fragment"
            | "true"
            | "false"
            | "none"
            | "null"
            | "undefined"
            | "this"
            | "ellipsis"
            | "comment"
            | "property_identifier"
            | "escape_sequence"
            | "lambda"
            | "arrow_function"
            | "function_expression"
            | "type_conversion"
            | "regex"
            | "escape_interpolation"
            | "string_start"
            | "string_end"
            | "shorthand_property_identifier" => Some(Work::free()),
            "call" | "call_expression" | "new_expression" => self.call(node, values),
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
                self.comprehension(node, values)
            }
            "subscript" if node.child_by_field_name("subscript").is_some_and(|it| it.kind() == "slice") => {
                self.copied(self.items(node, values)?)
            }
            "comparison_operator" if self.has_membership(node) => {
                let container = last_named(node)?;
                let work = self.parts(node, values)?;
                Some(work.then(self.membership(container, values)?))
            }
            "binary_operator" | "binary_expression" | "augmented_assignment" => {
                let operator = node.child_by_field_name("operator").map(|it| self.slice(it))?;
                let sides = ["left", "right"].map(|side| node.child_by_field_name(side));
                let is_sequence = sides.iter().flatten().any(|it| {
                    matches!(self.value_of(*it, values).kind, Kind::List | Kind::Text | Kind::Set | Kind::Dict)
                });
                // Sequences are copied or compared element by element; `in` of JavaScript asks for a property.
                if is_sequence && matches!(operator, "+" | "*" | "|" | "&" | "^" | "-") {
                    return None;
                }
                self.parts(node, values)
            }
            "await" | "yield" | "await_expression" | "yield_expression" | "named_expression" | "list_splat"
            | "dictionary_splat" | "spread_element" => None,
            "attribute" | "member_expression" => self.expression(node.child_by_field_name("object")?, values),
            "assignment_expression" | "augmented_assignment_expression" => None,
            "parenthesized_expression"
            | "subscript"
            | "subscript_expression"
            | "comparison_operator"
            | "not_operator"
            | "boolean_operator"
            | "unary_operator"
            | "unary_expression"
            | "conditional_expression"
            | "ternary_expression"
            | "list"
            | "tuple"
            | "set"
            | "dictionary"
            | "array"
            | "object"
            | "pair"
            | "string"
            | "expression_list"
            | "template_string"
            | "template_substitution"
            | "interpolation"
            | "expression_statement"
            | "concatenated_string"
            | "keyword_argument" => self.parts(node, values),
            _ => None,
        }
    }

    fn parts(&self, node: Node<'_>, values: &Values) -> Option<Work> {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.named_children(&mut cursor).collect();
        parts.iter().try_fold(Work::free(), |work, it| Some(work.then(self.expression(*it, values)?)))
    }

    fn copied(&self, size: Term) -> Option<Work> {
        Some(Work::of(Cost::of(size)))
    }

    fn has_membership(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|it| matches!(it.kind(), "in" | "not in"))
    }

    /// `x in container`
    fn membership(&self, container: Node<'_>, values: &Values) -> Option<Work> {
        if container.kind() == "call"
            && container.child_by_field_name("function").map(|it| self.slice(it)) == Some("range")
        {
            return Some(Work::free());
        }
        match self.value_of(container, values).kind {
            Kind::Set | Kind::Dict => Some(Work::free()),
            Kind::List | Kind::Text => self.copied(self.items(container, values)?),
            Kind::Number | Kind::Unknown => None,
        }
    }

    fn comprehension(&self, node: Node<'_>, values: &Values) -> Option<Work> {
        let mut values = values.clone();
        let mut cursor = node.walk();
        let clauses: Vec<_> = node.named_children(&mut cursor).skip(1).collect();
        let mut rounds = Term::constant();
        let mut total = Work::free();
        for clause in clauses {
            match clause.kind() {
                "for_in_clause" => {
                    let over = clause.child_by_field_name("right")?;
                    total = total.then(self.expression(over, &values)?.each(&rounds)?);
                    rounds = rounds.times(&self.items(over, &values)?);
                    self.bind_items(clause.child_by_field_name("left")?, over, &mut values);
                }
                "if_clause" => {
                    total = total.then(self.expression(clause.named_child(0)?, &values)?.each(&rounds)?);
                }
                "comment" => {}
                _ => return None,
            }
        }
        let body = node.child_by_field_name("body")?;
        Some(total.then(Work::of(Cost::of(rounds.clone()))).then(self.expression(body, &values)?.each(&rounds)?))
    }

    fn call(&self, node: Node<'_>, values: &Values) -> Option<Work> {
        let function = node.child_by_field_name("function").or_else(|| node.child_by_field_name("constructor"))?;
        let name = self.slice(function);
        let given = self.arguments(node);
        if self.own_name.as_deref() == Some(name) {
            return self.own_call(&given, values);
        }
        let object = function.child_by_field_name("object");
        if let Some(object) = object.filter(|it| !is_namespace(self.slice(*it))) {
            let method = name.rsplit('.').next()?;
            return self.method(object, method, node, &given, values);
        }
        let arguments = given
            .iter()
            .filter(|it| !matches!(it.kind(), "generator_expression"))
            .try_fold(Work::free(), |work, it| Some(work.then(self.expression(*it, values)?)))?;
        // A name that is bound here is not the built-in.
        if values.contains_key(name) {
            return None;
        }
        let is_failure = name.ends_with("Error") || name.ends_with("Exception");
        match (name, given.as_slice()) {
            (_, _) if STEPS.contains(&name) || is_failure => Some(arguments),
            ("min" | "max" | "Math.min" | "Math.max", [_, _, ..]) => Some(arguments),
            ("print" | "console.log", _) => {
                let are_small = given.iter().all(|it| {
                    matches!(it.kind(), "string" | "integer" | "number")
                        || self.value_of(*it, values).kind == Kind::Number
                });
                are_small.then_some(arguments)
            }
            ("set" | "list" | "dict" | "tuple" | "Set" | "Map", []) => Some(arguments),
            (_, [generator]) if SWEEPS.contains(&name) && generator.kind() == "generator_expression" => {
                self.comprehension(*generator, values)
            }
            ("int" | "str", [one]) if self.value_of(*one, values).kind == Kind::Number => Some(arguments),
            (_, [one]) if SWEEPS.contains(&name) && self.keyword(node, "key").is_none() => {
                Some(arguments.then(self.copied(self.items(*one, values)?)?))
            }
            ("sorted", [one]) if self.is_cheap_key(node, values) => {
                let sorting = self.items(*one, values)?.times_log()?;
                Some(arguments.then(self.copied(sorting)?))
            }
            _ => None,
        }
    }

    fn keyword<'tree>(&self, call: Node<'tree>, name: &str) -> Option<Node<'tree>> {
        let arguments = call.child_by_field_name("arguments")?;
        let mut cursor = arguments.walk();
        arguments
            .named_children(&mut cursor)
            .filter(|it| it.kind() == "keyword_argument")
            .find(|it| it.child_by_field_name("name").is_some_and(|key| self.slice(key) == name))?
            .child_by_field_name("value")
    }

    /// No `key`, or one of a constant number of steps.
    fn is_cheap_key(&self, call: Node<'_>, values: &Values) -> bool {
        let Some(key) = self.keyword(call, "key") else { return true };
        let body = key.child_by_field_name("body").filter(|_| key.kind() == "lambda");
        let is_step = key.kind() == "identifier" && STEPS.contains(&self.slice(key));
        is_step
            || body
                .and_then(|it| self.expression(it, values))
                .is_some_and(|it| it.cost.is_constant() && it.calls.is_empty())
    }

    fn method(
        &self,
        object: Node<'_>,
        method: &str,
        call: Node<'_>,
        given: &[Node<'_>],
        values: &Values,
    ) -> Option<Work> {
        let work = self.expression(object, values)?;
        if !self.is_python && CALLBACKS.contains(&method) {
            let callback = given.first().filter(|it| it.kind() == "arrow_function")?;
            let body = callback.child_by_field_name("body")?;
            let mut inner = values.clone();
            let mut cursor = callback.walk();
            let parameters =
                callback.child_by_field_name("parameters").or_else(|| callback.child_by_field_name("parameter"))?;
            let names: Vec<_> = if parameters.kind() == "identifier" {
                vec![parameters]
            } else {
                parameters.named_children(&mut cursor).collect()
            };
            for name in names {
                inner.insert(self.slice(name).to_owned(), super::sizes::Value::unknown());
            }
            let once = if body.kind() == "statement_block" {
                self.sequence(&block_of(body), &mut inner)?
            } else {
                self.expression(body, &inner)?
            };
            let others =
                given[1..].iter().try_fold(Work::free(), |work, it| Some(work.then(self.expression(*it, values)?)))?;
            let items = self.items(object, values)?;
            return Some(work.then(others).then(self.copied(items.clone())?).then(once.each(&items)?));
        }
        let work = given.iter().try_fold(work, |work, it| Some(work.then(self.expression(*it, values)?)))?;
        let receiver = self.value_of(object, values);
        let whole = || self.copied(self.items(object, values)?);
        match (receiver.kind, method, given.len()) {
            (Kind::List, "append" | "push", 1) | (Kind::List, "pop", 0) => Some(work),
            (Kind::List, "pop", 1) if self.slice(given[0]) == "-1" => Some(work),
            (
                Kind::List,
                "pop" | "insert" | "remove" | "index" | "count" | "shift" | "unshift" | "includes" | "indexOf"
                | "slice" | "copy" | "reverse" | "join",
                _,
            ) => Some(work.then(whole()?)),
            (Kind::List, "sort", 0) if !self.is_python || self.is_cheap_key(call, values) => {
                Some(work.then(self.copied(self.items(object, values)?.times_log()?)?))
            }
            (Kind::Dict, "get" | "setdefault" | "items" | "keys" | "values" | "pop" | "set" | "has" | "delete", _)
            | (Kind::Set, "add" | "discard" | "remove" | "has" | "delete", _) => Some(work),
            (Kind::Unknown, "items" | "keys" | "values", 0) if self.is_python => Some(work),
            (
                Kind::Text,
                "isdigit" | "isalpha" | "lower" | "upper" | "strip" | "split" | "find" | "replace" | "toLowerCase"
                | "toUpperCase" | "trim",
                _,
            ) => Some(work.then(whole()?)),
            (Kind::Text, "charAt" | "charCodeAt", 1) => Some(work),
            _ => None,
        }
    }

    /// A call of the function that is estimated: how its input is smaller.
    fn own_call(&self, given: &[Node<'_>], values: &Values) -> Option<Work> {
        let mut work = Work::free();
        let mut shrink = None;
        for (argument, parameter) in given.iter().zip(&self.parameters) {
            // The slice of an argument is a copy.
            work = work.then(self.expression(*argument, values).filter(|it| it.calls.is_empty()).or_else(|| {
                self.sliced_half(*argument, parameter, values).map(|(_, copy)| Work::of(Cost::of(copy)))
            })?);
            shrink = shrink.or_else(|| self.shrink(*argument, parameter, values));
        }
        work.calls.push(shrink?);
        Some(work)
    }

    fn shrink(&self, argument: Node<'_>, parameter: &str, values: &Values) -> Option<Shrink> {
        let symbol = values.get(parameter)?.size.as_ref()?.only_symbol()?.to_owned();
        if let Some((of, _)) = self.sliced_half(argument, parameter, values) {
            return Some(Shrink::Part { symbol, of });
        }
        let compact: String = self.slice(argument).chars().filter(|c| !c.is_whitespace()).collect();
        let compact =
            compact.strip_prefix("Math.floor(").and_then(|it| it.strip_suffix(')')).unwrap_or(&compact).to_owned();
        if let Some(rest) = compact.strip_prefix(&format!("{parameter}[")) {
            let inside = rest.strip_suffix(']')?;
            return matches!(inside, "1:" | ":-1" | "2:").then_some(Shrink::Less { symbol });
        }
        let rest = compact.strip_prefix(parameter)?;
        let number = |prefix: &str| rest.strip_prefix(prefix)?.parse::<u32>().ok();
        if number("-").is_some_and(|it| it > 0) {
            return Some(Shrink::Less { symbol });
        }
        let divisor = number("//").or_else(|| number("/")).or_else(|| (number(">>") == Some(1)).then_some(2))?;
        (divisor > 1).then_some(Shrink::Part { symbol, of: divisor })
    }

    /// `items[:mid]` or `items[mid:]` where `mid` is half the length: two, and the size of the copy.
    fn sliced_half(&self, argument: Node<'_>, parameter: &str, values: &Values) -> Option<(u32, Term)> {
        let compact: String = self.slice(argument).chars().filter(|c| !c.is_whitespace()).collect();
        let inside = compact.strip_prefix(&format!("{parameter}["))?.strip_suffix(']')?;
        let bound = inside.strip_prefix(':').or_else(|| inside.strip_suffix(':'))?;
        let half = format!("len({parameter})//2");
        let is_half = bound == half || self.is_bound_to(argument, bound, &half);
        is_half.then(|| Some((2, values.get(parameter)?.size.clone()?)))?
    }

    /// True when the function around assigns the name once, to this expression.
    fn is_bound_to(&self, node: Node<'_>, name: &str, expression: &str) -> bool {
        let mut function = node.parent();
        while let Some(outer) = function.filter(|it| it.kind() != "function_definition") {
            function = outer.parent();
        }
        let Some(function) = function else { return false };
        let mut bound = Vec::new();
        crate::tree::preorder(function, |it| {
            if it.kind() == "assignment" && it.child_by_field_name("left").is_some_and(|left| self.slice(left) == name)
            {
                bound.push(it.child_by_field_name("right").map(|right| self.slice(right)).unwrap_or_default());
            }
            true
        });
        matches!(bound.as_slice(), [one] if one.split_whitespace().collect::<String>() == expression)
    }
}

fn is_namespace(name: &str) -> bool {
    matches!(name, "Math" | "math" | "console" | "Array" | "Object" | "Number" | "functools")
}

fn block_of(block: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = block.walk();
    block.named_children(&mut cursor).collect()
}
