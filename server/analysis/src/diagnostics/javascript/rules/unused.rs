//! Variables, parameters, functions, classes and imports that nothing uses.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::{AstNode, NodeId, Reference, SymbolFlags, SymbolId};
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule, names::name_in, unused_options::Ignored};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding},
    places::{function_around, is_inside, is_statement, span_of},
};

pub(super) const NO_UNUSED_VARS: JsRule = JsRule {
    code: "no-unused-vars",
    summary: "a variable, parameter, function, class or import that nothing uses",
    on: &[AstType::Program],
    run: no_unused_vars,
    valid: &[
        "var a = 1; f(a)",
        "export const a = 1",
        "function f(a, b) { return b } f()",
        "(function f() {})()",
        "/* exported a */ var a = 1",
    ],
    invalid: &[
        "var a = 1",
        "function f() { f() }",
        "let a; a = 1",
        "let a = 0; a++",
        "import { a } from 'b'",
        "try {} catch (e) {}",
        "(function (a, b) { return a })()",
    ],
    ..ESLINT
};

fn no_unused_vars<'a>(ctx: &Ctx<'a>, _: &'a AstNode<'a>) {
    if ctx.semantic.source_type().is_typescript_definition() {
        return;
    }
    let ignored = Ignored::of(ctx);
    let scoping = ctx.scoping();
    if !ignored.globals {
        unused_globals(ctx);
    }
    for symbol in scoping.symbol_ids() {
        let flags = scoping.symbol_flags(symbol);
        let none = SymbolFlags::TypeParameter
            | SymbolFlags::EnumMember
            | SymbolFlags::Ambient
            | SymbolFlags::FunctionExpression;
        if flags.intersects(none) {
            continue;
        }
        let name = scoping.symbol_name(symbol);
        if let Some(what) = ignored.pattern_of(ctx, symbol) {
            if ignored.report_used && is_used(ctx, symbol) {
                let message = format!("`{name}` is used, though its name says that {what} is not");
                ctx.report(scoping.symbol_span(symbol), message);
            }
            continue;
        }
        if is_used(ctx, symbol) || ignored.covers(ctx, symbol) {
            continue;
        }
        let declaration = ctx.nodes().get_node(scoping.symbol_declaration(symbol));
        let is_top = scoping.symbol_scope_id(symbol) == scoping.root_scope_id();
        let exported = is_top
            && !ctx.semantic.source_type().is_module()
            && ctx.directives.exported.iter().any(|other| other == name);
        if exported
            || is_ambient(ctx, declaration)
            || is_needed(ctx, declaration, symbol, ignored.all_parameters)
            || (name == "React" && has_jsx(ctx))
        {
            continue;
        }
        let assigned = scoping.get_resolved_references(symbol).any(Reference::is_write)
            || matches!(declaration.kind(), AstKind::VariableDeclarator(it) if it.init.is_some());
        let what = if assigned { "is assigned but never used" } else { "is never used" };
        let declared = scoping.symbol_span(symbol);
        let place = last_write(ctx, symbol).filter(|last| last.start > declared.start).unwrap_or(declared);
        let mut found = ctx.at(place, format!("`{name}` {what}"));
        if place != declared {
            found = found.see(declared, "declared here");
        }
        ctx.add(found.unnecessary());
    }
}

/// The last place that gives a value to the variable in the function that declares it.
fn last_write(ctx: &Ctx<'_>, symbol: SymbolId) -> Option<Span> {
    let function = |id| function_around(ctx, id).id();
    let own = function(ctx.scoping().symbol_declaration(symbol));
    let writes = ctx.scoping().get_resolved_references(symbol).filter(|it| it.is_write());
    writes.filter(|it| function(it.node_id()) == own).map(|it| span_of(ctx, it)).max_by_key(|span| span.start)
}

/// Reports what a `global` comment declares for nobody.
fn unused_globals(ctx: &Ctx<'_>) {
    let scoping = ctx.scoping();
    for (name, _, place) in &ctx.directives.globals {
        let is_used = scoping.root_unresolved_references().keys().any(|other| other.as_str() == name)
            || scoping.get_bindings(scoping.root_scope_id()).keys().any(|other| other.as_str() == name)
            || ctx.directives.exported.contains(name);
        if !is_used {
            ctx.report(name_in(ctx, *place, name), format!("`{name}` is declared here but never used"));
        }
    }
}

fn has_jsx(ctx: &Ctx<'_>) -> bool {
    ctx.nodes().iter().any(|node| matches!(node.kind(), AstKind::JSXElement(_) | AstKind::JSXFragment(_)))
}

