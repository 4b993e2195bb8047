//! Assignments to what cannot or should not be assigned.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::{AstNode, SymbolFlags};
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::{
    Severity,
    javascript::{
        context::{Ctx, Finding},
        places::{member, span_of, writes},
    },
};
use crate::lint_settings::Access;

/// Reports every write to the names that `wanted` selects.
fn report_writes(ctx: &Ctx<'_>, wanted: impl Fn(SymbolFlags) -> bool, message: impl Fn(&str) -> String, label: &str) {
    for symbol in ctx.scoping().symbol_ids() {
        if !wanted(ctx.scoping().symbol_flags(symbol)) {
            continue;
        }
        for reference in writes(ctx, symbol) {
            let span = span_of(ctx, reference);
            let found = ctx.at(span, message(ctx.scoping().symbol_name(symbol)));
            ctx.add(found.see(ctx.scoping().symbol_span(symbol), label));
        }
    }
}

pub(super) const NO_CONST_ASSIGN: JsRule = JsRule {
    code: "no-const-assign",
    summary: "an assignment to a constant",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::Program],
    run: |ctx, _| {
        let is_const = |flags: SymbolFlags| flags.contains(SymbolFlags::ConstVariable);
        report_writes(ctx, is_const, |name| format!("`{name}` is a constant: it cannot be assigned"), "declared here");
    },
    valid: &["const a = 1; f(a)", "let a = 1; a = 2", "for (const a of b) f(a)"],
    invalid: &["const a = 1; a = 2", "const a = 1; a++", "const { a } = b; [a] = c"],
    ..ESLINT
};

pub(super) const NO_CLASS_ASSIGN: JsRule = JsRule {
    code: "no-class-assign",
    summary: "an assignment to a class's name",
    in_typescript: false,
    on: &[AstType::Program],
    run: |ctx, _| {
        let message = |name: &str| format!("`{name}` is a class: assigning to it loses the class");
        report_writes(ctx, |flags| flags.contains(SymbolFlags::Class), message, "the class");
    },
    valid: &["class A {} f(A)", "let A = class {}; A = 1"],
    invalid: &["class A {} A = 1", "class A { m() { A = 1 } }"],
    ..ESLINT
};

pub(super) const NO_FUNC_ASSIGN: JsRule = JsRule {
    code: "no-func-assign",
    summary: "an assignment to a function's name",
    in_typescript: false,
    on: &[AstType::Program],
    run: |ctx, _| {
        let message = |name: &str| format!("`{name}` is a function: assigning to it loses the function");
        let is_function = |flags: SymbolFlags| {
            flags.contains(SymbolFlags::Function) && !flags.contains(SymbolFlags::FunctionScopedVariable)
        };
        report_writes(ctx, is_function, message, "the function");
    },
    valid: &["var f = function () {}; f = 1", "function f(f) { f = 1 }"],
    invalid: &["function f() {} f = 1", "function f() { f = 1 }"],
    ..ESLINT
};

pub(super) const NO_EX_ASSIGN: JsRule = JsRule {
    code: "no-ex-assign",
    summary: "an assignment to what a `catch` caught",
    on: &[AstType::CatchParameter],
    run: |ctx, node| {
        let AstKind::CatchParameter(it) = node.kind() else { return };
        for name in it.pattern.get_binding_identifiers() {
            let Some(symbol) = name.symbol_id.get() else { continue };
            for reference in writes(ctx, symbol) {
                let found = ctx.at(span_of(ctx, reference), "assigning to a caught error loses it");
                ctx.add(found.see(name.span, "caught here"));
            }
        }
    },
    valid: &["try {} catch (e) { f(e) }"],
    invalid: &["try {} catch (e) { e = 1 }", "try {} catch ({ m }) { m = 1 }"],
    ..ESLINT
};

pub(super) const NO_IMPORT_ASSIGN: JsRule = JsRule {
    code: "no-import-assign",
    summary: "an assignment to an imported name, or to a member of an imported namespace",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::ImportSpecifier, AstType::ImportDefaultSpecifier, AstType::ImportNamespaceSpecifier],
    run: no_import_assign,
    valid: &["import a from 'a'; a.b = 1", "import * as a from 'a'; f(a.b)"],
    invalid: &["import a from 'a'; a = 1", "import * as a from 'a'; a.b = 1", "import { a } from 'a'; a++"],
    ..ESLINT
};

