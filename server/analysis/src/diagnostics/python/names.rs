//! The names of one module, scope by scope: what somebody may have meant by a name that is not defined.
//!
//! Over ruff's tree, since this is asked only after ruff's rules ran on it. `scope` answers the same for any grammar.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Identifier, Parameters, Pattern, Stmt, TypeParam};
use ruff_text_size::Ranged;
use syntax::TextRange;

use super::engine::range;

/// Every scope of a module, outer ones first.
pub(super) struct Names<'a> {
    scopes: Vec<Scope<'a>>,
    open: Vec<usize>,
}

struct Scope<'a> {
    range: TextRange,
    is_class: bool,
    names: Vec<&'a str>,
    /// Of a class: what its methods assign to `self`.
    attributes: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(module: &'a [Stmt]) -> Self {
        let whole = Scope::new(TextRange::new(0, usize::MAX), false);
        let mut names = Self { scopes: vec![whole], open: vec![0] };
        names.visit_body(module);
        names
    }

    /// The names that can be used at `offset`, nearest scope first.
    pub(super) fn visible_at(&self, offset: usize) -> Vec<&'a str> {
        let around: Vec<_> = self.around(offset).collect();
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for (at, scope) in around.iter().enumerate() {
            // Functions do not see the names of the class that they are in.
            if !scope.is_class || at == 0 {
                names.extend(scope.names.iter().copied().filter(|name| seen.insert(*name)));
            }
        }
        names
    }

    /// The members of the class around the method around `offset`, without those of its bases.
    pub(super) fn members_at(&self, offset: usize) -> Vec<&'a str> {
        let mut around = self.around(offset).skip_while(|scope| !scope.is_class);
        let is_in_method = self.around(offset).next().is_some_and(|scope| !scope.is_class);
        let class = around.next().filter(|_| is_in_method);
        class.map_or_else(Vec::new, |class| class.names.iter().chain(&class.attributes).copied().collect())
    }

    /// The scopes around `offset`, inner ones first.
    fn around(&self, offset: usize) -> impl Iterator<Item = &Scope<'a>> {
        self.scopes.iter().rev().filter(move |scope| scope.range.start <= offset && offset < scope.range.end)
    }

    fn bind(&mut self, name: &'a str) {
        let here = self.here();
        self.scopes[here].names.push(name);
    }

    fn bind_all(&mut self, names: impl IntoIterator<Item = &'a Identifier>) {
        for name in names {
            self.bind(name.as_str());
        }
    }

    fn here(&self) -> usize {
        self.open.last().copied().unwrap_or_default()
    }

    fn within(&mut self, scope: Scope<'a>, walk: impl FnOnce(&mut Self)) {
        self.open.push(self.scopes.len());
        self.scopes.push(scope);
        walk(self);
        self.open.pop();
    }

    fn bind_parameters(&mut self, parameters: &'a Parameters) {
        self.bind_all(parameters.iter().map(|parameter| parameter.name()));
    }

    fn note_attribute(&mut self, name: &'a str) {
        let class = self.open.iter().rev().copied().find(|scope| self.scopes[*scope].is_class);
        if let Some(class) = class {
            self.scopes[class].attributes.push(name);
        }
    }
}

impl Scope<'_> {
    fn new(range: TextRange, is_class: bool) -> Self {
        Self { range, is_class, names: Vec::new(), attributes: Vec::new() }
    }
}

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bind(function.name.as_str());
                self.within(Scope::new(range(stmt.range()), false), |names| {
                    names.bind_parameters(&function.parameters);
                    visitor::walk_stmt(names, stmt);
                });
            }
            Stmt::ClassDef(class) => {
                self.bind(class.name.as_str());
                self.within(Scope::new(range(stmt.range()), true), |names| visitor::walk_stmt(names, stmt));
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let first = alias.name.as_str().split('.').next().unwrap_or_default();
                    self.bind(alias.asname.as_ref().map_or(first, Identifier::as_str));
                }
            }
            Stmt::ImportFrom(import) => {
                let bound = import.names.iter().map(|alias| alias.asname.as_ref().unwrap_or(&alias.name));
                self.bind_all(bound.filter(|name| name.as_str() != "*"));
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Store => self.bind(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let is_own = matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == "self");
                if is_own && attribute.ctx == ExprContext::Store {
                    self.note_attribute(attribute.attr.as_str());
                }
                visitor::walk_expr(self, expr);
            }
            Expr::Lambda(lambda) => self.within(Scope::new(range(expr.range()), false), |names| {
                if let Some(parameters) = &lambda.parameters {
                    names.bind_parameters(parameters);
                }
                visitor::walk_expr(names, expr);
            }),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.within(Scope::new(range(expr.range()), false), |names| visitor::walk_expr(names, expr));
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(bound) = handler;
        self.bind_all(&bound.name);
        visitor::walk_except_handler(self, handler);
    }

    fn visit_type_param(&mut self, parameter: &'a TypeParam) {
        self.bind(parameter.name().as_str());
        visitor::walk_type_param(self, parameter);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(bound) => self.bind_all(&bound.name),
            Pattern::MatchStar(bound) => self.bind_all(&bound.name),
            Pattern::MatchMapping(bound) => self.bind_all(&bound.rest),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}
