//! Statements: sums, branches and loops.

use syntax::Node;

use super::cost::{Cost, Term};
use super::recursion::{self, Shrink};
use super::sizes::{Kind, Value, Values};
use super::{Growth, last_named};
use crate::tree::preorder;

/// What some code costs, apart from the calls of the function to itself that are listed.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) cost: Cost,
    pub(super) calls: Vec<Shrink>,
}

impl Work {
    pub(super) fn free() -> Self {
        Self { cost: Cost::constant(), calls: Vec::new() }
    }

    pub(super) fn of(cost: Cost) -> Self {
        Self { cost, calls: Vec::new() }
    }

    pub(super) fn then(mut self, other: Self) -> Self {
        self.cost = self.cost.plus(other.cost);
        self.calls.extend(other.calls);
        self
    }

    /// Either this or the other one.
    fn or(self, other: Self) -> Self {
        let calls = if other.calls.len() > self.calls.len() { other.calls } else { self.calls };
        Self { cost: self.cost.plus(other.cost), calls }
    }

    /// What is done once for each of so many items; a call of the function itself there is beyond us.
    pub(super) fn each(self, items: &Term) -> Option<Self> {
        self.calls.is_empty().then(|| Self::of(self.cost.times(items)))
    }
}

/// An estimate of one piece of code.
pub(super) struct Estimator<'a> {
    text: &'a str,
    pub(super) is_python: bool,
    /// The function that is estimated, where it has a name, and its parameters.
    pub(super) own_name: Option<String>,
    pub(super) parameters: Vec<String>,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(text: &'a str, is_python: bool) -> Self {
        Self { text, is_python, own_name: None, parameters: Vec::new() }
    }

    pub(super) fn slice(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }

    /// Statements outside of a function: their inputs have no names here, so only what needs none is told.
    pub(super) fn statements(self, nodes: &[Node<'_>]) -> Option<Growth> {
        let work = self.sequence(nodes, &mut Values::new())?;
        recursion::told(&work, None)
    }

    /// A function; `whole` is it with its decorators.
    pub(super) fn function(mut self, function: Node<'_>, whole: Node<'_>) -> Option<Growth> {
        let name = function
            .child_by_field_name("name")
            .or_else(|| function.parent().filter(|it| it.kind() == "variable_declarator")?.child_by_field_name("name"));
        let is_async = function.child(0).is_some_and(|it| it.kind() == "async");
        if is_async || function.kind().contains("generator") {
            return None;
        }
        self.own_name = name.map(|it| self.slice(it).to_owned());
        let mut values = Values::new();
        self.bind_parameters(function, &mut values);
        let body = function.child_by_field_name("body")?;
        let work = if matches!(body.kind(), "block" | "statement_block") {
            self.block(body, &mut values)?
        } else {
            self.expression(body, &values)?
        };
        let decorators = &self.text[whole.start_byte()..function.start_byte()];
        let is_memoized = ["@cache", "@lru_cache", "@functools.cache", "@functools.lru_cache"]
            .iter()
            .any(|it| decorators.split_whitespace().any(|word| word.split('(').next() == Some(it)));
        if !is_memoized && !decorators.trim().is_empty() && !decorators.trim_start().starts_with("export") {
            let harmless = ["@staticmethod", "@classmethod", "@property", "const", "let", "var"];
            if !decorators.split_whitespace().all(|it| harmless.contains(&it) || !it.starts_with('@')) {
                return None;
            }
        }
        recursion::told(&work, Some(is_memoized))
    }

    fn bind_parameters(&mut self, function: Node<'_>, values: &mut Values) {
        let mut parameters = Vec::new();
        if let Some(only) = function.child_by_field_name("parameter") {
            parameters.push((only, None));
        }
        if let Some(list) = function.child_by_field_name("parameters") {
            let mut cursor = list.walk();
            for it in list.named_children(&mut cursor) {
                let name = match it.kind() {
                    "identifier" => Some(it),
                    "typed_parameter" => it.named_child(0).filter(|it| it.kind() == "identifier"),
                    "required_parameter" | "optional_parameter" => it.child_by_field_name("pattern"),
                    _ => it.child_by_field_name("name").or_else(|| it.child_by_field_name("left")),
                };
                parameters.extend(name.map(|name| (name, it.child_by_field_name("type"))));
            }
        }
        for (name, annotation) in parameters {
            let word = self.slice(name).to_owned();
            let kind = annotation.map_or(Kind::Unknown, |it| kind_of_type(self.slice(it)));
            let symbol = match kind {
                Kind::Number => format!("the value of `{word}`"),
                Kind::Unknown => format!("the size of `{word}`"),
                _ => format!("the length of `{word}`"),
            };
            values.insert(word.clone(), Value { kind, size: Some(Term::linear(&symbol)) });
            self.parameters.push(word);
        }
        values.remove("self");
        values.remove("cls");
    }

    pub(super) fn block(&self, block: Node<'_>, values: &mut Values) -> Option<Work> {
        if !matches!(block.kind(), "block" | "statement_block" | "module" | "program" | "else_clause") {
            return self.sequence(&[block], values);
        }
        let mut cursor = block.walk();
        let statements: Vec<_> = block.named_children(&mut cursor).collect();
        self.sequence(&statements, values)
    }

    pub(super) fn sequence(&self, statements: &[Node<'_>], values: &mut Values) -> Option<Work> {
        let mut work = Work::free();
        for (index, statement) in statements.iter().enumerate() {
            if statement.kind() == "if_statement"
                && statement.child_by_field_name("alternative").is_none()
                && statement.child_by_field_name("consequence").is_some_and(|it| ends(it))
            {
                // What follows runs only where the condition did not hold.
                let condition = self.expression(statement.child_by_field_name("condition")?, values)?;
                let then = self.block(statement.child_by_field_name("consequence")?, &mut values.clone())?;
                let rest = self.sequence(&statements[index + 1..], values)?;
                return Some(work.then(condition).then(then.or(rest)));
            }
            work = work.then(self.statement(*statement, values)?);
        }
        Some(work)
    }

    fn statement(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        match node.kind() {
            "comment"
            | "pass_statement"
            | "break_statement"
            | "continue_statement"
            | "empty_statement"
            | "global_statement"
            | "nonlocal_statement"
            | "import_statement"
            | "import_from_statement"
            | "function_definition"
            | "function_declaration" => Some(Work::free()),
            "expression_statement" => self.expression_statement(node, values),
            "lexical_declaration" | "variable_declaration" => {
                let mut cursor = node.walk();
                let mut work = Work::free();
                for declarator in node.named_children(&mut cursor).filter(|it| it.kind() == "variable_declarator") {
                    if let Some(value) = declarator.child_by_field_name("value") {
                        work = work.then(self.assign(declarator.child_by_field_name("name")?, value, values)?);
                    }
                }
                Some(work)
            }
            "return_statement" | "raise_statement" | "throw_statement" | "assert_statement" => {
                let mut cursor = node.walk();
                let children: Vec<_> = node.named_children(&mut cursor).collect();
                children.iter().try_fold(Work::free(), |work, it| Some(work.then(self.expression(*it, values)?)))
            }
            "if_statement" => self.branches(node, values),
            "else_clause" | "statement_block" | "block" => {
                self.block(node.child_by_field_name("body").unwrap_or(node), values)
            }
            "for_statement" if self.is_python => self.for_each(node, values),
            "for_in_statement" => self.for_each(node, values),
            "for_statement" => self.counting_for(node, values),
            "while_statement" => self.while_loop(node, values),
            _ => None,
        }
    }

    fn expression_statement(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        let inner = node.named_child(0)?;
        match inner.kind() {
            "string" => Some(Work::free()),
            "assignment" | "assignment_expression" => {
                let (target, value) = (inner.child_by_field_name("left")?, inner.child_by_field_name("right"));
                value.map_or_else(|| Some(Work::free()), |value| self.assign(target, value, values))
            }
            "augmented_assignment" | "augmented_assignment_expression" => {
                let target = inner.child_by_field_name("left")?;
                let value = inner.child_by_field_name("right")?;
                let added = self.value_of(value, values);
                let own = self.value_of(target, values);
                // Text and lists are copied or made longer.
                let is_sequence = |kind| matches!(kind, Kind::Text | Kind::List | Kind::Set | Kind::Dict);
                if is_sequence(own.kind) || is_sequence(added.kind) {
                    return None;
                }
                let work = self.expression(value, values)?;
                values.insert(self.slice(target).to_owned(), Value { kind: own.kind, size: None });
                Some(work)
            }
            "update_expression" => {
                let target = self.slice(inner.child_by_field_name("argument")?).to_owned();
                values.insert(target, Value { kind: Kind::Number, size: None });
                Some(Work::free())
            }
            _ => self.expression(inner, values),
        }
    }

    fn assign(&self, target: Node<'_>, value: Node<'_>, values: &mut Values) -> Option<Work> {
        let work = self.expression(value, values)?;
        match target.kind() {
            "identifier" => {
                values.insert(self.slice(target).to_owned(), self.value_of(value, values));
            }
            "pattern_list" | "tuple_pattern" | "array_pattern" => {
                let mut cursor = target.walk();
                let names: Vec<_> = target.named_children(&mut cursor).collect();
                let mut cursor = value.walk();
                let given: Vec<_> = value.named_children(&mut cursor).collect();
                let is_parallel = value.kind() == "expression_list" && given.len() == names.len();
                let found: Vec<Value> = names
                    .iter()
                    .enumerate()
                    .map(|(at, _)| if is_parallel { self.value_of(given[at], values) } else { Value::unknown() })
                    .collect();
                for (name, value) in names.iter().zip(found) {
                    values.insert(self.slice(*name).to_owned(), value);
                }
            }
            // One element or attribute.
            "subscript" | "subscript_expression" => return Some(work.then(self.expression(target, values)?)),
            "attribute" | "member_expression" => {}
            _ => return None,
        }
        Some(work)
    }

    fn branches(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        let condition = self.expression(node.child_by_field_name("condition")?, values)?;
        let before = values.clone();
        let mut work = self.block(node.child_by_field_name("consequence")?, values)?;
        let mut cursor = node.walk();
        for part in node.children_by_field_name("alternative", &mut cursor) {
            let mut own = before.clone();
            let other = if part.kind() == "elif_clause" {
                let condition = self.expression(part.child_by_field_name("condition")?, &own)?;
                condition.then(self.block(part.child_by_field_name("consequence")?, &mut own)?)
            } else {
                self.block(part.child_by_field_name("body").unwrap_or(part), &mut own)?
            };
            work = work.or(other);
            forget_differences(values, &own);
        }
        forget_differences(values, &before);
        Some(condition.then(work))
    }

    /// Names that `node` assigns have values that the loop's first round does not tell.
    pub(super) fn forget_assigned(&self, node: Node<'_>, values: &mut Values) {
        preorder(node, |it| {
            if let Some(target) = assigned(it) {
                preorder(target, |name| {
                    if let Some(value) = values.get_mut(self.slice(name)).filter(|_| name.kind() == "identifier") {
                        value.size = None;
                    }
                    !matches!(name.kind(), "subscript" | "attribute" | "member_expression" | "subscript_expression")
                });
            }
            true
        });
    }

    pub(super) fn count_assignments(&self, node: Node<'_>, name: &str) -> usize {
        let mut count = 0;
        preorder(node, |it| {
            let target = assigned(it);
            if target
                .is_some_and(|target| self.slice(target).split([',', ' ', '[', ']', '(', ')']).any(|word| word == name))
            {
                count += 1;
            }
            true
        });
        count
    }

    pub(super) fn assigns(&self, node: Node<'_>, name: &str) -> bool {
        self.count_assignments(node, name) > 0
    }

    /// True when a loop's body changes what its condition compares with.
    pub(super) fn changes_bound(&self, body: Node<'_>, condition: Node<'_>, counter: &str) -> bool {
        let mut changes = false;
        preorder(condition, |it| {
            let word = self.slice(it);
            if it.kind() == "identifier" && word != counter {
                changes |= self.assigns(body, word) || self.changes_length(body, word);
            }
            true
        });
        changes
    }

    /// True when a method is called on the name that makes it longer or shorter.
    pub(super) fn changes_length(&self, body: Node<'_>, name: &str) -> bool {
        const METHODS: &[&str] = &[
            "append",
            "add",
            "clear",
            "discard",
            "extend",
            "insert",
            "pop",
            "popitem",
            "push",
            "remove",
            "setdefault",
            "shift",
            "splice",
            "unshift",
            "update",
            "delete",
            "set",
        ];
        let mut changes = false;
        preorder(body, |it| {
            if let Some(function) = it.child_by_field_name("function")
                && let Some((object, method)) = self.slice(function).rsplit_once('.')
            {
                changes |= object == name && METHODS.contains(&method);
            }
            changes |= it.kind() == "delete_statement";
            true
        });
        changes
    }
}

/// The target of an assignment of any form.
fn assigned(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "assignment" | "augmented_assignment" | "assignment_expression" | "augmented_assignment_expression" => {
            node.child_by_field_name("left")
        }
        "for_statement" | "for_in_statement" => node.child_by_field_name("left"),
        "named_expression" | "variable_declarator" => node.child_by_field_name("name"),
        "update_expression" => node.child_by_field_name("argument"),
        _ => None,
    }
}

