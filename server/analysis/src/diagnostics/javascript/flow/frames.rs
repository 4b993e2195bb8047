//! Where jumps go: the statements around a place, and what each jump brings there.

use oxc_ast::ast::Expression;

use super::Domain;

/// Where control goes instead of on.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Jump<'a> {
    Break(Option<&'a str>),
    Continue(Option<&'a str>),
    Return,
    Throw,
}

/// A statement around the current place that jumps can end at.
pub(super) enum Frame<'a, S> {
    Loop { labels: Vec<&'a str>, breaks: Option<S>, continues: Option<S> },
    Switch { breaks: Option<S> },
    Label { label: &'a str, breaks: Option<S> },
    Catch { thrown: Option<S> },
    Finally { pending: Vec<(Jump<'a>, S)> },
}

/// Adds what holds on another path; nothing where none leads.
pub(super) fn join<'a, D: Domain<'a>>(into: &mut Option<D::State>, other: Option<D::State>) {
    match (into.as_mut(), other) {
        (Some(into), Some(other)) => D::join(into, other),
        (None, other) => *into = other,
        (Some(_), None) => {}
    }
}

/// True in a `try` in which nothing that could throw has been seen.
pub(super) fn is_first_in_try<S>(frames: &[Frame<'_, S>]) -> bool {
    let catch = frames.iter().rfind(|it| matches!(it, Frame::Catch { .. }));
    matches!(catch, Some(Frame::Catch { thrown: None }))
}

/// True for a condition that is a literal and holds.
pub(super) fn always_holds(test: &Expression<'_>) -> bool {
    match test {
        Expression::BooleanLiteral(literal) => literal.value,
        Expression::NumericLiteral(literal) => literal.value != 0.0 && !literal.value.is_nan(),
        Expression::StringLiteral(literal) => !literal.value.is_empty(),
        Expression::BigIntLiteral(literal) => !literal.is_zero(),
        Expression::RegExpLiteral(_) => true,
        _ => false,
    }
}
