//! Errors that are thrown again: the one that was caught should be kept as their cause.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::context::{Ctx, Finding, replace};
use crate::lint_settings::Json;

/// Constructors that take `{ cause }`.
const ERRORS: [&str; 8] =
    ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "AggregateError"];

pub(super) const PRESERVE_CAUGHT_ERROR: JsRule = JsRule {
    code: "preserve-caught-error",
    summary: "a new error that does not say which one it was thrown for",
    on: &[AstType::ThrowStatement],
    run: preserve_caught_error,
    valid: &[
        "try {} catch (e) { throw new Error('a', { cause: e }) }",
        "try {} catch (e) { throw e }",
        "try {} catch { throw new Error('a') }",
    ],
    invalid: &[
        "try {} catch (e) { throw new Error('a') }",
        "try {} catch (e) { throw new Error('a', { cause: f }) }",
        "try {} catch ({ message }) { throw new Error(message) }",
    ],
    ..ESLINT
};

fn preserve_caught_error<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::ThrowStatement(throw) = node.kind() else { return };
    let Some(catch) = ctx
        .nodes()
        .ancestor_kinds(node.id())
        .take_while(|kind| !kind.is_function_like() && !matches!(kind, AstKind::StaticBlock(_) | AstKind::Class(_)))
        .find_map(|kind| match kind {
            AstKind::CatchClause(it) => Some(it),
            _ => None,
        })
    else {
        return;
    };
    let (callee, arguments, span) = match &throw.argument {
        Expression::NewExpression(it) => (&it.callee, &it.arguments, it.span),
        Expression::CallExpression(it) => (&it.callee, &it.arguments, it.span),
        _ => return,
    };
    let Some(index) = options_argument(ctx, callee) else { return };
    let Some(param) = &catch.param else {
        if ctx.options().flag("requireCatchParameter", false) {
            ctx.report(throw.span, "the caught error is thrown away: the new one cannot keep it as its cause");
        }
        return;
    };
    let BindingPattern::BindingIdentifier(caught) = &param.pattern else {
        ctx.report(catch.span, "the caught error is taken apart: the new one cannot keep it as its cause");
        return;
    };
    if arguments.iter().take(index + 1).any(Argument::is_spread) {
        return;
    }
    let Some(options) = arguments.get(index) else {
        let mut found = ctx.at(throw.span, "the new error loses the caught one: pass it as `cause`");
        if let (true, Some(last)) = (arguments.len() == index, arguments.last()) {
            let place = Span::empty(last.span().end);
            found = found.suggest("Pass the cause", replace(place, format!(", {{ cause: {} }}", caught.name)));
        }
        ctx.add(found);
        return;
    };
    let Argument::ObjectExpression(options) = options else { return };
    if options.properties.iter().any(ObjectPropertyKind::is_spread) {
        return;
    }
    let cause = options
        .properties
        .iter()
        .rev()
        .filter_map(ObjectPropertyKind::as_property)
        .find(|property| property.key.is_specific_static_name("cause"));
    let Some(cause) = cause else {
        ctx.report(throw.span, "the new error loses the caught one: pass it as `cause`");
        return;
    };
    let symbol = match &cause.value {
        Expression::Identifier(value) => {
            value.reference_id.get().and_then(|id| ctx.scoping().get_reference(id).symbol_id())
        }
        _ => None,
    };
    let is_other_name = !matches!(&cause.value, Expression::Identifier(value) if value.name == caught.name);
    if is_other_name {
        let found = ctx.at(cause.value.span(), "this is not the error that was caught");
        ctx.add(found.suggest("Pass the caught error", replace(cause.value.span(), caught.name.as_str())));
    } else if symbol.is_none_or(|symbol| Some(symbol) != caught.symbol_id.get()) {
        ctx.add(
            ctx.at(span, "the caught error is hidden by another variable of its name").see(caught.span, "caught here"),
        );
    }
}

/// Which argument of an error's constructor takes `{ cause }`, from zero; `None` for what is no known error.
fn options_argument<'a>(ctx: &Ctx<'a>, callee: &Expression<'a>) -> Option<usize> {
    if let Expression::Identifier(name) = callee
        && ERRORS.contains(&name.name.as_str())
        && ctx.is_global(name)
    {
        return Some(if name.name == "AggregateError" { 2 } else { 1 });
    }
    let name = match callee {
        Expression::Identifier(name) => name.name.as_str(),
        Expression::StaticMemberExpression(member) => member.property.name.as_str(),
        _ => return None,
    };
    // Others are told by the options: by name, or with the place of the argument from one.
    ctx.options().list("errorClassNames").iter().find_map(|entry| match entry {
        Json::Text(text) => (text == name).then_some(1),
        other => match (other.get("name")?.text()? == name, other.get("argumentPosition")) {
            (true, Some(Json::Number(place))) => Some((*place as usize).saturating_sub(1)),
            _ => None,
        },
    })
}
