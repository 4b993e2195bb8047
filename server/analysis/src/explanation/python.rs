//! Python, statement by statement.

mod definitions;

use syntax::Node;

use super::phrase::{Step, StepKind, list};
use super::{quoted, slice};

/// Blocks inside each other that are looked into.
const MAX_DEPTH: usize = 24;

/// The steps of statements.
pub(super) fn steps(text: &str, statements: &[Node<'_>]) -> Vec<Step> {
    let teller = Teller { text };
    statements.iter().flat_map(|it| teller.statement(*it, 0)).collect()
}

struct Teller<'a> {
    text: &'a str,
}

impl Teller<'_> {
    fn block(&self, block: Option<Node<'_>>, depth: usize) -> Vec<Step> {
        let Some(block) = block.filter(|_| depth < MAX_DEPTH) else { return Vec::new() };
        let mut cursor = block.walk();
        block.named_children(&mut cursor).flat_map(|it| self.statement(it, depth)).collect()
    }

    fn quoted(&self, node: Node<'_>) -> String {
        quoted(self.text, node)
    }

    fn field(&self, node: Node<'_>, field: &str) -> String {
        node.child_by_field_name(field).map_or_else(String::new, |it| self.quoted(it))
    }

    fn statement(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let one = |kind, text: String| vec![Step::new(kind, text)];
        let body = |field| self.block(node.child_by_field_name(field), depth + 1);
        match node.kind() {
            "comment" => Vec::new(),
            "expression_statement" => self.expressions(node),
            "return_statement" => one(
                StepKind::Return(node.named_child(0).map(|it| self.quoted(it))),
                node.named_child(0)
                    .map_or_else(|| "Returns without a value".to_owned(), |it| format!("Returns {}", self.value(it))),
            ),
            "raise_statement" => one(StepKind::Raise, self.raise(node)),
            "if_statement" => self.branches(node, depth),
            "for_statement" => {
                let (head, what) = self.for_head(node);
                let mut steps = vec![Step::new(StepKind::Loop(what), head).with(body("body"))];
                steps.extend(self.otherwise(node, "If the loop was not left by `break`", depth));
                steps
            }
            "while_statement" => {
                let condition = self.field(node, "condition");
                let head = match condition.as_str() {
                    "`True`" | "`1`" => "Repeats until something inside ends it".to_owned(),
                    _ => format!("Repeats as long as {condition} is true"),
                };
                let mut steps = vec![Step::new(StepKind::Loop(format!("while {condition}")), head).with(body("body"))];
                steps.extend(self.otherwise(node, "If the loop was not left by `break`", depth));
                steps
            }
            "try_statement" => self.handling(node, depth),
            "with_statement" => vec![Step::new(StepKind::Other, self.with_head(node)).with(body("body"))],
            "match_statement" => self.matching(node, depth),
            "function_definition" => vec![self.function(node, depth, &[])],
            "class_definition" => vec![self.class(node, depth, &[])],
            "decorated_definition" => self.decorated(node, depth),
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                let import = self.quoted(node);
                one(StepKind::Import(self.imported(node)), format!("Imports with {import}"))
            }
            "delete_statement" => one(StepKind::Other, format!("Deletes {}", self.children(node))),
            "assert_statement" => one(
                StepKind::Other,
                format!(
                    "Checks that {} is true, and raises `AssertionError` if it is not",
                    node.named_child(0).map_or_else(String::new, |it| self.quoted(it))
                ),
            ),
            "global_statement" => one(StepKind::Silent, format!("Uses {} of the module", self.children(node))),
            "nonlocal_statement" => {
                one(StepKind::Silent, format!("Uses {} of the function around", self.children(node)))
            }
            "break_statement" => one(StepKind::Other, "Leaves the loop".to_owned()),
            "continue_statement" => one(StepKind::Other, "Goes on with the next round of the loop".to_owned()),
            "pass_statement" => one(StepKind::Silent, "Does nothing".to_owned()),
            "type_alias_statement" => one(StepKind::Other, format!("Names a type: {}", self.quoted(node))),
            "ERROR" => one(StepKind::Other, format!("Has a part that does not parse: {}", self.quoted(node))),
            _ => one(StepKind::Other, format!("Runs {}", self.quoted(node))),
        }
    }

    fn children(&self, node: Node<'_>) -> String {
        let mut cursor = node.walk();
        list(&node.named_children(&mut cursor).map(|it| self.quoted(it)).collect::<Vec<_>>())
    }

    fn imported(&self, node: Node<'_>) -> String {
        match node.child_by_field_name("module_name") {
            Some(module) => self.quoted(module),
            None => self.children(node),
        }
    }

    /// What stands in an expression statement.
    fn expressions(&self, statement: Node<'_>) -> Vec<Step> {
        let mut cursor = statement.walk();
        let children: Vec<_> = statement.named_children(&mut cursor).collect();
        if children.len() != 1 {
            return vec![Step::new(StepKind::Other, format!("Evaluates {}", self.quoted(statement)))];
        }
        let node = children[0];
        let step = match node.kind() {
            // A documentation string, or a comment in the form of one.
            "string" | "concatenated_string" | "ellipsis" => return Vec::new(),
            "assignment" => self.assignment(node),
            "augmented_assignment" => self.augmented(node),
            "call" => Step::new(StepKind::Other, self.call_sentence(node)),
            "await" => Step::new(StepKind::Other, format!("Waits for {}", self.children(node))),
            "yield" => Step::new(StepKind::Yield, self.yield_sentence(node)),
            _ => Step::new(StepKind::Other, format!("Evaluates {}", self.quoted(node))),
        };
        vec![step]
    }

    fn call_sentence(&self, call: Node<'_>) -> String {
        let function = call.child_by_field_name("function").map(|it| slice(self.text, it)).unwrap_or_default();
        let mut cursor = call.walk();
        let arguments = call.child_by_field_name("arguments");
        let arguments: Vec<_> = arguments.map(|it| it.named_children(&mut cursor).collect()).unwrap_or_default();
        match (function, arguments.as_slice()) {
            ("print", []) => "Prints an empty line".to_owned(),
            ("print", [one]) if one.kind() != "keyword_argument" => format!("Prints {}", self.quoted(*one)),
            _ => format!("Calls {}", self.quoted(call)),
        }
    }

    fn yield_sentence(&self, node: Node<'_>) -> String {
        let is_delegation = node.child(1).is_some_and(|it| it.kind() == "from");
        match node.named_child(0) {
            None => "Pauses and hands `None` to the caller".to_owned(),
            Some(value) if is_delegation => {
                format!("Hands everything that {} yields to the caller", self.quoted(value))
            }
            Some(value) => format!("Hands {} to the caller and pauses", self.quoted(value)),
        }
    }

    fn assignment(&self, node: Node<'_>) -> Step {
        let target = self.field(node, "left");
        let Some(mut value) = node.child_by_field_name("right") else {
            return Step::new(StepKind::Silent, format!("Declares {target} as {}", self.field(node, "type")));
        };
        let mut targets = vec![target];
        // `a = b = 1`
        while value.kind() == "assignment" {
            targets.push(self.field(value, "left"));
            match value.child_by_field_name("right") {
                Some(inner) => value = inner,
                None => break,
            }
        }
        let target = list(&targets);
        let text = match value.kind() {
            "yield" => format!("{}, and sets {target} to what comes back", self.yield_sentence(value)),
            "lambda" => {
                let parameters = value.child_by_field_name("parameters");
                let of = parameters.map_or_else(String::new, |it| format!(" of {}", self.quoted(it)));
                format!("Sets {target} to a function{of} that gives {}", self.field(value, "body"))
            }
            _ if node
                .child_by_field_name("left")
                .is_some_and(|it| it.kind().ends_with("pattern") || it.kind() == "pattern_list")
                && !matches!(value.kind(), "expression_list" | "tuple") =>
            {
                format!("Unpacks {} into {target}", self.value(value))
            }
            _ => format!("Sets {target} to {}", self.value(value)),
        };
        Step::new(StepKind::Assign(target), text)
    }

    /// A value: what it is where words are clearer than code.
    fn value(&self, node: Node<'_>) -> String {
        let comprehension = |what: &str| self.comprehension(node, what);
        match node.kind() {
            "list_comprehension" => comprehension("a list of"),
            "set_comprehension" => comprehension("a set of"),
            "dictionary_comprehension" => comprehension("a dictionary of"),
            "generator_expression" => comprehension("a generator of"),
            "conditional_expression" => {
                let mut cursor = node.walk();
                let parts: Vec<_> = node.named_children(&mut cursor).filter(|it| it.kind() != "comment").collect();
                match parts.as_slice() {
                    [value, condition, other] => {
                        let [value, condition, other] = [value, condition, other].map(|it| self.quoted(*it));
                        format!("{value} if {condition}, else {other}")
                    }
                    _ => self.quoted(node),
                }
            }
            "await" => format!("the result of {}, once it is there", self.children(node)),
            "list" if node.named_child_count() == 0 => "an empty list".to_owned(),
            "dictionary" if node.named_child_count() == 0 => "an empty dictionary".to_owned(),
            "call" => match self.quoted(node).as_str() {
                "`set()`" => "an empty set".to_owned(),
                call => format!("the result of {call}"),
            },
            _ => self.quoted(node),
        }
    }

    fn comprehension(&self, node: Node<'_>, what: &str) -> String {
        let mut cursor = node.walk();
        let mut sentence = format!("{what} {}", self.field(node, "body"));
        for clause in node.named_children(&mut cursor) {
            match clause.kind() {
                "for_in_clause" => {
                    let (each, over) = (self.field(clause, "left"), self.field(clause, "right"));
                    sentence += &format!(" for each {each} of {over}");
                }
                "if_clause" => {
                    let condition = clause.named_child(0).map(|it| self.quoted(it)).unwrap_or_default();
                    sentence += &format!(" if {condition}");
                }
                _ => {}
            }
        }
        sentence
    }

    fn augmented(&self, node: Node<'_>) -> Step {
        let (target, value) = (self.field(node, "left"), self.field(node, "right"));
        let operator = node.child_by_field_name("operator").map(|it| slice(self.text, it)).unwrap_or_default();
        let text = match operator {
            "+=" => format!("Adds {value} to {target}"),
            "-=" => format!("Subtracts {value} from {target}"),
            "*=" => format!("Multiplies {target} by {value}"),
            "/=" => format!("Divides {target} by {value}"),
            "//=" => format!("Divides {target} by {value}, rounded down"),
            "%=" => format!("Sets {target} to the remainder of its division by {value}"),
            "**=" => format!("Raises {target} to the power {value}"),
            _ => format!("Updates {target}: {}", self.quoted(node)),
        };
        Step::new(StepKind::Assign(target), text)
    }

    fn raise(&self, node: Node<'_>) -> String {
        let cause = node.child_by_field_name("cause");
        let raised = node.named_child(0).filter(|it| Some(*it) != cause);
        match (raised, cause) {
            (None, _) => "Raises the caught exception again".to_owned(),
            (Some(raised), None) => format!("Raises {}", self.quoted(raised)),
            (Some(raised), Some(cause)) => match self.quoted(cause).as_str() {
                "`None`" => format!("Raises {} without naming what caused it", self.quoted(raised)),
                cause => format!("Raises {} with {cause} as its cause", self.quoted(raised)),
            },
        }
    }

    fn branches(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let condition = self.field(node, "condition");
        let head = format!("If {condition}");
        let body = self.block(node.child_by_field_name("consequence"), depth + 1);
        let mut steps = vec![Step::new(StepKind::Branch(condition), head).with(body)];
        let mut cursor = node.walk();
        for part in node.children_by_field_name("alternative", &mut cursor) {
            if part.kind() == "elif_clause" {
                let head = format!("Otherwise, if {}", self.field(part, "condition"));
                let body = self.block(part.child_by_field_name("consequence"), depth + 1);
                steps.push(Step::new(StepKind::Part, head).with(body));
            } else {
                let body = self.block(part.child_by_field_name("body"), depth + 1);
                steps.push(Step::new(StepKind::Part, "Otherwise").with(body));
            }
        }
        steps
    }

    fn otherwise(&self, node: Node<'_>, head: &str, depth: usize) -> Option<Step> {
        let clause = node.child_by_field_name("alternative")?;
        let body = self.block(clause.child_by_field_name("body"), depth + 1);
        Some(Step::new(StepKind::Part, head).with(body))
    }

    /// The head of a loop, and what it goes over.
    fn for_head(&self, node: Node<'_>) -> (String, String) {
        let (target, over) = (self.field(node, "left"), self.field(node, "right"));
        let is_async = node.child(0).is_some_and(|it| it.kind() == "async");
        let plain = format!("For each {target} of {over}{}", if is_async { ", as they come in" } else { "" });
        let named = || -> Option<String> {
            let call = node.child_by_field_name("right").filter(|it| it.kind() == "call")?;
            let left = node.child_by_field_name("left")?;
            let function = call.child_by_field_name("function")?;
            let arguments = call.child_by_field_name("arguments")?;
            let mut cursor = arguments.walk();
            let given: Vec<_> = arguments.named_children(&mut cursor).collect();
            if given.iter().any(|it| matches!(it.kind(), "keyword_argument" | "list_splat" | "comment")) {
                return None;
            }
            let pair = || -> Option<(String, String)> {
                let both = left.kind() == "pattern_list" && left.named_child_count() == 2;
                both.then(|| Some((self.quoted(left.named_child(0)?), self.quoted(left.named_child(1)?))))?
            };
            Some(match (slice(self.text, function), given.as_slice()) {
                ("range", [end]) => format!("For {target} from 0 up to, but not including, {}", self.quoted(*end)),
                ("range", [start, end]) => {
                    format!("For {target} from {} up to, but not including, {}", self.quoted(*start), self.quoted(*end))
                }
                ("enumerate", [items]) => {
                    let (index, item) = pair()?;
                    format!("For each {item} of {}, with its index {index}", self.quoted(*items))
                }
                ("reversed", [items]) => {
                    format!("For each {target} of {}, from the last to the first", self.quoted(*items))
                }
                ("sorted", [items]) => format!("For each {target} of {} in sorted order", self.quoted(*items)),
                ("zip", [first, second]) => {
                    let (one, other) = pair()?;
                    format!(
                        "For each {one} of {} together with {other} of {} at the same position",
                        self.quoted(*first),
                        self.quoted(*second)
                    )
                }
                _ => return None,
            })
        };
        (named().filter(|_| !is_async).unwrap_or(plain), format!("over {over}"))
    }

    fn handling(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let body = self.block(node.child_by_field_name("body"), depth + 1);
        let mut steps = vec![Step::new(StepKind::Handling, "Tries").with(body)];
        let mut cursor = node.walk();
        for part in node.named_children(&mut cursor) {
            let mut inner = part.walk();
            let block = part.named_children(&mut inner).find(|it| it.kind() == "block");
            let body = self.block(block, depth + 1);
            let head = match part.kind() {
                "except_clause" | "except_group_clause" => self.handler_head(part),
                "else_clause" => "If nothing was raised".to_owned(),
                "finally_clause" => "At the end, whatever happened".to_owned(),
                _ => continue,
            };
            steps.push(Step::new(StepKind::Part, head).with(body));
        }
        steps
    }

    fn handler_head(&self, clause: Node<'_>) -> String {
        let Some(mut caught) = clause.named_child(0).filter(|it| it.kind() != "block") else {
            return "If anything is raised".to_owned();
        };
        let mut alias = clause.child_by_field_name("alias");
        if caught.kind() == "as_pattern" {
            alias = caught.child_by_field_name("alias");
            caught = caught.named_child(0).unwrap_or(caught);
        }
        let kinds = if caught.kind() == "tuple" {
            let mut cursor = caught.walk();
            let names: Vec<_> = caught.named_children(&mut cursor).map(|it| self.quoted(it)).collect();
            list(&names).replace(" and ", " or ")
        } else {
            self.quoted(caught)
        };
        let named = alias.map_or_else(String::new, |it| format!(" (as {})", self.quoted(it)));
        format!("If {kinds} is raised{named}")
    }

    fn with_head(&self, node: Node<'_>) -> String {
        let mut cursor = node.walk();
        let clause = node.named_children(&mut cursor).find(|it| it.kind() == "with_clause");
        let Some(clause) = clause else { return format!("Within {}", self.quoted(node)) };
        let mut cursor = clause.walk();
        let managers: Vec<String> = clause
            .named_children(&mut cursor)
            .filter_map(|item| {
                let value = item.child_by_field_name("value")?;
                let alias = value.child_by_field_name("alias").filter(|_| value.kind() == "as_pattern");
                Some(match (alias, value.named_child(0)) {
                    (Some(alias), Some(inner)) => format!("{} as {}", self.quoted(inner), self.quoted(alias)),
                    _ => self.quoted(value),
                })
            })
            .collect();
        format!(
            "Enters {}, and leaves {} again at the end, whatever happens",
            list(&managers),
            match managers.len() {
                1 => "it",
                _ => "them",
            }
        )
    }

    fn matching(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let subject = self.field(node, "subject");
        let mut cases = Vec::new();
        if let Some(body) = node.child_by_field_name("body") {
            let mut cursor = body.walk();
            for case in body.named_children(&mut cursor).filter(|it| it.kind() == "case_clause") {
                let mut inner = case.walk();
                let patterns: Vec<_> =
                    case.named_children(&mut inner).filter(|it| it.kind() == "case_pattern").collect();
                let names: Vec<_> = patterns.iter().map(|it| self.quoted(*it)).collect();
                let guard = case.child_by_field_name("guard").and_then(|it| it.named_child(0));
                let guard = guard.map_or_else(String::new, |it| format!(" and {} holds", self.quoted(it)));
                let head = match (names.as_slice(), guard.is_empty()) {
                    ([one], true) if one == "`_`" => "Otherwise".to_owned(),
                    _ => format!("If it fits {}{guard}", names.join(", ")),
                };
                let body = self.block(case.child_by_field_name("consequence"), depth + 2);
                cases.push(Step::new(StepKind::Part, head).with(body));
            }
        }
        let head = format!("Compares {subject} with patterns; the first that fits counts");
        vec![Step::new(StepKind::Branch(subject), head).with(cases)]
    }
}
