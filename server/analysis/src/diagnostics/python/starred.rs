//! Assignments with more names before a starred one than Python's bytecode can count (F621): an error to Python, which
//! ruff's rule of that code never reports.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;
use syntax::TextRange;

use super::engine::range;

/// As many names may stand before the starred one; after it, 2²⁴, which no text here reaches.
const MAX_BEFORE: usize = 1 << 8;

/// The targets that have too many.
pub(super) fn crowded(module: &[Stmt]) -> Vec<TextRange> {
    let mut crowded = Crowded::default();
    crowded.visit_body(module);
    crowded.0
}

#[derive(Default)]
struct Crowded(Vec<TextRange>);

impl Crowded {
    fn look_at(&mut self, target: &Expr) {
        let parts = match target {
            Expr::Tuple(tuple) => &tuple.elts[..],
            Expr::List(list) => &list.elts[..],
            _ => return,
        };
        if parts.iter().position(Expr::is_starred_expr).is_some_and(|before| before >= MAX_BEFORE) {
            self.0.push(range(target.range()));
        }
        parts.iter().for_each(|part| self.look_at(part));
    }
}

impl<'a> StatementVisitor<'a> for Crowded {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.look_at(target)),
            Stmt::For(each) => self.look_at(&each.target),
            _ => {}
        }
        walk_stmt(self, stmt);
    }
}
