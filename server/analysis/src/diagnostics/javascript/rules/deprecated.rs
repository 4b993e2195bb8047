//! Uses of what the same file says is deprecated.

use oxc_ast::{AstKind, AstType};
use oxc_semantic::{AstNode, Reference};
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::{
    DiagnosticTag, Severity,
    javascript::{
        context::{Ctx, Finding},
        places::{is_inside, span_of},
    },
};

pub(super) const DEPRECATED: JsRule = JsRule {
    code: "deprecated",
    summary: "a use of what a doc comment of the same file marks as `@deprecated`",
    severity: Severity::Hint,
    is_eslint: false,
    is_recommended: false,
    on: &[AstType::Program],
    run: deprecated,
    valid: &[
        "/** @deprecated */ function f() {}",
        "/** Fine. */ function f() {} f()",
        "/* @deprecated */ function f() {} f()",
        "/** @deprecated */ function F() {} F.prototype.g = function () { return F.h }",
    ],
    invalid: &["/** @deprecated use g */ function f() {} f()", "/** @deprecated */\nexport const a = 1; f(a)"],
    ..ESLINT
};

fn deprecated<'a>(ctx: &Ctx<'a>, _: &'a AstNode<'a>) {
    // Where what is deprecated begins, and what is said about it.
    let marked: Vec<(u32, &str)> = ctx
        .semantic
        .comments()
        .iter()
        .filter_map(|comment| {
            let span = comment.content_span();
            let content = ctx.source(span);
            let at = content.starts_with('*').then(|| content.find("@deprecated"))??;
            let reason = content[at + "@deprecated".len()..].lines().next().unwrap_or_default().trim();
            Some((comment.attached_to, reason))
        })
        .collect();
    if marked.is_empty() {
        return;
    }
    let scoping = ctx.scoping();
    for symbol in scoping.symbol_ids() {
        let declaration = ctx.nodes().get_node(scoping.symbol_declaration(symbol));
        let around = [declaration.kind()].into_iter().chain(ctx.nodes().ancestor_kinds(declaration.id()).take(2));
        let mark = around
            .take_while(|kind| {
                matches!(
                    kind,
                    AstKind::Function(_)
                        | AstKind::Class(_)
                        | AstKind::VariableDeclarator(_)
                        | AstKind::VariableDeclaration(_)
                        | AstKind::ExportDeclaration(_)
                        | AstKind::ExportDefaultDeclaration(_)
                )
            })
            .find_map(|kind| marked.iter().find(|(start, _)| *start == kind.span().start));
        let Some((_, reason)) = mark else { continue };
        // What is written of it here: its declaration, and its members that are assigned one by one.
        let members = scoping.get_resolved_references(symbol).filter_map(|it| member_definition(ctx, it));
        let own: Vec<Span> = members.chain([declaration.kind().span()]).collect();
        for reference in scoping.get_resolved_references(symbol) {
            let span = span_of(ctx, reference);
            let parent = ctx.parent_kind(reference.node_id());
            if own.iter().any(|own| is_inside(span, *own)) || matches!(parent, AstKind::ExportSpecifier(_)) {
                continue;
            }
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let message = format!("`{}` is deprecated{why}", scoping.symbol_name(symbol));
            let mut found = ctx.at(span, message).see(scoping.symbol_span(symbol), "declared here");
            found.tags.push(DiagnosticTag::Deprecated);
            ctx.add(found);
        }
    }
}

/// `F.prototype.name = …` as a whole, where the reference is its `F`.
fn member_definition(ctx: &Ctx<'_>, reference: &Reference) -> Option<Span> {
    let mut place = span_of(ctx, reference);
    for kind in ctx.nodes().ancestor_kinds(reference.node_id()) {
        match kind {
            AstKind::AssignmentExpression(it) => {
                let is_member = it.left.as_member_expression().is_some() && it.left.span() == place;
                return is_member.then_some(it.span);
            }
            kind if kind.is_member_expression_kind() && kind.span().start == place.start => place = kind.span(),
            _ => return None,
        }
    }
    None
}
