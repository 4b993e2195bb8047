//! Operations whose result is known before they run, or is what was there already.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::BinaryOperator;

use super::{ESLINT, JsRule, conditions::condition};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    static_value::{
        has_constant_nullishness, is_always_new, is_constant, is_literal, is_nullish, is_static_boolean, is_undefined,
        loosely_equals_boolean_constantly, strictly_equals_boolean_constantly,
    },
};

pub(super) const NO_CONSTANT_BINARY_EXPRESSION: JsRule = JsRule {
    code: "no-constant-binary-expression",
    summary: "an operation whose result does not depend on its operands",
    on: &[AstType::BinaryExpression, AstType::LogicalExpression],
    run: no_constant_binary_expression,
    valid: &["a == null", "a ?? b", "f() || g()", "a === []. length"],
    invalid: &["[] == true", "({}) || a", "a === {}", "(a + b) ?? c", "!a == null"],
    ..ESLINT
};

fn no_constant_binary_expression<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    match node.kind() {
        AstKind::LogicalExpression(it) => {
            if it.operator.is_coalesce() {
                if has_constant_nullishness(ctx, &it.left, false) {
                    ctx.report(it.left.span(), "`??` always gives the same side: this is always `null` or never");
                }
            } else if is_constant(ctx, &it.left, true) {
                let message =
                    format!("`{}` always gives the same side: this is always true or never", it.operator.as_str());
                ctx.report(it.left.span(), message);
            }
        }
        AstKind::BinaryExpression(it) => {
            let (left, right) = (&it.left, &it.right);
            let (strict, loose) = match it.operator {
                BinaryOperator::StrictEquality | BinaryOperator::StrictInequality => (true, false),
                BinaryOperator::Equality | BinaryOperator::Inequality => (false, true),
                operator => {
                    let is_asked = operator.is_compare() && ctx.options().flag("checkRelationalComparisons", false);
                    if is_asked && is_static_literal(ctx, left) && is_static_literal(ctx, right) {
                        ctx.report(it.span, "this comparison always has the same result");
                    }
                    return;
                }
            };
            let decided = |a: &Expression<'a>, b: &Expression<'a>| {
                (is_nullish(ctx, a) && has_constant_nullishness(ctx, b, false))
                    || (is_static_boolean(ctx, a)
                        && if loose {
                            loosely_equals_boolean_constantly(ctx, b)
                        } else {
                            strictly_equals_boolean_constantly(ctx, b)
                        })
            };
            let other = "this comparison always has the same result";
            let new = "a new object equals nothing else: this comparison always has the same result";
            if decided(left, right) {
                ctx.report(right.span(), other);
            } else if decided(right, left) {
                ctx.report(left.span(), other);
            } else if strict && is_always_new(ctx, left) {
                ctx.report(left.span(), new);
            } else if strict && is_always_new(ctx, right) {
                ctx.report(right.span(), new);
            } else if loose && is_always_new(ctx, left) && is_always_new(ctx, right) {
                ctx.report(left.span(), new);
            }
        }
        _ => {}
    }
}

/// A literal, or what is made of nothing else by a sign or `undefined`.
fn is_static_literal<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        Expression::TemplateLiteral(it) => it.expressions.is_empty(),
        Expression::UnaryExpression(it) => {
            matches!(it.operator.as_str(), "+" | "-" | "~" | "!" | "void") && is_static_literal(ctx, &it.argument)
        }
        _ => is_literal(node) || is_undefined(ctx, node),
    }
}

pub(super) const NO_EXTRA_BOOLEAN_CAST: JsRule = JsRule {
    code: "no-extra-boolean-cast",
    summary: "a conversion to a boolean where one happens anyway",
    on: &[AstType::UnaryExpression, AstType::CallExpression],
    run: no_extra_boolean_cast,
    valid: &["a = !!b", "if (a) {}", "if (!!a && b) {}", "Boolean(a)"],
    invalid: &["if (!!a) {}", "a = !!b ? 1 : 2", "!Boolean(a)", "while (Boolean(a)) {}"],
    ..ESLINT
};

fn no_extra_boolean_cast<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let (cast, span, inner): (&AstNode<'a>, Span, Option<Span>) = match node.kind() {
        AstKind::UnaryExpression(it) if it.operator.is_not() => {
            let parent = ctx.parent(node.id());
            match parent.kind() {
                AstKind::UnaryExpression(outer) if outer.operator.is_not() => {
                    (parent, outer.span, Some(it.argument.span()))
                }
                _ => return,
            }
        }
        AstKind::CallExpression(it) => {
            let is_cast =
                matches!(&it.callee, Expression::Identifier(name) if name.name == "Boolean" && ctx.is_global(name));
            if !is_cast {
                return;
            }
            let argument = it.arguments.first().and_then(Argument::as_expression).map(GetSpan::span);
            (node, it.span, argument.filter(|_| it.arguments.len() == 1))
        }
        _ => return,
    };
    if !is_tested(ctx, cast, span) {
        return;
    }
    let mut found = ctx.at(span, "what stands here is used as a boolean anyway");
    // Brackets stay out of the fix where they could be needed.
    if let Some(inner) = inner
        && !ctx.semantic.has_comments_between(span)
        && ctx.source(inner).chars().all(|sign| sign.is_alphanumeric() || "_$.".contains(sign))
    {
        let glue =
            if ctx.text[..span.start as usize].ends_with(|sign: char| sign.is_alphanumeric()) { " " } else { "" };
        found = found.safe_fix("Remove the conversion", replace(span, format!("{glue}{}", ctx.source(inner))));
    }
    ctx.add(found);
}

/// True where only the truth of the value counts.
fn is_tested<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, span: Span) -> bool {
    let (logical, inner) = (
        ctx.options().flag("enforceForLogicalOperands", false),
        ctx.options().flag("enforceForInnerExpressions", false),
    );
    let parent = ctx.parent(node.id());
    let is_passed_on = match parent.kind() {
        AstKind::ChainExpression(_) => true,
        AstKind::LogicalExpression(it) if it.operator.is_coalesce() => inner && it.right.span() == span,
        AstKind::LogicalExpression(_) => logical || inner,
        AstKind::ConditionalExpression(it) => inner && it.test.span() != span,
        AstKind::SequenceExpression(it) => inner && it.expressions.last().is_some_and(|last| last.span() == span),
        _ => false,
    };
    if is_passed_on {
        return is_tested(ctx, parent, parent.kind().span());
    }
    let is_global_boolean = |callee: &Expression<'a>| matches!(callee, Expression::Identifier(name) if name.name == "Boolean" && ctx.is_global(name));
    if let Some(test) = condition(parent.kind()) {
        return test.span() == span;
    }
    match parent.kind() {
        AstKind::UnaryExpression(it) => it.operator.is_not(),
        AstKind::CallExpression(it) => {
            is_global_boolean(&it.callee) && it.arguments.first().is_some_and(|it| it.span() == span)
        }
        AstKind::NewExpression(it) => {
            is_global_boolean(&it.callee) && it.arguments.first().is_some_and(|it| it.span() == span)
        }
        _ => false,
    }
}
