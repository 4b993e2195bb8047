//! Statements that do nothing, or not what they seem to: empty blocks, `debugger`, labels, lines that run together.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, UnaryOperator, UpdateOperator};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    places::{function_head, head},
};

pub(super) const NO_DEBUGGER: JsRule = JsRule {
    code: "no-debugger",
    summary: "a `debugger` statement",
    on: &[AstType::DebuggerStatement],
    run: |ctx, node| {
        let span = node.kind().span();
        let found = ctx.at(span, "`debugger` stops the program wherever development tools are open");
        let in_list = matches!(
            ctx.parent_kind(node.id()),
            AstKind::Program(_) | AstKind::FunctionBody(_) | AstKind::BlockStatement(_) | AstKind::SwitchCase(_)
        );
        ctx.add(if in_list { found.suggest("Remove it", replace(span, "")) } else { found });
    },
    valid: &["var x = { debugger: 1 }", "x.debugger"],
    invalid: &["debugger;", "if (a) debugger"],
    ..ESLINT
};

pub(super) const NO_WITH: JsRule = JsRule {
    code: "no-with",
    summary: "a `with` statement",
    in_typescript: false,
    on: &[AstType::WithStatement],
    run: |ctx, node| ctx.report(head(node.kind().span(), 4), "`with` makes it unknowable what a name means"),
    valid: &["a.with(1)"],
    invalid: &["with (a) { b }"],
    ..ESLINT
};

pub(super) const NO_EMPTY: JsRule = JsRule {
    code: "no-empty",
    summary: "an empty block",
    on: &[AstType::BlockStatement, AstType::SwitchStatement],
    run: |ctx, node| {
        match node.kind() {
            AstKind::BlockStatement(it) if it.body.is_empty() && !ctx.semantic.has_comments_between(it.span) => {
                let is_catch = matches!(ctx.parent_kind(node.id()), AstKind::CatchClause(_));
                if is_catch && ctx.options().flag("allowEmptyCatch", false) {
                    return;
                }
                ctx.report(it.span, "an empty block: write a comment when nothing is to be done");
            }
            AstKind::SwitchStatement(it) => {
                // Behind the bracket that closes the condition.
                let brace = ctx.next_token(ctx.next_token(it.discriminant.span().end) + 1);
                let inside = Span::new(brace, it.span.end);
                if it.cases.is_empty() && !ctx.semantic.has_comments_between(inside) {
                    ctx.report(it.span, "a `switch` without cases");
                }
            }
            _ => {}
        }
    },
    valid: &["if (a) { b() }", "try { a() } catch (e) { /* nothing */ }", "function f() {}", "() => {}"],
    invalid: &["if (a) {}", "switch (a) {}", "try { a() } catch (e) {}"],
    ..ESLINT
};

pub(super) const NO_EMPTY_STATIC_BLOCK: JsRule = JsRule {
    code: "no-empty-static-block",
    summary: "an empty static block of a class",
    on: &[AstType::StaticBlock],
    run: |ctx, node| {
        let AstKind::StaticBlock(it) = node.kind() else { return };
        let inside = Span::new(ctx.next_token(it.span.start + 6), it.span.end);
        if it.body.is_empty() && !ctx.semantic.has_comments_between(inside) {
            ctx.report(it.span, "an empty static block");
        }
    },
    valid: &["class A { static { f() } }", "class A { static { /* later */ } }"],
    invalid: &["class A { static {} }"],
    ..ESLINT
};

