//! Conditions that do not decide anything, or not what they seem to.

use std::collections::HashMap;

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{ContentEq, GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding},
    places::{function_around, is_inside},
    static_value,
};

/// What has a condition.
const WITH_CONDITION: &[AstType] = &[
    AstType::IfStatement,
    AstType::WhileStatement,
    AstType::DoWhileStatement,
    AstType::ForStatement,
    AstType::ConditionalExpression,
];

/// The condition of a statement or of `a ? b : c`.
pub(super) fn condition<'a>(kind: AstKind<'a>) -> Option<&'a Expression<'a>> {
    match kind {
        AstKind::IfStatement(it) => Some(&it.test),
        AstKind::WhileStatement(it) => Some(&it.test),
        AstKind::DoWhileStatement(it) => Some(&it.test),
        AstKind::ConditionalExpression(it) => Some(&it.test),
        AstKind::ForStatement(it) => it.test.as_ref(),
        _ => None,
    }
}

pub(super) const NO_COND_ASSIGN: JsRule = JsRule {
    code: "no-cond-assign",
    summary: "an assignment where a condition is expected",
    on: WITH_CONDITION,
    run: no_cond_assign,
    valid: &["if (a == b) {}", "while ((line = next())) {}", "for (;(a = b);) {}", "if ((a = b) === c) {}"],
    invalid: &["if (a = b) {}", "while (a = b) {}", "x = (a = b) ? 1 : 2"],
    ..ESLINT
};

fn no_cond_assign<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let Some(test) = condition(node.kind()) else { return };
    if ctx.options().word() == Some("always") {
        assignments_in(ctx, node, test);
        return;
    }
    let Expression::AssignmentExpression(assignment) = test else { return };
    let span = assignment.span;
    // One pair of brackets says that it is meant; those of `if ( )` and the like come on top.
    let meant = if matches!(node.kind(), AstKind::ForStatement(_)) {
        ctx.is_parenthesized(span) && ctx.char_after(ctx.next_token(span.end) + 1) == ';'
    } else {
        let outer = Span::new(ctx.previous_token_end(span.start).saturating_sub(1), ctx.next_token(span.end) + 1);
        ctx.is_parenthesized(span) && outer.end as usize <= ctx.text.len() && ctx.is_parenthesized(outer)
    };
    if !meant {
        ctx.report(span, "an assignment as a condition: compare with `===`, or put it in brackets when it is meant");
    }
}

/// Reports every assignment in a condition, but for those of functions and conditions in it.
fn assignments_in<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>, test: &'a Expression<'a>) {
    let inside = test.span();
    let inner = ctx.nodes().iter().skip(node.id().index()).take_while(|it| it.kind().span().start < inside.end);
    for it in inner {
        let AstKind::AssignmentExpression(assignment) = it.kind() else { continue };
        if !is_inside(assignment.span, inside) {
            continue;
        }
        // The nearest condition or function around it.
        let mut place = assignment.span;
        let nearest = ctx.nodes().ancestors(it.id()).find(|outer| {
            let kind = outer.kind();
            let is_nearest = kind.is_function_like() || condition(kind).is_some_and(|test| test.span() == place);
            place = kind.span();
            is_nearest
        });
        if nearest.is_some_and(|nearest| nearest.id() == node.id()) {
            ctx.report(assignment.span, "an assignment in a condition");
        }
    }
}

pub(super) const NO_CONSTANT_CONDITION: JsRule = JsRule {
    code: "no-constant-condition",
    summary: "a condition that is always the same",
    on: WITH_CONDITION,
    run: no_constant_condition,
    valid: &["if (a) {}", "while (true) {}", "for (;;) {}", "if (a === 1 || b) {}"],
    invalid: &["if (true) {}", "a = 1 ? b : c", "do {} while (void 0)", "if (a || true) {}"],
    ..ESLINT
};

fn no_constant_condition<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let Some(test) = condition(node.kind()) else { return };
    if node.kind().is_iteration_statement() {
        let is_true = matches!(test, Expression::BooleanLiteral(literal) if literal.value);
        let is_left_out = match ctx.options().text("checkLoops") {
            Some("none") => true,
            Some("all") => false,
            _ if ctx.options().flag("checkLoops", false) => false,
            _ if !ctx.options().flag("checkLoops", true) => true,
            // `while (true)` is how endless loops are written.
            _ => is_true && matches!(node.kind(), AstKind::WhileStatement(_)),
        };
        if is_left_out {
            return;
        }
    }
    if static_value::is_constant(ctx, test, true) && !yields(ctx, node, test.span().start) {
        ctx.report(test.span(), "this condition is always the same");
    }
}

/// True for a loop that gives values to whoever runs the generator, and may be left there; what it does once, before
/// `from`, does not count.
fn yields<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, from: u32) -> bool {
    let end = node.kind().span().end;
    node.kind().is_iteration_statement()
        && ctx.nodes().iter().skip(node.id().index()).take_while(|it| it.kind().span().start < end).any(|it| {
            matches!(it.kind(), AstKind::YieldExpression(_))
                && (it.kind().span().start >= from || matches!(node.kind(), AstKind::DoWhileStatement(_)))
                && function_around(ctx, it.id()).id() == function_around(ctx, node.id()).id()
        })
}

