//! What the paths through a function say: code that is never reached, cases that run into the next, getters without a
//! value, `finally` that swallows what went before.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule, classes};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    places::{function_head, kind},
};

pub(super) const NO_UNREACHABLE: JsRule = JsRule {
    code: "no-unreachable",
    summary: "code that is never reached",
    in_typescript: false,
    on: &[
        AstType::Program,
        AstType::FunctionBody,
        AstType::BlockStatement,
        AstType::SwitchCase,
        AstType::StaticBlock,
        AstType::MethodDefinition,
    ],
    run: no_unreachable,
    valid: &[
        "function f() { return g(); function g() {} }",
        "function f() { return; var a; }",
        "while (a) { if (b) break; c() }",
    ],
    invalid: &[
        "function f() { return; a() }",
        "while (true) {} a()",
        "for (;;) { continue; a() }",
        "throw a; b(); c()",
    ],
    ..ESLINT
};

fn no_unreachable<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    if matches!(node.kind(), AstKind::MethodDefinition(it) if it.kind.is_constructor()) {
        if classes::never_calls_super(ctx, node) {
            unreachable_fields(ctx, node);
        }
        return;
    }
    let statements = match node.kind() {
        AstKind::Program(it) => &it.body,
        AstKind::FunctionBody(it) => &it.statements,
        AstKind::BlockStatement(it) => &it.body,
        AstKind::SwitchCase(it) => &it.consequent,
        AstKind::StaticBlock(it) => &it.body,
        _ => return,
    };
    let mut dead: Option<(Span, bool)> = None;
    for (index, statement) in statements.iter().enumerate() {
        let span = statement.span();
        let is_dead = ctx.reach().is_unreached(span) && !is_hoisted(statement);
        if is_dead {
            // What is dead as a whole is reported where it begins, around this list.
            let begins = index == 0 || !ctx.reach().is_unreached(statements[0].span());
            dead = Some(dead.map_or((span, begins), |(first, begins)| (Span::new(first.start, span.end), begins)));
        } else if let Some((span, true)) = dead.take() {
            report_dead(ctx, node, span);
        }
    }
    if let Some((span, true)) = dead {
        report_dead(ctx, node, span);
    }
}

/// Reports the fields of the class around a constructor, neighbours as one.
fn unreachable_fields<'a>(ctx: &Ctx<'a>, constructor: &AstNode<'a>) {
    let AstKind::ClassBody(body) = ctx.parent_kind(constructor.id()) else { return };
    let mut run: Option<Span> = None;
    for element in &body.body {
        let is_field = matches!(element, ClassElement::PropertyDefinition(it) if !it.r#static);
        if is_field {
            let span = element.span();
            run = Some(run.map_or(span, |first| Span::new(first.start, span.end)));
        } else if let Some(span) = run.take() {
            ctx.report(span, "this field is never set: the constructor does not call `super()`");
        }
    }
    if let Some(span) = run {
        ctx.report(span, "this field is never set: the constructor does not call `super()`");
    }
}

fn report_dead<'a>(ctx: &Ctx<'a>, around: &AstNode<'a>, span: Span) {
    // Inside a statement that is dead itself there is nothing to add.
    let covered = ctx
        .nodes()
        .ancestors(around.id())
        .chain([around])
        .any(|outer| outer.kind().is_statement() && ctx.reach().is_unreached(outer.kind().span()));
    if !covered {
        ctx.add(ctx.at(span, "this code is never reached").unnecessary());
    }
}

/// Declarations that take effect before anything runs.
fn is_hoisted(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::FunctionDeclaration(_) | Statement::EmptyStatement(_) => true,
        Statement::VariableDeclaration(it) => {
            it.kind.is_var() && it.declarations.iter().all(|declarator| declarator.init.is_none())
        }
        Statement::ImportDeclaration(_) => true,
        _ => statement.is_typescript_syntax(),
    }
}