fn no_import_assign<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let (local, is_namespace) = match node.kind() {
        AstKind::ImportSpecifier(it) => (&it.local, false),
        AstKind::ImportDefaultSpecifier(it) => (&it.local, false),
        AstKind::ImportNamespaceSpecifier(it) => (&it.local, true),
        _ => return,
    };
    let Some(symbol) = local.symbol_id.get() else { return };
    for reference in ctx.scoping().get_resolved_references(symbol) {
        let span = span_of(ctx, reference);
        if reference.is_write() {
            let found = ctx.at(span, format!("`{}` is imported: it cannot be assigned", local.name));
            ctx.add(found.see(local.span, "imported here"));
        } else if is_namespace && changes_member(ctx, ctx.nodes().get_node(reference.node_id())) {
            let message = format!("`{}` is an imported namespace: its members cannot be changed", local.name);
            ctx.add(ctx.at(span, message).see(local.span, "imported here"));
        }
    }
}

/// True when a member of the object is written, deleted or defined.
fn changes_member<'a>(ctx: &Ctx<'a>, object: &AstNode<'a>) -> bool {
    let mut inner = object;
    let mut outer = ctx.parent(inner.id());
    if let AstKind::CallExpression(call) = outer.kind() {
        return is_mutating_call(ctx, call, object.kind().span());
    }
    if !outer.kind().is_member_expression_kind() || outer.kind().span().start != inner.kind().span().start {
        return false;
    }
    (inner, outer) = (outer, ctx.parent(outer.id()));
    if matches!(outer.kind(), AstKind::ChainExpression(_)) {
        (inner, outer) = (outer, ctx.parent(outer.id()));
    }
    let span = inner.kind().span();
    match outer.kind() {
        AstKind::AssignmentExpression(it) => it.left.span() == span,
        AstKind::UpdateExpression(_) | AstKind::AssignmentTargetRest(_) | AstKind::ArrayAssignmentTarget(_) => true,
        AstKind::AssignmentTargetWithDefault(it) => it.binding.span() == span,
        AstKind::AssignmentTargetPropertyProperty(it) => it.binding.span() == span,
        AstKind::UnaryExpression(it) => it.operator.is_delete(),
        AstKind::ForInStatement(it) => it.left.span() == span,
        AstKind::ForOfStatement(it) => it.left.span() == span,
        _ => false,
    }
}

/// True for `Object.assign(object, …)` and its relatives.
fn is_mutating_call(ctx: &Ctx<'_>, call: &CallExpression<'_>, object: Span) -> bool {
    if call.arguments.first().is_none_or(|first| first.span() != object) {
        return false;
    }
    let callee = match &call.callee {
        Expression::ChainExpression(chain) => chain.expression.member_expression(),
        other => other.as_member_expression(),
    };
    let Some(callee) = callee else { return false };
    let Expression::Identifier(owner) = callee.object() else { return false };
    let Some(name) = callee.static_property_name() else { return false };
    ctx.is_global(owner)
        && match owner.name.as_str() {
            "Object" => matches!(name, "assign" | "defineProperty" | "defineProperties" | "freeze" | "setPrototypeOf"),
            "Reflect" => matches!(name, "defineProperty" | "deleteProperty" | "set" | "setPrototypeOf"),
            _ => false,
        }
}

pub(super) const NO_GLOBAL_ASSIGN: JsRule = JsRule {
    code: "no-global-assign",
    summary: "an assignment to a name that the language defines",
    on: &[AstType::Program],
    run: |ctx, _| {
        for (name, references) in ctx.scoping().root_unresolved_references() {
            let name = name.as_str();
            if ctx.access(name) != Some(Access::Read) || ctx.options().texts("exceptions").contains(&name) {
                continue;
            }
            for reference in references {
                let reference = ctx.scoping().get_reference(*reference);
                if reference.is_write() {
                    ctx.report(span_of(ctx, reference), format!("`{name}` is built in: it should not be assigned"));
                }
            }
        }
    },
    valid: &["a = 1", "var Object; Object = 1", "window.Object = 1"],
    invalid: &["Object = 1", "undefined = 1", "Array++"],
    ..ESLINT
};

pub(super) const NO_SELF_ASSIGN: JsRule = JsRule {
    code: "no-self-assign",
    summary: "an assignment of something to itself",
    on: &[AstType::AssignmentExpression],
    run: |ctx, node| {
        let AstKind::AssignmentExpression(it) = node.kind() else { return };
        if it.operator.is_assign() || it.operator.is_logical() {
            compare(ctx, &it.left, &it.right);
        }
    },
    valid: &["a = b", "a = a + 1", "[a, b] = [b, a]", "a.b = a.c", "a[f()] = a[f()]"],
    invalid: &["a = a", "a.b = a.b", "[a] = [a]", "({ a } = { a })", "a &&= a"],
    ..ESLINT
};

