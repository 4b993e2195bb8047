//! What a completion is worth, beside what stood in the hole.

use std::time::Duration;

use assist::{InlineCompletion, SilenceReason};
use serde::Serialize;

use super::cases::{Case, Kind};
use super::pipeline::Pipeline;
use super::taken::{Taken, saved_characters};

/// What became of a hole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Outcome {
    pub(super) pipeline: Pipeline,
    pub(super) path: String,
    pub(super) language: &'static str,
    pub(super) kind: Kind,
    /// Bytes before the hole.
    pub(super) offset: usize,
    pub(super) wanted: String,
    /// What came to stand there; empty when nothing was shown.
    pub(super) got: String,
    pub(super) is_shown: bool,
    /// The text is the original again, but for white space at the end of the hole.
    pub(super) is_exact: bool,
    /// Characters that need not be typed: those of the right beginning that is taken, but for the key that takes it.
    pub(super) saved: usize,
    /// 1 minus the edit distance in characters, over the longer length.
    pub(super) similarity: f64,
    /// Whether it parsed with the hole, and after the completion.
    pub(super) parsed_before: bool,
    pub(super) parses_after: bool,
    pub(super) source: Option<&'static str>,
    pub(super) confidence: f32,
    /// Why nothing was shown.
    pub(super) silence: Option<&'static str>,
    pub(super) elapsed_ms: f64,
    pub(super) prompt_tokens: usize,
    pub(super) cached_tokens: usize,
    pub(super) completion_tokens: usize,
}

/// Judges an answer; `is_sound` says whether a text of the case's language parses.
pub(super) fn score(
    case: &Case,
    pipeline: Pipeline,
    answer: &InlineCompletion,
    elapsed: Duration,
    is_sound: impl Fn(&Case, &str) -> bool,
) -> Outcome {
    let item = answer.items.first();
    let mut text = case.text.clone();
    let mut got = String::new();
    if let Some(item) = item {
        text.replace_range(item.range.start..item.range.end, &item.insert_text);
        got = filled(case, &text).to_owned();
    }
    let usage = answer.usage.unwrap_or_default();
    let taken = Taken::of(&got, &case.wanted);
    let parsed_before = is_sound(case, &case.text);
    Outcome {
        pipeline,
        path: case.path.to_string_lossy().into_owned(),
        language: case.language.id(),
        kind: case.kind,
        offset: case.offset,
        is_shown: item.is_some(),
        is_exact: item.is_some() && got.trim_end() == case.wanted.trim_end(),
        saved: saved_characters(&got[..taken.len()]),
        similarity: strsim::normalized_levenshtein(got.trim_end(), case.wanted.trim_end()),
        parsed_before,
        parses_after: if item.is_some() { is_sound(case, &text) } else { parsed_before },
        source: item.map(|it| it.source.code()),
        confidence: item.map_or(0.0, |it| it.confidence),
        silence: answer.silence.map(SilenceReason::code),
        elapsed_ms: elapsed.as_secs_f64() * 1e3,
        prompt_tokens: usage.prompt_tokens,
        cached_tokens: usage.cached_tokens,
        completion_tokens: usage.completion_tokens,
        wanted: case.wanted.clone(),
        got,
    }
}

impl Outcome {
    /// Characters that stood in the hole.
    pub(super) fn wanted_characters(&self) -> usize {
        self.wanted.chars().count()
    }

    /// One where nothing was shown, for tests to change.
    #[cfg(test)]
    pub(super) fn silent(language: &'static str, kind: Kind) -> Self {
        Self {
            pipeline: Pipeline::Blended,
            path: "a.py".to_owned(),
            language,
            kind,
            offset: 0,
            wanted: String::new(),
            got: String::new(),
            is_shown: false,
            is_exact: false,
            saved: 0,
            similarity: 0.25,
            parsed_before: true,
            parses_after: true,
            source: None,
            confidence: 0.0,
            silence: None,
            elapsed_ms: 4.0,
            prompt_tokens: 10,
            cached_tokens: 5,
            completion_tokens: 1,
        }
    }
}

/// What stands in the hole of a completed text: everything between what stood before and after it. A completion may type
/// over text on its right (a closer that the editor put there); then that text is part of neither.
fn filled<'a>(case: &Case, text: &'a str) -> &'a str {
    let after = &case.text[case.offset..];
    let rest = &text[case.offset.min(text.len())..];
    rest.strip_suffix(after).unwrap_or_else(|| {
        let same = rest.chars().rev().zip(after.chars().rev()).take_while(|(a, b)| a == b);
        &rest[..rest.len() - same.map(|(c, _)| c.len_utf8()).sum::<usize>()]
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use assist::generation::FinishReason;
    use assist::{InlineCompletion, InlineCompletionItem, Source};
    use syntax::{Language, TextRange};

    use super::{Case, Kind, Pipeline, score};

    /// `text` has its hole at `|`; what `insert` over the next `over` bytes makes of it: exact, characters saved, similarity, what stands there.
    fn check(text: &str, wanted: &str, insert: &str, over: usize, expected: (bool, usize, f64, &str)) {
        let offset = text.find('|').unwrap();
        let case = Case {
            project: None,
            path: PathBuf::from("a.py"),
            language: Language::from_name("python").unwrap(),
            kind: Kind::LineEnd,
            text: text.replace('|', ""),
            offset,
            wanted: wanted.to_owned(),
        };
        let item = InlineCompletionItem {
            id: 1,
            range: TextRange::new(offset, offset + over),
            insert_text: insert.to_owned(),
            source: Source::Model,
            confidence: 0.5,
            finish: FinishReason::Stop,
        };
        let answer = InlineCompletion { items: vec![item], silence: None, usage: None };
        let outcome = score(&case, Pipeline::Blended, &answer, Duration::ZERO, |_, _| true);
        let found =
            (outcome.is_exact, outcome.saved, (outcome.similarity * 100.0).round() / 100.0, outcome.got.as_str());
        assert_eq!(found, expected, "{text} {insert}");
    }

    #[test]
    fn outcomes() {
        check("a = |\nb", "f(x)", "f(x)", 0, (true, 3, 1.0, "f(x)"));
        check("a = |\nb", "f(x)", "f(x)  ", 0, (true, 3, 1.0, "f(x)  "));
        check("a = |\nb", "f(x)", "f(y)", 0, (false, 0, 0.75, "f(y)"));
        // The closer on the right is typed over.
        check("a = f(|)\nb", "x", "x)", 1, (true, 0, 1.0, "x"));
        check("a = f(|)\nb", "x, y", "x)", 1, (false, 0, 0.25, "x"));
        // The first line is right.
        check("a = |\nb", "f(x)\ng(x)", "f(x)\nf(y)", 0, (false, 3, 0.78, "f(x)\nf(y)"));
    }
}