pub(super) const NO_DUPE_ELSE_IF: JsRule = JsRule {
    code: "no-dupe-else-if",
    summary: "an `else if` whose condition an earlier one covers",
    on: &[AstType::IfStatement],
    run: no_dupe_else_if,
    valid: &["if (a) {} else if (b) {}", "if (a && b) {} else if (a) {}"],
    invalid: &[
        "if (a) {} else if (a) {}",
        "if (a || b) {} else if (c) {} else if (a) {}",
        "if (a) {} else if (a && b) {}",
    ],
    ..ESLINT
};

fn no_dupe_else_if<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::IfStatement(statement) = node.kind() else { return };
    let mut conditions: Vec<&Expression<'a>> = vec![&statement.test];
    if let Expression::LogicalExpression(it) = &statement.test
        && it.operator.is_and()
    {
        conditions.extend(split(&statement.test, false));
    }
    // What is left of each condition, as alternatives of parts that must hold together.
    let mut left: Vec<Vec<Vec<&Expression<'a>>>> = conditions
        .into_iter()
        .map(|condition| split(condition, true).into_iter().map(|part| split(part, false)).collect())
        .collect();
    let mut inner = node;
    let mut earliest: Option<Span> = None;
    loop {
        let outer = ctx.parent(inner.id());
        let AstKind::IfStatement(before) = outer.kind() else { return };
        if before.alternate.as_ref().is_none_or(|it| it.span() != inner.kind().span()) {
            return;
        }
        inner = outer;
        let known: Vec<Vec<&Expression<'a>>> =
            split(&before.test, true).into_iter().map(|part| split(part, false)).collect();
        for alternatives in &mut left {
            let before_count = alternatives.len();
            alternatives.retain(|parts| !known.iter().any(|known| is_subset(known, parts)));
            if alternatives.len() < before_count && alternatives.is_empty() {
                earliest = Some(before.test.span());
            }
        }
        if let (Some(earlier), true) = (earliest, left.iter().any(Vec::is_empty)) {
            let message = "this branch never runs: an earlier condition holds whenever this one does";
            ctx.add(ctx.at(statement.test.span(), message).see(earlier, "the earlier condition"));
            return;
        }
    }
}

/// The operands of a chain of `||` (`or`) or `&&`.
fn split<'b, 'a>(node: &'b Expression<'a>, or: bool) -> Vec<&'b Expression<'a>> {
    match node {
        Expression::LogicalExpression(it) if if or { it.operator.is_or() } else { it.operator.is_and() } => {
            let mut parts = split(&it.left, or);
            parts.extend(split(&it.right, or));
            parts
        }
        _ => vec![node],
    }
}

/// True when every part of `inner` is among `outer`.
fn is_subset(inner: &[&Expression<'_>], outer: &[&Expression<'_>]) -> bool {
    inner.iter().all(|part| outer.iter().any(|other| is_same_condition(part, other)))
}

/// True when two conditions are written alike, operands of `||` and `&&` in any order.
fn is_same_condition(a: &Expression<'_>, b: &Expression<'_>) -> bool {
    match (a, b) {
        (Expression::LogicalExpression(x), Expression::LogicalExpression(y))
            if x.operator == y.operator && !x.operator.is_coalesce() =>
        {
            (is_same_condition(&x.left, &y.left) && is_same_condition(&x.right, &y.right))
                || (is_same_condition(&x.left, &y.right) && is_same_condition(&x.right, &y.left))
        }
        _ => a.content_eq(b),
    }
}

pub(super) const NO_DUPLICATE_CASE: JsRule = JsRule {
    code: "no-duplicate-case",
    summary: "two cases of a `switch` with the same value",
    on: &[AstType::SwitchStatement],
    run: |ctx, node| {
        let AstKind::SwitchStatement(switch) = node.kind() else { return };
        let tests: Vec<&Expression<'_>> = switch.cases.iter().filter_map(|case| case.test.as_ref()).collect();
        // Thousands of cases have plain values, found by their text; the others are few.
        let mut plain: HashMap<&str, Span> = HashMap::new();
        let mut others: Vec<&Expression<'_>> = Vec::new();
        for test in tests {
            let first = if static_value::is_literal(test) {
                plain.insert(ctx.source(test.span()), test.span())
            } else {
                others.push(test);
                others[..others.len() - 1].iter().find(|other| other.content_eq(test)).map(|other| other.span())
            };
            if let Some(first) = first {
                let message = "this case never runs: an earlier one has the same value";
                ctx.add(ctx.at(test.span(), message).see(first, "the earlier case"));
            }
        }
    },
    valid: &["switch (a) { case 1: break; case 2: break; }", "switch (a) { case f(1): break; case f(2): break; }"],
    invalid: &["switch (a) { case 1: break; case 1: break; }"],
    ..ESLINT
};