pub(super) const NO_FALLTHROUGH: JsRule = JsRule {
    code: "no-fallthrough",
    summary: "a case that runs into the next one",
    on: &[AstType::SwitchStatement],
    run: no_fallthrough,
    valid: &[
        "switch (a) { case 1: f(); break; case 2: g() }",
        "switch (a) { case 1: case 2: f() }",
        "switch (a) { case 1: f(); // falls through\n case 2: g() }",
    ],
    invalid: &["switch (a) { case 1: f(); case 2: g() }", "switch (a) { case 1: if (b) break; default: g() }"],
    ..ESLINT
};

fn no_fallthrough<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::SwitchStatement(switch) = node.kind() else { return };
    let pattern = ctx.options().pattern("commentPattern");
    let allows_empty = ctx.options().flag("allowEmptyCase", false);
    let reports_unused = ctx.options().flag("reportUnusedFallthroughComment", false);
    for (case, next) in switch.cases.iter().zip(switch.cases.iter().skip(1)) {
        let gap = &ctx.text[case.span.end as usize..ctx.next_token(case.span.end) as usize];
        let has_gap = gap.bytes().filter(|byte| *byte == b'\n').count() > 1;
        let falls = ctx.reach().falls_through(case);
        let is_meant_empty = case.consequent.is_empty() && (allows_empty || !has_gap);
        if !reports_unused && (!falls || is_meant_empty) {
            continue;
        }
        // A comment says that it is meant: before the next case, or last in the block that is the case.
        let meant = |from: u32, until: u32| {
            ctx.semantic.comments_range(from..until).next_back().filter(|comment| {
                let inner = comment.content_span();
                let text = &ctx.text[inner.start as usize..inner.end as usize];
                let is_directive = text.trim_start().starts_with("eslint-");
                !is_directive && pattern.as_ref().map_or_else(|| says_fallthrough(text), |it| it.is_match(text))
            })
        };
        let in_block = match case.consequent.as_slice() {
            [Statement::BlockStatement(block)] => {
                let last = block.body.last().map_or(block.span.start, |it| it.span().end);
                meant(last, block.span.end)
            }
            _ => None,
        };
        let behind = case.consequent.last().map_or(case.span.end, |it| it.span().end);
        let comment = in_block.or_else(|| meant(behind, next.span.start));
        if let (Some(comment), true, false) = (comment, reports_unused, falls) {
            ctx.report(comment.span, "the case before does not run into this one: the comment says nothing");
        }
        if falls && !is_meant_empty && comment.is_none() {
            let found =
                ctx.at(next.span, "the case before runs into this one: end it with `break`, or say so in a comment");
            let start = case.consequent.first().map_or(case.span, GetSpan::span);
            ctx.add(found.see(start, "runs on from here"));
        }
    }
}

/// `falls through`, `fall-through`, `fallthrough` …
fn says_fallthrough(comment: &str) -> bool {
    let words = comment.to_ascii_lowercase();
    ["falls through", "fall through", "falls-through", "fall-through", "fallsthrough", "fallthrough"]
        .iter()
        .any(|wanted| words.contains(wanted))
}

pub(super) const NO_UNSAFE_FINALLY: JsRule = JsRule {
    code: "no-unsafe-finally",
    summary: "a jump out of `finally`, which swallows results and errors",
    on: &[AstType::ReturnStatement, AstType::ThrowStatement, AstType::BreakStatement, AstType::ContinueStatement],
    run: no_unsafe_finally,
    valid: &[
        "try {} finally { f() }",
        "try {} finally { for (;;) { break } }",
        "try {} finally { (() => { return 1 })() }",
    ],
    invalid: &["function f() { try { return 1 } finally { return 2 } }", "a: try {} finally { break a }"],
    ..ESLINT
};

