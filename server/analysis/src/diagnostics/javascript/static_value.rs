//! What an expression's value is known to be without running it: always the same truth value, always (or never)
//! `null` or `undefined`, always an object that nothing else is.
//!
//! The questions are those of ESLint's rules about constants; a "no" means "not known".

use oxc_ast::{AstKind, ast::*};
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator};

use super::context::Ctx;
use super::globals;

/// Calls of these give a primitive value, whatever they are called with.
const CONVERSIONS: [&str; 5] = ["Boolean", "String", "Number", "Symbol", "BigInt"];

/// True for a literal of any kind.
pub(super) fn is_literal(node: &Expression<'_>) -> bool {
    matches!(
        node,
        Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::RegExpLiteral(_)
            | Expression::StringLiteral(_)
    )
}

/// True for `undefined` where nothing in the file has that name.
pub(super) fn is_undefined(ctx: &Ctx<'_>, node: &Expression<'_>) -> bool {
    matches!(node, Expression::Identifier(name) if name.name == "undefined" && ctx.is_global(name))
}

/// The name of the global function that is called.
fn called_global<'a>(ctx: &Ctx<'a>, call: &CallExpression<'a>) -> Option<&'a str> {
    match &call.callee {
        Expression::Identifier(name) if ctx.is_global(name) => Some(name.name.as_str()),
        _ => None,
    }
}

/// True for `Boolean(constant)`.
fn is_constant_boolean_call<'a>(ctx: &Ctx<'a>, call: &CallExpression<'a>) -> bool {
    called_global(ctx, call) == Some("Boolean")
        && match call.arguments.first() {
            None => true,
            Some(Argument::SpreadElement(spread)) => is_constant(ctx, &spread.argument, true),
            Some(argument) => argument.as_expression().is_some_and(|it| is_constant(ctx, it, true)),
        }
}

/// The truth value of a literal, for the right side of a shortcut.
fn literal_truth(node: &Expression<'_>) -> Option<bool> {
    Some(match node {
        Expression::BooleanLiteral(it) => it.value,
        Expression::NullLiteral(_) => false,
        Expression::NumericLiteral(it) => it.value != 0.0 && !it.value.is_nan(),
        Expression::BigIntLiteral(it) => !it.is_zero(),
        Expression::StringLiteral(it) => !it.value.is_empty(),
        Expression::RegExpLiteral(_) => true,
        _ => return None,
    })
}

/// True when `node` decides a `||` or `&&` by itself, on whichever side it stands.
fn decides(node: &Expression<'_>, operator: LogicalOperator) -> bool {
    match node {
        _ if is_literal(node) => match operator {
            LogicalOperator::Or => literal_truth(node) == Some(true),
            LogicalOperator::And => literal_truth(node) == Some(false),
            LogicalOperator::Coalesce => false,
        },
        Expression::UnaryExpression(it) => it.operator == UnaryOperator::Void && operator == LogicalOperator::And,
        Expression::LogicalExpression(it) => {
            it.operator == operator && (decides(&it.left, operator) || decides(&it.right, operator))
        }
        Expression::AssignmentExpression(it) => {
            it.operator.to_logical_operator() == Some(operator)
                && operator != LogicalOperator::Coalesce
                && decides(&it.right, operator)
        }
        _ => false,
    }
}

