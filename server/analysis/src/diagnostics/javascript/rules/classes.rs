//! Classes: `super()` in constructors, private members that nothing uses.

use std::collections::HashMap;

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_ast_visit::Visit;
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::AssignmentOperator;

use super::{ESLINT, JsRule};
use crate::diagnostics::{
    Severity,
    javascript::{
        context::{Ctx, Finding},
        flow::{Domain, Flow},
        places::is_statement,
        static_value::is_nullish,
    },
};

/// What is known of `super()` on the paths to a place.
#[derive(Clone, Copy, PartialEq)]
struct Called {
    /// Some path comes here without having called it.
    not: bool,
    /// Some path comes here having called it.
    once: bool,
}

/// The walk over a constructor.
#[derive(Default)]
struct SuperCalls {
    /// Calls after a call on some path.
    twice: Vec<Span>,
    /// All calls that are reached.
    calls: Vec<Span>,
    /// `this` and `super.…` before a call on some path.
    early: Vec<(Span, &'static str)>,
}

impl<'a> Domain<'a> for SuperCalls {
    type State = Called;
    const REPEATS: bool = true;

    fn join(into: &mut Called, other: Called) {
        into.not |= other.not;
        into.once |= other.once;
    }

    fn leave(&mut self, node: AstKind<'a>, state: &mut Called) {
        match node {
            AstKind::CallExpression(it) if it.callee.is_super() => {
                if state.once && !self.twice.contains(&it.span) {
                    self.twice.push(it.span);
                }
                if !self.calls.contains(&it.span) {
                    self.calls.push(it.span);
                }
                *state = Called { not: false, once: true };
            }
            AstKind::ThisExpression(it) if state.not => self.note(it.span, "this"),
            AstKind::Super(it) if state.not => self.note(it.span, "super"),
            AstKind::ReturnStatement(it) if it.argument.is_some() => *state = Called { not: false, once: true },
            _ => {}
        }
    }
}

impl SuperCalls {
    fn note(&mut self, span: Span, word: &'static str) {
        if !self.early.contains(&(span, word)) {
            self.early.push((span, word));
        }
    }
}

/// The walk over the constructor that `node` is, and its class's heritage.
fn constructor<'a>(
    ctx: &Ctx<'a>,
    node: &'a AstNode<'a>,
) -> Option<(Flow<'a, SuperCalls>, &'a Expression<'a>, &'a MethodDefinition<'a>)> {
    let AstKind::MethodDefinition(method) = node.kind() else { return None };
    if !method.kind.is_constructor() {
        return None;
    }
    let class = ctx.nodes().ancestors(node.id()).find_map(|node| match node.kind() {
        AstKind::Class(class) => Some(class),
        _ => None,
    })?;
    let heritage = class.heritage_expression()?;
    let body = method.value.body.as_ref()?;
    let mut flow = Flow::new(SuperCalls::default(), Called { not: true, once: false });
    flow.visit_formal_parameters(&method.value.params);
    flow.visit_statements(&body.statements);
    (!flow.gave_up).then_some((flow, heritage, method))
}

pub(super) const CONSTRUCTOR_SUPER: JsRule = JsRule {
    code: "constructor-super",
    summary: "a constructor of a derived class that does not call `super()` exactly once",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::MethodDefinition],
    run: constructor_super,
    valid: &[
        "class A {}",
        "class A extends B { constructor() { super() } }",
        "class A extends B { constructor() { return c } }",
    ],
    invalid: &[
        "class A extends B { constructor() {} }",
        "class A extends B { constructor() { if (c) super() } }",
        "class A extends B { constructor() { super(); super() } }",
        "class A extends null { constructor() { super() } }",
    ],
    ..ESLINT
};

fn constructor_super<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let Some((flow, heritage, method)) = constructor(ctx, node) else { return };
    let end = flow.ended();
    if let Some(end) = end.filter(|end| end.not) {
        let message = if end.once {
            "`super()` is not called on every path"
        } else {
            "the constructor of a derived class has to call `super()`"
        };
        ctx.report(method.span, message);
    }
    for span in &flow.domain.twice {
        ctx.report(*span, "`super()` may have been called before");
    }
    if !can_construct(heritage) {
        for span in flow.domain.calls.iter().filter(|span| !flow.domain.twice.contains(span)) {
            ctx.add(
                ctx.at(*span, "`super()` fails: the class extends no constructor").see(heritage.span(), "this is none"),
            );
        }
    }
}

/// True when `node` is the constructor of a derived class and never calls `super()`, so that no field is ever set.
pub(super) fn never_calls_super<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) -> bool {
    constructor(ctx, node).is_some_and(|(flow, ..)| flow.domain.calls.is_empty())
}

/// False for what is certainly no constructor.
fn can_construct(node: &Expression<'_>) -> bool {
    match node {
        Expression::Identifier(name) => name.name != "undefined",
        Expression::AssignmentExpression(it) => match it.operator {
            AssignmentOperator::Assign | AssignmentOperator::LogicalAnd => can_construct(&it.right),
            AssignmentOperator::LogicalOr | AssignmentOperator::LogicalNullish => true,
            _ => false,
        },
        Expression::LogicalExpression(it) => {
            can_construct(&it.right) || (!it.operator.is_and() && can_construct(&it.left))
        }
        Expression::ConditionalExpression(it) => can_construct(&it.consequent) || can_construct(&it.alternate),
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(can_construct),
        Expression::ClassExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ThisExpression(_)
        | Expression::CallExpression(_)
        | Expression::NewExpression(_)
        | Expression::ChainExpression(_)
        | Expression::YieldExpression(_)
        | Expression::TaggedTemplateExpression(_)
        | Expression::NewTarget(_)
        | Expression::ImportMeta(_) => true,
        other => other.is_member_expression() || other.is_typescript_syntax(),
    }
}

