//! Comparisons that do not compare what they seem to: `NaN`, `-0`, `typeof`, `!a in b`.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::BinaryOperator;

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    places::{global_name, member, writes},
    static_value::{self, is_undefined},
};

pub(super) const NO_COMPARE_NEG_ZERO: JsRule = JsRule {
    code: "no-compare-neg-zero",
    summary: "a comparison with `-0`, which `0` equals as well",
    on: &[AstType::BinaryExpression],
    run: |ctx, node| {
        let AstKind::BinaryExpression(it) = node.kind() else { return };
        if (it.operator.is_equality() || it.operator.is_compare()) && (is_neg_zero(&it.left) || is_neg_zero(&it.right))
        {
            ctx.report(it.span, "`0` and `-0` compare as equal: use `Object.is(value, -0)` to tell them apart");
        }
    },
    valid: &["x === 0", "Object.is(x, -0)", "x + -0"],
    invalid: &["x === -0", "-0 < x"],
    ..ESLINT
};

fn is_neg_zero(node: &Expression<'_>) -> bool {
    matches!(node, Expression::UnaryExpression(it)
        if it.operator.as_str() == "-" && matches!(&it.argument, Expression::NumericLiteral(number) if number.value == 0.0))
}

pub(super) const USE_ISNAN: JsRule = JsRule {
    code: "use-isnan",
    summary: "a comparison with `NaN`, which equals nothing",
    on: &[AstType::BinaryExpression, AstType::SwitchStatement, AstType::CallExpression],
    run: use_isnan,
    valid: &["Number.isNaN(x)", "x === 'NaN'", "switch (x) { case 1: }"],
    invalid: &["x === NaN", "NaN > x", "x != Number.NaN", "switch (x) { case NaN: }"],
    ..ESLINT
};

fn use_isnan<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    match node.kind() {
        AstKind::BinaryExpression(it) => {
            if !(it.operator.is_equality() || it.operator.is_compare()) {
                return;
            }
            let (left, right) = (is_nan(ctx, &it.left), is_nan(ctx, &it.right));
            if !left && !right {
                return;
            }
            let mut found = ctx.at(it.span, "`NaN` equals nothing, itself included: use `Number.isNaN`");
            let value = if left { it.right.span() } else { it.left.span() };
            let negated = matches!(it.operator, BinaryOperator::Inequality | BinaryOperator::StrictInequality);
            if it.operator.is_equality() {
                let not = if negated { "!" } else { "" };
                let text = format!("{not}Number.isNaN({})", ctx.source(value));
                found = found.suggest("Use `Number.isNaN`", replace(it.span, text));
            }
            ctx.add(found);
        }
        AstKind::CallExpression(it) if ctx.options().flag("enforceForIndexOf", false) => {
            let method = member(&it.callee).and_then(MemberExpression::static_property_name);
            let wanted = it.arguments.first().and_then(Argument::as_expression);
            if matches!(method, Some("indexOf" | "lastIndexOf"))
                && it.arguments.len() <= 2
                && wanted.is_some_and(|wanted| is_nan(ctx, wanted))
            {
                ctx.report(it.span, "`NaN` equals nothing: it is never found by its value");
            }
        }
        AstKind::SwitchStatement(it) if ctx.options().flag("enforceForSwitchCase", true) => {
            if is_nan(ctx, &it.discriminant) {
                ctx.report(it.span, "`switch (NaN)` matches no case");
            }
            for case in &it.cases {
                if case.test.as_ref().is_some_and(|test| is_nan(ctx, test)) {
                    ctx.report(case.span, "`case NaN` never matches: test with `Number.isNaN` before the `switch`");
                }
            }
        }
        _ => {}
    }
}

fn is_nan<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) -> bool {
    match node {
        Expression::SequenceExpression(it) => it.expressions.last().is_some_and(|it| is_nan(ctx, it)),
        Expression::Identifier(name) => name.name == "NaN" && ctx.is_global(name),
        _ => member(node).is_some_and(|member| {
            member.static_property_name() == Some("NaN")
                && matches!(member.object(), Expression::Identifier(name) if name.name == "Number" && ctx.is_global(name))
        }),
    }
}

/// What `typeof` can give.
const TYPES: [&str; 8] = ["symbol", "undefined", "object", "boolean", "number", "string", "function", "bigint"];

pub(super) const VALID_TYPEOF: JsRule = JsRule {
    code: "valid-typeof",
    summary: "a comparison of `typeof` with what it never gives",
    on: &[AstType::UnaryExpression],
    run: valid_typeof,
    valid: &["typeof a === 'string'", "typeof a === b", "typeof a === typeof b"],
    invalid: &["typeof a === 'strnig'", "'nunber' == typeof a", "typeof a === undefined"],
    ..ESLINT
};

fn valid_typeof<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::UnaryExpression(it) = node.kind() else { return };
    let AstKind::BinaryExpression(comparison) = ctx.parent_kind(node.id()) else { return };
    if !it.operator.is_typeof() || !comparison.operator.is_equality() {
        return;
    }
    let other = if comparison.left.span() == it.span { &comparison.right } else { &comparison.left };
    let word = match other {
        Expression::StringLiteral(text) => text.value.as_str(),
        Expression::TemplateLiteral(text) => match text.single_quasi() {
            Some(text) => text.as_str(),
            None => {
                require_string(ctx, other);
                return;
            }
        },
        _ if is_undefined(ctx, other) => {
            let found = ctx.at(other.span(), "`typeof` gives a string: compare with `\"undefined\"`");
            ctx.add(found.suggest("Write it as a string", replace(other.span(), "\"undefined\"")));
            return;
        }
        other if static_value::is_literal(other) => {
            ctx.report(other.span(), "`typeof` gives a string, never this");
            return;
        }
        _ => {
            require_string(ctx, other);
            return;
        }
    };
    if TYPES.contains(&word) {
        return;
    }
    let mut found = ctx.at(other.span(), format!("`typeof` never gives \"{word}\""));
    if let Some(best) = TYPES.iter().find(|known| strsim::damerau_levenshtein(known, word) <= 2) {
        let inner = Span::new(other.span().start + 1, other.span().end - 1);
        found = found.suggest(format!("Replace by \"{best}\""), replace(inner, *best));
    }
    ctx.add(found);
}