pub(super) const NO_EMPTY_PATTERN: JsRule = JsRule {
    code: "no-empty-pattern",
    summary: "a destructuring pattern that takes nothing",
    on: &[
        AstType::ObjectPattern,
        AstType::ArrayPattern,
        AstType::ObjectAssignmentTarget,
        AstType::ArrayAssignmentTarget,
    ],
    run: |ctx, node| {
        let (is_empty, span) = match node.kind() {
            AstKind::ObjectPattern(it) => (it.is_empty(), it.span),
            AstKind::ArrayPattern(it) => (it.is_empty(), it.span),
            AstKind::ObjectAssignmentTarget(it) => (it.is_empty(), it.span),
            AstKind::ArrayAssignmentTarget(it) => (it.elements.is_empty() && it.rest.is_none(), it.span),
            _ => return,
        };
        if is_empty && !is_allowed_parameter(ctx, node) {
            ctx.report(span, "this pattern takes nothing out of the value");
        }
    },
    valid: &["const { a } = b", "const { a = {} } = b", "const [a] = b"],
    invalid: &["const {} = a", "const { b: [] } = a", "function f({}) {}", "({} = a)"],
    ..ESLINT
};

/// True for a parameter `{}` or `{} = {}` where the options allow it.
fn is_allowed_parameter<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>) -> bool {
    let AstKind::FormalParameter(parameter) = ctx.parent_kind(node.id()) else { return false };
    let is_plain = match &parameter.initializer {
        None => true,
        Some(value) => matches!(&**value, Expression::ObjectExpression(it) if it.properties.is_empty()),
    };
    matches!(node.kind(), AstKind::ObjectPattern(_))
        && is_plain
        && ctx.options().flag("allowObjectPatternsAsParameters", false)
}

pub(super) const NO_UNUSED_LABELS: JsRule = JsRule {
    code: "no-unused-labels",
    summary: "a label that nothing jumps to",
    on: &[AstType::Program],
    run: |ctx, _| {
        for id in ctx.semantic.unused_labels() {
            let node = ctx.nodes().get_node(*id);
            let labeled = match node.kind() {
                AstKind::LabeledStatement(it) => it,
                _ => continue,
            };
            let found = ctx.at(labeled.label.span, format!("nothing jumps to the label `{}`", labeled.label.name));
            let gone = Span::new(labeled.span.start, labeled.body.span().start);
            let found = found.unnecessary();
            ctx.add(if ctx.semantic.has_comments_between(gone) {
                found
            } else {
                found.safe_fix("Remove the label", replace(gone, ""))
            });
        }
    },
    valid: &["a: while (b) { break a }", "a: for (;;) { continue a }"],
    invalid: &["a: b()", "a: while (b) { break }"],
    ..ESLINT
};

pub(super) const NO_USELESS_CATCH: JsRule = JsRule {
    code: "no-useless-catch",
    summary: "a `catch` that does nothing but throw again",
    on: &[AstType::CatchClause],
    run: |ctx, node| {
        let AstKind::CatchClause(it) = node.kind() else { return };
        let Some(BindingPattern::BindingIdentifier(name)) = it.param.as_ref().map(|param| &param.pattern) else {
            return;
        };
        let Some(Statement::ThrowStatement(throw)) = it.body.body.first() else { return };
        if !matches!(&throw.argument, Expression::Identifier(thrown) if thrown.name == name.name) {
            return;
        }
        let AstKind::TryStatement(outer) = ctx.parent_kind(node.id()) else { return };
        if outer.finalizer.is_some() {
            ctx.report(it.span, "this `catch` only throws again what it caught: leave it out");
        } else {
            ctx.report(outer.span, "this `try` has no effect: its `catch` only throws again what it caught");
        }
    },
    valid: &["try { a() } catch (e) { log(e); throw e }", "try { a() } catch (e) { throw new Error(e) }"],
    invalid: &["try { a() } catch (e) { throw e }", "try { a() } catch (e) { throw e } finally { b() }"],
    ..ESLINT
};