fn no_unsafe_finally<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let (label, stops_at_loop, stops_at_switch) = match node.kind() {
        AstKind::BreakStatement(it) => (it.label.as_ref(), it.label.is_none(), it.label.is_none()),
        AstKind::ContinueStatement(it) => (it.label.as_ref(), true, false),
        _ => (None, false, false),
    };
    let mut inner = node.kind().span();
    for outer in ctx.nodes().ancestors(node.id()) {
        match outer.kind() {
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) | AstKind::Class(_) | AstKind::Program(_) => {
                return;
            }
            AstKind::SwitchStatement(_) if stops_at_switch => return,
            kind if stops_at_loop && kind.is_iteration_statement() => return,
            AstKind::LabeledStatement(it) if label.is_some_and(|label| label.name == it.label.name) => return,
            AstKind::TryStatement(it) if it.finalizer.as_ref().is_some_and(|block| block.span == inner) => {
                ctx.report(node.kind().span(), "leaving `finally` like this drops what was returned or thrown before");
                return;
            }
            _ => {}
        }
        inner = outer.kind().span();
    }
}

pub(super) const GETTER_RETURN: JsRule = JsRule {
    code: "getter-return",
    summary: "a getter that may end without a value",
    in_typescript: false,
    on: &[AstType::Function, AstType::ArrowFunctionExpression],
    run: getter_return,
    valid: &["a = { get b() { return 1 } }", "class A { get b() { throw new Error() } }"],
    invalid: &[
        "a = { get b() {} }",
        "class A { get b() { if (c) return 1 } }",
        "Object.defineProperty(a, 'b', { get: () => {} })",
    ],
    ..ESLINT
};

fn getter_return<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let Some(body) = body_of(node) else { return };
    if !is_accessor(ctx, node, true) {
        return;
    }
    if ctx.reach().reaches_end(body) {
        ctx.report(function_head(ctx, node), "a getter should return a value on every path");
    }
    for statement in returns(ctx, node) {
        if statement.argument.is_none() && !ctx.options().flag("allowImplicit", false) {
            ctx.report(statement.span, "a getter should return a value");
        }
    }
}

pub(super) const NO_SETTER_RETURN: JsRule = JsRule {
    code: "no-setter-return",
    summary: "a setter that returns a value, which nobody gets",
    in_typescript: false,
    on: &[AstType::Function, AstType::ArrowFunctionExpression],
    run: |ctx, node| {
        if !is_accessor(ctx, node, false) {
            return;
        }
        let message = "what a setter returns is never used";
        if let AstKind::ArrowFunctionExpression(it) = node.kind()
            && let Some(value) = it.get_expression()
        {
            ctx.report(value.span(), message);
        }
        for statement in returns(ctx, node) {
            if statement.argument.is_some() {
                ctx.report(statement.span, message);
            }
        }
    },
    valid: &["a = { set b(c) { this.c = c } }", "class A { set b(c) { return } }"],
    invalid: &["a = { set b(c) { return c } }", "Object.defineProperty(a, 'b', { set: c => f(c) })"],
    ..ESLINT
};

fn body_of<'a>(node: &'a AstNode<'a>) -> Option<&'a FunctionBody<'a>> {
    match node.kind() {
        AstKind::Function(it) => it.body.as_deref(),
        AstKind::ArrowFunctionExpression(it) => it.get_function_body(),
        _ => None,
    }
}

/// The `return` statements of a function, without those of functions inside.
fn returns<'a>(ctx: &Ctx<'a>, function: &'a AstNode<'a>) -> impl Iterator<Item = &'a ReturnStatement<'a>> {
    let end = function.kind().span().end;
    let nodes = ctx.nodes();
    let id = function.id();
    nodes.iter().skip(id.index()).take_while(move |node| node.kind().span().start < end).filter_map(move |node| {
        let AstKind::ReturnStatement(statement) = node.kind() else { return None };
        let around = nodes.ancestors(node.id()).find(|node| node.kind().is_function_like())?;
        (around.id() == id).then_some(statement)
    })
}

/// True for a getter (`get`) or setter: in a class, in an object, in a property's description.
fn is_accessor<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>, get: bool) -> bool {
    let parent = ctx.parent(node.id());
    match parent.kind() {
        AstKind::MethodDefinition(it) => {
            it.value.span == node.kind().span() && if get { it.kind.is_get() } else { it.kind.is_set() }
        }
        AstKind::ObjectProperty(it) => {
            let wanted = if get { PropertyKind::Get } else { PropertyKind::Set };
            if it.kind == wanted {
                return it.value.span() == node.kind().span();
            }
            it.key.is_specific_static_name(if get { "get" } else { "set" })
                && it.value.span() == node.kind().span()
                && is_property_description(ctx, ctx.parent(parent.id()))
        }
        _ => false,
    }
}

