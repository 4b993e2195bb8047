//! JavaScript and TypeScript, statement by statement.

use syntax::Node;

use super::phrase::{Definition, Step, StepKind, code, documented, first_sentence, list};
use super::{quoted, slice};

/// Blocks inside each other that are looked into.
const MAX_DEPTH: usize = 24;
const FUNCTION_VALUES: &[&str] = &["arrow_function", "function_expression", "generator_function"];

/// The steps of statements.
pub(super) fn steps(text: &str, statements: &[Node<'_>]) -> Vec<Step> {
    let teller = Teller { text };
    statements.iter().flat_map(|it| teller.statement(*it, 0)).collect()
}

struct Teller<'a> {
    text: &'a str,
}

impl Teller<'_> {
    /// The steps of a block, or of the one statement in its place.
    fn block(&self, block: Option<Node<'_>>, depth: usize) -> Vec<Step> {
        let Some(block) = block.filter(|_| depth < MAX_DEPTH) else { return Vec::new() };
        if !matches!(block.kind(), "statement_block" | "class_body" | "else_clause" | "switch_body") {
            return self.statement(block, depth);
        }
        let mut cursor = block.walk();
        block.named_children(&mut cursor).flat_map(|it| self.statement(it, depth)).collect()
    }

    fn quoted(&self, node: Node<'_>) -> String {
        quoted(self.text, node)
    }

    fn field(&self, node: Node<'_>, field: &str) -> String {
        node.child_by_field_name(field).map_or_else(String::new, |it| self.quoted(it))
    }

    /// A condition without its parentheses.
    fn condition(&self, node: Node<'_>) -> String {
        let Some(condition) = node.child_by_field_name("condition") else { return String::new() };
        let inner = condition.named_child(0).filter(|_| condition.kind() == "parenthesized_expression");
        self.quoted(inner.unwrap_or(condition)).trim_end_matches(';').to_owned()
    }

    fn statement(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let one = |kind, text: String| vec![Step::new(kind, text)];
        let body = |field| self.block(node.child_by_field_name(field), depth + 1);
        match node.kind() {
            "comment" | "empty_statement" | "hash_bang_line" => Vec::new(),
            "expression_statement" => node.named_child(0).map_or_else(Vec::new, |it| self.expression(it, depth)),
            "lexical_declaration" | "variable_declaration" => self.declarations(node, depth),
            "return_statement" => match node.named_child(0).filter(|it| it.kind() != "comment") {
                None => one(StepKind::Return(None), "Returns without a value".to_owned()),
                Some(value) => vec![
                    Step::new(StepKind::Return(Some(self.quoted(value))), format!("Returns {}", self.value(value)))
                        .with(self.function_body(value, depth)),
                ],
            },
            "throw_statement" => one(
                StepKind::Raise,
                format!("Throws {}", node.named_child(0).map_or_else(String::new, |it| self.quoted(it))),
            ),
            "if_statement" => self.branches(node, depth),
            "for_statement" => {
                let part = |field| {
                    let text = node.child_by_field_name(field).map(|it| slice(self.text, it)).unwrap_or_default();
                    text.trim_end_matches(';').trim()
                };
                let (start, condition, step) = (part("initializer"), part("condition"), part("increment"));
                let mut head = match condition {
                    "" => "Repeats until something inside ends it".to_owned(),
                    _ => format!("Repeats as long as {} is true", code(condition)),
                };
                if !start.is_empty() {
                    head += &format!(", starting with {}", code(start));
                }
                if !step.is_empty() {
                    head += &format!(", with {} after each round", code(step));
                }
                vec![Step::new(StepKind::Loop(format!("while {}", code(condition))), head).with(body("body"))]
            }
            "for_in_statement" => vec![self.for_each(node).with(body("body"))],
            "while_statement" => {
                let condition = self.condition(node);
                let head = match condition.as_str() {
                    "`true`" | "`1`" => "Repeats until something inside ends it".to_owned(),
                    _ => format!("Repeats as long as {condition} is true"),
                };
                vec![Step::new(StepKind::Loop(format!("while {condition}")), head).with(body("body"))]
            }
            "do_statement" => {
                let condition = self.condition(node);
                let head = format!("Runs once, then again as long as {condition} is true");
                vec![Step::new(StepKind::Loop(format!("while {condition}")), head).with(body("body"))]
            }
            "switch_statement" => self.switch(node, depth),
            "try_statement" => self.handling(node, depth),
            "function_declaration" | "generator_function_declaration" | "function_signature" => {
                let name = self.field(node, "name");
                vec![self.function(node, name, node, depth)]
            }
            "method_definition" | "method_signature" | "abstract_method_signature" => {
                let name = self.field(node, "name");
                vec![self.function(node, name, node, depth)]
            }
            "class_declaration" | "abstract_class_declaration" => vec![self.class(node, depth)],
            "field_definition" | "public_field_definition" => {
                let name = match node.child_by_field_name("property").or_else(|| node.child_by_field_name("name")) {
                    Some(name) => self.quoted(name),
                    None => self.quoted(node),
                };
                let text = match node.child_by_field_name("value") {
                    Some(value) => format!("Has the field {name}, at first {}", self.value(value)),
                    None => format!("Has the field {name}"),
                };
                let inner = node.child_by_field_name("value").map_or_else(Vec::new, |it| self.function_body(it, depth));
                vec![Step::new(StepKind::Silent, text).with(inner)]
            }
            "import_statement" => {
                let source = self.field(node, "source");
                one(StepKind::Import(source), format!("Imports with {}", self.quoted(node).replace(";`", "`")))
            }
            "export_statement" => self.export(node, depth),
            "labeled_statement" => body("body"),
            "statement_block" => self.block(Some(node), depth),
            "break_statement" | "continue_statement" => {
                let label = node.child_by_field_name("label").map(|it| self.quoted(it));
                let what = label.map_or_else(|| "the loop".to_owned(), |it| format!("the loop {it}"));
                let is_break = node.kind() == "break_statement";
                let text =
                    if is_break { format!("Leaves {what}") } else { format!("Goes on with the next round of {what}") };
                one(StepKind::Other, text)
            }
            "interface_declaration" => {
                one(StepKind::Other, format!("Describes the shape {}", self.field(node, "name")))
            }
            "type_alias_declaration" => one(StepKind::Other, format!("Names a type: {}", self.quoted(node))),
            "enum_declaration" => one(StepKind::Other, format!("Defines the enumeration {}", self.field(node, "name"))),
            "debugger_statement" => one(StepKind::Other, "Stops in the debugger, where one is attached".to_owned()),
            "ERROR" => one(StepKind::Other, format!("Has a part that does not parse: {}", self.quoted(node))),
            _ => one(StepKind::Other, format!("Runs {}", self.quoted(node))),
        }
    }

    fn expression(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let step = match node.kind() {
            // `'use strict'`
            "string" => Step::new(StepKind::Silent, format!("Gives the directive {}", self.quoted(node))),
            "assignment_expression" => {
                let target = self.field(node, "left");
                let Some(value) = node.child_by_field_name("right") else { return Vec::new() };
                let text = format!("Sets {target} to {}", self.value(value));
                Step::new(StepKind::Assign(target), text).with(self.function_body(value, depth))
            }
            "augmented_assignment_expression" => self.augmented(node),
            "update_expression" => {
                let target = self.field(node, "argument");
                let is_more = slice(self.text, node).contains("++");
                let text = format!("{} {target} by one", if is_more { "Increases" } else { "Decreases" });
                Step::new(StepKind::Assign(target), text)
            }
            "call_expression" => return vec![self.call(node, depth)],
            "await_expression" => match node.named_child(0) {
                Some(call) if call.kind() == "call_expression" => {
                    let call = self.call(call, depth);
                    Step { text: format!("{}, and waits for its promise", call.text), ..call }
                }
                _ => Step::new(
                    StepKind::Other,
                    format!("Waits for {}", node.named_child(0).map_or_else(String::new, |it| self.quoted(it))),
                ),
            },
            "yield_expression" => {
                let value = node.named_child(0).map_or_else(|| "`undefined`".to_owned(), |it| self.quoted(it));
                Step::new(StepKind::Yield, format!("Hands {value} to the caller and pauses"))
            }
            "unary_expression" if slice(self.text, node).starts_with("delete") => {
                Step::new(StepKind::Other, format!("Deletes {}", self.field(node, "argument")))
            }
            _ => Step::new(StepKind::Other, format!("Evaluates {}", self.quoted(node))),
        };
        vec![step]
    }

    /// A call; a function that is handed over is told below it.
    fn call(&self, node: Node<'_>, depth: usize) -> Step {
        let function = node.child_by_field_name("function");
        let called = function.map(|it| self.quoted(it)).unwrap_or_default();
        let mut cursor = node.walk();
        let arguments = node.child_by_field_name("arguments");
        let given: Vec<_> = arguments.map(|it| it.named_children(&mut cursor).collect()).unwrap_or_default();
        let callback = given.iter().rev().find(|it| FUNCTION_VALUES.contains(&it.kind())).copied();
        let inner = function.filter(|it| it.kind() == "parenthesized_expression").and_then(|it| it.named_child(0));
        if let Some(inner) = inner.filter(|it| FUNCTION_VALUES.contains(&it.kind())) {
            let head = "Defines a function and runs it at once";
            return Step::new(StepKind::Other, head).with(self.function_body(inner, depth));
        }
        match callback {
            Some(callback) => {
                let others: Vec<_> = given.iter().filter(|it| **it != callback).map(|it| self.quoted(*it)).collect();
                let mut head = format!("Calls {called}");
                if !others.is_empty() {
                    head += &format!(" with {}", list(&others));
                }
                let also = if others.is_empty() { " with" } else { " and" };
                head += &format!("{also} {}", self.function_value(callback));
                Step::new(StepKind::Other, head).with(self.function_body(callback, depth))
            }
            None => Step::new(StepKind::Other, format!("Calls {}", self.quoted(node))),
        }
    }

    /// A function value in words.
    fn function_value(&self, node: Node<'_>) -> String {
        let parameters = self.parameters(node);
        let mut words = "a function".to_owned();
        if self.is_async(node) {
            words = "an asynchronous function".to_owned();
        }
        if !parameters.is_empty() {
            words += &format!(" of {}", list(&parameters));
        }
        if let Some(body) = node.child_by_field_name("body").filter(|it| it.kind() != "statement_block") {
            words += &format!(" that gives {}", self.quoted(body));
        }
        words
    }

    /// The steps of a function value's block.
    fn function_body(&self, value: Node<'_>, depth: usize) -> Vec<Step> {
        let function = Some(value).filter(|it| FUNCTION_VALUES.contains(&it.kind()));
        let body = function.and_then(|it| it.child_by_field_name("body")).filter(|it| it.kind() == "statement_block");
        self.block(body, depth + 1)
    }

    fn is_async(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).take(3).any(|it| it.kind() == "async")
    }

    fn value(&self, node: Node<'_>) -> String {
        match node.kind() {
            kind if FUNCTION_VALUES.contains(&kind) => self.function_value(node),
            "ternary_expression" => {
                let [condition, then, other] =
                    ["condition", "consequence", "alternative"].map(|field| self.field(node, field));
                format!("{then} if {condition}, else {other}")
            }
            "await_expression" => {
                let promise = node.named_child(0).map_or_else(String::new, |it| self.quoted(it));
                format!("the result of {promise}, once it is there")
            }
            "call_expression" => format!("the result of {}", self.quoted(node)),
            "new_expression" => format!("a new object: {}", self.quoted(node)),
            "array" if node.named_child_count() == 0 => "an empty array".to_owned(),
            "object" if node.named_child_count() == 0 => "an empty object".to_owned(),
            _ => self.quoted(node),
        }
    }

    fn declarations(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let mut cursor = node.walk();
        let declarators = node.named_children(&mut cursor).filter(|it| it.kind() == "variable_declarator");
        let tell = |declarator: Node<'_>| {
            let name = self.field(declarator, "name");
            match declarator.child_by_field_name("value") {
                None => Step::new(StepKind::Silent, format!("Declares {name}")),
                Some(value) if FUNCTION_VALUES.contains(&value.kind()) => self.function(value, name, node, depth),
                Some(value) => {
                    let is_pattern =
                        declarator.child_by_field_name("name").is_some_and(|it| it.kind().ends_with("pattern"));
                    let text = match is_pattern {
                        true => format!("Unpacks {} into {name}", self.value(value)),
                        false => format!("Sets {name} to {}", self.value(value)),
                    };
                    Step::new(StepKind::Assign(name), text)
                }
            }
        };
        declarators.map(tell).collect()
    }

    fn augmented(&self, node: Node<'_>) -> Step {
        let (target, value) = (self.field(node, "left"), self.field(node, "right"));
        let operator = node.child_by_field_name("operator").map(|it| slice(self.text, it)).unwrap_or_default();
        let text = match operator {
            "+=" => format!("Adds {value} to {target}"),
            "-=" => format!("Subtracts {value} from {target}"),
            "*=" => format!("Multiplies {target} by {value}"),
            "/=" => format!("Divides {target} by {value}"),
            "%=" => format!("Sets {target} to the remainder of its division by {value}"),
            "**=" => format!("Raises {target} to the power {value}"),
            "??=" => format!("Sets {target} to {value} if it is null or undefined"),
            "||=" => format!("Sets {target} to {value} if it is falsy"),
            "&&=" => format!("Sets {target} to {value} if it is truthy"),
            _ => format!("Updates {target}: {}", self.quoted(node)),
        };
        Step::new(StepKind::Assign(target), text)
    }

    fn branches(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut current = Some(node);
        while let Some(branch) = current {
            let word = if steps.is_empty() { "If" } else { "Otherwise, if" };
            let kind = if steps.is_empty() { StepKind::Branch(self.condition(branch)) } else { StepKind::Part };
            let body = self.block(branch.child_by_field_name("consequence"), depth + 1);
            steps.push(Step::new(kind, format!("{word} {}", self.condition(branch))).with(body));
            let other = branch.child_by_field_name("alternative");
            let mut cursor = branch.walk();
            let inner = other.and_then(|it| {
                cursor.reset(it);
                it.named_children(&mut cursor).find(|it| it.kind() != "comment")
            });
            current = inner.filter(|it| it.kind() == "if_statement");
            if let (Some(inner), None) = (inner, current) {
                steps.push(Step::new(StepKind::Part, "Otherwise").with(self.block(Some(inner), depth + 1)));
            }
        }
        steps
    }

    fn for_each(&self, node: Node<'_>) -> Step {
        let (target, over) = (self.field(node, "left"), self.field(node, "right"));
        let is_of = node.child_by_field_name("operator").is_some_and(|it| it.kind() == "of");
        let waits = {
            let mut cursor = node.walk();
            node.children(&mut cursor).any(|it| it.kind() == "await")
        };
        let head = match (is_of, waits) {
            (true, true) => format!("For each {target} of {over}, as they come in"),
            (true, false) => format!("For each {target} of {over}"),
            (false, _) => format!("For each property name {target} of {over}, inherited ones too"),
        };
        Step::new(StepKind::Loop(format!("over {over}")), head)
    }

    fn switch(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let value = node.child_by_field_name("value");
        let value = value.and_then(|it| it.named_child(0)).map_or_else(String::new, |it| self.quoted(it));
        let mut cases = Vec::new();
        if let Some(body) = node.child_by_field_name("body") {
            let mut cursor = body.walk();
            for case in body.named_children(&mut cursor) {
                let head = match case.kind() {
                    "switch_case" => format!("From {}", self.field(case, "value")),
                    "switch_default" => "Otherwise".to_owned(),
                    _ => continue,
                };
                let mut inner = case.walk();
                let statements: Vec<_> = case.children_by_field_name("body", &mut inner).collect();
                let mut steps: Vec<Step> = statements.iter().flat_map(|it| self.statement(*it, depth + 2)).collect();
                leave_choice(&mut steps);
                cases.push(Step::new(StepKind::Part, head).with(steps));
            }
        }
        let head = format!("Chooses by {value}; what follows a case runs on until something leaves the choice");
        vec![Step::new(StepKind::Branch(value), head).with(cases)]
    }

    fn handling(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        let body = self.block(node.child_by_field_name("body"), depth + 1);
        let mut steps = vec![Step::new(StepKind::Handling, "Tries").with(body)];
        if let Some(handler) = node.child_by_field_name("handler") {
            let named = handler.child_by_field_name("parameter");
            let named = named.map_or_else(String::new, |it| format!(" (as {})", self.quoted(it)));
            let body = self.block(handler.child_by_field_name("body"), depth + 1);
            steps.push(Step::new(StepKind::Part, format!("If anything is thrown{named}")).with(body));
        }
        if let Some(finalizer) = node.child_by_field_name("finalizer") {
            let body = self.block(finalizer.child_by_field_name("body"), depth + 1);
            steps.push(Step::new(StepKind::Part, "At the end, whatever happened").with(body));
        }
        steps
    }

    fn export(&self, node: Node<'_>, depth: usize) -> Vec<Step> {
        match node.child_by_field_name("declaration").or_else(|| node.child_by_field_name("value")) {
            Some(value) if FUNCTION_VALUES.contains(&value.kind()) => {
                vec![self.function(value, "`default`".to_owned(), node, depth)]
            }
            Some(declaration) if declaration.kind().contains("declaration") => {
                let mut steps = self.statement(declaration, depth);
                for step in &mut steps {
                    step.text += ", and exports it";
                }
                steps
            }
            _ => vec![Step::new(StepKind::Other, format!("Exports with {}", self.quoted(node).replace(";`", "`")))],
        }
    }

    /// `whole` is the node that a documentation comment stands above.
    fn function(&self, node: Node<'_>, name: String, whole: Node<'_>, depth: usize) -> Step {
        let is_generator = node.kind().starts_with("generator") || {
            let mut cursor = node.walk();
            node.children(&mut cursor).take(4).any(|it| it.kind() == "*")
        };
        let what = match (self.is_async(node), is_generator) {
            (true, true) => "asynchronous generator",
            (true, false) => "asynchronous function",
            (false, true) => "generator",
            (false, false) => "function",
        };
        let parameters = self.parameters(node);
        let mut head = format!("Defines the {what} {name}");
        if !parameters.is_empty() {
            head += &format!(" of {}", list(&parameters));
        }
        let body = node.child_by_field_name("body");
        let value = body.filter(|it| it.kind() != "statement_block");
        if let Some(value) = value {
            head += &format!(", which gives {}", self.quoted(value));
        }
        let doc = self.doc(whole);
        let mut steps = documented(doc.as_deref());
        steps.extend(match value {
            Some(value) => {
                vec![Step::new(StepKind::Return(Some(self.quoted(value))), format!("Returns {}", self.value(value)))]
            }
            None => self.block(body, depth + 1),
        });
        let definition = Definition { name, parameters, doc, what: what.to_owned() };
        Step::new(StepKind::Function(definition), head).with(steps)
    }

    fn parameters(&self, function: Node<'_>) -> Vec<String> {
        if let Some(only) = function.child_by_field_name("parameter") {
            return vec![self.quoted(only)];
        }
        let Some(list) = function.child_by_field_name("parameters") else { return Vec::new() };
        let mut cursor = list.walk();
        let names = list.named_children(&mut cursor).filter_map(|it| match it.kind() {
            "comment" => None,
            "required_parameter" | "optional_parameter" => it.child_by_field_name("pattern"),
            "assignment_pattern" => it.child_by_field_name("left"),
            _ => Some(it),
        });
        names.map(|it| self.quoted(it)).collect()
    }

    fn class(&self, node: Node<'_>, depth: usize) -> Step {
        let name = self.field(node, "name");
        let mut cursor = node.walk();
        let heritage = node.named_children(&mut cursor).find(|it| it.kind() == "class_heritage");
        let base = heritage.map(|it| slice(self.text, it).trim_start_matches("extends").trim().to_owned());
        let mut what = "class".to_owned();
        if let Some(base) = base {
            what += &format!(", a kind of {}", code(&base));
        }
        let head = match what.strip_prefix("class") {
            Some(rest) => format!("Defines the class {name}{rest}"),
            None => format!("Defines the class {name}"),
        };
        let doc = self.doc(node);
        let mut steps = documented(doc.as_deref());
        steps.extend(self.block(node.child_by_field_name("body"), depth + 1));
        let definition = Definition { name, parameters: Vec::new(), doc, what };
        Step::new(StepKind::Class(definition), head).with(steps)
    }

    /// The first sentence of the comment above.
    fn doc(&self, node: Node<'_>) -> Option<String> {
        let node = node.parent().filter(|it| it.kind() == "export_statement").unwrap_or(node);
        let comment = node
            .prev_sibling()
            .filter(|it| it.kind() == "comment" && it.end_position().row + 1 >= node.start_position().row)?;
        let text = slice(self.text, comment);
        let body = text.strip_prefix("/**")?.trim_end_matches("*/");
        let lines: Vec<&str> = body.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect();
        let told = lines.iter().take_while(|line| !line.starts_with('@')).copied().collect::<Vec<_>>().join("\n");
        first_sentence(told.trim())
    }
}

/// A `break` in a case leaves the choice, unless a loop is in between.
fn leave_choice(steps: &mut [Step]) {
    for step in steps {
        if step.text == "Leaves the loop" {
            "Leaves the choice".clone_into(&mut step.text);
        } else if !matches!(step.kind, StepKind::Loop(_)) {
            leave_choice(&mut step.steps);
        }
    }
}
