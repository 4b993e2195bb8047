//! `a?.b` where `undefined` cannot stand.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::context::Ctx;

pub(super) const NO_UNSAFE_OPTIONAL_CHAINING: JsRule = JsRule {
    code: "no-unsafe-optional-chaining",
    summary: "an optional chain whose `undefined` makes the code around it throw",
    on: &[
        AstType::AssignmentExpression,
        AstType::AssignmentPattern,
        AstType::AssignmentTargetWithDefault,
        AstType::Class,
        AstType::CallExpression,
        AstType::NewExpression,
        AstType::VariableDeclarator,
        AstType::StaticMemberExpression,
        AstType::ComputedMemberExpression,
        AstType::PrivateFieldExpression,
        AstType::TaggedTemplateExpression,
        AstType::ForOfStatement,
        AstType::SpreadElement,
        AstType::BinaryExpression,
        AstType::WithStatement,
        AstType::UnaryExpression,
    ],
    run: no_unsafe_optional_chaining,
    valid: &["a?.b.c", "(a?.b ?? c).d", "const { e } = a?.b ?? {}", "f({ ...a?.b })"],
    invalid: &["(a?.b).c", "(a?.b)()", "const { c } = a?.b", "[...a?.b]", "c in a?.b", "for (c of a?.b) {}"],
    ..ESLINT
};

fn no_unsafe_optional_chaining<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    match node.kind() {
        AstKind::AssignmentExpression(it) if it.left.as_assignment_target_pattern().is_some() => {
            check(ctx, &it.right);
        }
        AstKind::AssignmentExpression(it) if it.operator.is_arithmetic() && is_asked(ctx) => check(ctx, &it.right),
        AstKind::UnaryExpression(it) if matches!(it.operator.as_str(), "+" | "-") && is_asked(ctx) => {
            check(ctx, &it.argument);
        }
        AstKind::BinaryExpression(it) if it.operator.is_arithmetic() && is_asked(ctx) => {
            check(ctx, &it.left);
            check(ctx, &it.right);
        }
        AstKind::AssignmentPattern(it) if it.left.is_destructuring_pattern() => {
            check(ctx, &it.right);
        }
        AstKind::AssignmentTargetWithDefault(it) if it.binding.as_assignment_target_pattern().is_some() => {
            check(ctx, &it.init);
        }
        AstKind::Class(it) => {
            if let Some(heritage) = &it.heritage {
                check(ctx, &heritage.expression);
            }
        }
        AstKind::CallExpression(it) if !it.optional => check(ctx, &it.callee),
        AstKind::NewExpression(it) => check(ctx, &it.callee),
        AstKind::VariableDeclarator(it) => {
            if let (true, Some(init)) = (it.id.is_destructuring_pattern(), &it.init) {
                check(ctx, init);
            }
        }
        AstKind::StaticMemberExpression(it) if !it.optional => check(ctx, &it.object),
        AstKind::ComputedMemberExpression(it) if !it.optional => check(ctx, &it.object),
        AstKind::PrivateFieldExpression(it) if !it.optional => check(ctx, &it.object),
        AstKind::TaggedTemplateExpression(it) => check(ctx, &it.tag),
        AstKind::ForOfStatement(it) => check(ctx, &it.right),
        AstKind::SpreadElement(it) if !matches!(ctx.parent_kind(node.id()), AstKind::ObjectExpression(_)) => {
            check(ctx, &it.argument);
        }
        AstKind::BinaryExpression(it) if (it.operator.is_in() || it.operator.is_instance_of()) => {
            check(ctx, &it.right);
        }
        AstKind::WithStatement(it) => check(ctx, &it.object),
        _ => {}
    }
}

/// Whether arithmetic with `undefined` is to be reported.
fn is_asked(ctx: &Ctx<'_>) -> bool {
    ctx.options().flag("disallowArithmeticOperators", false)
}

/// Reports the chains that can be the value of `node`.
fn check<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) {
    match node {
        Expression::LogicalExpression(it) => {
            if it.operator.is_and() {
                check(ctx, &it.left);
            }
            check(ctx, &it.right);
        }
        Expression::SequenceExpression(it) => {
            if let Some(last) = it.expressions.last() {
                check(ctx, last);
            }
        }
        Expression::ConditionalExpression(it) => {
            check(ctx, &it.consequent);
            check(ctx, &it.alternate);
        }
        Expression::AwaitExpression(it) => check(ctx, &it.argument),
        Expression::ChainExpression(it) => {
            ctx.report(it.span, "this can be `undefined`, and then the code around it throws");
        }
        _ => {}
    }
}