/// True for the object that `Object.defineProperty` and its relatives take.
fn is_property_description<'a>(ctx: &Ctx<'a>, object: &AstNode<'a>) -> bool {
    let span = object.kind().span();
    let parent = ctx.parent(object.id());
    if let AstKind::CallExpression(call) = parent.kind() {
        return call.arguments.get(2).is_some_and(|it| it.span() == span)
            && (is_call_of(ctx, call, "Object", "defineProperty")
                || is_call_of(ctx, call, "Reflect", "defineProperty"));
    }
    // { name: { get … } }, second argument.
    let AstKind::ObjectProperty(property) = parent.kind() else { return false };
    if property.value.span() != span {
        return false;
    }
    let all = ctx.parent(parent.id());
    let AstKind::CallExpression(call) = ctx.parent_kind(all.id()) else { return false };
    call.arguments.get(1).is_some_and(|it| it.span() == all.kind().span())
        && (is_call_of(ctx, call, "Object", "create") || is_call_of(ctx, call, "Object", "defineProperties"))
}

fn is_call_of<'a>(ctx: &Ctx<'a>, call: &CallExpression<'a>, object: &str, method: &str) -> bool {
    let member = match &call.callee {
        Expression::ChainExpression(chain) => chain.expression.member_expression(),
        other => other.as_member_expression(),
    };
    member.is_some_and(|member| {
        member.static_property_name() == Some(method)
            && matches!(member.object(), Expression::Identifier(name) if name.name == object && ctx.is_global(name))
    })
}

pub(super) const NO_CASE_DECLARATIONS: JsRule = JsRule {
    code: "no-case-declarations",
    summary: "a declaration in a case that all cases see",
    on: &[AstType::SwitchCase],
    run: |ctx, node| {
        let AstKind::SwitchCase(it) = node.kind() else { return };
        for statement in &it.consequent {
            let what = match statement {
                Statement::FunctionDeclaration(_) => "function",
                Statement::ClassDeclaration(_) => "class",
                Statement::VariableDeclaration(it) if !it.kind.is_var() => it.kind.as_str(),
                _ => continue,
            };
            let mut found =
                ctx.at(statement.span(), format!("this `{what}` is seen by every case: put the case in braces"));
            if let (Some(first), Some(last)) = (it.consequent.first(), it.consequent.last()) {
                let all = Span::new(first.span().start, last.span().end);
                found = found.suggest("Put the case in braces", replace(all, format!("{{ {} }}", ctx.source(all))));
            }
            ctx.add(found);
        }
    },
    valid: &["switch (a) { case 1: { let b; } }", "switch (a) { case 1: var b; }"],
    invalid: &["switch (a) { case 1: let b; }", "switch (a) { default: function f() {} }"],
    ..ESLINT
};

pub(super) const NO_ASYNC_PROMISE_EXECUTOR: JsRule = JsRule {
    code: "no-async-promise-executor",
    summary: "an async function that makes a promise's value",
    on: &[AstType::NewExpression],
    run: |ctx, node| {
        let AstKind::NewExpression(it) = node.kind() else { return };
        if !matches!(&it.callee, Expression::Identifier(name) if name.name == "Promise" && ctx.is_global(name)) {
            return;
        }
        let Some(argument) = it.arguments.first().and_then(Argument::as_expression) else { return };
        let is_async = match kind(argument) {
            AstKind::Function(it) => it.r#async,
            AstKind::ArrowFunctionExpression(it) => it.r#async,
            _ => false,
        };
        if is_async {
            let place = Span::new(argument.span().start, argument.span().start + 5);
            ctx.report(place, "what an async function throws here is lost: the promise never settles");
        }
    },
    valid: &["new Promise((a, b) => {})", "new Foo(async () => {})"],
    invalid: &["new Promise(async (a, b) => {})"],
    ..ESLINT
};
