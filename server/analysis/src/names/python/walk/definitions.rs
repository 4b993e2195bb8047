//! What defines names: functions, classes, comprehensions, imports, and their scopes.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr, TypeParam};
use syntax::TextRange;

use super::{Walk, range};
use crate::SymbolKind;
use crate::names::python::{Class, Function, PythonImport, ScopeKind, Value, What};
use crate::names::{Access, Form};

impl Walk<'_> {
    pub(super) fn function(&mut self, function: &ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.plain(&decorator.expression);
        }
        let class = match self.facts.scopes[self.scope].kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        };
        let index = self.facts.functions.len();
        let start = function.name.range.start().to_usize();
        self.facts.functions.push(Function { start, parameters: Vec::new(), class });
        let kind = if class.is_some() { SymbolKind::Method } else { SymbolKind::Function };
        let is_property = function.decorator_list.iter().any(|decorator| is_property(&decorator.expression));
        let value = if is_property { Value::Unknown } else { Value::Function(index) };
        self.bind(function.name.range, kind, Access::Definition, value);
        let outer = self.scope;
        if let Some(parameters) = &function.type_params {
            self.open(ScopeKind::TypeParameters);
            self.type_parameters(parameters);
        }
        self.defaults(&function.parameters);
        self.parameter_annotations(&function.parameters);
        if let Some(returns) = &function.returns {
            self.annotation(returns);
        }
        self.open(ScopeKind::Function);
        let is = |wanted: &str| {
            let decorators = function.decorator_list.iter();
            decorators.into_iter().any(|it| matches!(&it.expression, Expr::Name(name) if name.id == wanted))
        };
        let receiver = match class {
            Some(class) if is("classmethod") || function.name.id == "__new__" => Value::ClassSelf(class),
            Some(class) if !is("staticmethod") => Value::SelfOf(class),
            _ => Value::Unknown,
        };
        let outer_class = self.class;
        self.class = class.or(outer_class);
        self.parameters(index, &function.parameters, receiver);
        self.body(&function.body);
        self.class = outer_class;
        self.scope = outer;
    }

    pub(super) fn lambda(&mut self, lambda: &ast::ExprLambda) {
        let index = self.facts.functions.len();
        let start = lambda.range.start().to_usize();
        self.facts.functions.push(Function { start, parameters: Vec::new(), class: None });
        if let Some(parameters) = &lambda.parameters {
            self.defaults(parameters);
        }
        let outer = self.open(ScopeKind::Function);
        if let Some(parameters) = &lambda.parameters {
            self.parameters(index, parameters, Value::Unknown);
        }
        self.visit_expr(&lambda.body);
        self.scope = outer;
    }

    pub(super) fn defaults(&mut self, parameters: &ast::Parameters) {
        for default in parameters.iter_non_variadic_params().filter_map(|parameter| parameter.default.as_deref()) {
            self.plain(default);
        }
    }

    pub(super) fn parameter_annotations(&mut self, parameters: &ast::Parameters) {
        for parameter in parameters.iter() {
            if let Some(annotation) = parameter.annotation() {
                self.annotation(annotation);
            }
        }
    }

    pub(super) fn parameters(&mut self, function: usize, parameters: &ast::Parameters, receiver: Value) {
        let mut receiver = Some(receiver);
        let variadic = [&parameters.vararg, &parameters.kwarg];
        let variadic: Vec<_> = variadic.into_iter().flatten().map(|it| it.name.range).collect();
        for parameter in parameters.iter() {
            let name = parameter.name();
            let is_variadic = variadic.contains(&name.range);
            let given = receiver.take().filter(|given| *given != Value::Unknown && !is_variadic);
            let value = match (given, parameter.annotation()) {
                (Some(receiver), _) => receiver,
                (None, Some(annotation)) if !is_variadic => self.annotated(annotation),
                _ => Value::Unknown,
            };
            self.bind(name.range, SymbolKind::Parameter, Access::Definition, value);
        }
        for parameter in parameters.args.iter().chain(&parameters.kwonlyargs) {
            let at = range(parameter.parameter.name.range);
            let name = self.slice(at);
            self.facts.functions[function].parameters.push((name, at.start));
        }
    }

    pub(super) fn type_parameters(&mut self, parameters: &ast::TypeParams) {
        for parameter in parameters.iter() {
            self.bind(parameter.name().range, SymbolKind::TypeAlias, Access::Definition, Value::Unknown);
        }
        for parameter in parameters.iter() {
            let (bound, default) = match parameter {
                TypeParam::TypeVar(it) => (it.bound.as_deref(), it.default.as_deref()),
                TypeParam::TypeVarTuple(it) => (None, it.default.as_deref()),
                TypeParam::ParamSpec(it) => (None, it.default.as_deref()),
            };
            for annotation in [bound, default].into_iter().flatten() {
                self.annotation(annotation);
            }
        }
    }

    pub(super) fn class(&mut self, class: &ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.plain(&decorator.expression);
        }
        let outer = self.scope;
        if let Some(parameters) = &class.type_params {
            self.open(ScopeKind::TypeParameters);
            self.type_parameters(parameters);
        }
        let mut bases = Vec::new();
        let mut is_made = false;
        if let Some(arguments) = &class.arguments {
            for base in &arguments.args {
                self.visit_expr(base);
                // `Generic[T]` adds no members but those of `Generic`.
                let base = match base {
                    Expr::Subscript(subscript) => &subscript.value,
                    _ => base,
                };
                bases.push(self.value(base));
            }
            for keyword in &arguments.keywords {
                self.visit_expr(&keyword.value);
                is_made = true;
            }
        }
        let is_dataclass = class.decorator_list.iter().any(|it| is_named(&it.expression, "dataclass"))
            || class.arguments.iter().flat_map(|it| &it.args).any(|it| is_named(it, "NamedTuple"));
        let index = self.facts.classes.len();
        let start = class.name.range.start().to_usize();
        self.facts.classes.push(Class { start, bases, is_dataclass, is_made });
        self.open(ScopeKind::Class(index));
        let outer_class = self.class.replace(index);
        self.body(&class.body);
        self.class = outer_class;
        self.scope = outer;
        self.bind(class.name.range, SymbolKind::Class, Access::Definition, Value::Class(index));
    }

    /// The first iterable belongs to the scope around.
    pub(super) fn comprehension(&mut self, generators: &[ast::Comprehension], results: &[&Expr]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let outer = self.open(ScopeKind::Comprehension);
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.visit_expr(&generator.iter);
            }
            self.bind_target(&generator.target, Value::Unknown);
            for condition in &generator.ifs {
                self.visit_expr(condition);
            }
        }
        for result in results {
            self.visit_expr(result);
        }
        self.scope = outer;
    }

    pub(super) fn import(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let name = range(alias.name.range);
            let module = self.slice(name);
            let first = TextRange::new(name.start, name.start + module.find('.').unwrap_or(module.len()));
            let is_dotted = first.end != name.end;
            let (bound, form, module) = match &alias.asname {
                Some(alias) => (range(alias.range), Form::Plain, module),
                None if is_dotted => (first, Form::Fixed, self.slice(first)),
                None => (name, Form::Import, module),
            };
            let index = self.facts.imports.len();
            self.facts.imports.push(PythonImport {
                module: module.to_owned(),
                module_range: name,
                name: None,
                range: TextRange::new(name.start, name.start),
                bound: Some(bound.start),
                is_unaliased: alias.asname.is_none(),
            });
            let value = Value::Import(index);
            let what = What::Bind { access: Access::Definition, kind: SymbolKind::Module, form, value };
            self.event_in(self.scope, bound, what);
        }
    }

    pub(super) fn import_from(&mut self, import: &ast::StmtImportFrom) {
        let dots = ".".repeat(import.level as usize);
        let module = import.module.as_ref().map(|module| range(module.range));
        let name = module.map(|module| self.slice(module)).unwrap_or_default();
        let start = import.range.start().to_usize();
        let module_range = module.unwrap_or(TextRange::new(start, start));
        for alias in &import.names {
            let at = range(alias.name.range);
            let imported = self.slice(at);
            let bound = alias.asname.as_ref().map_or(at, |alias| range(alias.range));
            let index = self.facts.imports.len();
            let is_all = imported == "*";
            self.facts.imports.push(PythonImport {
                module: format!("{dots}{name}"),
                module_range,
                name: Some(imported),
                range: at,
                bound: (!is_all).then_some(bound.start),
                is_unaliased: alias.asname.is_none(),
            });
            if is_all {
                continue;
            }
            let form = match alias.asname {
                Some(_) => Form::Plain,
                None if name == "__future__" => Form::Fixed,
                None => Form::Import,
            };
            let value = Value::Import(index);
            let what = What::Bind { access: Access::Definition, kind: SymbolKind::Variable, form, value };
            self.event_in(self.scope, bound, what);
        }
    }
}

/// `dataclass`, `dataclasses.dataclass`, either of them called.
fn is_named(expression: &Expr, name: &str) -> bool {
    match expression {
        Expr::Name(it) => it.id == name,
        Expr::Attribute(it) => it.attr.id == name,
        Expr::Call(it) => is_named(&it.func, name),
        _ => false,
    }
}

/// What is read without a call.
fn is_property(decorator: &Expr) -> bool {
    ["property", "cached_property", "setter", "getter", "deleter"].iter().any(|name| is_named(decorator, name))
}