fn report_self(ctx: &Ctx<'_>, target: Span) {
    ctx.report(target, format!("`{}` is assigned to itself", ctx.source(target)));
}

fn compare<'a>(ctx: &Ctx<'a>, left: &AssignmentTarget<'a>, right: &Expression<'a>) {
    match (left, right) {
        (AssignmentTarget::AssignmentTargetIdentifier(a), Expression::Identifier(b)) => {
            if a.name == b.name {
                report_self(ctx, b.span);
            }
        }
        (AssignmentTarget::ArrayAssignmentTarget(targets), Expression::ArrayExpression(values)) => {
            for (target, value) in targets.elements.iter().zip(&values.elements) {
                if matches!(value, ArrayExpressionElement::SpreadElement(_)) {
                    return;
                }
                if let (Some(target), Some(value)) =
                    (target.as_ref().and_then(|it| it.as_assignment_target()), value.as_expression())
                {
                    compare(ctx, target, value);
                }
            }
            if let (Some(rest), Some(ArrayExpressionElement::SpreadElement(spread))) =
                (&targets.rest, values.elements.last())
                && targets.elements.len() + 1 == values.elements.len()
            {
                compare(ctx, &rest.target, &spread.argument);
            }
        }
        (AssignmentTarget::ObjectAssignmentTarget(targets), Expression::ObjectExpression(values)) => {
            // What stands before a spread may be overwritten by it.
            let after = values.properties.iter().rposition(ObjectPropertyKind::is_spread).map_or(0, |at| at + 1);
            for target in &targets.properties {
                for value in &values.properties[after..] {
                    if let ObjectPropertyKind::ObjectProperty(value) = value {
                        compare_properties(ctx, target, value);
                    }
                }
            }
        }
        (_, _) => {
            let (Some(target), Some(value)) = (left.as_member_expression(), member(right)) else { return };
            if ctx.options().flag("props", true) && is_same_member(target, value) {
                report_self(ctx, value.span());
            }
        }
    }
}

fn compare_properties<'a>(ctx: &Ctx<'a>, target: &AssignmentTargetProperty<'a>, value: &ObjectProperty<'a>) {
    if value.method || value.kind != PropertyKind::Init {
        return;
    }
    let Some(key) = value.key.static_name() else { return };
    match target {
        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
            let is_same = matches!(&value.value, Expression::Identifier(name) if name.name == it.binding.name);
            if it.init.is_none() && key == it.binding.name.as_str() && is_same {
                report_self(ctx, value.value.span());
            }
        }
        AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
            if it.name.static_name().is_some_and(|name| name == key)
                && let Some(target) = it.binding.as_assignment_target()
            {
                compare(ctx, target, &value.value);
            }
        }
    }
}

fn is_same_member(a: &MemberExpression<'_>, b: &MemberExpression<'_>) -> bool {
    let same_name = match (a, b) {
        (MemberExpression::PrivateFieldExpression(x), MemberExpression::PrivateFieldExpression(y)) => {
            x.field.name == y.field.name
        }
        (MemberExpression::ComputedMemberExpression(x), MemberExpression::ComputedMemberExpression(y)) => {
            is_same_value(&x.expression, &y.expression)
        }
        _ => a.static_property_name().is_some() && a.static_property_name() == b.static_property_name(),
    };
    same_name && is_same_value(a.object(), b.object())
}

/// True for two reads of one place that have no effects.
fn is_same_value(a: &Expression<'_>, b: &Expression<'_>) -> bool {
    match (a, b) {
        (Expression::Identifier(x), Expression::Identifier(y)) => x.name == y.name,
        (Expression::ThisExpression(_), Expression::ThisExpression(_))
        | (Expression::Super(_), Expression::Super(_)) => true,
        (Expression::StringLiteral(x), Expression::StringLiteral(y)) => x.value == y.value,
        (Expression::NumericLiteral(x), Expression::NumericLiteral(y)) => x.value == y.value,
        (Expression::ChainExpression(x), Expression::ChainExpression(y)) => {
            match (x.expression.member_expression(), y.expression.member_expression()) {
                (Some(x), Some(y)) => is_same_member(x, y),
                _ => false,
            }
        }
        _ => match (a.as_member_expression(), b.as_member_expression()) {
            (Some(x), Some(y)) => is_same_member(x, y),
            _ => false,
        },
    }
}