/// Reports what is no string of its own where the options want one.
fn require_string<'a>(ctx: &Ctx<'a>, node: &Expression<'a>) {
    let is_typeof = matches!(node, Expression::UnaryExpression(it) if it.operator.is_typeof());
    if !is_typeof && ctx.options().flag("requireStringLiterals", false) {
        ctx.report(node.span(), "what `typeof` gives is to be compared with a string");
    }
}

pub(super) const NO_UNSAFE_NEGATION: JsRule = JsRule {
    code: "no-unsafe-negation",
    summary: "`!a in b`, which negates `a` alone",
    in_typescript: false,
    on: &[AstType::BinaryExpression],
    run: |ctx, node| {
        let AstKind::BinaryExpression(it) = node.kind() else { return };
        let Expression::UnaryExpression(left) = &it.left else { return };
        let is_ordering = it.operator.is_compare() && ctx.options().flag("enforceForOrderingRelations", false);
        if !(it.operator.is_in() || it.operator.is_instance_of() || is_ordering)
            || !left.operator.is_not()
            || ctx.is_parenthesized(left.span)
        {
            return;
        }
        let found = ctx.at(it.span, format!("`!` negates the left side of `{}` alone", it.operator.as_str()));
        let rest = Span::new(left.argument.span().start, it.span.end);
        let text = format!("!({})", ctx.source(rest));
        ctx.add(found.suggest("Negate the whole", replace(it.span, text)));
    },
    valid: &["!(a in b)", "(!a) in b", "!(a instanceof b)"],
    invalid: &["!a in b", "!a instanceof b"],
    ..ESLINT
};

/// Functions that are no constructors.
const NOT_NEW: [&str; 2] = ["Symbol", "BigInt"];
/// Objects that are no functions.
const NOT_CALLED: [&str; 6] = ["Atomics", "JSON", "Math", "Reflect", "Intl", "Temporal"];

pub(super) const NO_OBJ_CALLS: JsRule = JsRule {
    code: "no-obj-calls",
    summary: "a call of an object that is no function, such as `Math`",
    severity: crate::diagnostics::Severity::Error,
    in_typescript: false,
    on: &[AstType::CallExpression, AstType::NewExpression],
    run: |ctx, node| {
        let (callee, span) = match node.kind() {
            AstKind::CallExpression(it) => (&it.callee, it.span),
            AstKind::NewExpression(it) => (&it.callee, it.span),
            _ => return,
        };
        if let Some(name) = object_called(ctx, callee) {
            ctx.report(span, format!("`{name}` is an object, not a function"));
        }
    },
    valid: &["Math.max(1)", "JSON.parse(a)", "function f(Math) { Math() }"],
    invalid: &["Math()", "new JSON()", "globalThis.Reflect()", "const a = b ? c : JSON; a()"],
    ..ESLINT
};

/// The object of the language that an expression is or may be: by its name, through a variable that is given it once.
fn object_called<'a>(ctx: &Ctx<'a>, callee: &'a Expression<'a>) -> Option<&'a str> {
    if let Some(name) = global_name(ctx, callee) {
        return NOT_CALLED.contains(&name).then_some(name);
    }
    let Expression::Identifier(name) = callee else { return None };
    let symbol = ctx.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
    let AstKind::VariableDeclarator(declarator) = ctx.nodes().kind(ctx.scoping().symbol_declaration(symbol)) else {
        return None;
    };
    if !declarator.id.is_binding_identifier() || writes(ctx, symbol).next().is_some() {
        return None;
    }
    let mut left = vec![declarator.init.as_ref()?];
    while let Some(value) = left.pop() {
        match value {
            Expression::ConditionalExpression(it) => left.extend([&it.consequent, &it.alternate]),
            Expression::LogicalExpression(it) => left.extend([&it.left, &it.right]),
            _ => {
                if let Some(name) = global_name(ctx, value).filter(|name| NOT_CALLED.contains(name)) {
                    return Some(name);
                }
            }
        }
    }
    None
}

pub(super) const NO_NEW_NATIVE_NONCONSTRUCTOR: JsRule = JsRule {
    code: "no-new-native-nonconstructor",
    summary: "`new` with `Symbol` or `BigInt`, which throw then",
    severity: crate::diagnostics::Severity::Error,
    in_typescript: false,
    on: &[AstType::NewExpression],
    run: |ctx, node| {
        let AstKind::NewExpression(it) = node.kind() else { return };
        let Expression::Identifier(name) = &it.callee else { return };
        if NOT_NEW.contains(&name.name.as_str()) && ctx.is_global(name) {
            let found = ctx.at(name.span, format!("`{}` cannot be called with `new`", name.name));
            let new = Span::new(it.span.start, name.span.start);
            ctx.add(found.suggest("Remove `new`", replace(new, "")));
        }
    },
    valid: &["Symbol('a')", "new Map()", "function f(Symbol) { new Symbol() }"],
    invalid: &["new Symbol('a')", "new BigInt(1)"],
    ..ESLINT
};
