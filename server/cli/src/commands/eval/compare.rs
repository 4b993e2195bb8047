//! The pipelines side by side over the same holes, and whether their differences are more than luck.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::pipeline::Pipeline;
use super::random::Random;
use super::report::{percent, rate, share};
use super::score::Outcome;

/// Resamples of a bootstrap (Efron, *Bootstrap Methods: Another Look at the Jackknife*, 1979).
const RESAMPLES: usize = 2000;
/// What an interval leaves out at either end.
const TAIL: f64 = 0.025;

/// Everything there is to say.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    model: String,
    seed: u64,
    /// By language, then for all of them.
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Group {
    /// `None`: all languages.
    language: Option<&'static str>,
    holes: usize,
    pipelines: Vec<Figures>,
    differences: Vec<Difference>,
}

/// The figures of one pipeline. Shares are of 1.
#[derive(Debug, Serialize)]
struct Figures {
    pipeline: Pipeline,
    exact: f64,
    saved: f64,
    shown: f64,
    precision: Option<f64>,
    similarity: f64,
    valid: Option<f64>,
}

/// How much better the first pipeline is than another.
#[derive(Debug, Serialize)]
struct Difference {
    than: Pipeline,
    exact: Interval,
    saved: Interval,
}

/// A difference of shares, and where 95 of 100 other choices of files would see it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Interval {
    difference: f64,
    low: f64,
    high: f64,
}

/// What two pipelines made of the holes of one file: gains of the first over the second, and what they are shares of.
#[derive(Clone, Copy, Debug, Default)]
struct Gain {
    exact: i64,
    holes: i64,
    saved: i64,
    wanted: i64,
}

impl Comparison {
    /// Each run has the same holes in the same order.
    pub(super) fn new(model: &str, seed: u64, runs: &[Vec<Outcome>]) -> Self {
        let mut languages: Vec<_> = runs.iter().flatten().map(|it| it.language).collect();
        languages.sort_unstable();
        languages.dedup();
        let every = if languages.len() > 1 { Some(None) } else { None };
        let groups = languages.into_iter().map(Some).chain(every);
        let groups = groups.map(|language| {
            let of_language = |run: &Vec<Outcome>| -> Vec<Outcome> {
                run.iter().filter(|it| language.is_none_or(|wanted| wanted == it.language)).cloned().collect()
            };
            Group::new(language, seed, &runs.iter().map(of_language).collect::<Vec<_>>())
        });
        Self { model: model.to_owned(), seed, groups: groups.collect() }
    }

    pub(super) fn describe(&self) -> String {
        let mut text = format!("model {}, seed {}\n", self.model, self.seed);
        for group in &self.groups {
            let name = group.language.unwrap_or("all languages");
            let _ = writeln!(
                text,
                "\n{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
                format!("{name}, {} holes", group.holes),
                "exact",
                "saved",
                "shown",
                "prec.",
                "simil.",
                "valid"
            );
            for it in &group.pipelines {
                let _ = write!(text, "  {:22}", it.pipeline);
                for figure in
                    [Some(it.exact), Some(it.saved), Some(it.shown), it.precision, Some(it.similarity), it.valid]
                {
                    let _ = write!(text, " {:>6}", figure.map_or_else(|| "-".to_owned(), percent));
                }
                text.push('\n');
            }
            for Difference { than, exact, saved } in &group.differences {
                let first = Pipeline::ALL[0];
                let _ = writeln!(text, "  {first} - {than}: exact {}, saved {}", exact.describe(), saved.describe());
            }
        }
        text.push_str("\nIn brackets: 95 % bootstrap intervals of the differences, over files.\n");
        text
    }
}

impl Group {
    fn new(language: Option<&'static str>, seed: u64, runs: &[Vec<Outcome>]) -> Self {
        let (first, others) = runs.split_at(1);
        let differences = others.iter().map(|other| Difference::new(seed, &first[0], other));
        Self {
            language,
            holes: first[0].len(),
            pipelines: runs.iter().map(|run| Figures::of(run)).collect(),
            differences: differences.collect(),
        }
    }
}

impl Figures {
    fn of(outcomes: &[Outcome]) -> Self {
        let count = |holds: fn(&Outcome) -> bool| outcomes.iter().filter(|it| holds(it)).count();
        let (holes, shown, exact) = (outcomes.len(), count(|it| it.is_shown), count(|it| it.is_exact));
        Self {
            pipeline: outcomes.first().map_or(Pipeline::ALL[0], |it| it.pipeline),
            exact: share(exact, holes),
            saved: share(
                outcomes.iter().map(|it| it.saved).sum(),
                outcomes.iter().map(Outcome::wanted_characters).sum(),
            ),
            shown: share(shown, holes),
            precision: rate(exact, shown),
            similarity: outcomes.iter().map(|it| it.similarity).sum::<f64>() / holes.max(1) as f64,
            valid: rate(
                count(|it| it.is_shown && it.parsed_before && it.parses_after),
                count(|it| it.is_shown && it.parsed_before),
            ),
        }
    }
}

