//! Whether a suggestion is worth a look.
//!
//! Reading ghost text, and accepting it, cost more than a keystroke. So a suggestion is shown when it brings some characters
//! on average: a long one may be unsure, a short one must be sure.
//!
//! How often suggestions are right is measured: `server/builtin/training/README.md` says how (`fit_worth.py`, which reads
//! the two exponents here).

/// A copy of confidence `c` is right in about `c` to this power of all cases: places that were copied from agree more
/// often than they are right.
const COPY: f32 = 1.8;
/// The same for the first line that a model wrote, whose confidence is the product of its tokens' probabilities. (Of 1,407
/// suggestions for holes in training packages with the built-in model, copies and its own, 0.15 gave 15 %, 0.24 20 %,
/// 0.35 31 %, 0.55 45 %, 0.76 61 %, 0.91 80 %.)
const MODEL: f32 = 1.0;
/// What is right less often disturbs, however long it is. (Of 536 suggestions with smaller chances 4 % were right.)
const LEAST_CHANCE: f32 = 0.05;

/// The chance that a copy of this confidence is right.
pub(super) fn chance_of_copy(confidence: f32) -> f32 {
    confidence.powf(COPY)
}

/// The chance that a first line to which the model gives this probability is right.
pub(super) fn chance_of_model(confidence: f32) -> f32 {
    confidence.powf(MODEL)
}

/// Whether to show a suggestion that nobody asked for and that has to bring `min_gain` characters on average (0: all are to
/// be seen); `text` is what it would insert, `chance` that its first line is right.
pub(super) fn is_worth_showing(text: &str, chance: f32, min_gain: f32) -> bool {
    let gain = chance * first_line(text).chars().count() as f32;
    min_gain <= 0.0 || (chance >= LEAST_CHANCE && gain >= min_gain)
}

/// The first line that is not blank.
fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{chance_of_copy, chance_of_model, is_worth_showing};

    #[test]
    fn the_longer_the_less_likely_it_may_be() {
        let check = |text: &str, chance: f32, expected: bool| {
            assert_eq!(is_worth_showing(text, chance, 1.0), expected, "{text:?} {chance}");
            assert!(is_worth_showing(text, chance, 0.0), "{text:?} {chance}");
        };
        check("value, other = compute(it)", 0.06, true);
        check("value, other = compute(it) and some more of them", 0.04, false);
        check("value", 0.1, false);
        check("value", 0.3, true);
        check(")", 0.99, false);
        check("):", 0.99, true);
        check("", 1.0, false);
        check("\n    return value\n    and = more", 0.1, true);
        check("\n    x\n    a much longer line that follows", 0.1, false);
    }

    #[test]
    fn chances_are_shares_and_rise_with_confidence() {
        for chance in [chance_of_copy, chance_of_model] {
            assert_eq!((chance(0.0), chance(1.0)), (0.0, 1.0));
            assert!((1..=100).all(|percent| chance(percent as f32 / 100.0) > chance((percent - 1) as f32 / 100.0)));
        }
    }
}