/// True for declarations that are there for somebody else: exports, parameters before one that is used, and so on.
fn is_needed<'a>(ctx: &Ctx<'a>, declaration: &'a AstNode<'a>, symbol: SymbolId, all: bool) -> bool {
    let parent = ctx.parent(declaration.id());
    match declaration.kind() {
        AstKind::FormalParameter(_) | AstKind::FormalParameters(_) | AstKind::FormalParameterRest(_) => {
            is_needed_parameter(ctx, declaration, symbol, all)
        }
        AstKind::BindingRestElement(_) => is_needed_parameter(ctx, declaration, symbol, all),
        AstKind::VariableDeclarator(_) => {
            matches!(ctx.parent_kind(parent.id()), AstKind::ExportDeclaration(_))
                || matches!(parent.kind(), AstKind::VariableDeclaration(it) if it.declare)
                || is_loop_that_returns(ctx, parent)
        }
        // A class expression's own name.
        AstKind::Class(it) if it.is_expression() => true,
        AstKind::Class(it) if it.declare => true,
        AstKind::Function(it) if it.declare || it.body.is_none() => true,
        _ => matches!(parent.kind(), AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_)),
    }
}

/// True in a declaration of what exists elsewhere.
fn is_ambient<'a>(ctx: &Ctx<'a>, declaration: &AstNode<'a>) -> bool {
    ctx.is_typescript()
        && ctx.nodes().ancestor_kinds(declaration.id()).any(|kind| match kind {
            AstKind::TSExternalModuleDeclaration(_) | AstKind::TSGlobalDeclaration(_) => true,
            AstKind::TSNamespaceDeclaration(it) => it.declare,
            AstKind::VariableDeclaration(it) => it.declare,
            AstKind::Class(it) => it.declare,
            _ => false,
        })
}

fn is_needed_parameter<'a>(ctx: &Ctx<'a>, declaration: &'a AstNode<'a>, symbol: SymbolId, all: bool) -> bool {
    let Some(function) = ctx.nodes().ancestors(declaration.id()).find(|node| {
        matches!(
            node.kind(),
            AstKind::Function(_)
                | AstKind::ArrowFunctionExpression(_)
                | AstKind::TSFunctionType(_)
                | AstKind::TSConstructorType(_)
                | AstKind::TSMethodSignature(_)
                | AstKind::TSCallSignatureDeclaration(_)
                | AstKind::TSConstructSignatureDeclaration(_)
                | AstKind::TSIndexSignature(_)
        ) || node.kind().is_type()
    }) else {
        return true;
    };
    let params = match function.kind() {
        AstKind::Function(it) => match &it.body {
            Some(_) => &it.params,
            None => return true,
        },
        AstKind::ArrowFunctionExpression(it) => &it.params,
        _ => return true,
    };
    let is_setter = match ctx.parent_kind(function.id()) {
        AstKind::MethodDefinition(it) => it.kind.is_set(),
        AstKind::ObjectProperty(it) => it.kind == PropertyKind::Set,
        _ => false,
    };
    let own = ctx.scoping().symbol_span(symbol);
    let parameter = params.items.iter().find(|it| is_inside(own, it.span));
    if is_setter || parameter.is_some_and(FormalParameter::has_modifier) {
        return true;
    }
    // Before a parameter that is used, one has to be named. A default says that it was thought of.
    let is_plain = parameter.is_some_and(|it| it.pattern.is_binding_identifier() && it.initializer.is_none());
    !all && is_plain
        && params.iter_bindings().flat_map(BindingPattern::get_binding_identifiers).any(|other| {
            other.span.start > own.start
                && other
                    .symbol_id
                    .get()
                    .is_some_and(|other| !ctx.scoping().get_resolved_reference_ids(other).is_empty())
        })
}

/// `for (const a in b) return true`: whether there is one is what counts.
fn is_loop_that_returns<'a>(ctx: &Ctx<'a>, declaration: &AstNode<'a>) -> bool {
    let (left, body) = match ctx.parent_kind(declaration.id()) {
        AstKind::ForInStatement(it) => (it.left.span(), &it.body),
        AstKind::ForOfStatement(it) => (it.left.span(), &it.body),
        _ => return false,
    };
    left == declaration.kind().span() && returns_at_once(body)
}

fn returns_at_once(body: &Statement<'_>) -> bool {
    match body {
        Statement::BlockStatement(block) => matches!(block.body.first(), Some(Statement::ReturnStatement(_))),
        other => matches!(other, Statement::ReturnStatement(_)),
    }
}

