//! The walk that counts.

mod nodes;

use std::collections::HashMap;

use syntax::{Document, Node, TextRange};

use super::recursion::{Callee, Caller, in_cycles};
use super::tables::{ELIXIR_CALLS, Role, Table};
use super::tokens::{Lines, Tokens, is_comment, token};
use nodes::{callee, elixir_name, follows_else, function_name, has_label, is_class, is_decorator, is_default, slice};

use super::{Complexity, ComplexityReport, FunctionComplexity};
use crate::{
    family::Family,
    tree::{Walk, preorder, range_of},
};

/// Fields whose children stand before the block that a structure nests.
const HEADER_FIELDS: &[&str] = &[
    "collection",
    "condition",
    "expr",
    "expression",
    "increment",
    "init",
    "initializer",
    "left",
    "name",
    "object",
    "parameter",
    "parameters",
    "pattern",
    "right",
    "sequence",
    "subject",
    "type",
    "update",
    "value",
    "variable",
];
/// A function that is being counted.
struct Tally<'a> {
    name: Option<&'a str>,
    range: TextRange,
    owner: Option<usize>,
    /// The function around it.
    outer: Option<usize>,
    /// Nesting at its start.
    base: u32,
    decisions: u32,
    cognitive: u32,
    max_nesting: u32,
    tokens: Tokens<'a>,
    calls: Vec<Callee<'a>>,
}

/// A node on the way down to the current one.
#[derive(Clone, Copy)]
struct Frame {
    role: Option<Role>,
    /// The role of the innermost node that has one, `else` aside.
    nearest: Option<Role>,
    /// Cognitive nesting of the node and of what is in it.
    level: u32,
    inner_level: u32,
    /// Control structures around what is in it.
    depth: u32,
    function: Option<usize>,
    /// The class around.
    owner: Option<usize>,
    sequence: Option<usize>,
    /// Cases seen in it.
    cases: u32,
}

