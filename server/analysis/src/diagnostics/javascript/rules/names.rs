//! Names: undefined, declared twice, hiding what the language defines, never given a value.

use oxc_ast::{AstKind, AstType};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    globals,
};
use crate::lint_settings::Access;

pub(super) const NO_UNDEF: JsRule = JsRule {
    code: "no-undef",
    summary: "a name that nothing declares",
    in_typescript: false,
    on: &[AstType::Program],
    run: no_undef,
    valid: &["var a; a", "typeof a", "console.log(1)", "/* global a */ a()", "function f() { return arguments }"],
    invalid: &["a", "a = 1", "function f() { return b }"],
    ..ESLINT
};

fn no_undef<'a>(ctx: &Ctx<'a>, _: &'a AstNode<'a>) {
    for (name, references) in ctx.scoping().root_unresolved_references() {
        let name = name.as_str();
        if matches!(ctx.access(name), Some(Access::Read | Access::Write)) {
            continue;
        }
        for reference in references {
            let node = ctx.nodes().get_node(ctx.scoping().get_reference(*reference).node_id());
            let is_typeof = !ctx.options().flag("typeof", false)
                && matches!(ctx.parent_kind(node.id()), AstKind::UnaryExpression(it) if it.operator.is_typeof());
            let is_arguments = name == "arguments"
                && ctx.nodes().ancestors(node.id()).any(|node| matches!(node.kind(), AstKind::Function(_)));
            if is_typeof || is_arguments {
                continue;
            }
            let span = node.kind().span();
            let mut found = ctx.at(span, format!("`{name}` is not defined"));
            if let Some(meant) = similar(ctx, node, name) {
                found = found.suggest(format!("Change to `{meant}`"), replace(span, meant));
            }
            ctx.add(found);
        }
    }
}

/// The name in scope that was probably meant.
fn similar<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, name: &str) -> Option<String> {
    let scoping = ctx.scoping();
    let near = |other: &str| {
        let distance = strsim::damerau_levenshtein(other, name);
        // One slip in four letters.
        (distance > 0 && distance * 4 <= name.chars().count().max(4)).then_some(distance)
    };
    let in_scope = scoping
        .scope_ancestors(node.scope_id())
        .flat_map(|scope| scoping.get_bindings(scope).keys())
        .filter_map(|other| Some((near(other.as_str())?, other.to_string())));
    let known = globals::all().filter_map(|other| Some((near(other)?, other.to_owned())));
    in_scope.chain(known).min().map(|(_, other)| other)
}

pub(super) const NO_REDECLARE: JsRule = JsRule {
    code: "no-redeclare",
    summary: "a name that is declared twice in one scope",
    in_typescript: false,
    on: &[AstType::Program],
    run: no_redeclare,
    valid: &["var a; function f() { var a }", "var a; a = 1", "var Foo = 1"],
    invalid: &["var a; var a", "function f(a) { var a }", "function f() {} var f"],
    ..ESLINT
};

fn no_redeclare<'a>(ctx: &Ctx<'a>, _: &'a AstNode<'a>) {
    let scoping = ctx.scoping();
    let with_builtins = ctx.options().flag("builtinGlobals", true);
    for symbol in scoping.symbol_ids() {
        let first = scoping.symbol_span(symbol);
        for again in scoping.symbol_redeclarations(symbol) {
            if again.span != first {
                let found = ctx.at(again.span, format!("`{}` is already declared", scoping.symbol_name(symbol)));
                ctx.add(found.see(first, "declared here"));
            }
        }
    }
    // A script's own names are the global ones; a module's are not, nor those of a file that node wraps in a function.
    let is_wrapped = ctx
        .scoping()
        .root_unresolved_references()
        .keys()
        .any(|name| matches!(name.as_str(), "require" | "module" | "exports" | "__dirname" | "__filename"));
    if ctx.semantic.source_type().is_script() && !is_wrapped && with_builtins {
        for (name, symbol) in scoping.get_bindings(scoping.root_scope_id()) {
            let flags = scoping.symbol_flags(*symbol);
            if ctx.is_given(name.as_str()) && flags.is_function_scoped_declaration() {
                let message = format!("`{}` is built in: this declares it again", name.as_str());
                ctx.report(scoping.symbol_span(*symbol), message);
            }
        }
    }
    for (index, (name, _, place)) in ctx.directives.globals.iter().enumerate() {
        if ctx.directives.globals[..index].iter().any(|(other, ..)| other == name)
            || (with_builtins && ctx.is_given(name))
        {
            ctx.report(name_in(ctx, *place, name), format!("`{name}` is already declared"));
        }
        let declared = scoping.get_bindings(scoping.root_scope_id()).iter().find(|(other, _)| other.as_str() == name);
        if let (Some((_, symbol)), true) = (declared, ctx.semantic.source_type().is_script()) {
            let message = format!("a `global` comment declares `{name}` as well");
            ctx.report(scoping.symbol_span(*symbol), message);
        }
    }
}