pub(super) const NO_THIS_BEFORE_SUPER: JsRule = JsRule {
    code: "no-this-before-super",
    summary: "`this` before `super()` in a constructor",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::MethodDefinition],
    run: |ctx, node| {
        let Some((flow, heritage, _)) = constructor(ctx, node) else { return };
        if is_nullish(ctx, heritage) {
            return;
        }
        for (span, word) in &flow.domain.early {
            // The `super` of `super()` is no use of it.
            if *word == "super" && flow.domain.calls.iter().any(|call| call.start == span.start) {
                continue;
            }
            ctx.report(*span, format!("`{word}` cannot be used before `super()` was called"));
        }
    },
    valid: &["class A extends B { constructor() { super(); this.c = 1 } }", "class A { constructor() { this.b = 1 } }"],
    invalid: &[
        "class A extends B { constructor() { this.c = 1; super() } }",
        "class A extends B { constructor() { super.c(); super() } }",
    ],
    ..ESLINT
};

pub(super) const NO_UNUSED_PRIVATE_CLASS_MEMBERS: JsRule = JsRule {
    code: "no-unused-private-class-members",
    summary: "a private member that nothing reads",
    on: &[AstType::ClassBody],
    run: no_unused_private_class_members,
    valid: &["class A { #a = 1; b() { return this.#a } }", "class A { a = 1 }"],
    invalid: &["class A { #a = 1 }", "class A { #a() {} }", "class A { #a; b() { this.#a = 1 } }"],
    ..ESLINT
};

fn no_unused_private_class_members<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::ClassBody(body) = node.kind() else { return };
    let mut members: HashMap<&str, (Span, bool, bool)> = HashMap::new();
    for element in &body.body {
        let Some(PropertyKey::PrivateIdentifier(key)) = element.property_key() else { continue };
        let is_accessor = element.method_definition_kind().is_some_and(MethodDefinitionKind::is_accessor);
        if !matches!(element, ClassElement::AccessorProperty(_)) {
            members.insert(key.name.as_str(), (key.span, is_accessor, false));
        }
    }
    if members.is_empty() {
        return;
    }
    let inside = ctx.nodes().iter().skip(node.id().index()).take_while(|it| it.kind().span().start < body.span.end);
    for use_node in inside {
        let AstKind::PrivateIdentifier(name) = use_node.kind() else { continue };
        let Some(member) = members.get(name.name.as_str()).copied() else { continue };
        if member.0 == name.span || is_hidden(ctx, use_node, node, name.name.as_str()) {
            continue;
        }
        let is_read = match ctx.parent_kind(use_node.id()) {
            AstKind::PrivateFieldExpression(_) => member.1 || reads(ctx, ctx.parent(use_node.id())),
            AstKind::PrivateInExpression(_) => true,
            _ => false,
        };
        if is_read && let Some(member) = members.get_mut(name.name.as_str()) {
            member.2 = true;
        }
    }
    let mut unused: Vec<_> = members.into_iter().filter(|(_, (_, _, used))| !used).collect();
    unused.sort_by_key(|(_, (span, ..))| span.start);
    for (name, (span, ..)) in unused {
        ctx.add(ctx.at(span, format!("nothing reads `#{name}`")).unnecessary());
    }
}

/// True when a class between declares the same name.
fn is_hidden<'a>(ctx: &Ctx<'a>, place: &AstNode<'a>, body: &AstNode<'a>, name: &str) -> bool {
    ctx.nodes().ancestors(place.id()).take_while(|node| node.id() != body.id()).any(|node| match node.kind() {
        AstKind::ClassBody(inner) => inner.body.iter().any(
            |element| matches!(element.property_key(), Some(PropertyKey::PrivateIdentifier(key)) if key.name == name),
        ),
        _ => false,
    })
}

/// True when the value of the member access is used for anything but being written.
fn reads<'a>(ctx: &Ctx<'a>, field: &AstNode<'a>) -> bool {
    let span = field.kind().span();
    let parent = ctx.parent(field.id());
    match parent.kind() {
        AstKind::AssignmentExpression(it) if it.left.span() == span => {
            !it.operator.is_assign() && !is_statement(ctx, parent.id())
        }
        AstKind::UpdateExpression(_) => !is_statement(ctx, parent.id()),
        AstKind::ForInStatement(it) => it.left.span() != span,
        AstKind::ForOfStatement(it) => it.left.span() != span,
        AstKind::AssignmentTargetWithDefault(it) => it.binding.span() != span,
        AstKind::AssignmentTargetPropertyProperty(it) => it.binding.span() != span,
        AstKind::AssignmentTargetRest(_) | AstKind::ArrayAssignmentTarget(_) => false,
        _ => true,
    }
}
