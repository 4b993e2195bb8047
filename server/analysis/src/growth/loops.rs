//! Loops: over items, with a counter, halving and doubling.

use syntax::Node;

use super::cost::Term;
use super::sizes::{Kind, Value, Values};
use super::statements::{Estimator, Work};
use crate::tree::preorder;

/// How often a loop runs, and the bound of its counter.
struct Rounds {
    count: Term,
    value: Term,
}

impl Estimator<'_> {
    pub(super) fn for_each(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        let (over, body) = (node.child_by_field_name("right")?, node.child_by_field_name("body")?);
        if node.child_by_field_name("operator").is_some_and(|it| it.kind() == "in") && !self.is_python {
            return None;
        }
        let head = self.expression(over, values)?;
        self.forget_assigned(node, values);
        let items = if ends_at_once(body) { Term::constant() } else { self.items(over, values)? };
        if over.kind() == "identifier" && self.changes_length(body, self.slice(over)) {
            return None;
        }
        self.bind_items(node.child_by_field_name("left")?, over, values);
        let each = self.block(body, values)?.each(&items)?;
        let other = match node.child_by_field_name("alternative") {
            Some(other) => self.block(other.child_by_field_name("body")?, values)?,
            None => Work::free(),
        };
        self.forget_assigned(node, values);
        Some(head.then(each).then(other))
    }

    /// What the names of a loop stand for: indexes are as large as the range, items of a parameter have a size.
    pub(super) fn bind_items(&self, target: Node<'_>, over: Node<'_>, values: &mut Values) {
        let callee = over.child_by_field_name("function").map(|it| self.slice(it));
        if target.kind() == "identifier" {
            let value = match (callee, over.kind()) {
                (Some("range"), _) => Value { kind: Kind::Number, size: self.items(over, values) },
                (None, "identifier") => Value {
                    kind: Kind::Unknown,
                    size: Some(Term::linear(&format!("the size of an item of `{}`", self.slice(over)))),
                },
                _ => Value::unknown(),
            };
            values.insert(self.slice(target).to_owned(), value);
            return;
        }
        let is_indexed = callee == Some("enumerate");
        let size = self.arguments(over).first().and_then(|it| self.items(*it, values));
        let mut first = is_indexed;
        preorder(target, |name| {
            if name.kind() == "identifier" {
                let is_index = std::mem::replace(&mut first, false);
                let index = Value { kind: Kind::Number, size: size.clone() };
                values.insert(self.slice(name).to_owned(), if is_index { index } else { Value::unknown() });
            }
            true
        });
    }

    /// `for (let i = 0; i < n; i++)`
    pub(super) fn counting_for(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        let (start, condition) = (node.child_by_field_name("initializer")?, node.child_by_field_name("condition")?);
        let (step, body) = (node.child_by_field_name("increment")?, node.child_by_field_name("body")?);
        let declarator = start.named_child(0).filter(|it| it.kind() == "variable_declarator")?;
        let name = self.slice(declarator.child_by_field_name("name")?).to_owned();
        let from = declarator.child_by_field_name("value")?;
        let first = self.expression(from, values)?;
        let from = self.magnitude(from, values)?;
        let condition =
            condition.named_child(0).filter(|_| condition.kind() == "expression_statement").unwrap_or(condition);
        let rounds = self.counted(&name, from, condition, self.slice(step), values)?;
        self.forget_assigned(body, values);
        if self.assigns(body, &name) || self.changes_bound(body, condition, &name) {
            return None;
        }
        let check = self.expression(condition, values)?;
        values.insert(name.clone(), Value { kind: Kind::Number, size: Some(rounds.value) });
        let rounds = if ends_at_once(body) { Term::constant() } else { rounds.count };
        let each = check.then(self.block(body, values)?).each(&rounds)?;
        values.remove(&name);
        self.forget_assigned(body, values);
        Some(first.then(each))
    }

    /// `while i < n` with a step at the end, `while n` that is halved.
    pub(super) fn while_loop(&self, node: Node<'_>, values: &mut Values) -> Option<Work> {
        let (mut condition, body) = (node.child_by_field_name("condition")?, node.child_by_field_name("body")?);
        if condition.kind() == "parenthesized_expression" {
            condition = condition.named_child(0)?;
        }
        if node.child_by_field_name("alternative").is_some() || has_continue(body) {
            return None;
        }
        let name = match condition.kind() {
            "identifier" => self.slice(condition),
            "comparison_operator" => self.slice(condition.named_child(0)?),
            "binary_expression" => self.slice(condition.child_by_field_name("left")?),
            _ => return None,
        }
        .to_owned();
        let mut cursor = body.walk();
        let steps: Vec<_> = body
            .named_children(&mut cursor)
            .filter(|it| it.kind() == "expression_statement")
            .filter(|it| self.assigns(*it, &name))
            .collect();
        let [step] = steps.as_slice() else { return None };
        if self.count_assignments(body, &name) != 1 || self.changes_bound(body, condition, &name) {
            return None;
        }
        let from = values.get(&name)?.size.clone()?;
        let rounds = self.counted(&name, from, condition, self.slice(*step).trim_end_matches(';'), values)?;
        self.forget_assigned(body, values);
        values.insert(name.clone(), Value { kind: Kind::Number, size: Some(rounds.value) });
        let check = self.expression(condition, values)?;
        let mut inside = values.clone();
        let rounds = if ends_at_once(body) { Term::constant() } else { rounds.count };
        let work = check.then(self.block(body, &mut inside)?).each(&rounds)?;
        self.forget_assigned(node, values);
        Some(work)
    }

    /// Every plain assignment of the name in the function around gives it a whole number above 0, loops' steps aside.
    fn starts_above_zero(&self, inner: Node<'_>, name: &str) -> bool {
        let mut root = inner;
        while let Some(outer) = root.parent().filter(|_| !root.kind().contains("function")) {
            root = outer;
        }
        let (mut some, mut all) = (false, true);
        preorder(root, |node| {
            let (target, value) = match node.kind() {
                "assignment" | "assignment_expression" => ("left", "right"),
                "variable_declarator" => ("name", "value"),
                _ => return true,
            };
            if node.child_by_field_name(target).is_some_and(|it| self.slice(it) == name) {
                let value = node.child_by_field_name(value).map(|it| self.slice(it)).unwrap_or_default();
                let is_step = value.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
                some |= !is_step;
                all &= is_step || value.parse::<u32>().is_ok_and(|it| it > 0);
            }
            true
        });
        some && all
    }

    /// How often a counter runs, and how large it gets.
    fn counted(&self, name: &str, from: Term, condition: Node<'_>, step: &str, values: &Values) -> Option<Rounds> {
        let compact: String = step.chars().filter(|c| !c.is_whitespace()).collect();
        let rest = compact.strip_prefix(name)?;
        let number = |text: &str| text.parse::<u32>().ok();
        let (operator, amount) = match rest {
            "++" => ("+", 1),
            "--" => ("-", 1),
            _ => {
                let (operator, amount) = ["//=", ">>=", "+=", "-=", "*=", "="]
                    .iter()
                    .find_map(|it| rest.strip_prefix(it).map(|amount| (*it, amount)))?;
                let own = amount.strip_prefix(name);
                match (operator, own) {
                    ("=", Some(own)) => {
                        let (inner, amount) = ["//", ">>", "+", "-", "*"]
                            .iter()
                            .find_map(|it| own.strip_prefix(it).map(|amount| (*it, amount)))?;
                        (inner, number(amount)?)
                    }
                    ("=", None) => {
                        let halved = amount.strip_prefix(&format!("Math.floor({name}/"))?.strip_suffix(')')?;
                        ("//", number(halved)?)
                    }
                    (operator, _) => (operator.trim_end_matches('='), number(amount)?),
                }
            }
        };
        let (relation, limit) = match condition.kind() {
            "identifier" => (">", None),
            "comparison_operator" => {
                let relation = condition.child(1).map(|it| self.slice(it))?;
                (relation, condition.named_child(1).filter(|_| condition.named_child_count() == 2))
            }
            "binary_expression" => {
                (self.slice(condition.child_by_field_name("operator")?), condition.child_by_field_name("right"))
            }
            _ => return None,
        };
        let limit = match limit {
            Some(limit) => self.magnitude(limit, values)?,
            None => Term::constant(),
        };
        let is_up = matches!(relation, "<" | "<=" | "!=" | "!==");
        let is_down = matches!(relation, ">" | ">=" | "!=" | "!==");
        match operator {
            "+" if is_up && amount > 0 && from.is_constant() && matches!(relation, "<" | "<=") => {
                Some(Rounds { count: limit.clone(), value: limit })
            }
            // From one end of an input somewhere to its end: as many as the input has at most.
            "+" if is_up && amount > 0 && from == limit && matches!(relation, "<" | "<=") => {
                Some(Rounds { count: limit.clone(), value: limit })
            }
            "-" if is_down && amount > 0 && limit.is_constant() && matches!(relation, ">" | ">=") => {
                Some(Rounds { count: from.clone(), value: from })
            }
            // From 0 it would stay there for good.
            "*" if is_up
                && amount > 1
                && from.is_constant()
                && matches!(relation, "<" | "<=")
                && self.starts_above_zero(condition, name) =>
            {
                let symbol = limit.only_symbol()?.to_owned();
                Some(Rounds { count: Term::log(&symbol), value: limit })
            }
            "//" | ">>" if relation == ">" && limit.is_constant() && (operator == ">>" && amount > 0 || amount > 1) => {
                let symbol = from.only_symbol()?.to_owned();
                Some(Rounds { count: Term::log(&symbol), value: from })
            }
            _ => None,
        }
    }
}

/// The loop's body runs once at most.
fn ends_at_once(body: Node<'_>) -> bool {
    let mut cursor = body.walk();
    let leaves = body
        .named_children(&mut cursor)
        .any(|it| matches!(it.kind(), "return_statement" | "raise_statement" | "throw_statement" | "break_statement"));
    leaves && !has_continue(body)
}

fn has_continue(body: Node<'_>) -> bool {
    let mut found = false;
    preorder(body, |it| {
        found |= it.kind() == "continue_statement";
        !found
    });
    found
}
