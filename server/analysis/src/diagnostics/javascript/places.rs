//! Small questions about nodes and where they stand, shared by rules.

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::{AstNode, NodeId, Reference, SymbolId};
use oxc_span::{GetSpan, Span};

use super::context::Ctx;

/// The expression as its node.
pub(super) fn kind<'a>(expression: &'a Expression<'a>) -> AstKind<'a> {
    AstKind::from_expression(expression)
}

/// The member access that `node` is, seen through an optional chain.
pub(super) fn member<'a, 'b>(node: &'b Expression<'a>) -> Option<&'b MemberExpression<'a>> {
    match node {
        Expression::ChainExpression(chain) => chain.expression.member_expression(),
        _ => node.as_member_expression(),
    }
}

/// Names of the object whose members the global names are.
const GLOBAL_OBJECTS: [&str; 4] = ["globalThis", "window", "self", "global"];

/// The global name that an expression is, `window.name` and its relatives included.
pub(super) fn global_name<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> Option<&'a str> {
    match node {
        Expression::Identifier(name) => ctx.is_global(name).then(|| name.name.as_str()),
        _ => {
            let member = member(node)?;
            let object = member.object();
            matches!(object, Expression::Identifier(name)
                if GLOBAL_OBJECTS.contains(&name.name.as_str()) && ctx.is_global(name))
            .then(|| member.static_property_name())?
        }
    }
}

/// The function, program or static block that directly contains a node.
pub(super) fn function_around<'a>(ctx: &Ctx<'a>, id: NodeId) -> &'a AstNode<'a> {
    ctx.nodes()
        .ancestors(id)
        .find(|node| {
            matches!(
                node.kind(),
                AstKind::Function(_)
                    | AstKind::ArrowFunctionExpression(_)
                    | AstKind::StaticBlock(_)
                    | AstKind::PropertyDefinition(_)
                    | AstKind::Program(_)
            )
        })
        .unwrap_or_else(|| ctx.nodes().get_node(NodeId::ROOT))
}

/// The places that write a name, without its declarations.
pub(super) fn writes<'a>(ctx: &Ctx<'a>, symbol: SymbolId) -> impl Iterator<Item = &'a Reference> + use<'a> {
    ctx.scoping().get_resolved_references(symbol).filter(|reference| reference.is_write())
}

/// Where a reference stands.
pub(super) fn span_of(ctx: &Ctx<'_>, reference: &Reference) -> Span {
    ctx.nodes().kind(reference.node_id()).span()
}

/// A keyword at the beginning of a node.
pub(super) fn head(span: Span, length: u32) -> Span {
    Span::new(span.start, (span.start + length).min(span.end))
}

/// The beginning of a function up to its parameters' end, for findings about the whole of it.
pub(super) fn function_head<'a>(ctx: &Ctx<'a>, node: &AstNode<'a>) -> Span {
    let start = match ctx.parent_kind(node.id()) {
        AstKind::MethodDefinition(method) => method.span.start,
        AstKind::ObjectProperty(property) if property.method || property.kind != PropertyKind::Init => {
            property.span.start
        }
        _ => node.kind().span().start,
    };
    let end = match node.kind() {
        AstKind::Function(function) => function.params.span.end,
        AstKind::ArrowFunctionExpression(function) => function.params.span.end,
        other => other.span().end,
    };
    Span::new(start, end.max(start))
}

/// True when one place lies in the other.
pub(super) fn is_inside(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// True when the node is all that its statement does.
pub(super) fn is_statement(ctx: &Ctx<'_>, id: NodeId) -> bool {
    matches!(ctx.parent_kind(id), AstKind::ExpressionStatement(_))
}