/// The place of a name in a comment that declares it.
pub(super) fn name_in(ctx: &Ctx<'_>, comment: Span, name: &str) -> Span {
    let start = comment.start + ctx.source(comment).find(name).unwrap_or_default() as u32;
    Span::new(start, start + name.len() as u32)
}

/// Names whose meaning nobody expects to change.
const RESTRICTED: [&str; 6] = ["undefined", "NaN", "Infinity", "arguments", "eval", "globalThis"];

pub(super) const NO_SHADOW_RESTRICTED_NAMES: JsRule = JsRule {
    code: "no-shadow-restricted-names",
    summary: "a declaration that hides `undefined`, `NaN` and the like",
    on: &[AstType::Program],
    run: |ctx, _| {
        let scoping = ctx.scoping();
        for symbol in scoping.symbol_ids() {
            let name = scoping.symbol_name(symbol);
            if !RESTRICTED.contains(&name)
                || (name == "globalThis" && !ctx.options().flag("reportGlobalThis", true))
                || scoping.symbol_flags(symbol).is_type() && !scoping.symbol_flags(symbol).is_value()
            {
                continue;
            }
            // `var undefined;` without a value leaves it what it is.
            if name == "undefined" {
                let is_bare = |id| matches!(ctx.nodes().kind(id), AstKind::VariableDeclarator(it) if it.init.is_none() && it.id.is_binding_identifier());
                if scoping.symbol_declarations(symbol).all(is_bare)
                    && scoping.get_resolved_references(symbol).all(|reference| !reference.is_write())
                {
                    continue;
                }
            }
            let mut spans = vec![scoping.symbol_span(symbol)];
            spans.extend(scoping.symbol_redeclarations(symbol).iter().map(|again| again.span));
            spans.sort();
            spans.dedup();
            for span in spans {
                ctx.report(span, format!("this hides the `{name}` of the language"));
            }
        }
    },
    valid: &["var undefined;", "function f(a) {}"],
    invalid: &["function f(NaN) {}", "let undefined = 1", "try {} catch (eval) {}"],
    ..ESLINT
};

pub(super) const NO_UNASSIGNED_VARS: JsRule = JsRule {
    code: "no-unassigned-vars",
    summary: "a variable that is read but never given a value",
    on: &[AstType::VariableDeclaration],
    run: |ctx, node| {
        let AstKind::VariableDeclaration(declaration) = node.kind() else { return };
        let in_loop = match ctx.parent_kind(node.id()) {
            AstKind::ForInStatement(it) => it.left.span() == declaration.span,
            AstKind::ForOfStatement(it) => it.left.span() == declaration.span,
            _ => false,
        };
        let is_ambient = declaration.declare
            || ctx.nodes().ancestor_kinds(node.id()).any(|kind| match kind {
                AstKind::TSExternalModuleDeclaration(it) => it.declare,
                AstKind::TSNamespaceDeclaration(it) => it.declare,
                AstKind::TSGlobalDeclaration(it) => it.declare,
                _ => false,
            });
        if declaration.kind.is_const() || in_loop || is_ambient || ctx.semantic.source_type().is_typescript_definition()
        {
            return;
        }
        for declarator in &declaration.declarations {
            let Some(name) = declarator.id.get_binding_identifier().filter(|_| declarator.id.is_binding_identifier())
            else {
                continue;
            };
            let (Some(symbol), None) = (name.symbol_id.get(), &declarator.init) else { continue };
            let mut references = ctx.scoping().get_resolved_references(symbol).peekable();
            let is_redeclared = !ctx.scoping().symbol_redeclarations(symbol).is_empty();
            if references.peek().is_some() && !is_redeclared && references.all(|reference| !reference.is_write()) {
                ctx.report(
                    declarator.span,
                    format!("`{}` is never given a value: it is always `undefined`", name.name),
                );
            }
        }
    },
    valid: &["let a; a = 1; f(a)", "let a", "for (let a of b) f(a)"],
    invalid: &["let a; f(a)", "var a, b = 1; f(a, b)"],
    ..ESLINT
};

pub(super) const NO_DELETE_VAR: JsRule = JsRule {
    code: "no-delete-var",
    summary: "`delete` of a variable, which does nothing",
    on: &[AstType::UnaryExpression],
    run: |ctx, node| {
        let AstKind::UnaryExpression(it) = node.kind() else { return };
        if it.operator.is_delete() && it.argument.is_identifier_reference() {
            ctx.report(it.span, "`delete` removes properties, not variables");
        }
    },
    valid: &["delete a.b"],
    invalid: &["delete a"],
    ..ESLINT
};
