//! Notes what a Python document says about its names, in the order of evaluation.

mod calls;
mod definitions;

use std::collections::HashMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, ModModule, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange as RuffRange};
use syntax::TextRange;

use super::{Event, Facts, MemberAccess, Scope, ScopeKind, Value, What};
use crate::SymbolKind;
use crate::names::{Access, Form};

/// What `module`, the tree of `text`, says.
pub(super) fn facts<'a>(text: &'a str, module: &ModModule) -> Facts<'a> {
    let facts = Facts { text, ..Facts::default() };
    let mut walk = Walk { facts, scope: 0, class: None, in_annotation: false, in_target: Value::Unknown };
    walk.open(ScopeKind::Module);
    walk.body(&module.body);
    walk.facts
}

struct Walk<'a> {
    facts: Facts<'a>,
    scope: usize,
    /// The class whose methods these are: what `self` and `super()` mean.
    class: Option<usize>,
    /// Strings are types here.
    in_annotation: bool,
    /// What the names that are being bound get.
    in_target: Value,
}

fn range(range: RuffRange) -> TextRange {
    TextRange::new(range.start().to_usize(), range.end().to_usize())
}

impl<'a> Walk<'a> {
    fn open(&mut self, kind: ScopeKind) -> usize {
        let outer = self.scope;
        self.facts.scopes.push(Scope { kind, parent: outer, declared: HashMap::new(), reads_names: None });
        self.scope = self.facts.scopes.len() - 1;
        outer
    }

