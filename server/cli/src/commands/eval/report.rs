//! The figures of all holes together, for people and for programs.

use std::fmt::Write;

use serde::Serialize;

use super::cases::Kind;
use super::score::Outcome;
use crate::commands::bench::percentile;

/// Shares of the holes, the most confident completions first, of which the precision is told.
const COVERAGES: [usize; 4] = [10, 20, 30, 50];

/// Everything there is to say.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    model: String,
    seed: u64,
    groups: Vec<Figures>,
    /// Why nothing was shown, and how often.
    silences: Vec<(&'static str, usize)>,
    latency_ms: Latency,
    /// Share of the prompts' tokens that came from the KV cache.
    cached_share: f64,
}

/// The figures of some of the holes. Shares are of 1.
#[derive(Debug, Serialize)]
struct Figures {
    language: &'static str,
    /// `None`: all kinds.
    kind: Option<Kind>,
    holes: usize,
    shown: f64,
    exact: f64,
    /// Characters that need not be typed, among all that stood in the holes.
    saved: f64,
    /// Exact among those that were shown.
    precision: Option<f64>,
    similarity: f64,
    /// Exact among the most confident N % of the holes, for each N.
    precision_at: Vec<(usize, Option<f64>)>,
    /// Parses after a shown completion, among those that parsed before.
    valid: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Latency {
    p50: f64,
    p95: f64,
}

impl Report {
    pub(super) fn new(model: &str, seed: u64, outcomes: &[Outcome]) -> Self {
        let mut languages: Vec<_> = outcomes.iter().map(|it| it.language).collect();
        languages.sort_unstable();
        languages.dedup();
        let mut groups = Vec::new();
        for language in languages {
            let of_language: Vec<_> = outcomes.iter().filter(|it| it.language == language).collect();
            let mut kinds: Vec<_> = of_language.iter().map(|it| it.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            groups.push(Figures::of(language, None, &of_language));
            if kinds.len() > 1 {
                groups.extend(kinds.into_iter().map(|kind| {
                    let of_kind: Vec<_> = of_language.iter().copied().filter(|it| it.kind == kind).collect();
                    Figures::of(language, Some(kind), &of_kind)
                }));
            }
        }
        let mut latencies: Vec<_> = outcomes.iter().map(|it| it.elapsed_ms).collect();
        latencies.sort_by(f64::total_cmp);
        let tokens = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
        Self {
            model: model.to_owned(),
            seed,
            groups,
            silences: silences(outcomes),
            latency_ms: Latency { p50: percentile(&latencies, 0.50), p95: percentile(&latencies, 0.95) },
            cached_share: share(tokens(|it| it.cached_tokens), tokens(|it| it.prompt_tokens)),
        }
    }

    pub(super) fn describe(&self) -> String {
        let mut text = format!("model {}, seed {}\n\n", self.model, self.seed);
        let _ = write!(
            text,
            "{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
            "", "holes", "shown", "exact", "saved", "prec.", "simil.", "valid"
        );
        for coverage in COVERAGES {
            let _ = write!(text, " {:>6}", format!("@{coverage}%"));
        }
        text.push('\n');
        for it in &self.groups {
            let name = it.kind.map_or_else(|| it.language.to_owned(), |kind| format!("  {}", kind.name()));
            let _ = write!(text, "{name:24} {:>6}", it.holes);
            for figure in [Some(it.shown), Some(it.exact), Some(it.saved), it.precision, Some(it.similarity), it.valid]
            {
                let _ = write!(text, " {:>6}", figure.map_or_else(|| "-".to_owned(), percent));
            }
            for (_, precision) in &it.precision_at {
                let _ = write!(text, " {:>6}", precision.map_or_else(|| "-".to_owned(), percent));
            }
            text.push('\n');
        }
        let _ = write!(
            text,
            "\nlatency p50 {:.1} ms, p95 {:.1} ms; {} of the prompts' tokens from the cache\n",
            self.latency_ms.p50,
            self.latency_ms.p95,
            percent(self.cached_share)
        );
        if !self.silences.is_empty() {
            let silences: Vec<_> = self.silences.iter().map(|(code, count)| format!("{code} {count}")).collect();
            let _ = writeln!(text, "not shown: {}", silences.join(", "));
        }
        text
    }
}

impl Figures {
    fn of(language: &'static str, kind: Option<Kind>, outcomes: &[&Outcome]) -> Self {
        let count = |holds: fn(&Outcome) -> bool| outcomes.iter().filter(|it| holds(it)).count();
        let holes = outcomes.len();
        let (shown, exact) = (count(|it| it.is_shown), count(|it| it.is_exact));
        let mut ranked: Vec<_> = outcomes.iter().filter(|it| it.is_shown).collect();
        ranked.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let precision_at = |coverage: usize| {
            let best = &ranked[..ranked.len().min((coverage * holes / 100).max(1))];
            rate(best.iter().filter(|it| it.is_exact).count(), best.len())
        };
        Self {
            language,
            kind,
            holes,
            shown: share(shown, holes),
            exact: share(exact, holes),
            saved: share(
                outcomes.iter().map(|it| it.saved).sum(),
                outcomes.iter().map(|it| it.wanted_characters()).sum(),
            ),
            precision: rate(exact, shown),
            similarity: outcomes.iter().map(|it| it.similarity).sum::<f64>() / holes.max(1) as f64,
            precision_at: COVERAGES.map(|coverage| (coverage, precision_at(coverage))).into(),
            valid: rate(
                count(|it| it.is_shown && it.parsed_before && it.parses_after),
                count(|it| it.is_shown && it.parsed_before),
            ),
        }
    }
}

/// Reason codes with their counts, the most frequent first.
fn silences(outcomes: &[Outcome]) -> Vec<(&'static str, usize)> {
    let mut codes: Vec<_> = outcomes.iter().filter_map(|it| it.silence).collect();
    codes.sort_unstable();
    let mut counts: Vec<_> = codes.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts
}

/// A share that says nothing when there is nothing to share.
pub(super) fn rate(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Nothing of nothing counts as none of it.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Outcome, Report};
    use crate::commands::eval::cases::Kind;

    fn outcome(kind: Kind, shown: bool, exact: bool, confidence: f32) -> Outcome {
        Outcome {
            wanted: "value".to_owned(),
            is_shown: shown,
            is_exact: exact,
            saved: if exact { 4 } else { 0 },
            similarity: if exact { 1.0 } else { 0.25 },
            confidence,
            silence: (!shown).then_some("empty"),
            ..Outcome::silent("python", kind)
        }
    }

    #[test]
    fn figures() {
        let outcomes = [
            outcome(Kind::Line, true, true, 0.9),
            outcome(Kind::Line, true, false, 0.5),
            outcome(Kind::LineEnd, false, false, 0.0),
            outcome(Kind::LineEnd, true, true, 0.7),
        ];
        expect![[r#"
            model m, seed 1

                                      holes  shown  exact  saved  prec. simil.  valid   @10%   @20%   @30%   @50%
            python                        4  75.0%  50.0%  40.0%  66.7%  62.5% 100.0% 100.0% 100.0% 100.0% 100.0%
              line end                    2  50.0%  50.0%  40.0% 100.0%  62.5% 100.0% 100.0% 100.0% 100.0% 100.0%
              line                        2 100.0%  50.0%  40.0%  50.0%  62.5% 100.0% 100.0% 100.0% 100.0% 100.0%

            latency p50 4.0 ms, p95 4.0 ms; 50.0% of the prompts' tokens from the cache
            not shown: empty 1
        "#]]
        .assert_eq(&Report::new("m", 1, &outcomes).describe());
    }
}