/// True when something but the variable itself reads it.
fn is_used<'a>(ctx: &Ctx<'a>, symbol: SymbolId) -> bool {
    let scoping = ctx.scoping();
    let mut references: Vec<&Reference> = scoping.get_resolved_references(symbol).collect();
    if references.is_empty() {
        return false;
    }
    references.sort_by_key(|reference| span_of(ctx, reference).start);
    let own: Vec<Span> = scoping.symbol_declarations(symbol).filter_map(|id| definition(ctx, id)).collect();
    let mut assigned: Option<Span> = None;
    for reference in references {
        let node = ctx.nodes().get_node(reference.node_id());
        let span = node.kind().span();
        let parent = ctx.parent(node.id());
        let is_loop_target = match parent.kind() {
            AstKind::ForInStatement(it) => it.left.span() == span && returns_at_once(&it.body),
            AstKind::ForOfStatement(it) => it.left.span() == span && returns_at_once(&it.body),
            _ => false,
        };
        if is_loop_target {
            return true;
        }
        let for_itself = reference.is_read() && is_for_itself(ctx, node, parent, assigned);
        assigned = assigned_value(ctx, symbol, node, parent, assigned);
        let is_read = reference.is_read() || reference.is_type() || reference.flags().is_value_as_type();
        if is_read && !for_itself && !own.iter().any(|outer| is_inside(span, *outer)) {
            return true;
        }
    }
    false
}

/// The function or class that a declaration names: what is read in it alone is not used.
fn definition(ctx: &Ctx<'_>, declaration: NodeId) -> Option<Span> {
    match ctx.nodes().kind(declaration) {
        AstKind::Function(it) => Some(it.span),
        AstKind::Class(it) => Some(it.span),
        AstKind::VariableDeclarator(it) if it.id.is_binding_identifier() => match it.init.as_ref()? {
            Expression::FunctionExpression(function) => Some(function.span),
            Expression::ArrowFunctionExpression(function) => Some(function.span),
            _ => None,
        },
        AstKind::TSInterfaceDeclaration(it) => Some(it.span),
        AstKind::TSTypeAliasDeclaration(it) => Some(it.span),
        _ => None,
    }
}

/// True where the value is read only to compute the variable's next one.
fn is_for_itself<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, parent: &'a AstNode<'a>, assigned: Option<Span>) -> bool {
    let span = node.kind().span();
    match parent.kind() {
        AstKind::AssignmentExpression(it)
            if it.left.span() == span && !it.operator.is_logical() && is_result_unused(ctx, parent) =>
        {
            return true;
        }
        AstKind::UpdateExpression(_) if is_result_unused(ctx, parent) => {
            return true;
        }
        _ => {}
    }
    assigned.is_some_and(|value| is_inside(span, value) && !is_in_stored_function(ctx, node, value))
}

/// True for a statement's expression and for what a comma throws away.
fn is_result_unused<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) -> bool {
    if is_statement(ctx, node.id()) {
        return true;
    }
    let parent = ctx.parent(node.id());
    match parent.kind() {
        AstKind::SequenceExpression(it) => {
            it.expressions.last().is_some_and(|last| last.span() != node.kind().span()) || is_result_unused(ctx, parent)
        }
        _ => false,
    }
}

/// The value that the reference is given, where what it reads can only serve that.
fn assigned_value<'a>(
    ctx: &Ctx<'a>,
    symbol: SymbolId,
    node: &'a AstNode<'a>,
    parent: &'a AstNode<'a>,
    before: Option<Span>,
) -> Option<Span> {
    let span = node.kind().span();
    if before.is_some_and(|value| is_inside(span, value)) {
        return before;
    }
    let AstKind::AssignmentExpression(it) = parent.kind() else { return None };
    let declared_in = function_around(ctx, ctx.scoping().symbol_declaration(symbol));
    let is_later = function_around(ctx, node.id()).id() != declared_in.id() || is_in_loop(ctx, node);
    (it.left.span() == span && !is_later && is_result_unused(ctx, parent)).then(|| it.right.span())
}

fn is_in_loop<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>) -> bool {
    ctx.nodes()
        .ancestor_kinds(node.id())
        .take_while(|kind| !kind.is_function_like())
        .any(AstKind::is_iteration_statement)
}

/// True inside a function that outlives the expression it is written in.
fn is_in_stored_function<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, value: Span) -> bool {
    let Some(function) = ctx.nodes().ancestors(node.id()).find(|node| node.kind().is_function_like()) else {
        return false;
    };
    if !is_inside(function.kind().span(), value) {
        return false;
    }
    let mut inner = function;
    for outer in ctx.nodes().ancestors(function.id()) {
        if !is_inside(outer.kind().span(), value) {
            return false;
        }
        match outer.kind() {
            AstKind::SequenceExpression(it)
                if it.expressions.last().is_none_or(|last| last.span() != inner.kind().span()) =>
            {
                return false;
            }
            AstKind::CallExpression(it) => return it.callee.span() != inner.kind().span(),
            AstKind::NewExpression(it) => return it.callee.span() != inner.kind().span(),
            AstKind::AssignmentExpression(_) | AstKind::TaggedTemplateExpression(_) | AstKind::YieldExpression(_) => {
                return true;
            }
            AstKind::FunctionBody(_) => return true,
            kind if kind.is_statement() || kind.is_declaration() => return true,
            _ => {}
        }
        inner = outer;
    }
    false
}