    fn slice(&self, range: TextRange) -> &'a str {
        self.facts.text.get(range.start..range.end).unwrap_or_default()
    }

    fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            self.visit_stmt(statement);
        }
    }

    fn event(&mut self, at: RuffRange, what: What) {
        self.event_in(self.scope, range(at), what);
    }

    fn event_in(&mut self, scope: usize, at: TextRange, what: What) {
        let name = self.slice(at);
        // What the parser made up where something is missing has no name.
        if !name.is_empty() {
            self.facts.events.push(Event { scope, name, range: at, what });
        }
    }

    fn bind(&mut self, at: RuffRange, kind: SymbolKind, access: Access, value: Value) {
        self.event(at, What::Bind { access, kind, form: Form::Plain, value });
    }

    /// Binds the names of a target; each gets `value`.
    fn bind_target(&mut self, target: &Expr, value: Value) {
        let outer = std::mem::replace(&mut self.in_target, value);
        self.visit_expr(target);
        self.in_target = outer;
    }

    fn annotation(&mut self, annotation: &Expr) {
        let outer = std::mem::replace(&mut self.in_annotation, true);
        self.visit_expr(annotation);
        self.in_annotation = outer;
    }

    fn plain(&mut self, expression: &Expr) {
        let outer = std::mem::replace(&mut self.in_annotation, false);
        self.visit_expr(expression);
        self.in_annotation = outer;
    }

    /// What an expression stands for. Its members have been noted before.
    fn value(&self, expression: &Expr) -> Value {
        match expression {
            Expr::Name(name) => Value::Name(name.range.start().to_usize()),
            Expr::NoneLiteral(_) => Value::Nothing,
            Expr::Attribute(attribute) => self.access_at(attribute).map_or(Value::Unknown, Value::Member),
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) if name.id == "super" => match self.class {
                    Some(class) if call.arguments.args.is_empty() => Value::Super(class),
                    _ => Value::Unknown,
                },
                Expr::Name(name) => Value::CallOf(name.range.start().to_usize()),
                Expr::Attribute(attribute) => self.access_at(attribute).map_or(Value::Unknown, Value::CallOfMember),
                _ => Value::Unknown,
            },
            Expr::Named(named) => self.value(&named.value),
            Expr::Await(_) => Value::Unknown,
            _ => Value::Unknown,
        }
    }

    fn access_at(&self, attribute: &ast::ExprAttribute) -> Option<usize> {
        let start = attribute.attr.range.start().to_usize();
        self.facts.accesses.iter().rposition(|access| access.range.start == start)
    }

    /// What something annotated is: an object of the one class that is named.
    fn annotated(&self, annotation: &Expr) -> Value {
        match annotation {
            Expr::Name(name) => Value::ObjectOf(name.range.start().to_usize()),
            Expr::StringLiteral(string) => match string.as_single_part_string() {
                Some(part) if self.slice(range(part.range)).len() == part.value.len() + 2 => {
                    let is_name = part.value.chars().all(|c| c.is_alphanumeric() || c == '_');
                    if is_name { Value::ObjectOf(part.range.start().to_usize() + 1) } else { Value::Unknown }
                }
                _ => Value::Unknown,
            },
            Expr::BinOp(union) if union.op == ast::Operator::BitOr => match (&*union.left, &*union.right) {
                (one, Expr::NoneLiteral(_)) | (Expr::NoneLiteral(_), one) => self.annotated(one),
                _ => Value::Unknown,
            },
            Expr::Subscript(subscript) => match &*subscript.value {
                Expr::Name(name) if name.id == "Optional" => self.annotated(&subscript.slice),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    fn attribute(&mut self, attribute: &ast::ExprAttribute) {
        let target = std::mem::replace(&mut self.in_target, Value::Unknown);
        self.visit_expr(&attribute.value);
        let receiver = self.value(&attribute.value);
        let at = range(attribute.attr.range);
        let access = if attribute.ctx == ExprContext::Load { Access::Read } else { Access::Write };
        let name = self.slice(at);
        if !name.is_empty() {
            self.facts.accesses.push(MemberAccess { receiver, name, range: at, access, value: target.clone() });
        }
        self.in_target = target;
    }

    fn name(&mut self, name: &ast::ExprName) {
        if name.ctx == ExprContext::Load || name.ctx == ExprContext::Invalid {
            return self.event(name.range, What::Use);
        }
        let value = self.in_target.clone();
        self.bind(name.range, SymbolKind::Variable, Access::Write, value);
    }

    /// `(name := …)` binds in the function around comprehensions.
    fn named(&mut self, named: &ast::ExprNamed) {
        self.visit_expr(&named.value);
        let value = self.value(&named.value);
        let mut scope = self.scope;
        while self.facts.scopes[scope].kind == ScopeKind::Comprehension {
            scope = self.facts.scopes[scope].parent;
        }
        let what = What::Bind { access: Access::Write, kind: SymbolKind::Variable, form: Form::Plain, value };
        self.event_in(scope, range(named.target.range()), what);
    }
}

impl Visitor<'_> for Walk<'_> {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Assign(assign) => {
                self.visit_expr(&assign.value);
                let value = match &*assign.value {
                    Expr::Lambda(lambda) => {
                        let start = lambda.range.start().to_usize();
                        let function = self.facts.functions.iter().position(|it| it.start == start);
                        function.map_or(Value::Unknown, Value::Function)
                    }
                    value => self.value(value),
                };
                for target in &assign.targets {
                    let is_single = matches!(target, Expr::Name(_) | Expr::Attribute(_));
                    self.bind_target(target, if is_single { value.clone() } else { Value::Unknown });
                    self.names_in_strings(target, &assign.value);
                }
            }
            Stmt::AugAssign(assign) => {
                self.visit_expr(&assign.value);
                self.bind_target(&assign.target, Value::Unknown);
                self.names_in_strings(&assign.target, &assign.value);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
                self.annotation(&assign.annotation);
                let value = self.annotated(&assign.annotation);
                self.bind_target(&assign.target, value);
                if let Some(value) = &assign.value {
                    self.names_in_strings(&assign.target, value);
                }
            }
            Stmt::For(each) => {
                self.visit_expr(&each.iter);
                self.bind_target(&each.target, Value::Unknown);
                self.body(&each.body);
                self.body(&each.orelse);
            }
            Stmt::TypeAlias(alias) => {
                self.bind(alias.name.range(), SymbolKind::TypeAlias, Access::Definition, Value::Unknown);
                let outer = self.open(ScopeKind::TypeParameters);
                if let Some(parameters) = &alias.type_params {
                    self.type_parameters(parameters);
                }
                self.annotation(&alias.value);
                self.scope = outer;
            }
            Stmt::Global(ast::StmtGlobal { names, .. }) | Stmt::Nonlocal(ast::StmtNonlocal { names, .. }) => {
                let is_global = matches!(statement, Stmt::Global(_));
                for name in names {
                    let word = self.slice(range(name.range));
                    self.facts.scopes[self.scope].declared.insert(word, is_global);
                    self.event(name.range, What::Declare);
                }
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &Expr) {
        match expression {
            Expr::Name(name) => self.name(name),
            Expr::Named(named) => self.named(named),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::SetComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::Generator(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::DictComp(it) => {
                let results: Vec<&Expr> = it.key.as_deref().into_iter().chain([&*it.value]).collect();
                self.comprehension(&it.generators, &results);
            }
            Expr::Call(call) => {
                let outer = std::mem::replace(&mut self.in_target, Value::Unknown);
                self.all_called(call);
                self.call(call);
                self.in_target = outer;
            }
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::Subscript(subscript) => {
                let outer = std::mem::replace(&mut self.in_target, Value::Unknown);
                self.subscript(subscript);
                self.in_target = outer;
            }
            Expr::StringLiteral(string) if self.in_annotation => self.string_annotation(string),
            Expr::StringLiteral(string) => self.facts.strings.push(range(string.range)),
            Expr::Tuple(_) | Expr::List(_) | Expr::Starred(_) => {
                let outer = std::mem::replace(&mut self.in_target, Value::Unknown);
                visitor::walk_expr(self, expression);
                self.in_target = outer;
            }
            _ => visitor::walk_expr(self, expression),
        }
    }

    fn visit_with_item(&mut self, item: &ast::WithItem) {
        self.visit_expr(&item.context_expr);
        if let Some(target) = &item.optional_vars {
            self.bind_target(target, Value::Unknown);
        }
    }

    fn visit_except_handler(&mut self, handler: &ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(kind) = &handler.type_ {
            self.visit_expr(kind);
        }
        if let Some(name) = &handler.name {
            self.bind(name.range, SymbolKind::Variable, Access::Write, Value::Unknown);
        }
        self.body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &Pattern) {
        visitor::walk_pattern(self, pattern);
        let name = match pattern {
            Pattern::MatchAs(it) => &it.name,
            Pattern::MatchStar(it) => &it.name,
            Pattern::MatchMapping(it) => &it.rest,
            Pattern::MatchClass(it) => {
                let class = self.value(&it.cls);
                for keyword in &it.arguments.keywords {
                    self.facts.patterns.push((class.clone(), range(keyword.attr.range)));
                }
                &None
            }
            _ => &None,
        };
        if let Some(name) = name {
            self.bind(name.range, SymbolKind::Variable, Access::Write, Value::Unknown);
        }
    }

    fn visit_interpolated_string_element(&mut self, element: &ast::InterpolatedStringElement) {
        if let ast::InterpolatedStringElement::Interpolation(it) = element
            && it.debug_text.is_some()
        {
            self.facts.shown.push(range(it.range));
        }
        visitor::walk_interpolated_string_element(self, element);
    }

    fn visit_annotation(&mut self, annotation: &Expr) {
        self.annotation(annotation);
    }
}
