//! Functions that call themselves: the master theorem and its simpler relatives.

use super::Growth;
use super::cost::{Cost, Term};
use super::statements::Work;

/// How the input of a call to itself is smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shrink {
    /// By a constant.
    Less { symbol: String },
    /// To one part of so many.
    Part { symbol: String, of: u32 },
}

impl Shrink {
    fn symbol(&self) -> &str {
        match self {
            Self::Less { symbol } | Self::Part { symbol, .. } => symbol,
        }
    }
}

/// The order and its reason; `is_memoized` is none outside of functions.
pub(super) fn told(work: &Work, is_memoized: Option<bool>) -> Option<Growth> {
    let Some(first) = work.calls.first() else { return plain(&work.cost) };
    if work.calls.iter().any(|it| it != first) {
        return None;
    }
    let symbol = first.symbol();
    let calls = work.calls.len();
    let (powers, logs) = match work.cost.terms() {
        [one] => one.powers_of(symbol)?,
        _ => return None,
    };
    let itself = match calls {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    let own = work.cost.order().0;
    match first {
        Shrink::Less { .. } if calls == 1 || is_memoized == Some(true) => {
            let total = work.cost.times(&Term::linear(symbol));
            let (order, names) = total.order();
            let how = if calls == 1 {
                "it calls itself once with an input that is smaller by a constant".to_owned()
            } else {
                format!(
                    "it calls itself {itself} with smaller inputs, but the results are cached, so that each is computed once"
                )
            };
            Some(Growth { order, reason: format!("{how}, and does {own} work each time, where {names}") })
        }
        Shrink::Less { .. } => Some(Growth {
            order: format!("O({calls}^n)"),
            reason: format!(
                "it calls itself {itself} with an input that is smaller by a constant, without remembering results, where n is {symbol}"
            ),
        }),
        Shrink::Part { of, .. } => {
            if logs > 0 {
                return None;
            }
            let (a, b) = (u32::try_from(calls).ok()?, *of);
            let split = b.checked_pow(powers)?;
            let polynomial = |power| (0..power).fold(Term::constant(), |term, _| term.times(&Term::linear(symbol)));
            let total = match a.cmp(&split) {
                std::cmp::Ordering::Less => Cost::of(polynomial(powers)),
                std::cmp::Ordering::Equal => Cost::of(polynomial(powers).times(&Term::log(symbol))),
                std::cmp::Ordering::Greater => {
                    let power = (1..=4).find(|power| b.checked_pow(*power) == Some(a))?;
                    Cost::of(polynomial(power))
                }
            };
            let (order, names) = total.order();
            let part = match b {
                2 => "half".to_owned(),
                3 => "a third".to_owned(),
                more => format!("one {more}th"),
            };
            Some(Growth {
                order,
                reason: format!(
                    "it calls itself {itself} with {part} of the input, and does {own} work each time (master theorem), where {names}"
                ),
            })
        }
    }
}

fn plain(cost: &Cost) -> Option<Growth> {
    if cost.is_constant() {
        let reason = "nothing in it repeats as often as an input is large".to_owned();
        return Some(Growth { order: "O(1)".to_owned(), reason });
    }
    if cost.is_unwieldy() {
        return None;
    }
    let (order, names) = cost.order();
    let how = match cost.terms() {
        [one] if one.only_symbol().is_some() => "it goes over the input a constant number of times",
        [_] => "this is what its loops and calls inside each other come to",
        _ => "it goes over several inputs one after the other",
    };
    Some(Growth { order, reason: format!("{how}, where {names}") })
}
