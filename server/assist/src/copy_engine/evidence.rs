//! What the places found say together: how much each counts, and how far they are to be trusted against a model.
//!
//! The numbers are fitted: maximum likelihood of the next token of holes in the training corpus, mixed with the built-in
//! model. `server/builtin/training/README.md` says how (`fit_copies.py`, which reads and writes the declarations below
//! and computes the same). Those below were fitted in four languages to the model of 4,869 training steps. In packages
//! left out: Python 1.41, JavaScript 1.37, TypeScript 1.15, Rust 0.96 nats a token, where the longest match alone gives
//! 1.53, 1.51, 1.28 and 1.05, and the model alone 2.32, 2.11, 2.08 and 1.89.

use std::collections::HashMap;

use super::view::{Follower, Nearness};

use crate::words::is_word;

/// Lengths of agreement in bytes at which the two tables below are given; between them they are interpolated.
const LENGTHS: [f32; 10] = [3.0, 4.0, 6.0, 8.0, 10.0, 14.0, 20.0, 28.0, 40.0, 64.0];
/// Logarithm of how much one place counts among the others.
const COUNTS: [f32; 10] = [0.0, 1.3, 2.91, 4.12, 5.16, 6.46, 7.78, 9.15, 10.43, 12.59];
/// More for a place in the same document; less of that with the logarithm of the distance in thousands of bytes.
const HERE: f32 = 3.29;
const FARTHER: f32 = 0.55;
/// More for a file in the same folder.
const BESIDE: f32 = 1.14;
/// Log-odds of the copies against the built-in model, by the longest agreement, when no two places agree …
const TRUST: [f32; 10] = [-2.95, -2.2, -1.95, -1.74, -1.66, -1.44, -1.16, -0.88, -0.49, 0.4];
/// … and how much they rise until all do.
const AGREEMENT: f32 = 2.39;

/// What may follow, according to all places found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Distinct texts with their shares, which add up to 1; the largest share first.
    pub(crate) texts: Vec<(String, f32)>,
    /// Log-odds that they are right, against the built-in model; [`f32::NEG_INFINITY`] without any.
    pub(crate) trust: f32,
}

/// Weighs what followed; `cut` says how much of it counts.
pub(crate) fn weigh<'a>(followers: &'a [Follower], cut: impl Fn(&'a Follower) -> Option<&'a str>) -> Evidence {
    let counted = followers.iter().filter_map(|follower| Some((cut(follower)?, count(follower).exp())));
    let counted: Vec<(&str, f32)> = counted.collect();
    let total: f32 = counted.iter().map(|(_, count)| count).sum();
    if total <= 0.0 {
        return Evidence { texts: Vec::new(), trust: f32::NEG_INFINITY };
    }
    let texts = shares(counted.iter().copied(), total);
    let heads = shares(counted.iter().map(|&(text, count)| (head(text), count)), total);
    let longest = followers.iter().map(|follower| follower.length).max().unwrap_or(0);
    let agreement = heads.first().map_or(0.0, |(_, share)| *share);
    Evidence {
        texts: texts.into_iter().map(|(text, share)| (text.to_owned(), share)).collect(),
        trust: interpolate(&TRUST, longest) + AGREEMENT * agreement,
    }
}

/// Logarithm of how much a place counts.
fn count(follower: &Follower) -> f32 {
    let near = match follower.nearness {
        Nearness::Here(distance) => HERE - FARTHER * (distance as f32 / 1000.0).ln_1p(),
        Nearness::Beside => BESIDE,
        Nearness::Elsewhere => 0.0,
    };
    interpolate(&COUNTS, follower.length) + near
}

/// Distinct texts with their shares of `total`, the largest first, among equals the one met first.
fn shares<'a>(counted: impl Iterator<Item = (&'a str, f32)>, total: f32) -> Vec<(&'a str, f32)> {
    let mut sums: HashMap<&str, (f32, usize)> = HashMap::new();
    for (order, (text, count)) in counted.enumerate() {
        sums.entry(text).or_insert((0.0, order)).0 += count;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(_, (a, first)), (_, (b, second))| b.total_cmp(a).then(first.cmp(second)));
    sums.into_iter().map(|(text, (sum, _))| (text, sum / total)).collect()
}

/// The first word with the blanks before it, or the first other character: about a token.
pub(crate) fn head(text: &str) -> &str {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let word = text[blanks..].find(|c| !is_word(c)).unwrap_or(text.len() - blanks);
    let other = text[blanks..].chars().next().map_or(0, char::len_utf8);
    &text[..blanks + if word > 0 { word } else { other }]
}

fn interpolate(table: &[f32; LENGTHS.len()], length: usize) -> f32 {
    let length = (length as f32).clamp(LENGTHS[0], LENGTHS[LENGTHS.len() - 1]);
    let above = LENGTHS.partition_point(|&it| it <= length).clamp(1, LENGTHS.len() - 1);
    let (from, to) = (LENGTHS[above - 1], LENGTHS[above]);
    table[above - 1] + (table[above] - table[above - 1]) * (length - from) / (to - from)
}

#[cfg(test)]
mod tests {
    use super::{Follower, LENGTHS, Nearness, TRUST, head, interpolate, weigh};

    #[test]
    fn longer_and_nearer_places_count_more() {
        let follower =
            |text: &str, length, nearness| Follower { text: text.to_owned(), complete: true, length, nearness };
        let check = |followers: &[Follower], expected: &[&str]| {
            let evidence = weigh(followers, |follower| Some(&follower.text));
            let texts: Vec<_> = evidence.texts.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(texts, expected);
            let total: f32 = evidence.texts.iter().map(|(_, share)| share).sum();
            assert!((total - 1.0).abs() < 1e-5 || expected.is_empty());
            evidence.trust
        };
        use Nearness::{Beside, Elsewhere, Here};
        check(&[follower("far", 20, Here(50_000)), follower("near", 20, Here(100))], &["near", "far"]);
        check(&[follower("a", 20, Elsewhere), follower("b", 20, Beside), follower("c", 20, Here(9))], &["c", "b", "a"]);
        check(&[follower("short", 6, Here(0)), follower("long", 40, Elsewhere)], &["long", "short"]);
        check(&[follower("b", 9, Beside), follower("a", 9, Beside), follower("a", 9, Beside)], &["a", "b"]);
        assert_eq!(check(&[], &[]), f32::NEG_INFINITY);
        let agreed = check(&[follower("x = 1", 9, Beside), follower("x = 2", 9, Beside)], &["x = 1", "x = 2"]);
        let divided = check(&[follower("x = 1", 9, Beside), follower("y = 2", 9, Beside)], &["x = 1", "y = 2"]);
        assert!(agreed > divided, "the first words agree: {agreed} {divided}");
    }

    #[test]
    fn tables_are_interpolated() {
        for (at, length) in LENGTHS.into_iter().enumerate() {
            assert!((interpolate(&TRUST, length as usize) - TRUST[at]).abs() < 1e-6);
        }
        assert!((interpolate(&TRUST, 0) - TRUST[0]).abs() < 1e-6);
        assert!((interpolate(&TRUST, 1000) - TRUST[9]).abs() < 1e-6);
        assert!((interpolate(&TRUST, 5) - f32::midpoint(TRUST[1], TRUST[2])).abs() < 1e-6);
    }

    #[test]
    fn heads_are_about_tokens() {
        for (text, expected) in
            [("self.x", "self"), (" = 1", " ="), ("(a)", "("), ("", ""), ("  é_1 b", "  é_1"), ("   ", "   ")]
        {
            assert_eq!(head(text), expected, "{text:?}");
        }
    }
}