impl Difference {
    fn new(seed: u64, first: &[Outcome], other: &[Outcome]) -> Self {
        // The holes of a file resemble each other, and are drawn together.
        let mut files: BTreeMap<&str, Gain> = BTreeMap::new();
        for (a, b) in first.iter().zip(other) {
            let gain = files.entry(&a.path).or_default();
            gain.exact += i64::from(a.is_exact) - i64::from(b.is_exact);
            gain.holes += 1;
            gain.saved += a.saved as i64 - b.saved as i64;
            gain.wanted += a.wanted_characters() as i64;
        }
        let gains: Vec<_> = files.into_values().collect();
        let than = other.first().map_or(Pipeline::ALL[0], |it| it.pipeline);
        let exact = Interval::of(seed, &gains, |it| it.exact, |it| it.holes);
        let saved = Interval::of(seed, &gains, |it| it.saved, |it| it.wanted);
        Self { than, exact, saved }
    }
}

impl Interval {
    fn of(seed: u64, gains: &[Gain], part: fn(&Gain) -> i64, whole: fn(&Gain) -> i64) -> Self {
        let ratio = |parts: i64, wholes: i64| if wholes == 0 { 0.0 } else { parts as f64 / wholes as f64 };
        let mut random = Random::new(seed);
        let mut drawn: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let (mut parts, mut wholes) = (0, 0);
                for _ in 0..gains.len() {
                    let gain = &gains[random.below(gains.len())];
                    parts += part(gain);
                    wholes += whole(gain);
                }
                ratio(parts, wholes)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let left_out = (RESAMPLES as f64 * TAIL) as usize;
        Self {
            difference: ratio(gains.iter().map(part).sum(), gains.iter().map(whole).sum()),
            low: drawn[left_out],
            high: drawn[RESAMPLES - 1 - left_out],
        }
    }

    fn describe(self) -> String {
        let points = |share: f64| share * 100.0;
        format!("{:+.1} [{:+.1}, {:+.1}]", points(self.difference), points(self.low), points(self.high))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::cases::Kind;
    use super::{Comparison, Gain, Interval, Outcome, Pipeline};

    fn outcome(pipeline: Pipeline, file: usize, exact: bool) -> Outcome {
        Outcome {
            pipeline,
            path: format!("{file}.py"),
            wanted: "value".to_owned(),
            is_shown: true,
            is_exact: exact,
            saved: if exact { 4 } else { 0 },
            similarity: if exact { 1.0 } else { 0.5 },
            ..Outcome::silent("python", Kind::Line)
        }
    }

    #[test]
    fn pipelines_side_by_side() {
        let run = |pipeline, exact: fn(usize) -> bool| -> Vec<_> {
            (0..20).map(|file| outcome(pipeline, file, exact(file))).collect()
        };
        let runs = [
            run(Pipeline::Blended, |file| file % 2 == 0),
            run(Pipeline::ModelAlone, |file| file % 4 == 0),
            run(Pipeline::CopiesAlone, |file| file % 2 == 1),
        ];
        expect![[r#"
            model m, seed 1

            python, 20 holes          exact  saved  shown  prec. simil.  valid
              blended                 50.0%  40.0% 100.0%  50.0%  75.0% 100.0%
              model alone             25.0%  20.0% 100.0%  25.0%  62.5% 100.0%
              copies alone            50.0%  40.0% 100.0%  50.0%  75.0% 100.0%
              blended - model alone: exact +25.0 [+10.0, +45.0], saved +20.0 [+8.0, +36.0]
              blended - copies alone: exact +0.0 [-40.0, +40.0], saved +0.0 [-32.0, +32.0]

            In brackets: 95 % bootstrap intervals of the differences, over files.
        "#]]
        .assert_eq(&Comparison::new("m", 1, &runs).describe());
    }

    #[test]
    fn what_is_the_same_in_every_file_has_a_narrow_interval() {
        let gains = [Gain { exact: 1, holes: 4, ..Gain::default() }; 10];
        let interval = Interval::of(1, &gains, |it| it.exact, |it| it.holes);
        assert_eq!(interval, Interval { difference: 0.25, low: 0.25, high: 0.25 });
        let interval = Interval::of(1, &[], |it| it.exact, |it| it.holes);
        assert_eq!((interval.difference, interval.low), (0.0, 0.0));
    }
}