/// True when the value, or with `as_boolean` its truth value, is the same each time.
pub(super) fn is_constant<'a>(ctx: &Ctx<'a>, node: &Expression<'a>, as_boolean: bool) -> bool {
    match node {
        _ if is_literal(node) => true,
        // Objects and classes can convert themselves to anything; nobody who writes a literal does that.
        Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ClassExpression(_)
        | Expression::ObjectExpression(_) => true,
        Expression::NewExpression(_) => as_boolean,
        Expression::TemplateLiteral(it) => {
            let has_text = it.quasis.iter().any(|part| part.value.cooked.is_some_and(|text| !text.is_empty()));
            (as_boolean && has_text) || it.expressions.iter().all(|part| is_constant(ctx, part, false))
        }
        Expression::ArrayExpression(it) => {
            as_boolean
                || it.elements.iter().all(|element| match element {
                    ArrayExpressionElement::Elision(_) => true,
                    ArrayExpressionElement::SpreadElement(spread) => is_constant(ctx, &spread.argument, false),
                    _ => element.as_expression().is_some_and(|it| is_constant(ctx, it, false)),
                })
        }
        Expression::UnaryExpression(it) => match it.operator {
            UnaryOperator::Void => true,
            UnaryOperator::Typeof if as_boolean => true,
            UnaryOperator::LogicalNot => is_constant(ctx, &it.argument, true),
            _ => is_constant(ctx, &it.argument, false),
        },
        Expression::BinaryExpression(it) => {
            it.operator != BinaryOperator::In && is_constant(ctx, &it.left, false) && is_constant(ctx, &it.right, false)
        }
        Expression::LogicalExpression(it) => {
            let left = is_constant(ctx, &it.left, as_boolean);
            let right = is_constant(ctx, &it.right, as_boolean);
            left && (right || decides(&it.left, it.operator)) || as_boolean && right && decides(&it.right, it.operator)
        }
        Expression::AssignmentExpression(it) => match it.operator {
            AssignmentOperator::Assign => is_constant(ctx, &it.right, as_boolean),
            AssignmentOperator::LogicalOr => as_boolean && decides(&it.right, LogicalOperator::Or),
            AssignmentOperator::LogicalAnd => as_boolean && decides(&it.right, LogicalOperator::And),
            _ => false,
        },
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(|it| is_constant(ctx, it, as_boolean)),
        Expression::CallExpression(it) => is_constant_boolean_call(ctx, it),
        Expression::Identifier(_) => is_undefined(ctx, node),
        _ => false,
    }
}

/// True for `null`, `undefined` and `void …`.
pub(super) fn is_nullish<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    matches!(node, Expression::NullLiteral(_))
        || is_undefined(ctx, node)
        || matches!(node, Expression::UnaryExpression(it) if it.operator == UnaryOperator::Void)
}

/// True when the value is always nullish or never; with `never`, only the latter.
pub(super) fn has_constant_nullishness<'a>(ctx: &Ctx<'a>, node: &Expression<'a>, never: bool) -> bool {
    if never && is_nullish(ctx, node) {
        return false;
    }
    match node {
        _ if is_literal(node) => true,
        Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ClassExpression(_)
        | Expression::NewExpression(_)
        | Expression::TemplateLiteral(_)
        | Expression::UpdateExpression(_)
        | Expression::BinaryExpression(_)
        | Expression::PrivateInExpression(_)
        | Expression::UnaryExpression(_) => true,
        Expression::CallExpression(it) => called_global(ctx, it).is_some_and(|name| CONVERSIONS.contains(&name)),
        Expression::LogicalExpression(it) => {
            it.operator == LogicalOperator::Coalesce && has_constant_nullishness(ctx, &it.right, true)
        }
        Expression::AssignmentExpression(it) => {
            if it.operator.is_assign() {
                has_constant_nullishness(ctx, &it.right, never)
            } else {
                !it.operator.is_logical()
            }
        }
        Expression::SequenceExpression(it) => {
            it.expressions.last().is_some_and(|it| has_constant_nullishness(ctx, it, never))
        }
        Expression::Identifier(_) => is_undefined(ctx, node),
        _ => false,
    }
}

/// True for `true`, `false`, `!constant` and `Boolean(constant)`.
pub(super) fn is_static_boolean<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        Expression::BooleanLiteral(_) => true,
        Expression::CallExpression(it) => is_constant_boolean_call(ctx, it),
        Expression::UnaryExpression(it) => it.operator.is_not() && is_constant(ctx, &it.argument, true),
        _ => false,
    }
}