/// What differs after a branch is known no more.
fn forget_differences(values: &mut Values, other: &Values) {
    for (name, value) in values.iter_mut() {
        match other.get(name) {
            Some(same) if same.size == value.size && same.kind == value.kind => {}
            _ => *value = Value::unknown(),
        }
    }
}

/// The block's last statement leaves it for good.
fn ends(block: Node<'_>) -> bool {
    let is_block = matches!(block.kind(), "block" | "statement_block");
    let last = if is_block { last_named(block) } else { Some(block) };
    last.is_some_and(|it| matches!(it.kind(), "return_statement" | "raise_statement" | "throw_statement"))
}

fn kind_of_type(annotation: &str) -> Kind {
    let name = annotation.trim_start_matches([':', ' ']);
    let head = name.split(['[', '<']).next().unwrap_or_default().trim();
    match head {
        _ if name.ends_with("[]") => Kind::List,
        "list" | "List" | "tuple" | "Sequence" | "Array" | "ReadonlyArray" => Kind::List,
        "dict" | "Dict" | "Mapping" | "Map" => Kind::Dict,
        "set" | "Set" | "frozenset" => Kind::Set,
        "str" | "string" | "bytes" => Kind::Text,
        "int" | "float" | "bool" | "number" | "boolean" => Kind::Number,
        _ => Kind::Unknown,
    }
}
