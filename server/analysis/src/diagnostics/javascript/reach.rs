//! Which statements some path reaches: what is unreachable, which cases fall through, which functions reach their end.

use std::collections::{HashMap, HashSet};

use oxc_ast::{AstKind, ast::*};
use oxc_ast_visit::Visit;
use oxc_semantic::{NodeId, Semantic};
use oxc_span::{GetSpan, Span};

use super::flow::{Domain, Flow};

/// Which statements some path reaches, in every function of a file.
#[derive(Default)]
pub(super) struct Reach {
    /// Statements by their beginning and end: reached or not.
    statements: HashMap<Span, bool>,
    /// Cases whose last statement is followed by the next case.
    falling: HashSet<NodeId>,
    /// Functions whose end some path reaches.
    ending: HashSet<NodeId>,
}

impl Reach {
    /// Walks every function of the file.
    pub(super) fn of<'a>(semantic: &Semantic<'a>) -> Self {
        let mut reach = Self::default();
        for node in semantic.nodes().iter() {
            let statements = match node.kind() {
                AstKind::Program(program) => &program.body,
                AstKind::FunctionBody(body) => &body.statements,
                AstKind::StaticBlock(block) => &block.body,
                AstKind::TSModuleBlock(block) => &block.body,
                _ => continue,
            };
            let mut flow = Flow::new(reach, ());
            flow.visit_statements(statements);
            let ends = flow.state.is_some();
            reach = flow.domain;
            if ends {
                reach.ending.insert(node.id());
            }
        }
        reach
    }

    /// True when no path leads to the statement.
    pub(super) fn is_unreached(&self, statement: Span) -> bool {
        self.statements.get(&statement) == Some(&false)
    }

    /// True when control can go on from the end of this case.
    pub(super) fn falls_through(&self, case: &SwitchCase<'_>) -> bool {
        self.falling.contains(&case.node_id.get())
    }

    /// True when a path leads to the end of this [`FunctionBody`].
    pub(super) fn reaches_end(&self, body: &FunctionBody<'_>) -> bool {
        self.ending.contains(&body.node_id.get())
    }
}

impl<'a> Domain<'a> for Reach {
    type State = ();
    const REPEATS: bool = false;

    fn join((): &mut (), (): ()) {}

    fn statement(&mut self, statement: &Statement<'a>, reached: bool) {
        *self.statements.entry(statement.span()).or_default() |= reached;
    }

    fn case_end(&mut self, case: &SwitchCase<'a>, reached: bool) {
        if reached {
            self.falling.insert(case.node_id.get());
        }
    }
}