/// True when `node == true` is the same each time.
pub(super) fn loosely_equals_boolean_constantly<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        _ if is_literal(node) => true,
        Expression::ObjectExpression(_)
        | Expression::ClassExpression(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_) => true,
        Expression::ArrayExpression(it) => {
            // An array of one element compares as that element.
            let plain = it.elements.iter().filter(|it| it.as_expression().is_some()).count();
            it.elements.is_empty() || plain > 1
        }
        Expression::UnaryExpression(it) => match it.operator {
            UnaryOperator::Void | UnaryOperator::Typeof => true,
            UnaryOperator::LogicalNot => is_constant(ctx, &it.argument, true),
            _ => false,
        },
        Expression::CallExpression(it) => is_constant_boolean_call(ctx, it),
        Expression::Identifier(_) => is_undefined(ctx, node),
        Expression::TemplateLiteral(it) => it.expressions.is_empty(),
        Expression::AssignmentExpression(it) => {
            it.operator.is_assign() && loosely_equals_boolean_constantly(ctx, &it.right)
        }
        Expression::SequenceExpression(it) => {
            it.expressions.last().is_some_and(|it| loosely_equals_boolean_constantly(ctx, it))
        }
        _ => false,
    }
}

/// True when `node === true` is the same each time.
pub(super) fn strictly_equals_boolean_constantly<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        _ if is_literal(node) => true,
        Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ClassExpression(_)
        | Expression::NewExpression(_)
        | Expression::TemplateLiteral(_)
        | Expression::UpdateExpression(_) => true,
        Expression::BinaryExpression(it) => it.operator.is_numeric_or_string_binary_operator(),
        Expression::UnaryExpression(it) => match it.operator {
            UnaryOperator::Delete => false,
            UnaryOperator::LogicalNot => is_constant(ctx, &it.argument, true),
            _ => true,
        },
        Expression::SequenceExpression(it) => {
            it.expressions.last().is_some_and(|it| strictly_equals_boolean_constantly(ctx, it))
        }
        Expression::Identifier(_) => is_undefined(ctx, node),
        Expression::AssignmentExpression(it) => {
            if it.operator.is_assign() {
                strictly_equals_boolean_constantly(ctx, &it.right)
            } else {
                !it.operator.is_logical()
            }
        }
        Expression::CallExpression(it) => match called_global(ctx, it) {
            Some("Boolean") => is_constant_boolean_call(ctx, it),
            Some(name) => CONVERSIONS.contains(&name),
            None => false,
        },
        _ => false,
    }
}

/// True when the value is an object that did not exist before.
pub(super) fn is_always_new<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        Expression::ObjectExpression(_)
        | Expression::ArrayExpression(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ClassExpression(_)
        | Expression::RegExpLiteral(_) => true,
        // A function that is called with `new` may return any object; those of the language do not.
        Expression::NewExpression(it) => matches!(
            &it.callee,
            Expression::Identifier(name) if ctx.is_global(name) && globals::is_builtin(name.name.as_str())
        ),
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(|it| is_always_new(ctx, it)),
        Expression::AssignmentExpression(it) => it.operator.is_assign() && is_always_new(ctx, &it.right),
        Expression::ConditionalExpression(it) => {
            is_always_new(ctx, &it.consequent) && is_always_new(ctx, &it.alternate)
        }
        _ => false,
    }
}

/// Names that lead to other names, before it is given up.
const MAX_NAMES: usize = 8;

/// The text that an expression always is: a string, a template of such texts, a constant.
pub(super) fn constant_text<'a>(ctx: &Ctx<'a>, node: &Expression<'a>, names: usize) -> Option<String> {
    match node {
        Expression::StringLiteral(it) if !it.lone_surrogates => Some(it.value.to_string()),
        Expression::TemplateLiteral(it) => {
            let mut text = String::new();
            for (index, part) in it.quasis.iter().enumerate() {
                text.push_str(part.value.cooked.as_ref()?);
                if let Some(inner) = it.expressions.get(index) {
                    text.push_str(&constant_text(ctx, inner, names)?);
                }
            }
            Some(text)
        }
        Expression::Identifier(name) if names < MAX_NAMES => {
            let symbol = ctx.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
            let AstKind::VariableDeclarator(it) = ctx.nodes().kind(ctx.scoping().symbol_declaration(symbol)) else {
                return None;
            };
            if !ctx.scoping().symbol_flags(symbol).is_const_variable() || !it.id.is_binding_identifier() {
                return None;
            }
            constant_text(ctx, it.init.as_ref()?, names + 1)
        }
        _ => None,
    }
}