pub(super) const REQUIRE_YIELD: JsRule = JsRule {
    code: "require-yield",
    summary: "a generator without `yield`",
    on: &[AstType::Function],
    run: |ctx, node| {
        let AstKind::Function(it) = node.kind() else { return };
        let Some(body) = it.body.as_ref().filter(|body| it.generator && !body.statements.is_empty()) else { return };
        let inside =
            ctx.nodes().iter().skip(node.id().index()).take_while(|other| other.kind().span().start <= body.span.end);
        let yields = inside.filter(|other| matches!(other.kind(), AstKind::YieldExpression(_))).any(|other| {
            ctx.nodes()
                .ancestors(other.id())
                .find(|around| matches!(around.kind(), AstKind::Function(_)))
                .is_some_and(|around| around.id() == node.id())
        });
        if !yields {
            ctx.report(function_head(ctx, node), "a generator without `yield`");
        }
    },
    valid: &["function* f() { yield 1 }", "function* f() {}"],
    invalid: &["function* f() { return 1 }", "var a = { *f() { g() } }"],
    ..ESLINT
};

pub(super) const NO_UNEXPECTED_MULTILINE: JsRule = JsRule {
    code: "no-unexpected-multiline",
    summary: "two lines that the language reads as one expression",
    on: &[
        AstType::CallExpression,
        AstType::ComputedMemberExpression,
        AstType::TaggedTemplateExpression,
        AstType::BinaryExpression,
    ],
    run: no_unexpected_multiline,
    valid: &["a;\n(b)", "f(\n1)", "a\n.b()", "a = b\n/ c"],
    invalid: &["a = b\n(c)", "a = b\n[c]", "a = b\n`c`", "a = b\n/c/g.test(d)"],
    ..ESLINT
};

fn no_unexpected_multiline<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let check = |end: u32, sign: &str| {
        // Closing brackets around the expression come before the one in question.
        let mut at = ctx.next_token(end);
        let mut before = end;
        while ctx.text[at as usize..].starts_with(')') {
            before = at + 1;
            at = ctx.next_token(before);
        }
        if ctx.text[before as usize..at as usize].contains('\n') {
            let place = Span::new(at, at + 1);
            ctx.report(
                place,
                format!("this `{sign}` continues the line before: a `;` is missing there, or a space is meant"),
            );
        }
    };
    match node.kind() {
        AstKind::CallExpression(it) if !it.arguments.is_empty() && !it.optional => {
            let end = it.type_arguments.as_ref().map_or(it.callee.span().end, |types| types.span.end);
            check(end, "(");
        }
        AstKind::ComputedMemberExpression(it) if !it.optional => check(it.object.span().end, "["),
        AstKind::TaggedTemplateExpression(it) => {
            let before = ctx.previous_token_end(it.quasi.span.start);
            if ctx.text[before as usize..it.quasi.span.start as usize].contains('\n') {
                let place = head(it.quasi.span, 1);
                ctx.report(place, "this template continues the line before: a `;` is missing there");
            }
        }
        // `a \n /b/g.c` reads as two divisions.
        AstKind::BinaryExpression(outer) if outer.operator == BinaryOperator::Division => {
            let Expression::BinaryExpression(inner) = &outer.left else { return };
            if inner.operator != BinaryOperator::Division || ctx.is_parenthesized(inner.span) {
                return;
            }
            let slash = ctx.next_token(inner.span.end);
            let flags: &str = &ctx.text[slash as usize + 1..];
            let word = flags.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(flags.len());
            if word > 0 && flags[..word].chars().all(|sign| "gimsuy".contains(sign)) {
                check(inner.left.span().end, "/");
            }
        }
        _ => {}
    }
}