pub(super) struct Counter<'a> {
    text: &'a str,
    table: &'static Table,
    family: Family,
    is_elixir: bool,
    /// The role of each node kind.
    roles: Vec<Option<Role>>,
    range: TextRange,
    lines: Lines,
    functions: Vec<Tally<'a>>,
    /// What is outside of functions, and tokens of all.
    decisions: u32,
    cognitive: u32,
    max_nesting: u32,
    tokens: Tokens<'a>,
    /// The last operator of each sequence.
    sequences: Vec<Option<&'a str>>,
    /// Whether what is in a function nests, for those it was asked about.
    is_transparent: HashMap<usize, bool>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(document: &Document, table: &'static Table, text: &'a str, range: TextRange) -> Self {
        let mut roles = Vec::new();
        if let Some(grammar) = document.language().grammar() {
            roles = vec![None; grammar.node_kind_count()];
            for (kind, role) in table.roles {
                if let Some(own) = roles.get_mut(usize::from(grammar.id_for_node_kind(kind, true))) {
                    *own = Some(*role);
                }
            }
        }
        Self {
            text,
            table,
            family: Family::of(document.language()),
            is_elixir: document.language().grammar_name() == Some("elixir"),
            roles,
            range,
            lines: Lines::new(text),
            functions: Vec::new(),
            decisions: 0,
            cognitive: 0,
            max_nesting: 0,
            tokens: Tokens::default(),
            sequences: Vec::new(),
            is_transparent: HashMap::new(),
        }
    }

    pub(super) fn count(mut self, root: Node<'_>) -> ComplexityReport {
        let mut frames: Vec<Frame> = Vec::new();
        let mut walk = Walk::new(root);
        loop {
            let node = walk.node();
            frames.truncate(walk.depth());
            let range = range_of(node);
            let is_outside = range.end <= self.range.start && !range.is_empty() || range.start >= self.range.end;
            let descend = !is_outside && {
                let is_whole = self.range.contains(range);
                let parent = frames.last().copied();
                let frame = self.visit(node, walk.field(), parent, &mut frames, is_whole);
                frames.push(frame);
                !is_whole || self.leaf(node, frame)
            };
            if !walk.advance(descend) {
                return self.finish();
            }
        }
    }

    /// Counts a token; false for what has nothing below it.
    fn leaf(&mut self, node: Node<'_>, frame: Frame) -> bool {
        let range = range_of(node);
        if is_comment(node) {
            self.lines.mark(self.text, range, true);
            return false;
        }
        let Some(token) = token(node) else {
            if node.child_count() == 0 && !range.is_empty() {
                self.lines.mark(self.text, range, false);
            }
            return node.child_count() > 0;
        };
        let text = self.slice(node);
        self.lines.mark(self.text, range, false);
        self.tokens.add(token, text);
        let mut function = frame.function;
        while let Some(index) = function {
            self.functions[index].tokens.add(token, text);
            function = self.functions[index].outer;
        }
        false
    }

    /// Counts what the node itself is worth, and says how things stand below it.
    fn visit(
        &mut self,
        node: Node<'_>,
        field: Option<&str>,
        parent: Option<Frame>,
        frames: &mut [Frame],
        is_whole: bool,
    ) -> Frame {
        let outer = parent.unwrap_or(Frame {
            role: None,
            nearest: None,
            level: 0,
            inner_level: 0,
            depth: 0,
            function: None,
            owner: None,
            sequence: None,
            cases: 0,
        });
        let has_header = matches!(outer.role, Some(Role::If | Role::Loop | Role::Switch | Role::Ternary | Role::Elif));
        let is_header = has_header && field.is_some_and(|field| HEADER_FIELDS.contains(&field));
        let level = if is_header { outer.level } else { outer.inner_level };
        let mut frame = Frame { role: None, level, inner_level: level, cases: 0, sequence: None, ..outer };
        if is_class(node) {
            frame.owner = Some(node.id());
        }
        if !is_whole {
            return frame;
        }
        if node.child_count() == 0 {
            self.keyword_or_operator(node, outer);
            return frame;
        }
        if let (Some(function), Some(callee)) = (outer.function, callee(self.text, node)) {
            self.call(function, callee);
        }
        let Some(role) = self.role(node) else { return frame };
        frame.role = Some(role);
        if role != Role::Else {
            frame.nearest = Some(role);
        }
        match role {
            Role::If if follows_else(node, outer) => {
                // The word `else` before it was counted.
                frame.level = level.saturating_sub(1);
                frame.inner_level = level;
                self.decide(outer.function);
            }
            Role::If | Role::Unless | Role::Loop => {
                self.decide(outer.function);
                self.nest(outer.function, &mut frame);
                self.deepen(&mut frame);
            }
            Role::Elif => {
                self.decide(outer.function);
                self.break_flow(outer.function);
                frame.level = level.saturating_sub(1);
            }
            Role::Else => {
                if self.family == Family::Python && matches!(outer.nearest, Some(Role::Loop | Role::Try)) {
                    self.decide(outer.function);
                    if outer.nearest == Some(Role::Loop) {
                        self.break_flow(outer.function);
                    }
                }
            }
            Role::Switch => {
                self.nest(outer.function, &mut frame);
                self.deepen(&mut frame);
            }
            Role::Case => self.case(node, outer, frames),
            Role::Catch | Role::Ternary => {
                self.decide(outer.function);
                self.nest(outer.function, &mut frame);
            }
            Role::Try => self.deepen(&mut frame),
            Role::Guard => self.decide(outer.function),
            Role::Function => self.function(node, outer, &mut frame),
            Role::Closure => frame.inner_level = level + u32::from(outer.function.is_some()),
            Role::Jump if !has_label(self.family, node) => {}
            Role::Jump | Role::Goto => self.break_flow(outer.function),
            Role::Boolean => {
                frame.sequence = outer.sequence;
                if !self.joins_conditions(node) {
                    frame.sequence = None;
                } else if frame.sequence.is_none() {
                    self.sequences.push(None);
                    frame.sequence = Some(self.sequences.len() - 1);
                }
            }
            Role::Sequence => frame.sequence = outer.sequence,
        }
        frame
    }

    fn role(&self, node: Node<'_>) -> Option<Role> {
        if self.is_elixir && node.kind() == "call" {
            let name = self.slice(node.child_by_field_name("target")?);
            return ELIXIR_CALLS.iter().find(|(call, _)| *call == name).map(|(_, role)| *role);
        }
        let role = *self.roles.get(usize::from(node.kind_id()))?;
        let has = |field| node.child_by_field_name(field).is_some();
        role.filter(|_| match node.kind() {
            "let_declaration" => has("alternative"),
            // What has parameters is a function, the rest are values.
            "let_binding" => {
                let mut cursor = node.walk();
                node.named_children(&mut cursor).any(|child| child.kind() == "parameter")
            }
            _ => true,
        })
    }

    /// An `else`, or an operator that joins conditions.
    fn keyword_or_operator(&mut self, node: Node<'_>, outer: Frame) {
        let kind = node.kind();
        if kind == "else" {
            let is_branch = matches!(outer.nearest, Some(Role::If | Role::Elif));
            if is_branch && matches!(outer.role, Some(Role::If | Role::Else)) {
                self.break_flow(outer.function);
            }
            return;
        }
        let Some(sequence) = outer.sequence else { return };
        let operator =
            if kind.ends_with("operator") || kind == "operator_identifier" { self.slice(node) } else { kind };
        let Some(operator) = self.table.operators.iter().find(|it| **it == operator) else { return };
        self.decide(outer.function);
        // What stands in for a missing value keeps code short and easy to follow, the definition says.
        let is_shorthand = matches!(*operator, "??" | "?:");
        let operator = if matches!(*operator, "and" | "keyword_and") { "&&" } else { *operator };
        let operator = if matches!(operator, "or" | "keyword_or") { "||" } else { operator };
        if self.sequences[sequence].replace(operator) != Some(operator) && !is_shorthand {
            self.break_flow(outer.function);
        }
    }

    /// True when one of the node's own tokens is such an operator.
    fn joins_conditions(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| {
            child.child_count() == 0
                && (self.table.operators.contains(&child.kind())
                    || child.kind().contains("operator") && self.table.operators.contains(&self.slice(child)))
        })
    }

    fn case(&mut self, node: Node<'_>, outer: Frame, frames: &mut [Frame]) {
        let Some(switch) = frames.iter_mut().rev().find(|it| it.role.is_some_and(|role| role != Role::Else)) else {
            return;
        };
        if switch.role != Some(Role::Switch) {
            return;
        }
        switch.cases += 1;
        let counts = if self.table.is_exhaustive { switch.cases > 1 } else { !is_default(self.text, node) };
        if counts {
            self.decide(outer.function);
        }
    }

    fn function(&mut self, node: Node<'_>, outer: Frame, frame: &mut Frame) {
        let level = match outer.function {
            Some(around) if !self.is_transparent(around, node) => frame.level + 1,
            Some(_) => frame.level,
            None => 0,
        };
        frame.inner_level = level;
        frame.depth = 0;
        frame.function = Some(self.functions.len());
        let name = if self.is_elixir { elixir_name(self.text, node) } else { function_name(self.text, node) };
        self.functions.push(Tally {
            name,
            range: range_of(node),
            owner: outer.owner,
            outer: outer.function,
            base: level,
            decisions: 0,
            cognitive: 0,
            max_nesting: 0,
            tokens: Tokens::default(),
            calls: Vec::new(),
        });
        // What is in a function is no member of the class around it.
        frame.owner = None;
    }

    /// A function that only holds others does not nest them: a decorator of Python, a module or class of old JavaScript.
    fn is_transparent(&mut self, around: usize, inner: Node<'_>) -> bool {
        if self.family != Family::Python && !self.family.is_script() {
            return false;
        }
        if let Some(known) = self.is_transparent.get(&around) {
            return *known;
        }
        let range = self.functions[around].range;
        let mut node = inner.parent();
        while let Some(found) = node.filter(|node| range_of(*node) != range || self.role(*node) != Some(Role::Function))
        {
            node = found.parent();
        }
        let is_transparent = node.is_some_and(|node| match self.family {
            Family::Python => is_decorator(node),
            _ => !self.has_structure(node),
        });
        self.is_transparent.insert(around, is_transparent);
        is_transparent
    }

    /// What a function value calls, the function around it calls.
    fn call(&mut self, mut function: usize, callee: Callee<'a>) {
        while self.functions[function].name.is_none() {
            let Some(outer) = self.functions[function].outer else { break };
            function = outer;
        }
        self.functions[function].calls.push(callee);
    }

    /// True when the function itself branches or repeats.
    fn has_structure(&self, function: Node<'_>) -> bool {
        let mut found = false;
        preorder(function, |node| {
            let role = self.role(node);
            found |= matches!(role, Some(Role::If | Role::Loop | Role::Switch | Role::Catch | Role::Ternary));
            !found && (node == function || role != Some(Role::Function))
        });
        found
    }

    fn decide(&mut self, function: Option<usize>) {
        match function {
            Some(index) => self.functions[index].decisions += 1,
            None => self.decisions += 1,
        }
    }

    /// A break of the flow that costs one however deep it is.
    fn break_flow(&mut self, mut function: Option<usize>) {
        self.cognitive += 1;
        while let Some(index) = function {
            self.functions[index].cognitive += 1;
            function = self.functions[index].outer;
        }
    }

    /// A break of the flow that costs more the deeper it is, and nests what is in it.
    fn nest(&mut self, mut function: Option<usize>, frame: &mut Frame) {
        frame.inner_level = frame.level + 1;
        self.cognitive += 1 + frame.level;
        while let Some(index) = function {
            let tally = &mut self.functions[index];
            tally.cognitive += 1 + frame.level.saturating_sub(tally.base);
            function = tally.outer;
        }
    }

    fn deepen(&mut self, frame: &mut Frame) {
        frame.depth += 1;
        let deepest = match frame.function {
            Some(index) => &mut self.functions[index].max_nesting,
            None => &mut self.max_nesting,
        };
        *deepest = (*deepest).max(frame.depth);
    }

    fn slice(&self, node: Node<'_>) -> &'a str {
        slice(self.text, node)
    }

    fn finish(mut self) -> ComplexityReport {
        let callers: Vec<Caller<'_>> = self
            .functions
            .iter_mut()
            .map(|it| Caller { name: it.name, owner: it.owner, calls: std::mem::take(&mut it.calls) })
            .collect();
        let finds_members = matches!(self.family, Family::Java | Family::Cpp | Family::Other);
        for (index, is_recursive) in in_cycles(&callers, finds_members).into_iter().enumerate() {
            if is_recursive {
                self.break_flow(Some(index));
            }
        }
        let functions: Vec<FunctionComplexity> = self
            .functions
            .iter()
            .map(|it| FunctionComplexity {
                name: it.name.map(str::to_owned),
                range: it.range,
                complexity: Complexity {
                    cyclomatic: it.decisions + 1,
                    cognitive: it.cognitive,
                    max_nesting: it.max_nesting,
                    halstead: it.tokens.counts(),
                    lines: self.lines.count(it.range),
                },
            })
            .collect();
        let inside: u32 = functions.iter().map(|it| it.complexity.cyclomatic).sum();
        let deepest = functions.iter().map(|it| it.complexity.max_nesting).max().unwrap_or(0);
        let end = self.range.end.min(self.text.len());
        let whole = Complexity {
            cyclomatic: (inside + self.decisions).max(self.decisions + u32::from(functions.is_empty())),
            cognitive: self.cognitive,
            max_nesting: deepest.max(self.max_nesting),
            halstead: self.tokens.counts(),
            lines: self.lines.count(TextRange { start: self.range.start.min(end), end }),
        };
        ComplexityReport { whole, functions }
    }
}