pub(super) const FOR_DIRECTION: JsRule = JsRule {
    code: "for-direction",
    summary: "a loop whose counter moves away from its end",
    on: &[AstType::ForStatement],
    run: |ctx, node| {
        let AstKind::ForStatement(it) = node.kind() else { return };
        let (Some(Expression::BinaryExpression(test)), Some(update)) = (&it.test, &it.update) else { return };
        // Upwards for `i < n` and `n > i`.
        let wrong = |counter: &str, is_left: bool| {
            let up = match test.operator {
                BinaryOperator::LessThan | BinaryOperator::LessEqualThan => is_left,
                BinaryOperator::GreaterThan | BinaryOperator::GreaterEqualThan => !is_left,
                _ => return false,
            };
            let parts = match update {
                Expression::SequenceExpression(it) => it.expressions.iter().collect(),
                other => vec![other],
            };
            // One change of the counter says where it goes; of several, who knows.
            match parts.into_iter().filter(|part| changes(part, counter)).collect::<Vec<_>>().as_slice() {
                [change] => direction(ctx, change, counter) == Some(!up),
                _ => false,
            }
        };
        let name = |side: &Expression<'_>| match side {
            Expression::Identifier(name) => Some(name.name.to_string()),
            _ => None,
        };
        if name(&test.left).is_some_and(|counter| wrong(&counter, true))
            || name(&test.right).is_some_and(|counter| wrong(&counter, false))
        {
            let place = Span::new(it.span.start, it.body.span().start);
            ctx.report(place, "the counter moves away from the loop's end: it never stops");
        }
    },
    valid: &[
        "for (let i = 0; i < 10; i++) {}",
        "for (let i = 10; i > 0; i -= 1) {}",
        "for (let i = 0; i < 9; i += n) {}",
    ],
    invalid: &["for (let i = 0; i < 10; i--) {}", "for (let i = 10; i >= 0; i += 2) {}"],
    ..ESLINT
};

/// True for an expression that gives `counter` a new value.
fn changes(part: &Expression<'_>, counter: &str) -> bool {
    match part {
        Expression::UpdateExpression(it) => it.argument.get_identifier_name() == Some(counter),
        Expression::AssignmentExpression(it) => it.left.get_identifier_name() == Some(counter),
        _ => false,
    }
}

/// True when `change` makes its counter larger, false when smaller.
fn direction<'a>(ctx: &Ctx<'a>, change: &Expression<'a>, counter: &str) -> Option<bool> {
    match change {
        Expression::UpdateExpression(it) => Some(it.operator == UpdateOperator::Increment),
        Expression::AssignmentExpression(it) if it.left.get_identifier_name() == Some(counter) => {
            let grows = match it.operator {
                AssignmentOperator::Addition => true,
                AssignmentOperator::Subtraction => false,
                _ => return None,
            };
            let step = number(ctx, &it.right).filter(|step| *step != 0.0 && !step.is_nan())?;
            Some(grows == (step > 0.0))
        }
        _ => None,
    }
}

/// The value of an expression of constants.
fn number<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> Option<f64> {
    Some(match node {
        Expression::NumericLiteral(it) => it.value,
        Expression::BooleanLiteral(it) => f64::from(u8::from(it.value)),
        Expression::BigIntLiteral(it) => it.value.parse().ok()?,
        Expression::UnaryExpression(it) => match it.operator {
            UnaryOperator::UnaryNegation => -number(ctx, &it.argument)?,
            UnaryOperator::UnaryPlus => number(ctx, &it.argument)?,
            _ => return None,
        },
        Expression::BinaryExpression(it) => {
            let (left, right) = (number(ctx, &it.left)?, number(ctx, &it.right)?);
            match it.operator {
                BinaryOperator::Addition => left + right,
                BinaryOperator::Subtraction => left - right,
                BinaryOperator::Multiplication => left * right,
                _ => return None,
            }
        }
        Expression::Identifier(name) => {
            let symbol = ctx.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
            let AstKind::VariableDeclarator(it) = ctx.nodes().kind(ctx.scoping().symbol_declaration(symbol)) else {
                return None;
            };
            if ctx.scoping().symbol_is_mutated(symbol) || !it.id.is_binding_identifier() {
                return None;
            }
            // A variable's value may be one of its own: only what is written down counts.
            match it.init.as_ref()? {
                Expression::Identifier(_) => return None,
                init => number(ctx, init)?,
            }
        }
        _ => return None,
    })
}
